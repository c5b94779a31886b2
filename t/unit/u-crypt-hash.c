/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-crypt-hash.c - BLAKE2b-256 and SHA-1 against published and independently
 * computed values (Python's hashlib). */
#include "base/hex.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "tap.h"

static int same(const uint8_t *p, size_t n, const char *hex)
{
	char got[2 * 64 + 1];

	hex_encode(got, p, n);
	if (!strcmp(got, hex))
		return 1;
	printf("# got %s\n", got);
	return 0;
}

static void test_blake2b(void)
{
	static const struct { const char *text, *key, *hex; } v[] = {
		{ "", NULL, "0e5751c026e543b2e8ab2eb06099daa1"
			    "d1e5df47778f7787faab45cdf12fe3a8" },
		{ "abc", NULL, "bddd813c634239723171ef3fee98579b"
			       "94964e3bb1cb3e427262c8c068d52319" },
		{ "abc", "0123456789abcdef",
		  "66b4857d42c644c61fca8c0bcea243e0"
		  "e75088582c7964bbac6b92c02381d9c7" },
	};
	uint8_t out[HASH_SIZE];
	struct hash h;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		hash_init(&h, (const uint8_t *)v[i].key,
			  v[i].key ? strlen(v[i].key) : 0);
		hash_add(&h, v[i].text, strlen(v[i].text));
		hash_end(&h, out);
		ok(same(out, HASH_SIZE, v[i].hex), "BLAKE2b-256 '%s'%s",
		   v[i].text, v[i].key ? ", keyed" : "");
		if (v[i].key)
			continue;
		hash_once(out, v[i].text, strlen(v[i].text));
		ok(same(out, HASH_SIZE, v[i].hex), "... at once");
	}
}

/* All ways to cut a text give the same hash. */
static void test_cuts(void)
{
	uint8_t data[300], want[HASH_SIZE], got[HASH_SIZE];
	struct hash h;
	size_t i, bad = 0;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	hash_once(want, data, sizeof(data));
	ok(same(want, HASH_SIZE,
		"91ccce0ba9e15867934e70e07d8d4af1"
		"270ec75748be56a3f48f5bc8b6c3967d"), "300 bytes");
	for (i = 0; i <= sizeof(data); i++) {
		hash_init(&h, NULL, 0);
		hash_add(&h, data, i);
		hash_add(&h, data + i, sizeof(data) - i);
		hash_end(&h, got);
		bad += memcmp(got, want, HASH_SIZE) != 0;
	}
	ok(bad == 0, "cut anywhere, the same hash");
}

static void test_sha1(void)
{
	struct sha1 *s = sha1_new();
	uint8_t out[20];
	int i;

	ok(s != NULL, "sha1_new");
	if (!s)
		return;
	sha1_end(s, out);
	ok(same(out, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
	   "SHA-1 of nothing");
	sha1_add(s, "a", 1);
	sha1_add(s, "bc", 2);
	sha1_end(s, out);
	ok(same(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"),
	   "SHA-1 'abc', on the same object");
	for (i = 0; i < 1000000; i++)
		sha1_add(s, "a", 1);
	sha1_end(s, out);
	ok(same(out, 20, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
	   "SHA-1 of a million a");
	sha1_free(s);
	sha1_free(NULL);
}

/* Computed by Python's hashlib over bytes (i * i >> 3 ^ i). */
static const struct { size_t n; const char *hex; } trees[] = {
	{ 0, "0e8a5e94274e52c2b0de7abf1d6864fd39978577980e136ad90b9616d34d1a3e" },
	{ 1, "e7afa877f0703042352c2fa0f7924bb77c3abfe9855581d766bb3272e272d477" },
	{ 4095, "585ea6d01b662d34d96247e533f0e5e45df301a1ea474669705dfb3fe300283f" },
	{ 4096, "5bc0e7cdc3112cf8c4897aed38b04c50f106b783a4662dc95888dab20d23ac45" },
	{ 4097, "dd051bcec40ee9c1ccfbbe2021acc6ac1f0821075a80a176ab37ab9cf6d7118b" },
	{ 8192, "f512e00d99a2e55cdee65c362d20a800e30e96f670b8aae8633ee7db024e0593" },
	{ 12288, "17b43ffe763920d3d57a81c640fc3c4225e2837882a006df27dc27e81291c2fe" },
	{ 20480, "923d3bd0c7773b1aade989c442de7ff664fd1ddd4e5ee50e8396bbcd68fd92b5" },
	{ 28681, "ddcf0c522c4cae3075f0e3a24337ba3c46e96237e04db824c3467db0947292b0" },
	{ 32768, "242f75559878b8f3850962d652d8637e45455eb87c3e62c45aa837dd3e777e59" },
	{ 65536, "55b29bc211ab1784ee5098be3f1a88ad60d66e1a503d5983ec5166f83c903430" },
	{ 69632, "cc881381d44d233ae5d73ab075b5bd712ba1c1b04bff41914adbf1b1114b7ec3" },
	{ 94209, "cb276df83724e1e2021a95fb9029ad7cc0356609c251ad3ce313da5501887ab5" },
	{ 163840, "1fa9c6a3dd8b94ffaabfca9e3be25696bba8850b44e197a7a6c750f40f61db99" },
	{ 262144, "323648825c3d72f1d9b0dee2f1f9a64e71b916b8e9c0bd37c29deffa00539cf1" },
	{ 266240, "5d1e80bf11857b1b2a97a8ac66d137768ca65d1e24ec1da7640c9fef628fa09c" },
	{ 262145, "2966fe1192410f1f65a38360ddb2a9a9c8bc085a23e5aa5de4cab9e98e1edc62" },
	{ 524288, "d30f1c5383c1f3183927fcc5481a759e171a8019945c38983dabd9f81bb3dbe9" },
	{ 819277, "0d757676c2f2d0b2e342a12a448fe671221f89a1e12f5ef0da6401cfe3cf63d0" },
};

static void test_tree(void)
{
	size_t i, n = 200 * HASH_LEAF + 77;
	uint8_t (*leaf)[HASH_SIZE] = malloc(200 * sizeof(*leaf));
	uint8_t *p = malloc(n), out[32];

	if (!ok(p && leaf, "memory"))
		return;
	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(i * i >> 3 ^ i);
	for (i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
		hash_tree(out, p, trees[i].n);
		ok(same(out, 32, trees[i].hex), "tree of %zu bytes",
		   trees[i].n);
		if (!trees[i].n || trees[i].n % HASH_LEAF)
			continue;
		hash_tree_leaves(leaf, p, 1);
		hash_tree_leaves(leaf + 1, p + HASH_LEAF,
				 trees[i].n / HASH_LEAF - 1);
		hash_tree_root(out, (const uint8_t (*)[HASH_SIZE])leaf,
			       trees[i].n / HASH_LEAF);
		ok(same(out, 32, trees[i].hex), "... of its leaves");
	}
	free(leaf);
	free(p);
}

int main(void)
{
	ok(crypt_init(NULL) == 0, "crypt_init");
	test_blake2b();
	test_cuts();
	test_sha1();
	test_tree();
	return done();
}
