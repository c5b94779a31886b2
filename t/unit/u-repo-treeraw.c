/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of tree objects: what is well formed, what is written. */
#include "repo/tree.h"
#include "repo/tree_raw.h"
#include "tap.h"

#define ID "\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff" \
	"\x01\x02\x03\x04\x05"
#define S(s) (s), sizeof(s) - 1
#define E(mode, name) mode " " name "\0" ID

static void check(const char *p, size_t n, int want, const char *what)
{
	const char *why;
	/* An exact heap copy, so that a sanitizer sees one byte too far. */
	char *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, p, n);
	rc = tree_raw_check(copy, n, &why);
	ok(rc == want && (!rc || *why), "%s: %s%s%s", what, err_name(rc),
	   rc ? ", " : "", rc ? why : "");
	free(copy);
}

static void long_name(size_t n, int want)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_addstr(&b, "100644 ");
	for (i = 0; i < n; i++)
		buf_addch(&b, 'x');
	buf_add(&b, "\0" ID, 1 + OID_SIZE);
	check(b.p, b.n, want, n > PATH_LEN_MAX ? "name too long" : "longest");
	buf_release(&b);
}

static void test_check(void)
{
	const char all[] = E("100755", "a") E("100644", "b") E("120000", "c")
		E("40000", "d") E("160000", "e") E("100664", "f");
	size_t n;

	check("", 0, 0, "empty");
	check(S(all), 0, "all modes");
	for (n = 1; n < sizeof(E("40000", "d")) - 1; n++)
		if (tree_raw_check(E("40000", "d"), n, NULL) != HUB_ECORRUPT)
			break;
	ok(n == sizeof(E("40000", "d")) - 1, "cut anywhere: ECORRUPT");
	check(S(E("100644", "a") E("100644", "a.b") E("100644", "a0")), 0,
	      "leaf before '.'");
	check(S(E("100644", "a.b") E("40000", "a") E("100644", "a0")), 0,
	      "folder after '.'");
	check(S(E("40000", "a") E("100644", "a.b")), HUB_ECORRUPT,
	      "folder before '.'");
	check(S(E("100644", "b") E("100644", "a")), HUB_ECORRUPT, "unsorted");
	check(S(E("100644", "ab") E("100644", "a")), HUB_ECORRUPT,
	      "longer first");
	check(S(E("100644", "a") E("100644", "a")), HUB_ECORRUPT, "twice");
	check(S(E("40000", "a") E("40000", "a")), HUB_ECORRUPT, "folder twice");
	check(S(E("100644", "a") E("40000", "a")), HUB_ECORRUPT,
	      "file and folder, neighbours");
	check(S(E("100644", "a") E("100644", "a-b") E("40000", "a.c")
		E("40000", "a")), HUB_ECORRUPT, "file and folder, apart");
	check(S(E("100644", "a") E("100644", "a-") E("100644", "a--")
		E("40000", "a-")), HUB_ECORRUPT, "nested candidates");
	check(S(E("100644", "a") E("40000", "a-b") E("100644", "a-c")
		E("40000", "a-c.") E("40000", "a-d")), 0,
	      "shared beginnings only");
	check(S(E("100644", "ab") E("40000", "a") E("40000", "b")),
	      HUB_ECORRUPT, "prefix of a leaf, unsorted");
	check(S(E("100644", "a-b") E("40000", "a")), 0,
	      "a prefix of a leaf is no leaf");
	check(S(E("040000", "a")), HUB_ECORRUPT, "zero-padded mode");
	check(S(E("100600", "a")), HUB_ECORRUPT, "odd mode");
	check(S(E("0", "a")), HUB_ECORRUPT, "mode 0");
	check(S(E("1006440", "a")), HUB_ECORRUPT, "seven digits");
	check(S(E("100684", "a")), HUB_ECORRUPT, "no octal digit");
	check(S(E("", "a")), HUB_ECORRUPT, "no mode");
	check(S(E("100644 ", "a")), 0, "a name with a space first");
	check(S(E("100644", "")), HUB_ECORRUPT, "empty name");
	check(S(E("100644", "a/b")), HUB_ECORRUPT, "slash");
	check(S(E("100644", "..") E("100644", ".git")), 0,
	      "names that only a disk must not see");
	check(S("100644 a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	      HUB_ECORRUPT, "zero id");
	long_name(PATH_LEN_MAX, 0);
	long_name(PATH_LEN_MAX + 1, HUB_ELIMIT);
}

static int add(struct tree_out *o, uint32_t mode, const char *name)
{
	struct tree_entry en = { mode, name, strlen(name), oid_zero };

	memcpy(en.id.h, ID, OID_SIZE);
	return tree_out_add(o, &en);
}

static void test_out(void)
{
	const char want[] = E("100644", "a") E("100755", "a.b") E("40000", "b");
	struct tree_entry none = { MODE_FILE, "z", 1, oid_zero };
	struct tree_out o;

	tree_out_init(&o);
	ok(!add(&o, MODE_FILE, "a"), "add");
	ok(tree_out_has_leaf(&o, "a", 1), "has it");
	ok(!add(&o, MODE_EXEC, "a.b"), "add");
	ok(tree_out_has_leaf(&o, "a", 1) && !tree_out_has_leaf(&o, "a.", 2),
	   "still has it");
	ok(add(&o, MODE_TREE, "a") == HUB_EBUG, "file and folder refused");
	ok(add(&o, MODE_FILE, "a.b") == HUB_EBUG, "twice refused");
	ok(add(&o, MODE_FILE, "a.a") == HUB_EBUG, "unsorted refused");
	ok(add(&o, 0100664, "c") == HUB_EBUG, "odd mode refused");
	ok(add(&o, MODE_FILE, "c/d") == HUB_EBUG, "slash refused");
	ok(add(&o, MODE_FILE, "") == HUB_EBUG, "empty name refused");
	ok(tree_out_add(&o, &none) == HUB_EBUG, "zero id refused");
	ok(!add(&o, MODE_TREE, "b"), "goes on after a refusal");
	ok(o.b.n == sizeof(want) - 1 && !memcmp(o.b.p, want, o.b.n),
	   "bytes as git writes them");
	ok(!tree_out_has_leaf(&o, "b", 1) && !tree_out_has_leaf(&o, "a", 1),
	   "a folder is no leaf, past names are forgotten");
	tree_out_release(&o);
}

static void test_cmp(void)
{
	static const struct tree_entry e[] = {
		{ MODE_FILE, "a", 1, { { 0 } } },
		{ MODE_FILE, "a.b", 3, { { 0 } } },
		{ MODE_TREE, "a", 1, { { 0 } } },
		{ MODE_FILE, "a0", 2, { { 0 } } },
		{ MODE_LINK, "a\xff", 2, { { 0 } } },
	};
	int i, j, bad = 0;

	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++) {
			int c = tree_entry_cmp(&e[i], &e[j]);

			bad += (c > 0) - (c < 0) != (i > j) - (i < j);
		}
	ok(!bad, "git's order");
}

int main(void)
{
	test_check();
	test_out();
	test_cmp();
	return done();
}
