/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees as git has them: listings, comparisons and merges by the real git. */
#include "gitcli.h"
#include "treemodel.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/tree_merge.h"

#define CASES 120

static struct repo *repo;
static struct sink *sink;
static struct err e = ERR_INIT;

struct one { struct oid tree[SIDES], commit[SIDES]; };
static struct one cases[CASES];

static void need(int rc, const char *what)
{
	if (!rc)
		return;
	printf("Bail out! %s: %s\n", what, e.msg);
	exit(255);
}

/* ---- random trees, all put into one pack ---- */

static struct tree_leaf put_text(uint32_t mode, const struct buf *b)
{
	struct tree_leaf l = { mode, { { 0 } } };

	need(sink_put(sink, OBJ_BLOB, b->p, b->n, &l.id, &e), "put");
	return l;
}

/* Ten lines, each in one of three versions, and as no other path has them: git
 * 2.39's merge-tree always looks for renames. */
static struct tree_leaf rnd_text(uint32_t mode, const char *of)
{
	struct buf b = BUF_INIT;
	struct tree_leaf l;
	int i;

	for (i = 0; i < 10; i++)
		buf_addf(&b, "%s line %d %c\n", of, i,
			 rnd(6) ? 'a' : 'a' + (int)rnd(3));
	l = put_text(mode, &b);
	buf_release(&b);
	return l;
}

static void rnd_change(struct model *m)
{
	static const uint32_t mode[] = { MODE_FILE, MODE_FILE, MODE_EXEC,
		MODE_LINK };
	struct tree_leaf none = { 0 }, l;
	unsigned n = 1 + rnd(5);
	char at[64];

	while (n--) {
		size_t k = m->n ? rnd((unsigned)m->n) : 0;

		if (!m->n || !rnd(3)) {
			model_rnd_path(at, sizeof(at));
			l = rnd_text(mode[rnd(4)], at);
			model_put(m, at, &l, !rnd(4));
			continue;
		}
		snprintf(at, sizeof(at), "%s", m->e[k].path);
		l = rnd_text(rnd(8) ? m->e[k].leaf.mode : mode[rnd(4)], at);
		model_set(m, at, rnd(6) ? &l : &none);
	}
}

static struct oid put_commit(const struct oid *tree, const struct oid *parent)
{
	struct commit c = COMMIT_INIT;
	struct buf b = BUF_INIT;
	struct oid id, p;

	c.tree = *tree;
	if (parent) {
		p = *parent;
		c.parents = &p;
		c.parents_n = 1;
	}
	buf_addstr(&c.author, "A <a@example.com>");
	buf_addstr(&c.committer, "A <a@example.com>");
	buf_addstr(&c.message, "m\n");
	c.time = c.author_time = 1700000000;
	need(commit_encode(&b, &c), "commit");
	need(sink_put(sink, OBJ_COMMIT, b.p, b.n, &id, &e), "put");
	c.parents = NULL;
	commit_release(&c);
	buf_release(&b);
	return id;
}

static void make_cases(void)
{
	struct model b = { 0 }, x = { 0 };
	int i, k;

	need(sink_open(repo, SINK_PACK, &sink, &e), "sink");
	for (i = 0; i < CASES; i++) {
		struct one *c = &cases[i];

		if (b.n > 40)
			b.n = 0;
		rnd_change(&b);
		rnd_change(&b);
		c->tree[BASE] = model_build(sink, &b);
		c->commit[BASE] = put_commit(&c->tree[BASE], NULL);
		for (k = OURS; k < SIDES; k++) {
			model_copy(&x, &b);
			rnd_change(&x);
			c->tree[k] = model_build(sink, &x);
			c->commit[k] = put_commit(&c->tree[k],
						  &c->commit[BASE]);
		}
	}
	need(sink_commit(sink, NULL, &e), "commit of the sink");
	model_free(&b);
	model_free(&x);
}

/* ---- listings ---- */

static int add_ls(void *arg, const char *p, size_t n,
		  const struct tree_leaf *l)
{
	buf_addf(arg, "%06o %s %s\n", (unsigned)l->mode, oid_hex(&l->id), p);
	return 0;
}

static int add_diff(void *arg, const char *p, size_t n,
		    const struct tree_leaf *o, const struct tree_leaf *w)
{
	buf_addf(arg, ":%06o %06o %s", (unsigned)o->mode, (unsigned)w->mode,
		 oid_hex(&o->id));
	buf_addf(arg, " %s ", oid_hex(&w->id));
	buf_addf(arg, "%c\t%s\n", !o->mode ? 'A' : !w->mode ? 'D' :
		 (o->mode & 0170000) != (w->mode & 0170000) ? 'T' : 'M', p);
	return 0;
}

static void test_listings(const char *dir)
{
	struct buf ours = BUF_INIT;
	int i, bad_ls = 0, bad_diff = 0;

	for (i = 0; i < CASES; i += 4) {
		const struct oid *a = &cases[i].tree[BASE];
		const struct oid *b = &cases[i].tree[OURS];

		buf_reset(&ours);
		tree_walk(repo, a, "", 0, add_ls, &ours, &e);
		git(dir, "-c", "core.quotePath=false", "ls-tree", "-r",
		    "--format=%(objectmode) %(objectname) %(path)",
		    oid_hex(a), NULL);
		buf_addch(&git_out, '\n');
		bad_ls += ours.n && strcmp(ours.p, git_out.p);
		buf_reset(&ours);
		tree_diff(repo, a, b, add_diff, &ours, &e);
		git(dir, "-c", "core.quotePath=false", "diff-tree", "-r",
		    "--no-renames", oid_hex(a), oid_hex(b), NULL);
		buf_addch(&git_out, '\n');
		bad_diff += ours.n && strcmp(ours.p, git_out.p);
	}
	ok(!bad_ls, "walk is git ls-tree -r");
	ok(!bad_diff, "diff is git diff-tree -r");
	buf_release(&ours);
}

/* ---- merges ---- */

static int on_name(void *arg, const struct tree_conflict *c,
		   const struct tree_leaf *loser, int attempt,
		   struct buf *ret, struct err *err)
{
	buf_addf(ret, "%s~%d", c->path, attempt);
	return 0;
}

static int on_conflict(void *arg, const struct tree_conflict *c,
		       const char *as, size_t n, struct err *err)
{
	++*(int *)arg;
	return 0;
}

static void test_merges(const char *dir)
{
	int conflicts, i, bad = 0, clean = 0, ours_clean = 0;
	struct tree_merge_ops ops = { &conflicts, on_name, on_conflict, NULL };
	struct oid id, want;

	need(sink_open(repo, SINK_PACK, &sink, &e), "sink");
	for (i = 0; i < CASES; i++) {
		const struct one *c = &cases[i];

		conflicts = 0;
		need(tree_merge(repo, sink, &c->tree[BASE], &c->tree[OURS],
				&c->tree[THEIRS], &ops, &id, &e), "merge");
		put_commit(&id, &c->commit[OURS]);
		ours_clean += !conflicts;
		if (git(dir, "merge-tree", "--write-tree", oid_hex(&c->commit[OURS]),
			oid_hex(&c->commit[THEIRS]), NULL))
			continue;
		clean++;
		if (conflicts || oid_parse(&want, git_out.p, git_out.n) ||
		    !oid_eq(&id, &want)) {
			printf("# case %d: %s, git %s\n", i, oid_hex(&id),
			       git_out.p);
			bad++;
		}
	}
	need(sink_commit(sink, NULL, &e), "commit of the sink");
	ok(!bad && clean > CASES / 3,
	   "where git merges without conflict, so do we: %d of %d (we: %d)",
	   clean, CASES, ours_clean);
}

/* ---- lines ---- */

static void rnd_lines(struct buf v[SIDES])
{
	int i, k;

	for (k = 0; k < SIDES; k++)
		buf_reset(&v[k]);
	for (i = 0; i < 25; i++) {
		unsigned line = rnd(12);

		for (k = 0; k < SIDES; k++) {
			if (k && !rnd(15))
				buf_addf(&v[k], "new %u\n", rnd(3));
			if (!k || rnd(15))
				buf_addf(&v[k], "line %u\n", line);
		}
	}
	for (k = 0; k < SIDES; k++)
		if (v[k].n && !rnd(8))
			buf_setlen(&v[k], v[k].n - 1);
}

static void test_lines(const char *dir)
{
	struct buf v[SIDES] = { BUF_INIT, BUF_INIT, BUF_INIT };
	struct buf merged = BUF_INIT;
	int i, k, bad = 0, clean = 0;

	for (i = 0; i < CASES; i++) {
		static const char *const name[] = { "base", "ours", "theirs" };
		int status, rc;

		rnd_lines(v);
		for (k = 0; k < SIDES; k++)
			put_file(path(name[k]), v[k].p);
		status = git(dir, "merge-file", "-p", path("ours"),
			     path("base"), path("theirs"), NULL);
		rc = tree_text_merge(v, 0, &merged, &e);
		while (merged.n && merged.p[merged.n - 1] == '\n')
			buf_setlen(&merged, merged.n - 1);
		bad += (status == 0) != (rc == 1) ||
			(rc == 1 && strcmp(merged.p, git_out.p));
		clean += rc == 1;
	}
	ok(!bad && clean > CASES / 6 && clean < CASES,
	   "lines merge as by git merge-file (%d of %d)", clean, CASES);
	for (k = 0; k < SIDES; k++)
		buf_release(&v[k]);
	buf_release(&merged);
}

int main(void)
{
	const char *dir;
	char keep[1024];

	os_init();
	need(repo_lib_init(&e), "libgit2");
	snprintf(keep, sizeof(keep), "%s", path("r.git"));
	dir = keep;
	need(repo_create(dir, 1, &e), "create");
	need(repo_open(dir, &repo, &e), "open");
	make_cases();
	test_listings(dir);
	test_merges(dir);
	test_lines(dir);
	ok(!git(dir, "fsck", "--strict", "--no-dangling", NULL),
	   "git fsck --strict: %s", git_out.p);
	repo_close(repo);
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
