/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merge trees: each rule by a small case. */
#include <git2.h>
#include "treecase.h"

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

/* ".gitattributes=X" with '~' for the blanks of X. */
static void attrs(const char *what, const char *rules, int merged)
{
	char b[256], o[256], t[256], want[256];

	snprintf(b, sizeof(b), "%s d/a=1_2_3_4_5_", rules);
	snprintf(o, sizeof(o), "%s d/a=0_2_3_4_5_", rules);
	snprintf(t, sizeof(t), "%s d/a=1_2_3_4_6_", rules);
	snprintf(want, sizeof(want), merged ? "%s d/a=0_2_3_4_6_" :
		 "%s d/a=0_2_3_4_5_ d/fixed=1_2_3_4_6_", rules);
	check(what, b, o, t, want, merged ? "" : "d/a>d/fixed");
}

static void test_attributes(void)
{
	attrs("-merge", ".gitattributes=a~-merge", 0);
	attrs("binary", ".gitattributes=*~binary_", 0);
	attrs("merge=binary, in a folder", "d/.gitattributes=/a~merge=binary", 0);
	attrs("for another file", ".gitattributes=b~-merge", 1);
	attrs("the deeper file wins", ".gitattributes=*~-merge "
	      "d/.gitattributes=a~merge", 1);
	attrs("a link is no attribute file", ".gitattributes@=a~-merge", 1);
	check("ours counts, not theirs", "a=1_2_3_4_5_ k=1",
	      "a=0_2_3_4_5_ k=1", "a=1_2_3_4_6_ k=1 .gitattributes=a~-merge",
	      "a=0_2_3_4_6_ k=1 .gitattributes=a~-merge", "");
	check("ours counts, if it is new", "a=1_2_3_4_5_ k=1",
	      "a=0_2_3_4_5_ k=1 .gitattributes=a~-merge", "a=1_2_3_4_6_ k=1",
	      "a=0_2_3_4_5_ fixed=1_2_3_4_6_ k=1 .gitattributes=a~-merge",
	      "a>fixed");
	check("union", ".gitattributes=*~merge=union a=1_2_",
	      ".gitattributes=*~merge=union a=1_2_3_",
	      ".gitattributes=*~merge=union a=1_2_4_",
	      ".gitattributes=*~merge=union a=1_2_3_4_", "");
	check("union of what both added", ".gitattributes=*~merge=union",
	      ".gitattributes=*~merge=union a=3_",
	      ".gitattributes=*~merge=union a=4_",
	      ".gitattributes=*~merge=union a=3_4_", "");
	check("one side only", ".gitattributes=*~-merge a=1",
	      ".gitattributes=*~-merge a=1", ".gitattributes=*~-merge a=2",
	      ".gitattributes=*~-merge a=2", "");
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
	struct oid t_exec, t_both;
	struct tree_leaf exec, both;

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
	exec = v1;
	exec.mode = MODE_EXEC;
	both = p1;
	both.mode = MODE_EXEC;
	t_exec = tree1(&exec);
	t_both = tree1(&both);
	ok(!merge(&t_v1, &t_exec, &t_p1, &id) && oid_eq(&id, &t_both) &&
	   !merge(&t_v1, &t_p1, &t_exec, &id) && oid_eq(&id, &t_both) &&
	   !kept_n, "a new form and a new mode: both are taken");
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

static void test_untouched(void)
{
	struct oid b = tree("d/e/a=1 d/f/a=1 k=1 z/a=1"), id;
	struct oid o = tree("d/e/a=2 d/f/a=1 k=1 y/a=1 z/a=1");
	struct oid t = tree("d/e/a=1 d/f/a=2 k=1 z/a=1");

	repo.reads = sink.puts = 0;
	ok(!merge(&b, &o, &t, &id) && repo.reads == 6 && sink.puts == 2,
	   "equal folders are not read, known ones not written");
	b = tree("d/a=1 d/b=1 k=1");
	o = tree("d/a=2 d/b=2 k=1");
	t = tree("d/a=2 d/b=1 k=1");
	sink.puts = 0;
	ok(!merge(&b, &o, &t, &id) && oid_eq(&id, &o) && !sink.puts &&
	   !merge(&b, &t, &o, &id) && oid_eq(&id, &o) && !sink.puts,
	   "what one side has all of is not written");
}

int main(void)
{
	git_libgit2_init();
	test_files();
	test_attributes();
	test_modes();
	test_kinds();
	test_folders();
	test_names();
	test_bad_callbacks();
	test_same();
	test_text_limits();
	test_untouched();
	fake_release(&repo);
	git_libgit2_shutdown();
	return done();
}
