/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index: what git wrote we read, what we wrote git reads. */
#include "gitcli.h"
#include "repo/index.h"
#include "repo/index_raw.h"
#include "repo/tree_raw.h"
#include "os/os_file.h"

static struct err e = ERR_INIT;
static struct repo *r;
static char dir[900];

static const char *in_dir(const char *name)
{
	char rest[200];

	snprintf(rest, sizeof(rest), "w/%s", name);
	return path(rest);
}

static struct index *open_locked(void)
{
	struct index *x = NULL;

	if (index_open(r, &x, &e) || index_lock(x, 100, &e))
		printf("# %s\n", e.msg);
	return x;
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "%s", path("w"));
	os_mkdirs(in_dir("a/b"), NULL);
	os_mkdirs(in_dir("d"), NULL);
	put_file(in_dir("a/b/c"), "c\n");
	put_file(in_dir("a/x"), "x\n");
	put_file(in_dir("d/e"), "e\n");
	put_file(in_dir("z"), "z\n");
	ok(!git(dir, "init", "-q", "-b", "main", ".", NULL) &&
	   !git(dir, "add", "-A", NULL) &&
	   !git(dir, "commit", "-q", "-m", "one", NULL), "git makes an index");
	os_mkdirs(in_dir(".git/vibehub/tmp"), NULL);
	ok(!repo_open(dir, &r, &e), "open: %s", e.msg);
}

/* Nothing here but version 4 may need libgit2. */
static void is_raw(const char *when)
{
	struct buf b = BUF_INIT;
	struct index_raw *x = NULL;

	os_read_file(in_dir(".git/index"), 1 << 20, &b, &e);
	ok(b.n && !index_raw_open(&b, &x), "read as bytes: %s", when);
	index_raw_close(x);
	buf_release(&b);
}

/* The lines of `git ls-files -s`, joined by spaces, without the ids. */
static const char *listing(void)
{
	static char out[2000];
	char *to = out, *line = NULL, *save = NULL;

	git(dir, "ls-files", "-s", NULL);
	out[0] = '\0';
	for (line = strtok_r(git_out.p, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		to += snprintf(to, (size_t)(out + sizeof(out) - to),
			       "%s%.6s:%c:%s", to == out ? "" : " ", line,
			       line[48], line + 50);
	return out;
}

static void test_get(void)
{
	struct index *x = NULL;
	struct index_entry en;
	struct os_stat st;

	ok(!index_peek(r, &x, &e), "peek");
	ok(!index_get(x, "a/b/c", 5, &en) && en.leaf.mode == MODE_FILE, "get");
	git(dir, "rev-parse", "HEAD:a/b/c", NULL);
	ok(!strcmp(git_out.p, oid_hex(&en.leaf.id)), "its id");
	ok(!os_lstat(in_dir("a/b/c"), &st, NULL) && en.st.size == 2 &&
	   en.st.ino == (uint32_t)st.ino, "its stat");
	ok(index_get(x, "a/b", 3, &en) == HUB_EABSENT &&
	   index_get(x, "a/b/", 4, &en) == HUB_EABSENT &&
	   index_get(x, "zz", 2, &en) == HUB_EABSENT &&
	   index_get(x, "", 0, &en) == HUB_EABSENT, "absent ones");
	index_close(x);
}

static void test_edit(void)
{
	struct index *x = open_locked();
	struct tree_leaf leaf = { .mode = MODE_EXEC };
	struct index_entry en;
	struct os_stat st;

	index_get(x, "z", 1, &en);
	leaf.id = en.leaf.id;
	ok(!index_put(x, "0", 1, &leaf, NULL, &e) &&
	   !index_put(x, "a/x", 3, &leaf, NULL, &e) &&
	   !index_put(x, "zz", 2, &leaf, NULL, &e) &&
	   !index_remove(x, "d/e", 3, &e) &&
	   !index_remove(x, "never", 5, &e), "edit");
	ok(!index_get(x, "zz", 2, &en) && en.leaf.mode == MODE_EXEC &&
	   index_get(x, "d/e", 3, &en) == HUB_EABSENT, "seen at once");
	ok(!index_write(x, &e), "write: %s", e.msg);
	index_close(x);
	ok(os_stat(in_dir(".git/index.lock"), &st, NULL) == HUB_EABSENT,
	   "no lock is left");
	ok(!strcmp(listing(), "100755:0:0 100644:0:a/b/c 100755:0:a/x "
		   "100644:0:z 100755:0:zz"), "git sees: %s", listing());
}

static void test_folders(void)
{
	struct index *x = open_locked();
	struct tree_leaf leaf = { .mode = MODE_FILE };
	struct index_entry en;

	index_get(x, "z", 1, &en);
	leaf.id = en.leaf.id;
	ok(!index_put(x, "a-b", 3, &leaf, NULL, &e) &&
	   !index_put(x, "a", 1, &leaf, NULL, &e) &&
	   !index_put(x, "z/1", 3, &leaf, NULL, &e) &&
	   !index_write(x, &e), "a file for a folder, a folder for a file");
	index_close(x);
	ok(!strcmp(listing(), "100755:0:0 100644:0:a 100644:0:a-b "
		   "100644:0:z/1 100755:0:zz"), "git sees: %s", listing());
	git(dir, "read-tree", "HEAD", NULL);
}

static void test_clean(void)
{
	struct tree_leaf leaf = { .mode = MODE_FILE };
	struct index_entry en;
	struct index *x;
	struct os_stat st;

	git(dir, "update-index", "-q", "--refresh", NULL);
	x = open_locked();
	index_get(x, "z", 1, &en);
	leaf.id = en.leaf.id;
	put_file(in_dir("n"), "z\n");
	os_lstat(in_dir("n"), &st, NULL);
	ok(!index_put(x, "n", 1, &leaf, &st, &e) && !index_write(x, &e),
	   "a new file with its stat");
	index_close(x);
	ok(!git(dir, "status", "--porcelain", NULL) &&
	   !strcmp(git_out.p, "A  n"), "git finds it clean: %s", git_out.p);
	put_file(in_dir("z"), "y\n");	/* same size, same second */
	x = open_locked();
	ok(!index_write(x, &e), "write again");
	index_close(x);
	ok(git(dir, "diff-files", "--quiet", NULL) != 0 &&
	   !git(dir, "status", "--porcelain", NULL) &&
	   strstr(git_out.p, " M z") != NULL, "git sees a change that is as "
	   "young as the index was");
}

static void test_kinds(void)
{
	static const char info[] = "100644 %s 1\tm\n100644 %s 2\tm\n";
	struct tree_leaf leaf = { .mode = MODE_FILE };
	struct index_entry en;
	struct index *x;
	char text[3000], id[OID_HEX + 1];

	git(dir, "rev-parse", "HEAD:z", NULL);
	snprintf(id, sizeof(id), "%s", git_out.p);
	snprintf(text, sizeof(text), info, id, id);
	put_file(path("info"), text);
	snprintf(text, sizeof(text), "git -C '%s' update-index --index-info "
		 "<'%s'", dir, path("info"));
	ok(!system(text), "a conflict");
	put_file(in_dir("later"), "later\n");
	git(dir, "add", "-N", "later", NULL);
	is_raw("stages and add -N");
	x = open_locked();
	ok(index_get(x, "m", 1, &en) == HUB_ECONFLICT, "stages are a conflict");
	ok(index_get(x, "later", 5, &en) == HUB_EABSENT, "add -N is nothing");
	oid_parse(&leaf.id, id, OID_HEX);
	ok(!index_remove(x, "a/x", 3, &e) && !index_write(x, &e), "write");
	index_close(x);
	ok(strstr(listing(), "100644:1:m 100644:2:m") != NULL, "kept: %s",
	   listing());
	x = open_locked();
	ok(!index_put(x, "m", 1, &leaf, NULL, &e) && !index_write(x, &e), "put");
	index_close(x);
	ok(strstr(listing(), "100644:0:m 1") && !strstr(listing(), ":1:m"),
	   "settled: %s", listing());
	git(dir, "update-index", "--index-version", "4", NULL);
	x = open_locked();
	ok(!index_get(x, "a/b/c", 5, &en) &&
	   !index_put(x, "v4", 2, &leaf, NULL, &e) && !index_write(x, &e),
	   "version 4: %s", e.msg);
	index_close(x);
	ok(strstr(listing(), "100644:0:v4") != NULL, "git sees: %s", listing());
	git(dir, "update-index", "--index-version", "2", NULL);
}

static void test_marks(void)
{
	struct tree_leaf leaf = { .mode = MODE_EXEC };
	struct index_entry en;
	struct index *x;

	git(dir, "read-tree", "HEAD", NULL);
	git(dir, "update-index", "--skip-worktree", "a/x", NULL);
	git(dir, "update-index", "--assume-unchanged", "z", NULL);
	x = open_locked();
	ok(!index_get(x, "a/x", 3, &en) && en.skip, "skip-worktree is seen");
	leaf.id = en.leaf.id;
	ok(!index_put(x, "a/x", 3, &leaf, NULL, &e) &&
	   !index_put(x, "z", 1, &leaf, NULL, &e) &&
	   !index_write(x, &e), "put over marks");
	index_close(x);
	is_raw("marks");
	git(dir, "ls-files", "-v", NULL);
	ok(strstr(git_out.p, "S a/x") && strstr(git_out.p, "h z"),
	   "the user's marks stay: %s", git_out.p);
	ok(strstr(listing(), "100755:0:a/x") != NULL, "the entries are new");
}

/* No byte may be other than it was; with no checksum nothing may crash. */
static void test_damage(void)
{
	struct buf file = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
	struct index_raw *x;
	size_t i, bad = 0, lived = 0;
	int rc;

	git(dir, "read-tree", "HEAD", NULL);
	os_read_file(in_dir(".git/index"), 1 << 20, &file, &e);
	for (i = 0; i < 2 * file.n; i++) {
		buf_reset(&b);
		buf_add(&b, file.p, file.n);
		b.p[i / 2] = (char)(b.p[i / 2] ^ (i % 2 ? 0x41 : 0xff));
		if (i % 2)
			memset(b.p + b.n - 20, 0, 20);
		x = NULL;
		rc = index_raw_open(&b, &x);
		bad += i % 2 == 0 && rc == 0;
		lived += rc == 0;
		buf_reset(&out);
		if (!rc)
			index_raw_text(x, 1, &out);
		index_raw_close(x);
	}
	for (i = 1; i < file.n; i++) {
		buf_reset(&b);
		buf_add(&b, file.p, i);
		rc = index_raw_open(&b, &x);
		bad += rc == 0;
		if (!rc)
			index_raw_close(x);
	}
	ok(!bad, "%zu kinds of damage were not seen", bad);
	ok(lived > 100, "%zu changed files were taken without a checksum",
	   lived);
	buf_release(&file);
	buf_release(&b);
	buf_release(&out);
}

/* Against a plain model: many names, random edits, git as the judge. */
static void test_random(void)
{
	struct tree_leaf leaf = { .mode = MODE_FILE };
	char have[200] = { 0 }, name[20];
	struct index *x;
	struct buf want = BUF_INIT;
	unsigned s = 7;
	int i, round;

	git(dir, "read-tree", "--empty", NULL);
	oid_parse(&leaf.id, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		  OID_HEX);
	for (round = 0; round < 20; round++) {
		x = open_locked();
		for (i = 0; i < 30; i++) {
			int k = (int)((s = s * 1103515245 + 12345) >> 16) % 200;
			int n = snprintf(name, sizeof(name), "f%c%03d",
					 k % 2 ? '/' : '.', k);

			have[k] = s >> 31 ? 1 : 0;
			if (have[k])
				index_put(x, name, (size_t)n, &leaf, NULL, &e);
			else
				index_remove(x, name, (size_t)n, &e);
		}
		index_write(x, &e);
		index_close(x);
	}
	is_raw("many edits");
	for (round = 0; round < 2; round++)
		for (i = round; i < 200; i += 2)
			if (have[i])
				buf_addf(&want, "f%c%03d\n", i % 2 ? '/' : '.',
					 i);
	git(dir, "ls-files", NULL);
	ok(want.n > 300 && git_out.n + 1 == want.n &&
	   !memcmp(git_out.p, want.p, git_out.n), "random edits");
	buf_release(&want);
}

int main(void)
{
	repo_lib_init(&e);
	setup();
	is_raw("git's own");
	test_get();
	test_edit();
	test_folders();
	test_clean();
	test_kinds();
	test_marks();
	test_damage();
	test_random();
	repo_close(r);
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
