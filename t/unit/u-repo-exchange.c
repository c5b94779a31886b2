/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects from one repository into another, judged by git fsck. */
#include "lib-history.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/exchange.h"
#include "repo/ref.h"
#include "repo/sink.h"

/* libgit2's git_revwalk_next() forgets 16 bytes when a commit is missing. */
#if defined(__SANITIZE_ADDRESS__)
void __lsan_disable(void);
void __lsan_enable(void);
#else
#define __lsan_disable() (void)0
#define __lsan_enable() (void)0
#endif

static struct exchange_stats st;

/* source(): folders, a merge, an annotated tag; ${packed} or loose. */
static struct repo *source(const char *name, int packed)
{
	const char *d = path(name);
	char f[1200];

	git(tap_dir(), "init", "-q", "-b", "main", name, NULL);
	for (int i = 0; i < 6; i++) {
		snprintf(f, sizeof(f), "%s/d%d/e", d, i % 3);
		os_mkdirs(f, &e);
		snprintf(f, sizeof(f), "%s/d%d/e/f%d", d, i % 3, i);
		put_file(f, f);
		git(d, "add", ".", NULL);
		git(d, "commit", "-q", "-m", "c", NULL);
	}
	merge_side(d);
	if (packed)
		git(d, "repack", "-adq", NULL);
	return open_old(d);
}

static int copy(struct repo *from, struct repo *to, const struct oid *tip,
		const struct oid *have, int strict, const char *hint)
{
	memset(&st, 0, sizeof(st));
	err_clear(&e);
	return exchange_copy(from, to, tip, 1, have, have != NULL, strict, hint,
			     &st, &e);
}

static void copying(int packed)
{
	struct repo *from = source(packed ? "src-p" : "src-l", packed);
	struct repo *to = open_new(packed ? "to-p.git" : "to-l.git");
	const char *d = packed ? path("src-p") : path("src-l");
	const char *t = packed ? path("to-p.git") : path("to-l.git");
	struct oid head = git_oid_of(d, "main"), old = git_oid_of(d, "main~3");
	struct oid tag = git_oid_of(d, "v1"), tree = git_oid_of(d, "main^{tree}");

	ok(copy(from, to, &old, NULL, 1, NULL) == 0 && st.commits == 4 &&
	   whole(t, &old), "the first half: %s", e.msg);
	ok(copy(from, to, &head, &old, 1, NULL) == 0 && st.commits == 4 &&
	   whole(t, &head), "the rest: %llu commits, %s",
	   (unsigned long long)st.commits, e.msg);
	ok(copy(from, to, &head, &head, 1, NULL) == 0 && st.objects == 0,
	   "nothing more");
	ok(copy(from, to, &head, NULL, 1, NULL) == 0 && st.objects == 0,
	   "nor when it is not known to be there");
	ok(copy(from, to, &tag, &head, 1, NULL) == 0 && st.objects == 1 &&
	   git(t, "fsck", "--strict", NULL) == 0, "a tag object");
	repo_close(to);
	to = open_new(packed ? "to-pt.git" : "to-lt.git");
	ok(copy(from, to, &tag, NULL, 1, NULL) == 0 &&
	   whole(packed ? path("to-pt.git") : path("to-lt.git"), &head),
	   "a tag brings its history");
	ok(copy(from, to, &tree, NULL, 1, NULL) == 0, "a tree as a tip");
	repo_close(to);
	repo_close(from);
}

/* A killed git may leave a folder without its files: it is looked into. */
static void holes(void)
{
	struct repo *from = source("src-h", 0), *to = open_new("to-h.git");
	struct oid head = git_oid_of(path("src-h"), "main");
	struct oid tree = git_oid_of(path("src-h"), "main:d1");
	struct buf b = BUF_INIT;
	struct sink *s = NULL;

	repo_read_as(from, &tree, OBJ_TREE, 0, &b, &e);
	sink_open(to, SINK_LOOSE, &s, &e);
	sink_put(s, OBJ_TREE, b.p, b.n, &tree, &e);
	sink_commit(s, NULL, &e);
	ok(copy(from, to, &head, NULL, 1, NULL) == 0 &&
	   whole(path("to-h.git"), &head), "a tree without its files: %s",
	   e.msg);
	buf_release(&b);
	repo_close(from);
	repo_close(to);
}

static const char *object_file(const char *gitdir, const struct oid *id)
{
	static char p[1400];
	const char *h = oid_hex(id);

	snprintf(p, sizeof(p), "%s/objects/%.2s/%s", gitdir, h, h + 2);
	return p;
}

static void damage(void)
{
	struct repo *from = source("src-d", 0), *to = open_new("to-d.git");
	struct oid head = git_oid_of(path("src-d"), "main"), none;
	struct oid blob = git_oid_of(path("src-d"), "main:d1/e/f1");
	struct oid mid = git_oid_of(path("src-d"), "main~2");
	struct buf b = BUF_INIT, z = BUF_INIT;
	const char *f;

	repo_close(from);
	f = object_file(path("src-d/.git"), &blob);
	os_read_file(f, 1 << 20, &b, &e);
	buf_add(&z, b.p, b.n);
	z.p[z.n / 2] ^= 0x55;
	os_replace(f, z.p, z.n, 0, &e);
	repo_open(path("src-d"), &from, &e);
	ok(copy(from, to, &head, NULL, 1, NULL) == HUB_ECORRUPT, "%s", e.msg);
	ok(repo_has(to, &head, &e) == 0, "the tip did not come");
	os_unlink(f, &e);
	repo_close(from);
	repo_open(path("src-d"), &from, &e);
	ok(copy(from, to, &head, NULL, 1, NULL) == HUB_ECORRUPT &&
	   strstr(e.msg, oid_hex(&blob)), "%s", e.msg);
	os_replace(f, b.p, b.n, 0, &e);

	f = object_file(path("src-d/.git"), &mid);
	buf_reset(&b);
	os_read_file(f, 1 << 20, &b, &e);
	os_unlink(f, &e);
	repo_close(from);
	repo_open(path("src-d"), &from, &e);
	__lsan_disable();
	ok(copy(from, to, &head, NULL, 1, NULL) == HUB_ECORRUPT, "%s", e.msg);
	__lsan_enable();
	memset(&none, 5, sizeof(none));
	ok(copy(from, to, &none, NULL, 1, NULL) == HUB_ECORRUPT, "%s", e.msg);
	os_replace(f, b.p, b.n, 0, &e);
	repo_close(from);
	repo_open(path("src-d"), &from, &e);
	ok(copy(from, to, &head, NULL, 1, NULL) == 0 &&
	   whole(path("to-d.git"), &head), "mended, all of it comes: %s", e.msg);
	repo_close(from);
	repo_close(to);
	buf_release(&b);
	buf_release(&z);
}

/* A tree with an entry ".git": refused towards a hub. */
static void hostile(void)
{
	struct repo *from = source("src-x", 0), *to = open_new("to-x.git");
	struct oid tip, blob = git_oid_of(path("src-x"), "main:d1/e/f1"), tree;
	struct buf b = BUF_INIT;
	struct sink *s = NULL;

	buf_addstr(&b, "100644 .GIT");
	buf_addch(&b, '\0');
	buf_add(&b, blob.h, OID_SIZE);
	sink_open(from, SINK_LOOSE, &s, &e);
	sink_put(s, OBJ_TREE, b.p, b.n, &tree, &e);
	sink_commit(s, NULL, &e);
	git(path("src-x"), "commit-tree", oid_hex(&tree), "-m", "x", NULL);
	oid_parse(&tip, git_out.p, git_out.n);
	ok(copy(from, to, &tip, NULL, 1, NULL) == HUB_EDENIED, "%s", e.msg);
	ok(repo_has(to, &tip, &e) == 0, "did not come");
	ok(copy(from, to, &tip, NULL, 0, NULL) == 0 && repo_has(to, &tip, &e) == 1,
	   "but does the other way");
	buf_release(&b);
	repo_close(from);
	repo_close(to);
}

/* only_pack(): path of the one pack with ${suffix}, and its name. */
static const char *only_pack(const char *gitdir, const char *suffix, char id[41])
{
	static char p[1400];
	struct os_dir *d = NULL;
	const char *s;
	enum os_type t;
	char dir[1200];

	snprintf(dir, sizeof(dir), "%s/objects/pack", gitdir);
	p[0] = '\0';
	if (os_dir_open(dir, &d, &e) < 0)
		return p;
	while (os_dir_next(d, &s, &t, &e) == 1)
		if (strlen(s) > 45 && !strcmp(s + 45, suffix)) {
			snprintf(p, sizeof(p), "%s/%s", dir, s);
			memcpy(id, s + 5, 40);
			id[40] = '\0';
		}
	os_dir_close(d);
	return p;
}

static void flip(const char *file, size_t back)
{
	struct buf b = BUF_INIT;

	os_read_file(file, 1 << 24, &b, &e);
	b.p[b.n - back] ^= 1;
	os_replace(file, b.p, b.n, 0, &e);
	buf_release(&b);
}

static void packs(void)
{
	struct repo *from = source("src-k", 1), *to = open_new("to-k.git");
	struct repo *other = source("src-k2", 1);
	struct oid head = git_oid_of(path("src-k"), "main");
	struct buf b = BUF_INIT, b2 = BUF_INIT;
	char id[41], id2[41], f[1400];

	snprintf(f, sizeof(f), "%s", only_pack(path("src-k/.git"), ".pack", id));
	ok(copy(from, to, &head, NULL, 1, id) == 0 && whole(path("to-k.git"), &head),
	   "a pack as a whole: %s", e.msg);
	ok(*only_pack(path("to-k.git"), ".pack", id2) && !strcmp(id, id2),
	   "it has the same name");
	ok(st.objects == 0, "and nothing else was needed");
	repo_close(to);

	to = open_new("to-k2.git");
	ok(copy(from, to, &head, NULL, 1,
		"0123456789012345678901234567890123456789") == 0 &&
	   whole(path("to-k2.git"), &head), "a pack that is gone: %s", e.msg);
	repo_close(to);

	to = open_new("to-k3.git");
	flip(f, 50);
	ok(copy(from, to, &head, NULL, 1, id) == HUB_ECORRUPT, "%s", e.msg);
	ok(!*only_pack(path("to-k3.git"), ".pack", id2), "nothing is left");
	ok(exchange_clone(from, to, &st, &e) == HUB_ECORRUPT, "%s", e.msg);
	flip(f, 50);

	snprintf(f, sizeof(f), "%s", only_pack(path("src-k/.git"), ".idx", id));
	flip(f, 500);
	ok(copy(from, to, &head, NULL, 1, id) == HUB_ECORRUPT, "%s", e.msg);
	flip(f, 500);
	os_read_file(f, 1 << 24, &b, &e);
	os_read_file(only_pack(path("src-k2/.git"), ".idx", id2), 1 << 24, &b2,
		     &e);
	if (buf_cmp(&b, &b2) == 0) {
		git(path("src-k2"), "commit", "-q", "--allow-empty", "-m", "z",
		    NULL);
		git(path("src-k2"), "repack", "-adq", NULL);
		buf_reset(&b2);
		os_read_file(only_pack(path("src-k2/.git"), ".idx", id2),
			     1 << 24, &b2, &e);
	}
	os_replace(f, b2.p, b2.n, 0, &e);
	ok(copy(from, to, &head, NULL, 1, id) == HUB_ECORRUPT &&
	   strstr(e.msg, "another pack"), "%s", e.msg);
	os_replace(f, b.p, b.n, 0, &e);
	ok(exchange_clone(from, to, &st, &e) == 0 &&
	   whole(path("to-k3.git"), &head), "clone: %s", e.msg);
	buf_release(&b);
	buf_release(&b2);
	repo_close(to);
	repo_close(other);
	repo_close(from);
}

static void clones(void)
{
	struct repo *from = source("src-c", 1), *to = open_new("to-c.git");
	struct oid head, tag;
	char f[1200];

	/* packed and loose */
	snprintf(f, sizeof(f), "%s/late", path("src-c"));
	put_file(f, "late");
	git(path("src-c"), "add", ".", NULL);
	git(path("src-c"), "commit", "-q", "-m", "late", NULL);
	head = git_oid_of(path("src-c"), "main");
	tag = git_oid_of(path("src-c"), "v1");
	memset(&st, 0, sizeof(st));
	ok(exchange_clone(from, to, &st, &e) == 0 &&
	   whole(path("to-c.git"), &head) && repo_has(to, &tag, &e) == 1,
	   "packs and loose objects: %s", e.msg);
	ok(st.bytes > 0, "%llu bytes", (unsigned long long)st.bytes);
	repo_close(to);
	repo_close(from);

	/* a hub that borrows its objects */
	git(tap_dir(), "clone", "-q", "--bare", "--shared", "src-c", "lend.git",
	    NULL);
	git(path("lend.git"), "commit-tree", "-p", "main", "-m", "own",
	    "main^{tree}", NULL);
	oid_parse(&head, git_out.p, git_out.n);
	git(path("lend.git"), "update-ref", "refs/heads/main", oid_hex(&head),
	    NULL);
	repo_open(path("lend.git"), &from, &e);
	to = open_new("to-lend.git");
	ok(exchange_clone(from, to, &st, &e) == 0 &&
	   whole(path("to-lend.git"), &head) && repo_has(to, &tag, &e) == 1,
	   "what it borrows comes too: %s", e.msg);
	repo_close(to);
	repo_close(from);

	/* an empty one */
	from = open_new("empty.git");
	to = open_new("to-empty.git");
	ok(exchange_clone(from, to, &st, &e) == 0, "an empty one");
	repo_close(to);
	repo_close(from);
}

int main(void)
{
	os_init();
	repo_lib_init(&e);
	copying(0);
	copying(1);
	holes();
	damage();
	hostile();
	packs();
	clones();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
