/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-fmt-pack.c - layout of packs, nodes of recipes, pointers, content policy:
 * every vector, what decodes encodes to the same bytes, and the decision
 * whether a file is large.
 */
#include "base/banned.h"
#include "fmt/pack.h"
#include "fmt/pointer.h"
#include "fmt/policy.h"
#include "fmt/recipe.h"
#include "vec.h"

/* Head, what its box holds, directory, one behind the other. */
static int layout(const struct vec *v, struct buf *again, struct err *e)
{
	const uint8_t *p = (const uint8_t *)v->data.p;
	size_t n = v->data.n, i;
	struct pack_entry *en = NULL;
	struct pack_head h;
	struct pack_inner in;
	uint8_t b[PACK_HEAD];
	int rc;

	rc = pack_head_decode(&h, p, n, n > 7 && p[7] < 64 ? 1ull << p[7] : 0, e);
	if (rc == 0 && n < PACK_HEAD + PACK_INNER)
		rc = err_set(e, HUB_ECORRUPT, "short");
	if (rc == 0)
		rc = pack_inner_decode(&in, h.klass, p + PACK_HEAD, e);
	if (rc < 0)
		return rc;
	en = calloc(in.entries, sizeof(*en));
	rc = pack_dir_decode(en, h.kind, &in, p + PACK_HEAD + PACK_INNER,
			     n - PACK_HEAD - PACK_INNER, e);
	if (rc == 0) {
		pack_head_encode(b, &h);
		buf_add(again, b, PACK_HEAD);
		pack_inner_encode(b, &in);
		buf_add(again, b, PACK_INNER);
		for (i = 0; i < in.entries; i++) {
			pack_entry_encode(b, &en[i]);
			buf_add(again, b, PACK_ENTRY);
		}
	}
	free(en);
	return rc;
}

static void pack(const struct vec *v)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = layout(v, &b, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0)
		ok(!buf_cmp(&b, &v->data), "... the same bytes again");
	buf_release(&b);
}

static void recipe(const struct vec *v)
{
	static struct recipe_node r;
	static uint8_t out[RECIPE_NODE_MAX];
	struct err e = ERR_INIT;
	int rc = recipe_decode(&r, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0)
		ok(recipe_encode(out, &r) == v->data.n &&
		   !memcmp(out, v->data.p, v->data.n),
		   "... the same bytes again");
}

static void pointer(const struct vec *v)
{
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = pointer_decode(&ptr, v->data.p, v->data.n, &e);

	ok(vec_expected(v, rc, &e), "%s", v->name);
	if (rc == 0) {
		pointer_encode(&b, &ptr);
		ok(!buf_cmp(&b, &v->data), "... the same bytes again");
		ok(pointer_is(v->data.p, v->data.n), "... and looks like it");
	}
	buf_release(&b);
}

static void policy(const struct vec *v)
{
	struct policy p;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = policy_decode(&p, v->data.p, v->data.n, &e);
	size_t i;

	ok(vec_expected(v, rc, &e), "%s", v->name);
	buf_addf(&b, "%llu|%llu|", (unsigned long long)p.binary_over,
		 (unsigned long long)p.text_over);
	buf_add(&b, p.rules.p, p.rules.n);
	buf_setlen(&b, b.n - 1);
	for (i = 0; i < b.n; i++)
		if (b.p[i] == '\n')
			b.p[i] = '|';
	if (rc == 0 && v->rules[0]) {
		if (!ok(!strcmp(b.p, v->rules), "... says what it should"))
			printf("# %s, not %s\n", b.p, v->rules);
	} else if (rc < 0) {
		ok(!strcmp(b.p, "1048576|16777216"), "... the defaults then");
	}
	buf_release(&b);
	policy_release(&p);
}

/* ---- the decision ---- */

static struct policy defaults;

static int large(uint64_t size, const char *head, size_t n, int rule, int was)
{
	struct policy_file f = { head, n, size, (enum policy_rule)rule, was, 0 };

	return policy_large(&defaults, &f);
}

static void decide(void)
{
	static const char text[] = "text", binary[] = "a\0b";
	static char late[POLICY_HEAD + 1];
	const uint64_t K = 1024, M = K * K;
	struct policy_file f = { text, 4, 1, POLICY_LARGE, 0, 1 };

	policy_init(&defaults);
	memset(late, 'a', sizeof(late));
	late[POLICY_HEAD] = 0;
	ok(!large(0, "", 0, 1, 1), "an empty file never");
	ok(!large(M, binary, 3, -1, 0), "binary of 1M: no");
	ok(large(M + 1, binary, 3, -1, 0), "binary of 1M + 1: yes");
	ok(!large(16 * M, text, 4, -1, 0), "text of 16M: no");
	ok(large(16 * M + 1, text, 4, -1, 0), "text of 16M + 1: yes");
	ok(!large(2 * M, late, sizeof(late), -1, 0), "a NUL behind the head");
	late[POLICY_HEAD - 1] = 0;
	ok(large(2 * M, late, sizeof(late), -1, 0), "a NUL at its end");
	ok(large(M / 2, binary, 3, -1, 1), "half the limit: stays one");
	ok(!large(M / 2 - 1, binary, 3, -1, 1), "under half: no more");
	ok(large(8 * M, text, 4, -1, 1) && !large(8 * M - 1, text, 4, -1, 1),
	   "the same for text");
	ok(large(1, text, 4, POLICY_LARGE, 0), "'large': from one byte on");
	ok(!large(100 * M, binary, 3, POLICY_SMALL, 0), "'small': to 100M");
	ok(large(100 * M + 1, text, 4, POLICY_SMALL, 0), "'small': not over it");
	ok(!large(50 * M - 1, binary, 3, POLICY_SMALL, 1) &&
	   large(50 * M, binary, 3, POLICY_SMALL, 1), "'small': from half of it");
	ok(large(16, "vibehub-pointer ", 16, POLICY_SMALL, 0), "like a pointer");
	ok(large(160, "vibehub-pointer 1\nprofile", 25, -1, 0), "a pointer");
	ok(!large(15, "vibehub-pointer", 15, -1, 0), "not quite a pointer");
	ok(!policy_large(&defaults, &f), "what git reads stays small");
	f.size = 100 * M + 1;
	ok(policy_large(&defaults, &f), "... but for nonsense");
}

static void plain(void)
{
	static const char *const yes[] = {
		".gitignore", "a/.gitignore", ".gitattributes", "a/b/.gitmodules",
		".mailmap", ".vibehub/policy", ".vibehub/x/y",
	}, *const no[] = {
		"gitignore", "a.gitignore", ".gitignore/a", ".vibehub", "vibehub/a",
		"a/.vibehub/policy", ".gitignoreX",
	};
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ok(policy_is_plain(yes[i], strlen(yes[i])), "plain: %s", yes[i]);
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!policy_is_plain(no[i], strlen(no[i])), "not: %s", no[i]);
}

static void sizes(void)
{
	static const struct { uint64_t v; const char *s; } t[] = {
		{ 65536, "64K" }, { 65537, "65537" }, { 1 << 20, "1M" },
		{ 3 << 20, "3M" }, { 1 << 30, "1G" }, { 1025 << 10, "1025K" },
	};
	struct buf b = BUF_INIT;
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		buf_reset(&b);
		policy_size_add(&b, t[i].v);
		ok(!strcmp(b.p, t[i].s), "%s", t[i].s);
		ok(policy_size_parse(b.p, b.n, &v) == 0 && v == t[i].v,
		   "... and back");
	}
	buf_release(&b);
}

static void classes(void)
{
	ok(pack_class_for(1) == 12 && pack_class_for(4096) == 12, "4 KiB");
	ok(pack_class_for(4097) == 14 && pack_class_for(16385) == 16,
	   "no 8, no 32 KiB");
	ok(pack_class_for(65537) == 17 && pack_class_for(1 << 24) == 24 &&
	   pack_class_for((1 << 24) + 1) == 0, "to 16 MiB");
	ok(!pack_class_ok(13) && !pack_class_ok(15) && pack_class_ok(16) &&
	   !pack_class_ok(25), "which there are");
}

int main(void)
{
	vec_each("pack", 83, pack);
	vec_each("recipe", 45, recipe);
	vec_each("pointer", 60, pointer);
	vec_each("policy", 48, policy);
	decide();
	plain();
	sizes();
	classes();
	return done();
}
