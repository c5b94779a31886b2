/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-crypt-aead.c - boxes: vectors of RFC 8439 and of the XChaCha draft, both
 * libraries against each other, nothing opens that was touched.
 */
#include <sodium.h>
#include "base/hex.h"
#include "crypt/aead.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "tap.h"

static const char sunscreen[] = "Ladies and Gentlemen of the class of '99: If "
	"I could offer you only one tip for the future, sunscreen would be it.";
#define SUN (sizeof(sunscreen) - 1)

static void ramp(uint8_t *p, uint8_t first, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(first + i);
}

static void test_xa(void)
{
	uint8_t key[32], nonce[24], ad[12], out[SUN + AEAD_TAG], tag[16];
	uint8_t back[SUN];

	ramp(key, 0x80, 32);
	ramp(nonce, 0x40, 24);
	hex_decode(ad, 12, "50515253c0c1c2c3c4c5c6c7", 24);
	hex_decode(tag, 16, "c0875924c1c7987947deafd8780acf49", 32);
	aead_seal(key, nonce, ad, 12, sunscreen, SUN, out);
	ok(!memcmp(out + SUN, tag, 16), "XA: the tag of the draft");
	ok(aead_open(key, nonce, ad, 12, out, sizeof(out), back) == 0 &&
	   !memcmp(back, sunscreen, SUN), "opens");
	ok(aead_open(key, nonce, ad, 11, out, sizeof(out), back) == HUB_EAUTH,
	   "other associated data");
	ok(back[0] == 0 && back[SUN - 1] == 0, "... and nothing is left");
	ok(aead_open(key, nonce, ad, 12, out, 15, back) == HUB_EAUTH,
	   "shorter than a tag");
}

/* libsodium's box of the same number. */
static void other(uint8_t *out, const uint8_t *key, uint64_t counter,
		  const void *ad, size_t ad_n, const void *p, size_t n)
{
	uint8_t iv[12] = { 0 };
	unsigned long long got;
	int i;

	for (i = 0; i < 8; i++)
		iv[11 - i] = (uint8_t)(counter >> 8 * i);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, &got, p, n, ad, ad_n,
						  NULL, iv, key);
}

static void test_at(void)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 63, 64, 65, 4096,
					262144 + 5 };
	static uint8_t p[300000], a[300016], b[300016];
	uint8_t key[32], ad[40];
	struct aead *h;
	size_t i, bad = 0, ad_n;
	uint64_t at;

	secret_random(key, 32);
	secret_random(p, sizeof(p));
	secret_random(ad, sizeof(ad));
	h = aead_new(key);
	if (!ok(h != NULL, "handle"))
		return;
	for (i = 0; i < 200; i++) {
		size_t n = sizes[i % 10];

		ad_n = i % 41;
		at = i % 3 ? i : ((uint64_t)1 << 32) + i;
		aead_seal_at(h, at, ad, ad_n, p, n, a);
		other(b, key, at, ad, ad_n, p, n);
		bad += memcmp(a, b, n + 16) != 0;
		bad += aead_open_at(h, at, ad, ad_n, b, n + 16, a) != 0;
		bad += n && memcmp(a, p, n) != 0;
		bad += aead_check_at(h, at, ad, ad_n, b, n + 16, p) != 0;
		if (i % 50 == 49) {
			secret_random(key, 32);
			aead_rekey(h, key);
		}
	}
	ok(bad == 0, "CP: libcrypto's boxes are libsodium's, both ways");
	memcpy(a, p, 1000);
	aead_seal_at(h, 7, NULL, 0, a, 1000, a);
	other(b, key, 7, NULL, 0, p, 1000);
	ok(!memcmp(a, b, 1016), "in place");
	for (bad = 0, i = 0; i < 1016 * 8; i++) {
		b[i / 8] ^= (uint8_t)(1u << i % 8);
		bad += aead_open_at(h, 7, NULL, 0, b, 1016, a) != HUB_EAUTH;
		b[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	ok(bad == 0 && a[0] == 0 && a[999] == 0, "no bit may change");
	bad = aead_check_at(h, 7, NULL, 0, b, 1016, p) != 0;
	for (i = 0; i < 1016; i++) {
		b[i] ^= 64;
		bad += aead_check_at(h, 7, NULL, 0, b, 1016, p) != HUB_EAUTH;
		b[i] ^= 64;
		if (i < 1000) {
			p[i] ^= 1;
			bad += aead_check_at(h, 7, NULL, 0, b, 1016, p) !=
			       HUB_EAUTH;
			p[i] ^= 1;
		}
	}
	ok(bad == 0 && aead_check_at(h, 7, NULL, 0, b, 3, p) == HUB_EAUTH,
	   "a check sees a change of the box and of the text");
	ok(aead_open_at(h, 8, NULL, 0, b, 1016, a) == HUB_EAUTH,
	   "another number");
	ok(aead_open_at(h, 7, NULL, 0, b, 1015, a) == HUB_EAUTH, "cut");
	ok(aead_open_at(h, 7, NULL, 0, b, 3, a) == HUB_EAUTH, "stump");
	ok(aead_open_at(h, 7, NULL, 0, b, 1016, b) == 0 &&
	   !memcmp(b, p, 1000), "opens in place after failures");
	aead_free(h);
	aead_free(NULL);
}

static void test_commit(void)
{
	uint8_t key[32], c[32], want[32];

	ramp(key, 0, 32);
	aead_commit(key, c);
	hex_decode(want, 32, "6486ed8bb3eb74cd8775a5aca9aa6905"
		   "eafe7e89ffd78c66811cbf27f6ed0ede", 64);
	ok(!memcmp(c, want, 32), "the commitment as others compute it");
	ok(aead_commit_check(key, c) == 0, "fits");
	key[31] ^= 1;
	ok(aead_commit_check(key, c) == HUB_EAUTH, "not another key");
}

int main(void)
{
	crypt_init(NULL);
	test_xa();
	test_at();
	test_commit();
	return done();
}
