/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The git index: what we write, git must find true, and the other way round. */
#include <time.h>

#include "gitcli.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/index.h"

static struct err e = ERR_INIT;

static struct repo *ws(const char *name)
{
	struct repo *r = NULL;

	git(tap_dir(), "init", "-q", "-b", "main", name, NULL);
	if (repo_open(path(name), &r, &e) < 0)
		ok(0, "%s: %s", name, e.msg);
	return r;
}

/* file(): write ${name} below the workspace; its leaf and stat data. */
static void file(const char *dir, const char *name, const char *text,
		 struct tree_leaf *leaf, struct os_stat *st)
{
	char f[1200];

	snprintf(f, sizeof(f), "%s/%s", dir, name);
	put_file(f, text);
	leaf->mode = MODE_FILE;
	repo_hash(OBJ_BLOB, text, strlen(text), &leaf->id);
	os_lstat(f, st, &e);
}

static int put(struct index *x, const char *dir, const char *name,
	       const char *text)
{
	struct tree_leaf leaf;
	struct os_stat st;

	file(dir, name, text, &leaf, &st);
	return index_put(x, name, strlen(name), &leaf, &st, &e);
}

static struct index *locked(struct repo *r)
{
	struct index *x = NULL;

	if (index_open(r, &x, &e) < 0 || index_lock(x, 0, &e) < 0)
		ok(0, "open and lock: %s", e.msg);
	return x;
}

static void writing(void)
{
	struct repo *r = ws("w");
	const char *d = path("w");
	struct index *x = locked(r);
	struct index_entry en;
	struct tree_leaf leaf;
	struct os_stat st;
	int sorted;

	os_mkdirs(path("w/d"), &e);
	ok(index_count(x) == 0, "an empty one");
	ok(put(x, d, "b", "bbb\n") == 0 && put(x, d, "d/x", "x\n") == 0 &&
	   put(x, d, "a", "aaa\n") == 0 && put(x, d, "empty", "") == 0, "put");
	ok(git(d, "add", "a", NULL) != 0, "git cannot write meanwhile");
	ok(index_write(x, &e) == 0, "write: %s", e.msg);
	git(d, "ls-files", "-s", "--debug", NULL);
	ok(strstr(git_out.p, "d/x") && strstr(git_out.p, "uid:"), "git reads it");
	git(d, "ls-files", NULL);
	sorted = !strcmp(git_out.p, "a\nb\nd/x\nempty");
	ok(sorted, "in order");
	index_close(x);
	ok(git(d, "diff-files", "--quiet", NULL) == 0,
	   "git finds the files unchanged without a look inside");
	ok(git(d, "add", "a", NULL) == 0, "and can write again");

	x = locked(r);
	ok(index_get(x, "b", 1, &en) == 0 && en.leaf.mode == MODE_FILE, "get");
	ok(index_get(x, "d", 1, &en) == HUB_EABSENT, "a folder is no entry");
	file(d, "z", "", &leaf, &st);
	ok(index_put(x, "b/c", 3, &leaf, NULL, &e) == 0 &&
	   index_get(x, "b", 1, &en) == HUB_EABSENT, "a file makes way");
	ok(index_put(x, ".git/x", 6, &leaf, NULL, &e) < 0, "%s", e.msg);
	ok(index_remove(x, "a", 1, &e) == 0 &&
	   index_get(x, "a", 1, &en) == HUB_EABSENT, "remove");
	ok(index_remove(x, "nope", 4, &e) == 0, "remove what is not there");
	index_close(x);
	git(d, "ls-files", NULL);
	ok(strstr(git_out.p, "a\nb\n") != NULL, "nothing was written");
	repo_close(r);
}

static void stats(void)
{
	struct repo *r = ws("s");
	const char *d = path("s");
	struct index *x = NULL;
	struct index_entry en;
	struct os_stat st, o;
	char f[1200];

	snprintf(f, sizeof(f), "%s/f", d);
	put_file(f, "one\n");
	os_sleep_ms(30);
	git(d, "add", "f", NULL);
	index_open(r, &x, &e);
	os_lstat(f, &st, &e);
	ok(index_get(x, "f", 1, &en) == 0 && index_stat_matches(&en, &st),
	   "git's own entry matches");
	o = st; o.size++;
	ok(!index_stat_matches(&en, &o), "size");
	o = st; o.mtime_ns++;
	ok(!index_stat_matches(&en, &o), "mtime, to the nanosecond");
	o = st; o.ctime_ns++;
	ok(!index_stat_matches(&en, &o), "ctime");
	o = st; o.ino++;
	ok(!index_stat_matches(&en, &o), "inode");
	o = st; o.exec = 1;
	ok(!index_stat_matches(&en, &o), "executable bit");
	o = st; o.type = OS_LNK;
	ok(!index_stat_matches(&en, &o), "kind");
	o = st; o.size += UINT64_C(1) << 32;
	ok(index_stat_matches(&en, &o), "git keeps 32 bits of the size");
	index_close(x);
	repo_close(r);
}

/*
 * An index as old as a file in it: the file may have changed in the same tick.
 * When such an index is written again the entry must not look clean for ever.
 */
static void racy(void)
{
	struct repo *r = ws("r");
	const char *d = path("r");
	struct index *x = locked(r);
	struct index_entry en;
	struct tree_leaf leaf;
	struct os_stat st;

	file(d, "f", "one\n", &leaf, &st);
	put_file(path("r/f"), "two\n");		/* the same size */
	os_lstat(path("r/f"), &st, &e);
	/* as if both had happened before the stat, and the index was written in
	 * the very tick of the file's time: a time to come does for that */
	st.mtime_ns += INT64_C(3600) * 1000000000;
	index_put(x, "f", 1, &leaf, &st, &e);
	ok(index_write(x, &e) == 0, "a racy index");
	index_close(x);
	x = locked(r);
	ok(index_get(x, "f", 1, &en) == 0 && !index_stat_matches(&en, &st),
	   "we see that it is");
	ok(put(x, d, "other", "o\n") == 0 && index_write(x, &e) == 0,
	   "written again");
	index_close(x);
	git(d, "ls-files", "--debug", "f", NULL);
	ok(strstr(git_out.p, "size: 0") != NULL, "its stat data are void");
	ok(git(d, "diff-files", "--quiet", NULL) == 1, "git sees the change");
	repo_close(r);
}

/* A folder cannot be unlinked: a disk that fails for a moment. */
static void left(struct repo *r)
{
	struct index *x = locked(r);

	os_rename(path("l/.git/index.lock"), path("l/.git/away"), &e);
	os_mkdir(path("l/.git/index.lock"), &e);
	index_close(x);
	os_rmdir(path("l/.git/index.lock"), &e);
	os_rename(path("l/.git/away"), path("l/.git/index.lock"), &e);
	x = locked(r);
	ok(x != NULL, "who could not unlock does not wait for itself");
	index_close(x);
	put_file(path("l/.git/index.lock"), "vibehub sync\n");
	index_open(r, &x, &e);
	ok(index_lock(x, 0, &e) == HUB_EBUSY, "another one's is waited for");
	index_close(x);
	index_unlock_own(r, &e);
}

static void locks(void)
{
	struct repo *r = ws("l");
	struct index *x = NULL, *y = NULL;
	struct index_entry en;
	struct os_stat st;
	uint64_t t;

	index_open(r, &x, &e);
	put_file(path("l/new"), "new\n");
	git(path("l"), "add", "new", NULL);
	ok(index_get(x, "new", 3, &en) == HUB_EABSENT, "not seen yet");
	ok(index_lock(x, 0, &e) == 0 && index_get(x, "new", 3, &en) == 0,
	   "read again under the lock");
	ok(git(path("l"), "commit", "-q", "-m", "x", NULL) != 0,
	   "git cannot commit meanwhile");
	index_open(r, &y, &e);
	t = os_mono_ms();
	ok(index_lock(y, 200, &e) == HUB_EBUSY && os_mono_ms() - t >= 190, "%s",
	   e.msg);
	index_close(x);
	ok(index_lock(y, 0, &e) == 0, "free again");
	index_close(y);
	ok(os_lstat(path("l/.git/index.lock"), &st, NULL) < 0, "no lock is left");

	put_file(path("l/.git/index.lock"), "");
	ok(index_unlock_own(r, &e) == 0 &&
	   os_lstat(path("l/.git/index.lock"), &st, NULL) == 0,
	   "git's lock stays");
	put_file(path("l/.git/index.lock"), "vibehub 123\n");
	put_file(path("l/.git/vibehub/tmp/index-dead"), "x");
	ok(index_unlock_own(r, &e) == 0 &&
	   os_lstat(path("l/.git/index.lock"), &st, NULL) < 0, "ours goes");
	ok(os_lstat(path("l/.git/vibehub/tmp/index-dead"), &st, NULL) < 0,
	   "and its copy");
	ok(index_unlock_own(r, &e) == 0, "none is fine");
	left(r);
	repo_close(r);
}

static void conflicts(void)
{
	struct repo *r = ws("c");
	const char *d = path("c");
	struct index *x;
	struct index_entry en;
	struct tree_leaf leaf;
	struct os_stat st;

	put_file(path("c/f"), "0\n");
	put_file(path("c/g"), "0\n");
	git(d, "add", ".", NULL);
	git(d, "commit", "-q", "-m", "0", NULL);
	git(d, "checkout", "-q", "-b", "o", NULL);
	put_file(path("c/f"), "1\n");
	put_file(path("c/g"), "1\n");
	git(d, "commit", "-qam", "1", NULL);
	git(d, "checkout", "-q", "main", NULL);
	put_file(path("c/f"), "2\n");
	put_file(path("c/g"), "2\n");
	git(d, "commit", "-qam", "2", NULL);
	git(d, "merge", "-q", "o", NULL);
	x = locked(r);
	ok(index_get(x, "f", 1, &en) == HUB_ECONFLICT, "a conflict");
	file(d, "f", "3\n", &leaf, &st);
	ok(index_put(x, "f", 1, &leaf, &st, &e) == 0 &&
	   index_get(x, "f", 1, &en) == 0, "put resolves it");
	ok(index_remove(x, "g", 1, &e) == 0 &&
	   index_get(x, "g", 1, &en) == HUB_EABSENT, "remove, too");
	ok(index_write(x, &e) == 0, "write");
	index_close(x);
	git(d, "ls-files", "-u", NULL);
	ok(git_out.n == 0, "git sees no conflict");
	repo_close(r);
}

static void refusals(void)
{
	struct repo *r = ws("x");
	const char *d = path("x");
	struct index *x = NULL;
	struct buf b = BUF_INIT;

	put_file(path("x/f"), "0\n");
	git(d, "add", ".", NULL);
	git(d, "update-index", "--split-index", NULL);
	ok(index_open(r, &x, &e) == HUB_EVERSION, "%s", e.msg);
	git(d, "update-index", "--no-split-index", NULL);
	ok(index_open(r, &x, &e) == 0, "turned off");
	index_close(x);
	git(d, "update-index", "--index-version", "4", NULL);
	ok(index_open(r, &x, &e) == 0 && index_count(x) == 1, "version 4");
	index_close(x);
	os_read_file(path("x/.git/index"), 1 << 20, &b, &e);
	b.p[20] ^= 1;
	os_replace(path("x/.git/index"), b.p, b.n, 0, &e);
	ok(index_open(r, &x, &e) == HUB_ECORRUPT, "%s", e.msg);
	os_replace(path("x/.git/index"), b.p, 40, 0, &e);
	ok(index_open(r, &x, &e) == HUB_ECORRUPT, "%s", e.msg);
	os_replace(path("x/.git/index"), "", 0, 0, &e);
	ok(index_open(r, &x, &e) == HUB_ECORRUPT, "%s", e.msg);
	buf_release(&b);
	repo_close(r);
}

/* As many as a large source tree: in order it must stay linear. */
static void many(void)
{
	struct repo *r = ws("m");
	struct index *x = locked(r);
	struct tree_leaf leaf = { MODE_FILE, { { 7 } } };
	struct os_stat st = { .type = OS_REG, .size = 1, .mtime_ns = 5 };
	clock_t t = clock();
	char name[64];
	int n, bad = 0;
	double s;

	for (int i = 0; i < 78000; i++) {
		n = snprintf(name, sizeof(name), "d%03d/e%02d/file%05d.c",
			     i / 780, i / 39 % 20, i);
		bad += index_put(x, name, (size_t)n, &leaf, &st, &e) < 0;
	}
	ok(!bad && index_count(x) == 78000, "78,000 entries");
	ok(index_write(x, &e) == 0, "write");
	s = (double)(clock() - t) / CLOCKS_PER_SEC;
	ok(s < 10, "in %.2f s", s);
	index_close(x);
	git(path("m"), "ls-files", NULL);
	ok(git_out.n == 78000 * (size_t)n + 77999, "git lists them");
	repo_close(r);
}

int main(void)
{
	os_init();
	repo_lib_init(&e);
	writing();
	stats();
	racy();
	locks();
	conflicts();
	refusals();
	many();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
