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

int main(void)
{
	ok(crypt_init(NULL) == 0, "crypt_init");
	test_blake2b();
	test_cuts();
	test_sha1();
	return done();
}
