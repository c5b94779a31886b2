/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look up, walk, compare and change trees, against a plain model. */
#include "treefake.h"
#include "treemodel.h"

#define ROUNDS 3000

static struct repo repo;
static struct sink sink = { .r = &repo };
static struct err e = ERR_INIT;

static struct tree_leaf leaf_of(unsigned n)
{
	static const uint32_t mode[] = {
		MODE_FILE, MODE_FILE, MODE_EXEC, MODE_LINK, MODE_GITLINK
	};
	struct tree_leaf l = { mode[n % 5], { { 0 } } };

	memset(l.id.h, 0x40, OID_SIZE);
	memcpy(l.id.h, &n, sizeof(n));
	return l;
}

static struct oid build(const struct model *m)
{
	struct oid id = model_build(&sink, m);

	fake_commit(&sink);
	return id;
}

static void rnd_model(struct model *m, unsigned changes, int force)
{
	unsigned i;

	for (i = 0; i < changes; i++) {
		struct tree_leaf l = leaf_of(rnd(12));

		if (!rnd(3))
			l.mode = 0;
		model_rnd_set(m, &l, force);
	}
}

/* ---- walk, find ---- */

struct seen { const struct model *m; size_t i; int bad; };

static int on_leaf(void *arg, const char *path, size_t n,
		   const struct tree_leaf *l)
{
	struct seen *s = arg;

	if (s->i >= s->m->n || strcmp(s->m->e[s->i].path, path) ||
	    strlen(path) != n || !tree_leaf_eq(&s->m->e[s->i].leaf, l))
		s->bad++;
	s->i++;
	return 0;
}

static int find_agrees(const struct oid *root, const struct model *m,
		       const char *path)
{
	struct tree_leaf want = model_get(m, path), got = { 0 };
	int rc = tree_find(&repo, root, path, strlen(path), &got, &e);

	if (want.mode)
		return !rc && tree_leaf_eq(&want, &got);
	if (model_has_below(m, path))
		return !rc && got.mode == MODE_TREE;
	return rc == HUB_EABSENT && !e.rc;
}

static void test_read(void)
{
	struct model m = { 0 };
	int i, bad_walk = 0, bad_find = 0, bad_prefix = 0;
	char path[64];

	for (i = 0; i < ROUNDS / 10; i++) {
		struct seen s = { &m, 0, 0 };
		struct oid root;
		size_t k;

		rnd_model(&m, 1 + rnd(20), 1);
		root = build(&m);
		tree_walk(&repo, &root, "", 0, on_leaf, &s, &e);
		bad_walk += s.bad || s.i != m.n;
		for (k = 0; k < m.n; k++)
			bad_find += !find_agrees(&root, &m, m.e[k].path);
		model_rnd_path(path, sizeof(path));
		bad_find += !find_agrees(&root, &m, path);
		if (!model_has_below(&m, path))
			continue;
		snprintf(path + strlen(path), 2, "/");
		s.i = model_at(&m, path);
		tree_walk(&repo, &root, path, strlen(path) - 1, on_leaf, &s,
			  &e);
		bad_prefix += s.bad || (s.i < m.n && !strncmp(m.e[s.i].path,
							path, strlen(path)));
	}
	ok(!bad_walk, "walk gives all leaves in path order");
	ok(!bad_find, "find finds leaves and folders, nothing else");
	ok(!bad_prefix, "walk of a folder gives what is below it");
	model_free(&m);
}

static int on_leaf_stop(void *arg, const char *path, size_t n,
			const struct tree_leaf *l)
{
	return ++*(int *)arg == 2 ? 42 : 0;
}

static void test_read_edges(void)
{
	struct tree_leaf l = leaf_of(0), got;
	struct model m = { 0 };
	struct seen s = { &m, 0, 0 };
	struct oid root;
	int n = 0;

	model_set(&m, "d/f", &l);
	model_set(&m, "d/g", &l);
	model_set(&m, "d/h", &l);
	root = build(&m);
	ok(tree_find(&repo, &root, "d/", 2, &got, &e) == HUB_EABSENT &&
	   tree_find(&repo, &root, "/d", 2, &got, &e) == HUB_EABSENT &&
	   tree_find(&repo, &root, "d//f", 4, &got, &e) == HUB_EABSENT &&
	   tree_find(&repo, &root, "d/f/x", 5, &got, &e) == HUB_EABSENT &&
	   !e.rc, "odd paths are absent");
	ok(!tree_find(&repo, &root, "", 0, &got, &e) &&
	   got.mode == MODE_TREE && oid_eq(&got.id, &root), "the root itself");
	ok(tree_find(&repo, &oid_zero, "a", 1, &got, &e) == HUB_EABSENT &&
	   tree_find(&repo, &tree_empty_id, "a", 1, &got, &e) == HUB_EABSENT,
	   "nothing in no tree and in the empty tree");
	ok(tree_walk(&repo, &root, "", 0, on_leaf_stop, &n, &e) == 42 &&
	   n == 2, "the callback stops the walk");
	ok(!tree_walk(&repo, &root, "d/f", 3, on_leaf, &s, &e) && s.i == 1 &&
	   !s.bad, "walk of a leaf is that leaf");
	ok(tree_walk(&repo, &root, "x", 1, on_leaf, &s, &e) == HUB_EABSENT &&
	   s.i == 1, "walk of nothing");
	model_free(&m);
}

/* ---- diff and update ---- */

struct list {
	struct tree_change *c;
	size_t n, alloc;
	const struct model *o, *w;	/* old, new */
	int bad;
};

static void list_add(struct list *l, const char *path,
		     const struct tree_leaf *leaf)
{
	if (l->n == l->alloc) {
		l->alloc = l->alloc * 2 + 8;
		l->c = realloc(l->c, l->alloc * sizeof(*l->c));
		if (!l->c)
			abort();
	}
	l->c[l->n].path = strdup(path);
	l->c[l->n].path_n = strlen(path);
	l->c[l->n++].leaf = *leaf;
}

static void list_free(struct list *l)
{
	while (l->n)
		free((void *)(uintptr_t)l->c[--l->n].path);
	free(l->c);
	l->c = NULL;
	l->alloc = 0;
}

static int on_diff(void *arg, const char *path, size_t n,
		   const struct tree_leaf *o, const struct tree_leaf *w)
{
	struct list *l = arg;
	struct tree_leaf mo = model_get(l->o, path), mw = model_get(l->w, path);

	l->bad += strlen(path) != n || tree_leaf_eq(o, w) ||
		!tree_leaf_eq(o, &mo) || !tree_leaf_eq(w, &mw) ||
		(l->n && strcmp(l->c[l->n - 1].path, path) >= 0);
	list_add(l, path, w);
	return 0;
}

static size_t model_differences(const struct model *a, const struct model *b)
{
	struct tree_leaf other;
	size_t i, n = 0;

	for (i = 0; i < a->n; i++) {
		other = model_get(b, a->e[i].path);
		n += !tree_leaf_eq(&a->e[i].leaf, &other);
	}
	for (i = 0; i < b->n; i++)
		n += !model_get(a, b->e[i].path).mode;
	return n;
}

static void test_diff_update(void)
{
	struct model a = { 0 }, b = { 0 };
	int i, bad_diff = 0, bad_update = 0, bad_empty = 0;

	for (i = 0; i < ROUNDS; i++) {
		struct list l = { .o = &a, .w = &b };
		struct oid ra, rb, got;
		size_t k;

		if (!rnd(20))
			b.n = 0;
		model_copy(&a, &b);
		rnd_model(&b, rnd(12), 1);
		ra = build(&a);
		rb = build(&b);
		if (!a.n && rnd(2))
			ra = oid_zero;
		bad_diff += tree_diff(&repo, &ra, &rb, on_diff, &l, &e) ||
			l.bad || l.n != model_differences(&a, &b);
		bad_update += tree_update(&repo, &sink, &ra, l.c, l.n, &got,
					  &e) || !oid_eq(&got, &rb);
		list_free(&l);
		for (k = 0; k < b.n; k++)
			list_add(&l, b.e[k].path, &b.e[k].leaf);
		bad_empty += tree_update(&repo, &sink, &oid_zero, l.c, l.n,
					 &got, &e) || !oid_eq(&got, &rb);
		list_free(&l);
	}
	ok(!bad_diff, "diff: each difference once, in path order");
	ok(!bad_update, "update(old, diff(old, new)) is new");
	ok(!bad_empty, "update(nothing, all leaves) is the tree");
	model_free(&a);
	model_free(&b);
}

/* Random changes that do not fit the tree, against the rules in tree.h. */
static int apply_naively(struct model *m, const struct list *l)
{
	struct tree_leaf none = { 0 };
	size_t i, k;

	for (i = 0; i < l->n; i++) {
		if (!l->c[i].leaf.mode)
			model_set(m, l->c[i].path, &none);
		else
			model_rm_below(m, l->c[i].path);
	}
	for (i = 0; i < l->n; i++)
		if (l->c[i].leaf.mode)
			model_set(m, l->c[i].path, &l->c[i].leaf);
	for (k = 0; k < m->n; k++)
		if (model_has_above(m, m->e[k].path))
			return HUB_EBUG;
	return 0;
}

static void test_update_rules(void)
{
	struct model m = { 0 }, ch = { 0 };
	int i, bad = 0, refused = 0;

	for (i = 0; i < ROUNDS; i++) {
		struct list l = { 0 };
		struct oid root, want, got;
		int rc, want_rc;
		unsigned k;

		if (!rnd(10))
			m.n = 0;
		rnd_model(&m, rnd(10), 1);
		root = build(&m);
		ch.n = 0;
		for (k = rnd(8); k; k--) {
			struct tree_leaf c = leaf_of(1 + rnd(12));
			char path[64];

			model_rnd_path(path, sizeof(path));
			model_set(&ch, path, &c);
		}
		for (k = 0; k < ch.n; k++) {
			if (rnd(2))
				ch.e[k].leaf.mode = 0;
			list_add(&l, ch.e[k].path, &ch.e[k].leaf);
		}
		rc = tree_update(&repo, &sink, &root, l.c, l.n, &got, &e);
		want_rc = apply_naively(&m, &l);
		if (want_rc)
			m.n = 0;
		want = build(&m);
		bad += rc != want_rc || (!rc && !oid_eq(&got, &want));
		refused += rc == HUB_EBUG;
		list_free(&l);
	}
	ok(!bad && refused > 50 && refused < ROUNDS - 500,
	   "update does what the rules say (%d of %d refused)", refused,
	   ROUNDS);
	model_free(&m);
	model_free(&ch);
}

static int count(void *arg, const char *path, size_t n,
		 const struct tree_leaf *o, const struct tree_leaf *w)
{
	++*(size_t *)arg;
	return 0;
}

static int update1(const struct oid *root, const char *path,
		   const struct tree_leaf *leaf, struct oid *ret)
{
	struct tree_change c = { path, strlen(path), *leaf };

	err_clear(&e);
	return tree_update(&repo, &sink, root, &c, 1, ret, &e);
}

static void test_update_refusals(void)
{
	struct tree_leaf l = leaf_of(0), none = { 0 }, odd;
	struct tree_change c[2] = { { "b", 1, l }, { "a", 1, l } };
	char *lng = malloc(PATH_LEN_MAX + 2);
	struct oid got;

	ok(tree_update(&repo, &sink, &oid_zero, c, 2, &got, &e) == HUB_EBUG,
	   "unsorted changes");
	c[1] = c[0];
	ok(tree_update(&repo, &sink, &oid_zero, c, 2, &got, &e) == HUB_EBUG,
	   "a path twice");
	ok(update1(&oid_zero, "a/../b", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, ".git/config", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, "x/.GIT", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, "a//b", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, "/a", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, "a/", &l, &got) == HUB_EDENIED &&
	   update1(&oid_zero, "", &l, &got) == HUB_EDENIED && e.msg[0],
	   "names that no tree may hold");
	odd = l;
	odd.mode = MODE_TREE;
	ok(update1(&oid_zero, "a", &odd, &got) == HUB_EBUG, "a tree as a leaf");
	odd.mode = 0100664;
	ok(update1(&oid_zero, "a", &odd, &got) == HUB_EBUG, "an odd mode");
	odd.mode = MODE_FILE;
	odd.id = oid_zero;
	ok(update1(&oid_zero, "a", &odd, &got) == HUB_EBUG, "a zero id");
	ok(!update1(&oid_zero, "a//b", &none, &got) &&
	   !update1(&oid_zero, "/", &none, &got) &&
	   !update1(&oid_zero, "", &none, &got) && oid_eq(&got, &tree_empty_id),
	   "deleting odd paths from nothing is nothing");
	memset(lng, 'x', PATH_LEN_MAX + 1);
	lng[PATH_LEN_MAX + 1] = 0;
	ok(update1(&oid_zero, lng, &l, &got) == HUB_ELIMIT, "path too long");
	free(lng);
}

static void test_update_untouched(void)
{
	struct tree_leaf l = leaf_of(0), none = { 0 };
	struct model m = { 0 };
	struct oid root, got;
	size_t n = 0;

	model_set(&m, "a/x", &l);
	model_set(&m, "b/c/y", &l);
	model_set(&m, "b/z", &l);
	root = build(&m);
	sink.puts = repo.reads = 0;
	ok(!update1(&root, "b/c/y", &l, &got) && oid_eq(&root, &got) &&
	   !sink.puts, "no change: same tree, nothing written");
	ok(!update1(&root, "q/r/s", &none, &got) && oid_eq(&root, &got) &&
	   !sink.puts, "deleting nothing: the same");
	ok(!tree_update(&repo, &sink, &root, NULL, 0, &got, &e) &&
	   oid_eq(&root, &got) && !sink.puts, "no changes: the same");
	repo.reads = 0;
	l = leaf_of(1);
	ok(!update1(&root, "b/z", &l, &got) && sink.puts == 2 &&
	   repo.reads == 2, "only folders on the way are read and written");
	repo.reads = 0;
	fake_commit(&sink);
	ok(!tree_diff(&repo, &root, &got, count, &n, &e) && n == 1 &&
	   repo.reads == 4, "diff reads only what differs");
	sink.puts = 0;
	ok(!update1(&root, "b/c/y", &none, &got) && sink.puts == 2,
	   "an empty folder vanishes, unwritten");
	ok(!tree_update(&repo, &sink, &oid_zero, NULL, 0, &got, &e) &&
	   oid_eq(&got, &tree_empty_id), "nothing is the empty tree");
	model_free(&m);
}

/* Two updates in one sink: the second one must see the first one's trees. */
static void test_update_chain(void)
{
	struct tree_leaf l = leaf_of(0);
	struct tree_leaf got;
	struct oid r1, r2;

	ok(!update1(&oid_zero, "d/one", &l, &r1) &&
	   !update1(&r1, "d/two", &l, &r2), "update of an uncommitted tree");
	fake_commit(&sink);
	ok(!tree_find(&repo, &r2, "d/one", 5, &got, &e) &&
	   !tree_find(&repo, &r2, "d/two", 5, &got, &e), "has both");
}

/* ---- hostile and damaged trees ---- */

static struct oid put_raw(const char *p, size_t n)
{
	struct oid id;

	sink_put(&sink, OBJ_TREE, p, n, &id, NULL);
	fake_commit(&sink);
	return id;
}

#define ID "iiiiiiiiiiiiiiiiiiii"

static void test_hostile(void)
{
	struct oid bad = put_raw("100644 b\0" ID "100644 a\0" ID, 58);
	struct oid dots = put_raw("100644 ..\0" ID, 30);
	struct oid old = put_raw("100664 a\0" ID, 29), got, absent = bad;
	struct tree_leaf l = leaf_of(0), none = { 0 }, at;
	struct list d = { 0 };
	struct model m = { 0 };
	int n = 1;

	ok(tree_find(&repo, &bad, "a", 1, &at, &e) == HUB_ECORRUPT &&
	   strstr(e.msg, "not in order"), "unsorted tree: find");
	ok(tree_walk(&repo, &bad, "", 0, on_leaf_stop, &n, &e) == HUB_ECORRUPT
	   && n == 1, "walk");
	ok(tree_diff(&repo, &oid_zero, &bad, on_diff, &d, &e) == HUB_ECORRUPT,
	   "diff");
	ok(update1(&bad, "c", &l, &got) == HUB_ECORRUPT, "update");
	absent.h[0] ^= 1;
	err_clear(&e);
	ok(tree_find(&repo, &absent, "a", 1, &at, &e) == HUB_ECORRUPT &&
	   strstr(e.msg, "missing"), "a missing tree is damage, not absence");
	ok(!update1(&dots, "c", &l, &got) && !update1(&dots, "..", &none, &got)
	   && oid_eq(&got, &tree_empty_id),
	   "odd names that are there pass and can be deleted");
	l = (struct tree_leaf){ MODE_FILE, { ID } };
	ok(!update1(&old, "a", &l, &got) && oid_eq(&got, &old),
	   "mode 100664 is 100644; an equal tree stays as it is");
	d.o = d.w = &m;
	ok(!tree_diff(&repo, &oid_zero, &oid_zero, on_diff, &d, &e) && !d.n,
	   "nothing against nothing");
	list_free(&d);
}

/* A chain of folders of one name, ${depth} deep, with a file at its end. */
static struct oid chain(size_t depth)
{
	struct oid id = put_raw("100644 f\0" ID, 29);
	struct buf b = BUF_INIT;

	while (depth--) {
		buf_reset(&b);
		buf_add(&b, "40000 d\0", 8);
		buf_add(&b, id.h, OID_SIZE);
		id = put_raw(b.p, b.n);
	}
	buf_release(&b);
	return id;
}

static int count1(void *arg, const char *path, size_t n,
		  const struct tree_leaf *l)
{
	++*(size_t *)arg;
	return 0;
}

static void test_depth(void)
{
	struct oid fits = chain(TREE_DEPTH_MAX - 1), deep, got;
	struct tree_leaf l = leaf_of(0), none = { 0 };
	struct buf path = BUF_INIT;
	size_t n = 0, i;

	deep = chain(TREE_DEPTH_MAX);
	ok(!tree_walk(&repo, &fits, "", 0, count1, &n, &e) && n == 1 &&
	   !tree_diff(&repo, &fits, &oid_zero, count, &n, &e) && n == 2,
	   "as deep as allowed");
	ok(tree_walk(&repo, &deep, "", 0, count1, &n, &e) == HUB_ELIMIT &&
	   tree_diff(&repo, &deep, &fits, count, &n, &e) == HUB_ELIMIT &&
	   n == 2, "one deeper is refused");
	for (i = 0; i < TREE_DEPTH_MAX - 1; i++)
		buf_addstr(&path, "d/");
	buf_addstr(&path, "f");
	ok(!update1(&fits, path.p, &l, &got) &&
	   !update1(&fits, path.p, &none, &got) &&
	   oid_eq(&got, &tree_empty_id), "update at the limit");
	buf_insert(&path, 0, "d/", 2);
	ok(update1(&oid_zero, path.p, &l, &got) == HUB_ELIMIT &&
	   update1(&deep, path.p, &none, &got) == HUB_ELIMIT, "and beyond");
	buf_release(&path);
}

/* 80,000 files at once, and 100,000 in one folder. */
static void test_many(void)
{
	struct list l = { 0 };
	struct tree_leaf leaf = leaf_of(0);
	struct oid got;
	size_t n = 0;
	char path[32];
	int i;

	for (i = 0; i < 80000; i++) {
		snprintf(path, sizeof(path), "%03d/%02d/f%02d", i / 200,
			 i / 20 % 10, i % 20 % 10 + 10 * (i / 10 % 2));
		list_add(&l, path, &leaf);
	}
	sink.puts = 0;
	ok(!tree_update(&repo, &sink, &oid_zero, l.c, l.n, &got, &e) &&
	   sink.puts == 1 + 400 + 4000, "80,000 additions, each tree put once");
	list_free(&l);
	for (i = 0; i < 100000; i++) {
		snprintf(path, sizeof(path), "d/f%06d", i);
		list_add(&l, path, &leaf);
	}
	ok(!tree_update(&repo, &sink, &oid_zero, l.c, l.n, &got, &e),
	   "100,000 in one folder");
	list_free(&l);
	fake_commit(&sink);
	ok(!tree_walk(&repo, &got, "d", 1, count1, &n, &e) && n == 100000,
	   "all are there");
}

int main(void)
{
	test_read();
	test_read_edges();
	test_diff_update();
	test_update_rules();
	test_update_refusals();
	test_update_untouched();
	test_update_chain();
	test_hostile();
	test_depth();
	test_many();
	fake_release(&repo);
	return done();
}
