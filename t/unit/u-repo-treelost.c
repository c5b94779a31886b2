/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merge trees: random ones, against what may not get lost; hostile ones. */
#include <git2.h>
#include "treecase.h"

#define ROUNDS 4000

/* ---- random trees ---- */

/* Five lines; each may be changed on its own. */
static struct tree_leaf rnd_leaf(const struct tree_leaf *old)
{
	static const uint32_t mode[] = { MODE_FILE, MODE_FILE, MODE_FILE,
		MODE_EXEC, MODE_LINK, MODE_GITLINK };
	struct buf text = BUF_INIT;
	struct tree_leaf l;

	if (old->mode && old->mode != MODE_GITLINK && rnd(4)) {
		struct map_slot *s = map_get(&repo.objs, old->id.h, OID_SIZE);
		struct fake_obj *o = s->value;

		buf_add(&text, o->p, o->n);
		text.p[rnd(5) * 8] = (char)('a' + rnd(3));
		l.mode = rnd(8) ? old->mode : MODE_EXEC;
	} else {
		buf_addf(&text, "%c line_\nb line_\nc line_\nd line_\n"
			 "%c line_\n", 'a' + rnd(4), 'a' + rnd(4));
		if (rnd(4) == 0)
			text.p[5] = 0;
		l.mode = mode[rnd(6)];
	}
	l = blob_n(l.mode, text.p, text.n);
	fake_commit(&sink);
	buf_release(&text);
	return l;
}

static void rnd_change(struct model *m)
{
	struct tree_leaf none = { 0 }, l;
	unsigned i, n = rnd(10);

	for (i = 0; i < n; i++) {
		size_t k = m->n ? rnd((unsigned)m->n) : 0;
		char path[64];

		if (m->n && rnd(3)) {
			snprintf(path, sizeof(path), "%s", m->e[k].path);
			l = rnd(4) ? rnd_leaf(&m->e[k].leaf) : none;
			model_set(m, path, &l);
		} else {
			l = rnd_leaf(&none);
			model_rnd_set(m, &l, rnd(2) == 0);
		}
	}
}

static struct oid build(const struct model *m)
{
	struct oid id = model_build(&sink, m);

	fake_commit(&sink);
	return id;
}

static int on_leaf(void *arg, const char *path, size_t n,
		   const struct tree_leaf *l)
{
	model_set(arg, path, l);
	return 0;
}

static int content_changed(const struct tree_leaf *b,
			   const struct tree_leaf *x)
{
	return x->mode && !tree_merge_equal(&ops, b, x);
}

static int both_files(const struct tree_leaf *a, const struct tree_leaf *b)
{
	return (a->mode == MODE_FILE || a->mode == MODE_EXEC) &&
		(b->mode == MODE_FILE || b->mode == MODE_EXEC);
}

static const struct kept *kept_at(const char *path)
{
	size_t i;

	for (i = 0; i < kept_n; i++)
		if (!strcmp(kept[i].path, path))
			return &kept[i];
	return NULL;
}

/* Is the changed leaf ${x} of ${path} somewhere in ${r}? */
static int survived(const struct model *r, const char *path,
		    const struct tree_leaf *b, const struct tree_leaf *x,
		    const struct tree_leaf *other)
{
	struct tree_leaf at = model_get(r, path), as;
	const struct kept *k = kept_at(path);

	if (tree_merge_equal(&ops, &at, x))
		return 1;
	if (!k)	/* merged by lines: only where both changed a file */
		return both_files(b, x) && both_files(&at, other) &&
			content_changed(b, other);
	if (x->mode == MODE_GITLINK && !*k->as)
		return 1;
	as = model_get(r, k->as);
	return tree_merge_equal(&ops, &as, x);
}

/* Where does a leaf of the result come from?  Nothing is invented. */
static int explained(const struct model *b, const struct model *o,
		     const struct model *t, const char *path,
		     const struct tree_leaf *at)
{
	struct tree_leaf lb = model_get(b, path), lo = model_get(o, path);
	struct tree_leaf lt = model_get(t, path);
	size_t i;

	for (i = 0; i < kept_n; i++)
		if (!strcmp(kept[i].as, path))
			return 1;
	if (!lo.mode || !lt.mode) {
		const struct tree_leaf *x = lo.mode ? &lo : &lt;

		return tree_leaf_eq(at, x) && content_changed(&lb, x);
	}
	if (tree_leaf_eq(&lo, &lt))
		return tree_leaf_eq(at, &lo);
	if (both_files(&lo, &lt))
		return both_files(at, at);
	return tree_leaf_eq(at, &lo) || tree_leaf_eq(at, &lt);
}

static int check_random(const struct model *b, const struct model *o,
			const struct model *t, const struct model *r)
{
	const struct model *side[2] = { o, t };
	size_t i, k;
	int bad = 0;

	for (k = 0; k < 2; k++)
		for (i = 0; i < side[k]->n; i++) {
			const char *path = side[k]->e[i].path;
			struct tree_leaf lb = model_get(b, path);
			struct tree_leaf other = model_get(side[1 - k], path);

			if (content_changed(&lb, &side[k]->e[i].leaf))
				bad += !survived(r, path, &lb,
						 &side[k]->e[i].leaf, &other);
		}
	for (i = 0; i < r->n; i++)
		bad += !explained(b, o, t, r->e[i].path, &r->e[i].leaf);
	for (i = 0; i < kept_n; i++)
		bad += *kept[i].as && !model_get(r, kept[i].as).mode;
	return bad;
}

static void test_random(void)
{
	struct model b = { 0 }, o = { 0 }, t = { 0 }, r = { 0 };
	int i, failed = 0, bad = 0, bad_id = 0, asym = 0, clean = 0;
	size_t folders = 0, conflicts = 0, k;

	for (i = 0; i < ROUNDS; i++) {
		struct oid ib, io, it, ir, id;

		if (!rnd(10))
			b.n = 0;
		rnd_change(&b);
		rnd_change(&b);
		model_copy(&o, &b);
		model_copy(&t, &b);
		rnd_change(&o);
		rnd_change(&t);
		ib = build(&b);
		io = build(&o);
		it = build(&t);
		bad_id += merge(&ib, &io, &ib, &id) || !oid_eq(&id, &io) ||
			merge(&ib, &ib, &io, &id) || !oid_eq(&id, &io) ||
			merge(&ib, &io, &io, &id) || !oid_eq(&id, &io);
		if (merge(&ib, &it, &io, &id) ||
		    merge(&ib, &io, &it, &ir)) {
			failed++;
			continue;
		}
		clean += !kept_n;
		asym += !kept_n && !oid_eq(&id, &ir);
		conflicts += kept_n;
		for (k = 0; k < kept_n; k++)
			folders += kept[k].c.why == CLASH_FOLDER;
		r.n = 0;
		tree_walk(&repo, &ir, "", 0, on_leaf, &r, &e);
		bad += check_random(&b, &o, &t, &r) != 0;
		id = build(&r);
		bad_id += !oid_eq(&id, &ir);
	}
	ok(!failed, "all merges work");
	ok(!bad_id, "merge with an unchanged side is the other side");
	ok(!bad, "nothing is lost, nothing is invented");
	ok(!asym && clean > ROUNDS / 5,
	   "without a conflict both directions agree (%d)", clean);
	ok(!disorder && conflicts > 1000 && folders > 100,
	   "conflicts in path order (%d, %d with folders)", (int)conflicts,
	   (int)folders);
	model_free(&b);
	model_free(&o);
	model_free(&t);
	model_free(&r);
}

/* ---- hostile trees, missing objects ---- */

#define ID "iiiiiiiiiiiiiiiiiiii"

static struct oid put_raw(const char *p, size_t n)
{
	struct oid id;

	sink_put(&sink, OBJ_TREE, p, n, &id, NULL);
	fake_commit(&sink);
	return id;
}

/* A tree with one folder ${name}. */
static struct oid folder(const char *name, const struct oid *id)
{
	struct buf b = BUF_INIT;
	struct oid ret;

	buf_addf(&b, "40000 %s", name);
	buf_addch(&b, '\0');
	buf_add(&b, id->h, OID_SIZE);
	ret = put_raw(b.p, b.n);
	buf_release(&b);
	return ret;
}

static void test_hostile(void)
{
	struct oid bad = put_raw("100644 b\0" ID "100644 a\0" ID, 58);
	struct oid dots = put_raw("100644 ..\0" ID, 30), f = tree("a=1"), id;
	struct oid b = tree("k=1"), o = tree("k=2"), want, hollow, deep;
	struct model m = { 0 };
	int i;

	ok(merge(&b, &bad, &o, &id) == HUB_ECORRUPT &&
	   merge(&b, &o, &bad, &id) == HUB_ECORRUPT &&
	   merge(&bad, &b, &o, &id) == HUB_ECORRUPT, "unsorted tree");
	ok(!merge(&b, &b, &dots, &id) && oid_eq(&id, &dots) &&
	   !merge(&oid_zero, &f, &dots, &id), "odd names pass");
	tree_walk(&repo, &id, "", 0, on_leaf, &m, &e);
	ok(m.n == 2, "with what is beside them");
	hollow = folder("x", &tree_empty_id);
	hollow = folder("a", &hollow);
	ok(!merge(&oid_zero, &f, &hollow, &id) && oid_eq(&id, &f) && !kept_n &&
	   !merge(&oid_zero, &hollow, &f, &id) && oid_eq(&id, &f) && !kept_n,
	   "a folder without a leaf gives way");
	want = f;
	ok(!merge(&oid_zero, &f, &tree_empty_id, &id) && oid_eq(&id, &want) &&
	   !merge(&tree_empty_id, &oid_zero, &f, &id) && oid_eq(&id, &want) &&
	   !merge(&f, &oid_zero, &f, &id) && oid_eq(&id, &tree_empty_id) &&
	   !merge(&oid_zero, &oid_zero, &tree_empty_id, &id) &&
	   oid_eq(&id, &tree_empty_id), "no tree and the empty tree are one");
	id = o;
	id.h[3] ^= 1;
	ok(merge(&b, &o, &id, &id) == HUB_ECORRUPT && strstr(e.msg, "missing"),
	   "missing tree");
	b = put_raw("100644 a\0" ID, 29);
	ok(merge(&b, &f, &o, &id) == 0 && merge(&b, &o, &f, &id) == 0,
	   "a blob that is missing and not needed");
	o = tree("a=2");
	ok(merge(&b, &f, &o, &id) == HUB_ECORRUPT && strstr(e.msg, "missing"),
	   "a blob that is missing and needed");
	for (f = o, deep = tree("a=3"), i = 0; i < TREE_DEPTH_MAX; i++) {
		f = folder("d", &f);
		deep = folder("d", &deep);
	}
	ok(merge(&oid_zero, &f, &deep, &id) == HUB_ELIMIT, "too deep");
	model_free(&m);
}

int main(void)
{
	git_libgit2_init();
	test_random();
	test_hostile();
	fake_release(&repo);
	git_libgit2_shutdown();
	return done();
}
