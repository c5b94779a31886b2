/* SPDX-License-Identifier: GPL-2.0-or-later */
/* History and the text of differences, against the real git. */
#include "gitcli.h"
#include "treemodel.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/history.h"

#define COMMITS 150

static struct repo *repo;
static struct sink *sink;
static struct err e = ERR_INIT;
static const char *dir;
static struct oid commits[COMMITS], trees[COMMITS];

static void need(int rc, const char *what)
{
	if (!rc)
		return;
	printf("Bail out! %s: %s\n", what, e.msg);
	exit(255);
}

/* ---- a random history with merges ---- */

static struct tree_leaf put_text(uint32_t mode, const void *p, size_t n)
{
	struct tree_leaf l = { mode, { { 0 } } };

	need(sink_put(sink, OBJ_BLOB, p, n, &l.id, &e), "put");
	return l;
}

static struct tree_leaf rnd_text(void)
{
	static const uint32_t mode[] = { MODE_FILE, MODE_FILE, MODE_FILE,
		MODE_EXEC, MODE_LINK, MODE_GITLINK };
	struct buf b = BUF_INIT;
	struct tree_leaf l;
	unsigned i, n = rnd(30);

	for (i = 0; i < n; i++)
		buf_addf(&b, "%s %u %c\n", rnd(9) ? "  line" : "function", i,
			 rnd(6) ? 'a' : 'b');
	if (b.n && !rnd(5))
		buf_setlen(&b, b.n - 1);
	if (b.n && !rnd(12))
		b.p[rnd((unsigned)b.n)] = 0;
	l = put_text(mode[rnd(6)], b.p, b.n);
	buf_release(&b);
	return l;
}

static void rnd_change(struct model *m)
{
	struct tree_leaf none = { 0 }, l;
	unsigned n = rnd(4);
	char at[64];

	while (n--) {
		l = rnd_text();
		if (!m->n || !rnd(4)) {
			model_rnd_path(at, sizeof(at));
			model_put(m, at, &l, rnd(2) == 0);
			continue;
		}
		snprintf(at, sizeof(at), "%s", m->e[rnd((unsigned)m->n)].path);
		if (rnd(3))
			l.mode = model_get(m, at).mode;
		else if (!rnd(3))
			l.id = model_get(m, at).id;
		model_set(m, at, rnd(5) ? &l : &none);
	}
}

static void put_commit(int i, const int *parent, size_t n, int64_t time)
{
	struct commit c = COMMIT_INIT;
	struct oid p[2];
	struct buf b = BUF_INIT;
	size_t k;

	c.tree = trees[i];
	for (k = 0; k < n; k++)
		p[k] = commits[parent[k]];
	c.parents = p;
	c.parents_n = n;
	buf_addstr(&c.author, "A <a@example.com>");
	buf_addstr(&c.committer, "A <a@example.com>");
	buf_addf(&c.message, "commit %d\n", i);
	c.time = c.author_time = time;
	need(commit_encode(&b, &c), "commit");
	need(sink_put(sink, OBJ_COMMIT, b.p, b.n, &commits[i], &e), "put");
	c.parents = NULL;
	commit_release(&c);
	buf_release(&b);
}

/* Two lines of development that meet now and then; merges take all of one
 * side, of the other, or something else. */
static void make_history(void)
{
	struct model m[2] = { { 0 }, { 0 } };
	struct tree_leaf l;
	int tip[2] = { 0, 0 }, i;

	need(sink_open(repo, SINK_PACK, &sink, &e), "sink");
	for (i = 0; i < COMMITS; i++) {
		int on = i ? (int)rnd(2) : 0, parent[2], merge;

		parent[0] = tip[on];
		parent[1] = tip[1 - on];
		merge = i > 3 && !rnd(5) && tip[0] != tip[1];
		if (merge && rnd(2))
			model_copy(&m[on], &m[1 - on]);
		if (i != 1 && (!merge || !rnd(3)))
			rnd_change(&m[on]);
		if (!i) {
			l = put_text(MODE_FILE, "one\n", 4);
			model_put(&m[on], "a", &l, 1);
		}
		if (i == 1)	/* a file becomes a link, its content stays */
			m[on].e[0].leaf.mode = MODE_LINK;
		trees[i] = model_build(sink, &m[on]);
		put_commit(i, parent, i ? 1u + (unsigned)merge : 0,
			   1700000000 + i / 3 * 7);
		tip[on] = i;
		if (!i)
			model_copy(&m[1], &m[0]);
	}
	need(sink_commit(sink, NULL, &e), "commit of the sink");
	model_free(&m[0]);
	model_free(&m[1]);
}

/* ---- log ---- */

static int on_entry(void *arg, const struct history_entry *en)
{
	buf_addf(arg, "%s%s", ((struct buf *)arg)->n ? "\n" : "",
		 oid_hex(&en->commit->id));
	return 0;
}

static int log_agrees(const char *p1, const char *p2)
{
	const char *paths[2] = { p1, p2 };
	struct history_query q = { paths, p1 ? p2 ? 2 : 1 : 0, 0, 0 };
	struct buf ours = BUF_INIT;
	int rc, same;

	rc = history_log(repo, &commits[COMMITS - 1], &q, on_entry, &ours, &e);
	if (!p1)
		git(dir, "log", "--format=%H", oid_hex(&commits[COMMITS - 1]),
		    NULL);
	else
		git(dir, "--literal-pathspecs", "log", "--format=%H",
		    oid_hex(&commits[COMMITS - 1]), "--", p1, p2, NULL);
	same = !rc && !strcmp(ours.p, git_out.p);
	if (!same)
		printf("# %s: %d\n# %s\n# git\n# %s\n", p1, rc, ours.p,
		       git_out.p);
	buf_release(&ours);
	return same;
}

static void test_log(void)
{
	char p1[64], p2[64];
	int i, bad = 0;

	ok(log_agrees(NULL, NULL), "all commits, in git's order");
	for (i = 0; i < 60; i++) {
		model_rnd_path(p1, sizeof(p1));
		if (rnd(2))
			p1[strcspn(p1, "/")] = 0;
		model_rnd_path(p2, sizeof(p2));
		bad += !log_agrees(p1, i % 4 ? NULL : p2);
	}
	ok(!bad, "commits that touched paths are git's");
}

struct counts { int bad; size_t n; };

static int on_count(void *arg, const struct history_entry *en)
{
	struct counts *c = arg;
	char first[OID_HEX + 1] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
	const char *s;
	uint64_t n = 0;

	if (en->commit->parents_n)
		snprintf(first, sizeof(first), "%s",
			 oid_hex(&en->commit->parents[0]));
	git(dir, "diff-tree", "-r", "--name-only", "--no-renames", first,
	    oid_hex(&en->commit->id), "--", "a", "b/a", NULL);
	for (s = git_out.p; *s; s++)
		n += *s == '\n' || !s[1];
	c->bad += n != en->changed;
	c->n++;
	return c->n == 10 ? 33 : 0;
}

static void test_count(void)
{
	const char *paths[] = { "a", "b/a" };
	struct history_query q = { paths, 2, 0, 1 };
	struct counts c = { 0, 0 };

	ok(history_log(repo, &commits[COMMITS - 1], &q, on_count, &c, &e) ==
	   33 && c.n == 10 && !c.bad, "changed leaves counted; callback stops");
	q.limit = 3;
	c.n = 0;
	ok(!history_log(repo, &commits[COMMITS - 1], &q, on_count, &c, &e) &&
	   c.n == 3, "limit");
}

static int on_version(void *arg, const struct commit *c,
		      const struct tree_leaf *at)
{
	struct counts *n = arg;
	struct tree_leaf want = { 0 };

	tree_find(repo, &c->tree, "a", 1, &want, &e);
	n->bad += !tree_leaf_eq(&want, at);
	n->n++;
	return 0;
}

static void test_versions(void)
{
	struct counts c = { 0, 0 };
	struct oid none = commits[0];

	ok(!history_file_versions(repo, &commits[COMMITS - 1], "a", 0,
				  on_version, &c, &e) && c.n > 3 && !c.bad,
	   "versions of a path: what is there");
	none.h[5] ^= 1;
	ok(history_file_versions(repo, &none, "a", 0, on_version, &c, &e) ==
	   HUB_ECORRUPT && strstr(e.msg, "missing"), "missing commit");
}

static void test_path_in(void)
{
	static const char *const p[] = { "a/b", "c" }, *const all[] = { "" };

	ok(history_path_in(p, 2, "a/b", 3) && history_path_in(p, 2, "a/b/c", 5)
	   && history_path_in(p, 2, "c", 1) && !history_path_in(p, 2, "a", 1) &&
	   !history_path_in(p, 2, "a/bc", 4) && history_path_in(NULL, 0, "x", 1)
	   && history_path_in(all, 1, "x", 1), "path in paths");
}

/* ---- patches ---- */

static int add_text(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return 0;
}

static int patch_agrees(int a, int b, unsigned context, const char *only)
{
	struct history_query q = { &only, 1, 0, 0 };
	char opt[16];
	struct buf ours = BUF_INIT;
	int rc, same;

	snprintf(opt, sizeof(opt), "-U%u", context);
	rc = history_patch(repo, &trees[a], &trees[b], only ? &q : NULL,
			   context, add_text, &ours, &e);
	git(dir, "diff-tree", "-p", "--no-renames", "--abbrev=7", opt,
	    oid_hex(&trees[a]), oid_hex(&trees[b]), "--", only, NULL);
	while (ours.n && ours.p[ours.n - 1] == '\n')
		buf_setlen(&ours, ours.n - 1);
	same = !rc && !buf_cmp(&ours, &git_out);
	if (!same) {
		put_file(path("ours"), ours.p);
		put_file(path("git"), git_out.p);
		printf("# %d: see %s and git\n", rc, path("ours"));
	}
	buf_release(&ours);
	return same;
}

static void test_patch(void)
{
	int i, bad = !patch_agrees(0, 1, 3, NULL);

	for (i = 1; i < COMMITS; i += 2)
		bad += !patch_agrees((int)rnd((unsigned)i), i, rnd(5),
				     rnd(3) ? NULL : "a");
	ok(!bad, "patches are git's");
}

static int stop(void *arg, const char *p, size_t n)
{
	return ++*(int *)arg == 3 ? 44 : 0;
}

static void check_file(const char *name, const char *o, size_t on,
		       const char *w, size_t wn, const char *want,
		       const char *what)
{
	struct history_side a = { MODE_FILE, { { 1 } }, o, on };
	struct history_side b = { MODE_EXEC, { { 2 } }, w, wn };
	struct buf got = BUF_INIT;

	if (!o && !on)
		a.mode = 0, a.id = oid_zero;
	history_patch_file(name, strlen(name), &a, &b, 3, add_text, &got, &e);
	if (!ok(!strcmp(got.p, want), "%s", what))
		printf("# %s\n", got.p);
	buf_release(&got);
}

static void test_patch_file(void)
{
	int n = 0;

	check_file("a b", "1\n", 2, "2", 1, "diff --git a/a b b/a b\n"
		   "old mode 100644\nnew mode 100755\n"
		   "index 0100000..0200000\n--- a/a b\t\n+++ b/a b\t\n"
		   "@@ -1 +1 @@\n-1\n+2\n\\ No newline at end of file\n",
		   "modes, space, no newline");
	check_file("\"\\\n\xff\x1b", NULL, 0, "2\n", 2,
		   "diff --git \"a/\\\"\\\\\\n\\377\\033\" "
		   "\"b/\\\"\\\\\\n\\377\\033\"\nnew file mode 100755\n"
		   "index 0000000..0200000\n--- /dev/null\n"
		   "+++ \"b/\\\"\\\\\\n\\377\\033\"\n@@ -0,0 +1 @@\n+2\n",
		   "odd name");
	check_file("\xc3\xa4", "\0", 1, "2\n", 2, "diff --git a/\xc3\xa4 "
		   "b/\xc3\xa4\nold mode 100644\nnew mode 100755\n"
		   "index 0100000..0200000\n"
		   "Binary files a/\xc3\xa4 and b/\xc3\xa4 differ\n", "binary");
	check_file("x", NULL, 9, "2\n", 2, "diff --git a/x b/x\n"
		   "old mode 100644\nnew mode 100755\n"
		   "index 0100000..0200000\n"
		   "Files a/x and b/x differ (too large to show)\n",
		   "too large");
	ok(history_patch(repo, &oid_zero, &trees[COMMITS - 1], NULL, 3, stop,
			 &n, &e) == 44 && n == 3, "output stops");
}

int main(void)
{
	char keep[1024];

	os_init();
	need(repo_lib_init(&e), "libgit2");
	snprintf(keep, sizeof(keep), "%s", path("h.git"));
	dir = keep;
	need(repo_create(dir, 1, &e), "create");
	need(repo_open(dir, &repo, &e), "open");
	make_history();
	test_log();
	test_count();
	test_versions();
	test_path_in();
	test_patch();
	test_patch_file();
	repo_close(repo);
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
