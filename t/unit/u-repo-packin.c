/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of packs: made of a repository, taken into another, and refused. */
#include "os/os.h"
#include "os/os_file.h"
#include "repo/packin_internal.h"
#include "repo/packout.h"
#include "repo/ref.h"
#include "lib-history.h"

static struct repo *source(const char *name, int files)
{
	const char *d = path(name);
	static char big[200001];
	char f[1200];

	git(tap_dir(), "init", "-q", "-b", "main", name, NULL);
	for (int i = 0; i < files; i++) {
		snprintf(f, sizeof(f), "%s/d%d/e", d, i % 7);
		os_mkdirs(f, &e);
		snprintf(f, sizeof(f), "%s/d%d/e/f%d", d, i % 7, i);
		put_file(f, f);
	}
	git(d, "add", ".", NULL);
	git(d, "commit", "-q", "-m", "first", NULL);
	for (int i = 0; i < (int)sizeof(big) - 1; i++)
		big[i] = (char)('a' + (i * 7 + i / 251) % 26);
	for (int i = 0; i < 4; i++) {
		snprintf(f, sizeof(f), "%s/d0/e/f0", d);
		big[i * 1000] = 'Y';
		put_file(f, i == 2 ? "" : big);
		git(d, "add", ".", NULL);
		git(d, "commit", "-q", "-m", "c", NULL);
	}
	merge_side(d);
	return open_old(d);
}

static int collect(void *arg, const void *p, size_t n, struct err *er)
{
	buf_add(arg, p, n);
	return buf_error(arg) ? err_nomem(er) : 0;
}

static int make(struct repo *r, const struct oid *tips, size_t n,
		const struct oid *have, size_t have_n, struct buf *ret,
		struct packout_stats *st)
{
	buf_reset(ret);
	return packout_write(r, tips, n, have, have_n, collect, ret, st, &e);
}

/* take(): in pieces of ${piece}; < 0 as it comes. */
static int take(struct repo *r, const struct buf *b, size_t piece,
		const struct oid *tips, size_t n, const struct oid *have,
		size_t have_n, struct packin_stats *st)
{
	struct packin *p = NULL;
	int rc;

	err_clear(&e);
	rc = packin_open(r, &p, &e);
	for (size_t at = 0; !rc && at < b->n; at += piece)
		rc = packin_add(p, b->p + at,
				b->n - at < piece ? b->n - at : piece, &e);
	if (!rc)
		rc = packin_end(p, &e);
	if (!rc && tips)
		rc = packin_check(p, tips, n, have, have_n, 1, &e);
	if (!rc)
		rc = packin_keep(p, st, &e);
	packin_close(p);
	return rc;
}

static int litter(const char *name)
{
	struct os_dir *d = NULL;
	char dir[1200];
	const char *entry;
	enum os_type type;
	int n = 0;

	snprintf(dir, sizeof(dir), "%s/objects", path(name));
	if (os_dir_open(dir, &d, &e))
		return 1;
	while (os_dir_next(d, &entry, &type, &e) > 0)
		n += !strncmp(entry, "tmp_", 4);
	os_dir_close(d);
	return n;
}

static void there_and_back(int files)
{
	char name[32], dst[32];
	struct repo *a, *b;
	struct packout_stats st;
	struct packin_stats in;
	struct buf s = BUF_INIT;
	struct oid tip[2], old;

	snprintf(name, sizeof(name), "s%d", files);
	snprintf(dst, sizeof(dst), "b%d", files);
	a = source(name, files);
	tip[0] = git_oid_of(path(name), "v1");
	tip[1] = git_oid_of(path(name), "side");
	old = git_oid_of(path(name), "main~2");
	ok(!make(a, tip, 2, NULL, 0, &s, &st), "%d files: all (%s)", files,
	   e.msg);
	b = open_new(dst);
	ok(!take(b, &s, 7, tip, 2, NULL, 0, &in), "taken, 7 bytes at a time "
	   "(%s)", e.msg);
	ok(in.bytes == s.n && in.objects == st.objects && in.packs == st.packs,
	   "all of it: %llu objects", (unsigned long long)in.objects);
	ok(whole(path(dst), &tip[0]) && whole(path(dst), &tip[1]),
	   "whole, says git");
	ok(!litter(dst), "nothing else is left");
	ok(!take(b, &s, s.n, NULL, 0, NULL, 0, &in), "once more, unchecked");
	repo_close(b);

	snprintf(dst, sizeof(dst), "i%d", files);
	b = open_new(dst);
	/* what was not sent: t5023; libgit2 leaks when a parent is missing */
	ok(!make(a, &old, 1, NULL, 0, &s, &st) &&
	   !take(b, &s, 4096, &old, 1, NULL, 0, NULL) &&
	   whole(path(dst), &old), "an older version (%s)", e.msg);
	ok(!make(a, tip, 2, &old, 1, &s, &st) &&
	   !take(b, &s, 4096, tip, 2, &old, 1, NULL) &&
	   whole(path(dst), &tip[0]), "then what is new (%s)", e.msg);
	ok(s.n < 140000, "versions of a file cost little: %zu bytes", s.n);
	git(path(name), "rev-list", "--objects", "--count", oid_hex(&tip[0]),
	    oid_hex(&tip[1]), "--not", oid_hex(&old), NULL);
	ok((uint64_t)atoi(git_out.p) == st.objects, "that is %llu objects",
	   (unsigned long long)st.objects);
	ok(!make(a, tip, 2, tip, 2, &s, &st) && !s.n, "nothing is no stream");
	ok(!take(b, &s, 1, tip, 2, NULL, 0, NULL), "and says so");
	repo_close(a);
	repo_close(b);
	buf_release(&s);
}

/* Packs that git made: whole, and thin. */
static void gits_own(void)
{
	struct repo *a = source("g", 200), *b = open_new("gb");
	struct packout_stats st;
	struct packin_stats in;
	struct buf s = BUF_INIT;
	struct oid tip = git_oid_of(path("g"), "v1"), old;

	git(path("g"), "gc", "-q", NULL);
	repo_close(a);
	a = open_old(path("g"));
	ok(!make(a, &tip, 1, NULL, 0, &s, &st) && st.packs == 1,
	   "a pack that git made goes as it is");
	ok(!take(b, &s, 1000, &tip, 1, NULL, 0, &in) && in.packs == 1 &&
	   whole(path("gb"), &tip), "and comes (%s)", e.msg);
	old = git_oid_of(path("g"), "main~4");
	repo_close(b);
	b = open_new("gc");
	ok(!make(a, &old, 1, &old, 0, &s, &st) &&
	   !take(b, &s, 333, &old, 1, NULL, 0, &in), "(%s)", e.msg);
	repo_close(a);
	repo_close(b);
	buf_release(&s);
}

/* A pack of ours of which all is new to the other goes as it is, too. */
static void fresh_pack(void)
{
	struct repo *a = source("p", 3), *b = open_new("pb");
	struct packout_stats st;
	struct buf s = BUF_INIT;
	struct oid old = git_oid_of(path("p"), "main"), tip;
	char f[1200];

	make(a, &old, 1, NULL, 0, &s, &st);
	ok(!take(b, &s, s.n, &old, 1, NULL, 0, NULL), "(%s)", e.msg);
	for (int i = 0; i < 100; i++) {
		snprintf(f, sizeof(f), "%s/n%d", path("p"), i);
		put_file(f, f);
	}
	git(path("p"), "repack", "-adq", NULL);
	git(path("p"), "add", ".", NULL);
	git(path("p"), "commit", "-qm", "many", NULL);
	git(path("p"), "repack", "-dq", NULL);
	repo_close(a);
	a = open_old(path("p"));
	tip = git_oid_of(path("p"), "main");
	ok(!make(a, &tip, 1, &old, 1, &s, &st) && st.objects == 102 &&
	   st.packs == 1, "%llu objects in %llu pack",
	   (unsigned long long)st.objects, (unsigned long long)st.packs);
	ok(!take(b, &s, 99, &tip, 1, &old, 1, NULL) && whole(path("pb"), &tip),
	   "come (%s)", e.msg);
	repo_close(a);
	repo_close(b);
	buf_release(&s);
}

/* Every byte changed, every length cut: refused, nothing appears. */
static void damage(int files)
{
	struct repo *a, *b;
	struct buf s = BUF_INIT, cut = BUF_INIT;
	struct packout_stats st;
	struct oid tip;
	size_t step;
	int bad = 0, other = 0;
	char name[32];

	snprintf(name, sizeof(name), "da%d", files);
	git(tap_dir(), "init", "-q", "-b", "main", name, NULL);
	for (int i = 0; i < files; i++) {
		char f[1200];

		snprintf(f, sizeof(f), "%s/f%d", path(name), i);
		put_file(f, f);
	}
	git(path(name), "add", ".", NULL);
	git(path(name), "commit", "-qm", "x", NULL);
	a = open_old(path(name));
	tip = git_oid_of(path(name), "main");
	make(a, &tip, 1, NULL, 0, &s, &st);
	snprintf(name, sizeof(name), "db%d", files);
	b = open_new(name);
	step = 1 + s.n / 150;
	for (size_t i = 0; i < s.n; i += step) {
		int rc;

		buf_reset(&cut);
		buf_add(&cut, s.p, i);
		rc = take(b, &cut, 64, &tip, 1, NULL, 0, NULL);
		bad += rc >= 0;
		buf_reset(&cut);
		buf_add(&cut, s.p, s.n);
		cut.p[i] = (char)(cut.p[i] ^ 0x20);
		rc = take(b, &cut, 4096, &tip, 1, NULL, 0, NULL);
		bad += rc >= 0;
		other += rc != HUB_ECORRUPT && rc != HUB_ELIMIT;
	}
	ok(!bad, "%d files: none was taken", files);
	ok(!other, "and damage was the reason (%s)", e.msg);
	git(path(name), "count-objects", "-v", NULL);
	ok(strstr(git_out.p, "count: 0") && strstr(git_out.p, "in-pack: 0"),
	   "nothing appeared");
	ok(!take(b, &s, 64, &tip, 1, NULL, 0, NULL), "undamaged it is (%s)",
	   e.msg);
	repo_close(a);
	repo_close(b);
	buf_release(&s);
	buf_release(&cut);
}

static void bad_names(void)
{
	struct repo *a, *b = open_new("nb");
	struct buf s = BUF_INIT;
	struct packout_stats st;
	struct oid tip;

	git(tap_dir(), "init", "-q", "-b", "main", "n", NULL);
	a = open_old(path("n"));
	put_file(path("n/x"), "x");
	git(path("n"), "hash-object", "-w", "x", NULL);
	{
		char line[200];
		FILE *f = fopen(path("n/list"), "w");

		snprintf(line, sizeof(line), "100644 blob %.40s\t.GIT\n",
			 git_out.p);
		fputs(line, f);
		fclose(f);
	}
	{
		char cmd[2600], out[64] = "";
		FILE *p;

		snprintf(cmd, sizeof(cmd), "cd '%s' && git -c user.name=x "
			 "-c user.email=x@example.org commit-tree -m x "
			 "$(git mktree <list)", path("n"));
		p = popen(cmd, "r");
		ok(p && fgets(out, sizeof(out), p) &&
		   !oid_parse(&tip, out, OID_HEX), "a commit with .GIT");
		if (p)
			pclose(p);
	}
	ok(!make(a, &tip, 1, NULL, 0, &s, &st) &&
	   take(b, &s, 64, &tip, 1, NULL, 0, NULL) == HUB_EDENIED,
	   "is not taken (%s)", e.msg);
	repo_close(a);
	repo_close(b);
	buf_release(&s);
}

int main(void)
{
	os_init();
	repo_lib_init(&e);
	there_and_back(3);
	there_and_back(300);
	gits_own();
	fresh_pack();
	damage(3);
	damage(90);
	bad_names();
	buf_release(&git_out);
	repo_lib_shutdown();
	return done();
}
