/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merge trees: random ones against a plain model of what may not get lost. */
#include <git2.h>
#include "treefake.h"
#include "treemodel.h"
#include "repo/tree_merge.h"

#define ROUNDS 4000

static struct repo repo;
static struct sink sink = { .r = &repo };
static struct err e = ERR_INIT;

static struct tree_leaf blob_n(uint32_t mode, const void *p, size_t n)
{
	struct tree_leaf l = { mode, { { 0 } } };

	sink_put(&sink, OBJ_BLOB, p, n, &l.id, NULL);
	return l;
}

static struct tree_leaf blob(uint32_t mode, const char *text)
{
	return blob_n(mode, text, strlen(text));
}

/* ---- callbacks that note what happens ---- */

struct kept { char path[64], as[128]; struct tree_conflict c; };
static struct kept kept[4096];
static size_t kept_n;
static int same_calls, names_asked, name_fixed, disorder;

static int on_name(void *arg, const struct tree_conflict *c,
		   const struct tree_leaf *loser, int attempt,
		   struct buf *ret, struct err *err)
{
	size_t base = path_base(c->path, c->path_n);

	names_asked++;
	if (name_fixed) {
		buf_add(ret, c->path, base);
		buf_addstr(ret, "fixed");
		if (name_fixed > 1 && attempt)
			buf_addf(ret, "+%d", attempt);
		return 0;
	}
	/* Few names, before and after the path, that may exist already. */
	buf_add(ret, c->path, base);
	buf_addf(ret, "%c%s", "ab"[loser->id.h[0] % 2],
		 attempt ? "" : ".b");
	if (attempt > 1)
		buf_addf(ret, " %d %s", attempt, c->path + base);
	return 0;
}

static int on_conflict(void *arg, const struct tree_conflict *c,
		       const char *as, size_t as_n, struct err *err)
{
	struct kept *k = &kept[kept_n++];

	if (kept_n > 1 && strcmp(kept[kept_n - 2].path, c->path) >= 0)
		disorder++;
	disorder += strlen(c->path) != c->path_n || strlen(as) != as_n;
	snprintf(k->path, sizeof(k->path), "%s", c->path);
	snprintf(k->as, sizeof(k->as), "%s", as);
	k->c = *c;
	return 0;
}

/* Contents whose names differ in the last byte only are said to be equal. */
static int on_same(void *arg, const struct tree_leaf *a,
		   const struct tree_leaf *b)
{
	same_calls++;
	return !memcmp(a->id.h, b->id.h, OID_SIZE - 1);
}

static struct tree_merge_ops ops = { NULL, on_name, on_conflict, NULL };

static int merge(const struct oid *b, const struct oid *o,
		 const struct oid *t, struct oid *ret)
{
	int rc;

	err_clear(&e);
	kept_n = 0;
	rc = tree_merge(&repo, &sink, b, o, t, &ops, ret, &e);
	fake_commit(&sink);
	return rc;
}

/* ---- small cases, written as text: "path=content" lines ---- */

/* "a=x a/b*=y l@=z g%=w": '*' executable, '@' symlink, '%' gitlink; contents
 * are one word, '_' stands for a newline. */
static struct oid tree(const char *text)
{
	struct model m = { 0 };
	char word[256], path[64], *eq, *s;
	struct oid id;
	size_t n;

	for (; *text; text += n + strspn(text + n, " ")) {
		struct tree_leaf l;
		uint32_t mode = MODE_FILE;

		n = strcspn(text, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		eq = strchr(word, '=');
		*eq = 0;
		if (strchr("*@%", eq[-1])) {
			mode = eq[-1] == '*' ? MODE_EXEC :
				eq[-1] == '@' ? MODE_LINK : MODE_GITLINK;
			eq[-1] = 0;
		}
		snprintf(path, sizeof(path), "%.63s", word);
		for (s = eq + 1; *s; s++)
			if (*s == '_')
				*s = '\n';
		l = blob(mode, eq + 1);
		model_set(&m, path, &l);
	}
	id = model_build(&sink, &m);
	fake_commit(&sink);
	model_free(&m);
	return id;
}

/* ${want_kept}: "path>as ..." in order. */
static void check(const char *what, const char *b, const char *o,
		  const char *t, const char *want, const char *want_kept)
{
	struct oid ib = tree(b), io = tree(o), it = tree(t), iw = tree(want);
	struct buf got = BUF_INIT;
	struct oid id;
	size_t i;
	int rc;

	name_fixed = 2;
	rc = merge(&ib, &io, &it, &id);
	name_fixed = 0;
	for (i = 0; i < kept_n; i++)
		buf_addf(&got, "%s%s>%s", i ? " " : "", kept[i].path,
			 kept[i].as);
	ok(!rc && oid_eq(&id, &iw) && !strcmp(got.p, want_kept) && !disorder,
	   "%s%s%s%s", what, rc ? ": " : "", rc ? e.msg : "",
	   strcmp(got.p, want_kept) ? got.p : "");
	buf_release(&got);
}

static void test_files(void)
{
	check("nothing at all", "", "", "", "", "");
	check("one side each", "a=1 b=1 c=1", "a=2 b=1 c=1", "a=1 b=1 c=2",
	      "a=2 b=1 c=2", "");
	check("the same on both", "a=1", "a=2 n=1", "a=2 n=1", "a=2 n=1", "");
	check("deleted and unchanged", "a=1 b=1", "b=1", "a=1", "", "");
	check("modified beats deleted, theirs", "a=1 k=1", "k=1", "a=2 k=1",
	      "a=2 k=1", "");
	check("modified beats deleted, ours", "a=1 k=1", "a=2 k=1", "k=1",
	      "a=2 k=1", "");
	check("both changed: both kept", "a=1", "a=2", "a=3", "a=2 fixed=3",
	      "a>fixed");
	check("both added: both kept", "", "a=2", "a=3", "a=2 fixed=3",
	      "a>fixed");
	check("both added the same", "", "a=2", "a=2", "a=2", "");
	check("no merge against nothing", "", "a=1_2_3_", "a=1_2_3_4_",
	      "a=1_2_3_ fixed=1_2_3_4_", "a>fixed");
	check("lines merge", "a=1_2_3_4_5_", "a=0_2_3_4_5_", "a=1_2_3_4_6_",
	      "a=0_2_3_4_6_", "");
	check("lines clash", "a=1_2_3_", "a=0_2_3_", "a=9_2_3_",
	      "a=0_2_3_ fixed=9_2_3_", "a>fixed");
	check("in folders", "d/e/a=1 d/e/b=1 z=1", "d/e/a=2 d/e/b=1 z=1",
	      "d/e/a=3 d/e/b=1 z=1 d/y=2", "d/e/a=2 d/e/b=1 d/e/fixed=3 "
	      "d/y=2 z=1", "d/e/a>d/e/fixed");
	check("unrelated", "", "a=1 d/x=1", "b=1 d/y=1", "a=1 b=1 d/x=1 d/y=1",
	      "");
	check("folder deleted, a file in it modified", "d/a=1 d/b=1 k=1",
	      "k=1", "d/a=2 d/b=1 k=1", "d/a=2 k=1", "");
	check("folder deleted, a file in it added", "d/a=1 k=1", "d/a=1 d/n=1"
	      " k=1", "k=1", "d/n=1 k=1", "");
}

static void test_modes(void)
{
	check("bit by one, content by the other", "a=1", "a*=1", "a=2", "a*=2",
	      "");
	check("the other way", "a*=1", "a*=2", "a=1", "a=2", "");
	check("bit and merged lines", "a=1_2_3_4_5_", "a*=0_2_3_4_5_",
	      "a=1_2_3_4_6_", "a*=0_2_3_4_6_", "");
	check("added with and without bit", "", "a=1", "a*=1", "a*=1", "");
	check("the other way", "", "a*=1", "a=1", "a*=1", "");
	check("a bit does not beat a deletion", "a=1 k=1", "a*=1 k=1", "k=1",
	      "k=1", "");
	check("the other way", "a=1 k=1", "k=1", "a*=1 k=1", "k=1", "");
	check("nor another kind", "a=1", "a*=1", "a@=2", "a@=2", "");
	check("both kept: each its own bit", "a=1", "a*=2", "a=3",
	      "a*=2 fixed=3", "a>fixed");
}

static void test_kinds(void)
{
	check("links are never merged", "a@=1_2_3_4_5_", "a@=0_2_3_4_5_",
	      "a@=1_2_3_4_6_", "a@=0_2_3_4_5_ fixed@=1_2_3_4_6_", "a>fixed");
	check("link against file", "a=1", "a@=2", "a=3", "a@=2 fixed=3",
	      "a>fixed");
	ok(kept[0].c.why == CLASH_KIND, "is a clash of kinds");
	check("link with equal bytes", "", "a@=2", "a=2", "a@=2 fixed=2",
	      "a>fixed");
	check("link became two files", "a@=0_1_2_3_", "a=1_1_2_3_",
	      "a=0_1_2_4_", "a=1_1_2_3_ fixed=0_1_2_4_", "a>fixed");
	ok(kept[0].c.why == CLASH_CONTENT, "is a clash of contents");
	check("gitlinks: ours stays, theirs is told", "g%=1", "g%=2", "g%=3",
	      "g%=2", "g>");
	check("gitlink, one side", "g%=1", "g%=1", "g%=3", "g%=3", "");
	check("theirs a gitlink, ours a file", "", "g=2", "g%=3", "g=2", "g>");
	check("ours a gitlink, theirs a file", "", "g%=2", "g=3",
	      "g%=2 fixed=3", "g>fixed");
}

static void test_folders(void)
{
	check("file and folder: theirs the folder", "", "a=1", "a/x=2",
	      "a/x=2 fixed=1", "a>fixed");
	ok(kept[0].c.why == CLASH_FOLDER && kept[0].c.ours.mode == MODE_FILE &&
	   kept[0].c.theirs.mode == MODE_TREE && !kept[0].c.base.mode,
	   "with the folder in theirs");
	check("file and folder: ours the folder", "", "a/x=2", "a=1",
	      "a/x=2 fixed=1", "a>fixed");
	ok(kept[0].c.why == CLASH_FOLDER && kept[0].c.ours.mode == MODE_TREE &&
	   kept[0].c.theirs.mode == MODE_FILE, "with the folder in ours");
	check("names between the two", "a.b=1", "a=1 a-=1 a.b=1",
	      "a.b=2 a.c=1 a/x=2", "a-=1 a.b=2 a.c=1 a/x=2 fixed=1",
	      "a>fixed");
	check("file became a folder, unchanged there", "a=1", "a=1", "a/x=2",
	      "a/x=2", "");
	check("file became a folder, modified there", "a=1", "a=2", "a/x=2",
	      "a/x=2 fixed=2", "a>fixed");
	check("only its bit changed", "a=1", "a*=1", "a/x=2", "a/x=2", "");
	check("folder became a file, unchanged there", "a/x=1", "a=2", "a/x=1",
	      "a=2", "");
	check("folder became a file, modified there", "a/x=1 a/y=1", "a=2",
	      "a/x=3 a/y=1", "a/x=3 fixed=2", "a>fixed");
	check("only a bit changed there", "a/x=1 a/y=1", "a=2", "a/x*=1 a/y=1",
	      "a=2", "");
	check("added there", "a/x=1", "a/n=1 a/x=1", "a=2", "a/n=1 fixed=2",
	      "a>fixed");
	check("folder became a file on both, otherwise", "a/x=1", "a=1", "a=2",
	      "a=1 fixed=2", "a>fixed");
	check("gitlink against folder: only told", "", "a%=1", "a/x=1",
	      "a/x=1", "a>");
	check("deep", "p/a/x=1 p/z=1", "p/a=2 p/z=1", "p/a/x=1 p/a/y/z=1 p/z=1",
	      "p/a/y/z=1 p/fixed=2 p/z=1", "p/a>p/fixed");
	check("order of reports", "a.b=1 a/x=1", "a=2 a.b=2", "a.b=3 a/x=3",
	      "a.b=2 a/x=3 fixed=2 fixed+1=3", "a>fixed a.b>fixed+1");
}

static void test_names(void)
{
	struct oid b, o, t, id, want;

	check("name is taken by ours", "a=1", "a=2 fixed=7", "a=3",
	      "a=2 fixed=7 fixed+1=3", "a>fixed+1");
	check("same bytes are there already", "a=1", "a=2 fixed=3", "a=3",
	      "a=2 fixed=3", "a>fixed");
	check("taken, but deleted by this merge", "a=1 fixed=7", "a=2 fixed=7",
	      "a=3", "a=2 fixed=3", "a>fixed");
	check("same bytes, but deleted by this merge", "a=1 fixed=3",
	      "a=2 fixed=3", "a=3", "a=2 fixed=3", "a>fixed");
	check("two of the same bytes", "a=1 b=1", "a=2 b=2", "a=3 b=3",
	      "a=2 b=2 fixed=3", "a>fixed b>fixed");
	name_fixed = 1;
	b = tree("a=1");
	o = tree("a=2 fixed=7");
	t = tree("a=3");
	names_asked = 0;
	ok(merge(&b, &o, &t, &id) == HUB_EBUG && names_asked == 100,
	   "100 attempts, then EBUG");
	o = tree("a=2");
	want = tree("a=2 fixed=3");
	ok(!merge(&b, &o, &t, &id) && oid_eq(&id, &want), "free: once");
	name_fixed = 0;
}

static int name_odd(void *arg, const struct tree_conflict *c,
		    const struct tree_leaf *loser, int attempt,
		    struct buf *ret, struct err *err)
{
	buf_addstr(ret, arg);
	return 0;
}

static int name_fails(void *arg, const struct tree_conflict *c,
		      const struct tree_leaf *loser, int attempt,
		      struct buf *ret, struct err *err)
{
	return err_set(err, HUB_ECANCEL, "no");
}

static int told_fails(void *arg, const struct tree_conflict *c,
		      const char *as, size_t n, struct err *err)
{
	return 77;
}

static void test_bad_callbacks(void)
{
	struct oid b = tree("d/a=1"), o = tree("d/a=2"), t = tree("d/a=3"), id;
	char odd[][8] = { "d/..", "d/.git", "d/", "d", "", "e/a", "d/a/b",
		"d/x\xff" };
	size_t i;

	ops.conflict_name = name_odd;
	for (i = 0; i < 7; i++) {
		ops.arg = odd[i];
		ok(merge(&b, &o, &t, &id) == HUB_EBUG, "refused: '%s'", odd[i]);
	}
	ops.arg = odd[7];
	ok(!merge(&b, &o, &t, &id), "taken: any other byte");
	ops.conflict_name = name_fails;
	ok(merge(&b, &o, &t, &id) == HUB_ECANCEL, "a failing callback");
	ops.conflict_name = on_name;
	ops.conflict = told_fails;
	ok(merge(&b, &o, &t, &id) == 77, "any code is handed on");
	ops.conflict = on_conflict;
}

/* A leaf whose content is said to be equal to that of ${l}. */
static struct tree_leaf other_form(const struct tree_leaf *l, const char *text)
{
	struct tree_leaf f = *l;
	struct map_slot *s;

	f.id.h[OID_SIZE - 1] ^= 1;
	s = map_get(&repo.objs, f.id.h, OID_SIZE);
	if (!s)
		fake_store(&repo.objs, OBJ_BLOB, text, strlen(text), &f.id);
	return f;
}

static struct oid tree1(const struct tree_leaf *a)
{
	struct model m = { 0 };
	struct tree_leaf k = blob(MODE_FILE, "k");
	struct oid id;

	model_set(&m, "a", a);
	model_set(&m, "k", &k);
	id = model_build(&sink, &m);
	fake_commit(&sink);
	model_free(&m);
	return id;
}

static void test_same(void)
{
	struct tree_leaf v1 = blob(MODE_FILE, "one"), none = { 0 };
	struct tree_leaf v2 = blob(MODE_FILE, "two");
	struct tree_leaf p1 = other_form(&v1, "pointer to one");
	struct tree_leaf p2 = other_form(&v2, "pointer to two");
	struct oid t_v1 = tree1(&v1), t_v2 = tree1(&v2), t_p1 = tree1(&p1);
	struct oid t_p2 = tree1(&p2), t_none = tree1(&none), id;

	ops.same = on_same;
	ok(!merge(&t_v1, &t_p1, &t_v2, &id) && oid_eq(&id, &t_v2) && !kept_n,
	   "another form against a change: the change");
	ok(!merge(&t_v1, &t_v2, &t_p1, &id) && oid_eq(&id, &t_v2) && !kept_n,
	   "the other way");
	ok(!merge(&t_v1, &t_p1, &t_none, &id) && oid_eq(&id, &t_none),
	   "another form does not beat a deletion");
	ok(!merge(&t_v1, &t_none, &t_p1, &id) && oid_eq(&id, &t_none),
	   "the other way");
	ok(!merge(&t_v1, &t_v2, &t_p2, &id) && !kept_n && oid_eq(&id, &t_v2),
	   "the same change in two forms: ours");
	ok(!merge(&t_none, &t_p2, &t_v2, &id) && !kept_n && oid_eq(&id, &t_p2),
	   "added in two forms: ours");
	ok(!merge(&t_v1, &t_v1, &t_p1, &id) && oid_eq(&id, &t_p1),
	   "a new form alone is taken");
	ops.same = NULL;
	ok(!merge(&t_v1, &t_p1, &t_v2, &id) && kept_n == 1,
	   "without the callback: both kept");
}

/* Texts too long, with NULs, or of too many lines are not merged by lines. */
static void merge_big(const char *what, const char *unit, size_t n,
		      int want_kept)
{
	size_t un = strlen(unit) + !*unit, i;
	struct buf v[3] = { BUF_INIT, BUF_INIT, BUF_INIT };
	struct tree_leaf l[3];
	struct oid id[3], got;
	int k;

	for (k = 0; k < 3; k++) {
		buf_addstr(&v[k], k == 1 ? "ours\n" : "first\n");
		for (i = 0; i < n; i++)
			buf_add(&v[k], unit, un);
		buf_addstr(&v[k], k == 2 ? "\ntheirs\n" : "\nlast\n");
		l[k] = blob_n(MODE_FILE, v[k].p, v[k].n);
		buf_release(&v[k]);
		id[k] = tree1(&l[k]);
	}
	ok(!merge(&id[0], &id[1], &id[2], &got) &&
	   (kept_n != 0) == want_kept, "%s", what);
}

static void test_text_limits(void)
{
	merge_big("long text", "0123456789abcdef\n", 99000, 0);
	merge_big("over 8 MiB", "0123456789abcdef0123456789abcdef0123456789"
		  "abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
		  90000, 1);
	merge_big("too many lines", "\n", 101000, 1);
	merge_big("a NUL", "", 1, 1);
}

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

static void test_untouched(void)
{
	struct oid b = tree("d/e/a=1 d/f/a=1 k=1 z/a=1"), id;
	struct oid o = tree("d/e/a=2 d/f/a=1 k=1 y/a=1 z/a=1");
	struct oid t = tree("d/e/a=1 d/f/a=2 k=1 z/a=1");

	repo.reads = sink.puts = 0;
	ok(!merge(&b, &o, &t, &id) && repo.reads == 6 && sink.puts == 2,
	   "equal folders are not read, known ones not written");
}

int main(void)
{
	git_libgit2_init();
	test_files();
	test_modes();
	test_kinds();
	test_folders();
	test_names();
	test_bad_callbacks();
	test_same();
	test_text_limits();
	test_untouched();
	test_random();
	test_hostile();
	fake_release(&repo);
	git_libgit2_shutdown();
	return done();
}
