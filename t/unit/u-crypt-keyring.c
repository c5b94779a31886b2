/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-crypt-keyring.c - keys from passphrases, sealed boxes, the keyring and what
 * derives from it.  Expected values: the argon2 program, Python's hashlib.
 */
#include "base/hex.h"
#include "crypt/box.h"
#include "crypt/kdf.h"
#include "crypt/keyring.h"
#include "crypt/sign.h"
#include "tap.h"

static int is(const uint8_t *p, const char *hex)
{
	char got[65];

	hex_encode(got, p, 32);
	if (strcmp(got, hex))
		printf("# %s\n", got);
	return !strcmp(got, hex);
}

static void test_kdf(void)
{
	const uint8_t *salt = (const uint8_t *)"0123456789abcdef";
	struct err e = ERR_INIT;
	uint8_t key[32];

	ok(kdf_argon2id(key, "password", 8, salt, 2, KDF_KIB_MIN, &e) == 0 &&
	   is(key, "efefea1217a1d74f60760e0cddef0e1d"
		   "dcc58d048f2a50ba3606d5bf0a68af9f"), "Argon2id");
	ok(kdf_argon2id(key, "x", 1, salt, 1, KDF_KIB_MIN, &e) == HUB_ELIMIT,
	   "one pass is too few");
	ok(kdf_argon2id(key, "x", 1, salt, 17, KDF_KIB_MIN, &e) == HUB_ELIMIT,
	   "17 too many");
	ok(kdf_argon2id(key, "x", 1, salt, 2, KDF_KIB_MIN - 1, &e) ==
	   HUB_ELIMIT, "too little memory");
	ok(kdf_argon2id(key, "x", 1, salt, 2, KDF_KIB_MAX + 1, &e) ==
	   HUB_ELIMIT, "too much, and not tried");
}

static void test_box(void)
{
	uint8_t seed[32], pk[32], sk[32], pk2[32], sk2[32], out[248];
	uint8_t back[200], p[200], none[32] = { 0 };

	secret_random(seed, 32);
	secret_random(p, 200);
	box_pair(seed, pk, sk);
	box_public(sk, pk2);
	ok(!memcmp(pk, pk2, 32), "public key of the secret one");
	ok(box_seal(pk, p, 200, out) == 0, "seal");
	ok(box_open(pk, sk, out, 248, back) == 0 && !memcmp(back, p, 200),
	   "open");
	out[60] ^= 1;
	ok(box_open(pk, sk, out, 248, back) == HUB_EAUTH && !back[0] &&
	   !back[199], "touched: nothing");
	ok(box_open(pk, sk, out, 47, back) == HUB_EAUTH, "stump");
	seed[0] ^= 1;
	box_pair(seed, pk2, sk2);
	out[60] ^= 1;
	ok(box_open(pk2, sk2, out, 248, back) == HUB_EAUTH, "another's");
	ok(box_seal(none, p, 200, out) == HUB_EAUTH, "a key of small order");
}

static void test_keyring(void)
{
	uint8_t id[32] = { 1 }, pk[32] = { 2 }, a[32], b[32];
	struct keyring *r = keyring_make(id, pk, 5), *s = NULL;
	int i;

	if (!ok(r != NULL, "make"))
		return;
	ok(keyring_epoch(r) == 1 && r->epochs[0].created == 5, "epoch 1");
	s = keyring_rotate(r, 9);
	ok(s && keyring_epoch(s) == 2 && s->epochs_n == 2 &&
	   !memcmp(s->name_secret, r->name_secret, 32) &&
	   !memcmp(s->identity, r->identity, 32), "rotate");
	ok(!keyring_subkey(r, 1, "pack", a) && !keyring_subkey(s, 1, "pack", b)
	   && !memcmp(a, b, 32), "the old epoch opens with both");
	ok(!keyring_subkey(s, 2, "pack", b) && memcmp(a, b, 32), "a new key");
	ok(!keyring_subkey(s, 2, "state", a) && memcmp(a, b, 32),
	   "another for another use");
	ok(keyring_subkey(r, 2, "pack", a) == HUB_EABSENT,
	   "the old ring does not know it");
	for (i = 0; i < 32; i++)
		r->name_secret[i] = r->epochs[0].key_secret[i] = (uint8_t)i;
	keyring_name(r, 3, "abc", 3, a);
	ok(is(a, "f7e0d58b5d87eb490fc9c21ed14e2080"
		   "644e3141de3bfd82d9589f8640aa535d"), "name of an object");
	keyring_name(r, 4, "abc", 3, b);
	ok(memcmp(a, b, 32) != 0, "of another type");
	ok(!keyring_subkey(r, 1, "pack", a) && is(a, "3a21ebfc542c40e3f10626a2b49fcbb4"
		   "6d4123fd2983fffe2ca1130cb4d68e16"), "subkey");
	keyring_free(r);
	r = keyring_copy(s);
	ok(r && !memcmp(r->epochs, s->epochs, 2 * sizeof(*r->epochs)), "copy");
	keyring_free(r);
	keyring_free(s);
	keyring_free(NULL);
}

int main(void)
{
	crypt_init(NULL);
	test_kdf();
	test_box();
	test_keyring();
	return done();
}
