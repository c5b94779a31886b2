/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-crypt-sign.c - keys of RFC 8032, our signatures with a context.
 *
 * The expected signatures are those of an independent implementation
 * (t/vectors/ed25519.py) over context, NUL, message.
 */
#include "base/hex.h"
#include "crypt/sign.h"
#include "tap.h"

static const struct {
	const char *seed, *pub, *msg;	/* RFC 8032 7.1, tests 1 to 3 */
	const char *sig;		/* context "vibehub-test" */
} v[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "",
	  "75157e47d7bbdd18b262687db96f7221f3b669f0d8239e510997d3111375fd55"
	  "d5dabff8d28add8aee602d4bd0b2991cdd1d2a03bd272c548ed1dddd1d45ea09" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "4702a7e611a3c642ce379442b6b4b2869dae6f72afd19b14280447f7ad7f9ce0"
	  "e9b79518651542a1a354f471eeb9f8394562860131293b19c6a25d9a2506cb06" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	  "af82",
	  "fe592f2a2d9c26fb52b4bf15200ff652ec8d367a2dbed84744155f404f22c9cc"
	  "24926254b25efd8bcae294dfb89dbe0766570a9a9d447665dd45aa602daa7102" },
};

static void test_one(size_t i)
{
	uint8_t seed[32], pub[32], back[32], msg[2], sig[64], want[64];
	size_t n = strlen(v[i].msg) / 2, bit, bad = 0;
	struct sign_secret *k;

	hex_decode(seed, 32, v[i].seed, 64);
	hex_decode(pub, 32, v[i].pub, 64);
	hex_decode(msg, n, v[i].msg, 2 * n);
	hex_decode(want, 64, v[i].sig, 128);
	k = sign_from_seed(seed);
	if (!ok(k != NULL, "key %zu", i + 1))
		return;
	sign_public(k, back);
	ok(!memcmp(back, pub, 32), "public key of RFC 8032 test %zu", i + 1);
	sign_seed(k, back);
	ok(!memcmp(back, seed, 32), "seed comes back");
	ok(sign_make(k, "vibehub-test", msg, n, sig) == 0 &&
	   !memcmp(sig, want, 64), "signature as others make it");
	ok(sign_check(pub, "vibehub-test", msg, n, sig) == 0, "checks");
	ok(sign_check(pub, "vibehub-tesu", msg, n, sig) == HUB_EAUTH,
	   "not in another context");
	ok(sign_check(pub, "vibehub-tes", msg, n, sig) == HUB_EAUTH,
	   "not in a shorter one");
	for (bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		bad += sign_check(pub, "vibehub-test", msg, n, sig) !=
			HUB_EAUTH;
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ok(bad == 0, "no bit of the signature may change");
	sign_free(k);
}

/* A context and a message that begin alike are not the same. */
static void test_boundary(void)
{
	struct sign_secret *k = sign_generate(), *k2 = sign_generate();
	uint8_t pub[32], pub2[32], sig[64], zero[64] = { 0 };

	if (!ok(k && k2, "generate"))
		return;
	sign_public(k, pub);
	sign_public(k2, pub2);
	ok(memcmp(pub, pub2, 32) != 0, "two keys differ");
	sign_make(k, "ab", "c", 1, sig);
	ok(sign_check(pub, "ab", "c", 1, sig) == 0, "own signature");
	ok(sign_check(pub2, "ab", "c", 1, sig) == HUB_EAUTH, "another key");
	ok(sign_check(pub, "a", "b\0c", 3, sig) == HUB_EAUTH,
	   "where the context ends is signed");
	ok(sign_check(pub, "ab", "c", 0, sig) == HUB_EAUTH, "length too");
	ok(sign_check(pub, "ab", "c", 1, zero) == HUB_EAUTH, "zeros");
	/* With the neutral element as key, R = S*B would verify anything. */
	memset(pub, 0, 32);
	pub[0] = 1;
	ok(sign_check(pub, "ab", "c", 1, zero) == HUB_EAUTH,
	   "a key of small order signs nothing");
	sign_free(k);
	sign_free(k2);
	sign_free(NULL);
}

int main(void)
{
	char text[] = "secret";
	size_t i;

	ok(crypt_init(NULL) == 0 && crypt_init(NULL) == 0, "crypt_init twice");
	for (i = 0; i < sizeof(v) / sizeof(*v); i++)
		test_one(i);
	test_boundary();
	secret_wipe(text, sizeof(text));
	ok(!memcmp(text, "\0\0\0\0\0\0\0", 7), "secret_wipe");
	return done();
}
