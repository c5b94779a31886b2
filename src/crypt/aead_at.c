/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aead_at.c - CP boxes, many under one key, by libcrypto (2.0 GB/s a core where
 * libsodium has 1.1; t/unit/u-crypt-aead.c holds them equal).
 *
 * libcrypto goes over what one call gives it twice, to encrypt and to
 * authenticate: pieces that stay in the first cache are a tenth faster.
 *
 * The context keeps the key between boxes.  OpenSSL cleanses it when it is
 * freed.  None of its calls can fail for right lengths, except for want of
 * memory at the start: so a failure later is our mistake.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "base/banned.h"
#include "crypt/aead.h"
#include "crypt/sign.h"

#define IV 12
#define PIECE 8192u

struct aead {
	EVP_CIPHER_CTX *seal, *open;
};

struct aead *aead_new(const uint8_t key[AEAD_KEY])
{
	struct aead *a = NULL;

	/* See sha1.c. */
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
		return NULL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->seal = EVP_CIPHER_CTX_new();
	a->open = EVP_CIPHER_CTX_new();
	if (!a->seal || !a->open ||
	    !EVP_EncryptInit_ex(a->seal, EVP_chacha20_poly1305(), NULL, key,
				NULL) ||
	    !EVP_DecryptInit_ex(a->open, EVP_chacha20_poly1305(), NULL, key,
				NULL)) {
		aead_free(a);
		return NULL;
	}
	return a;
}

void aead_rekey(struct aead *a, const uint8_t key[AEAD_KEY])
{
	if (!EVP_EncryptInit_ex(a->seal, NULL, NULL, key, NULL) ||
	    !EVP_DecryptInit_ex(a->open, NULL, NULL, key, NULL))
		BUG("a new key was refused");
}

void aead_free(struct aead *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->open);
	free(a);
}

static void iv_of(uint64_t counter, uint8_t iv[IV])
{
	int i;

	memset(iv, 0, IV);
	for (i = 0; i < 8; i++)
		iv[IV - 1 - i] = (uint8_t)(counter >> 8 * i);
}

static size_t piece(size_t n)
{
	return n < PIECE ? n : PIECE;
}

static int seal_all(EVP_CIPHER_CTX *c, const uint8_t *p, size_t n, uint8_t *out)
{
	size_t k;
	int got;

	for (; n; n -= k, p += k, out += k) {
		k = piece(n);
		if (!EVP_EncryptUpdate(c, out, &got, p, (int)k))
			return 0;
	}
	return 1;
}

void aead_seal_at(struct aead *a, uint64_t counter, const void *ad,
		  size_t ad_n, const void *p, size_t n, uint8_t *out)
{
	uint8_t iv[IV];
	int got = 0;

	if (n > AEAD_MAX || ad_n > AEAD_MAX)
		BUG("a box of %zu bytes", n);
	iv_of(counter, iv);
	if (!EVP_EncryptInit_ex(a->seal, NULL, NULL, NULL, iv) ||
	    (ad_n && !EVP_EncryptUpdate(a->seal, NULL, &got, ad, (int)ad_n)) ||
	    !seal_all(a->seal, p, n, out) ||
	    !EVP_EncryptFinal_ex(a->seal, out + n, &got) ||
	    !EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG,
				 out + n))
		BUG("sealing %zu bytes failed", n);
}

/* Before the first piece of a box. */
static void open_begin(struct aead *a, uint64_t counter, const void *ad,
		       size_t ad_n, const uint8_t *tag)
{
	uint8_t iv[IV], expect[AEAD_TAG];
	int got;

	iv_of(counter, iv);
	memcpy(expect, tag, AEAD_TAG);
	if (!EVP_DecryptInit_ex(a->open, NULL, NULL, NULL, iv) ||
	    !EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG,
				 expect) ||
	    (ad_n && !EVP_DecryptUpdate(a->open, NULL, &got, ad, (int)ad_n)))
		BUG("a box does not begin to open");
}

static void open_piece(struct aead *a, const uint8_t *p, size_t n, uint8_t *out)
{
	int got;

	if (!EVP_DecryptUpdate(a->open, out, &got, p, (int)n))
		BUG("opening %zu bytes failed", n);
}

int aead_open_at(struct aead *a, uint64_t counter, const void *ad,
		 size_t ad_n, const void *p, size_t n, uint8_t *out)
{
	const uint8_t *from = p;
	uint8_t none[AEAD_TAG];
	size_t at, k;
	int got;

	if (n < AEAD_TAG)
		return HUB_EAUTH;
	n -= AEAD_TAG;
	if (n > AEAD_MAX || ad_n > AEAD_MAX)
		return HUB_ELIMIT;
	open_begin(a, counter, ad, ad_n, from + n);
	for (at = 0; at < n; at += k) {
		k = piece(n - at);
		open_piece(a, from + at, k, out + at);
	}
	/* The plain text came before its proof: nobody may see it. */
	if (EVP_DecryptFinal_ex(a->open, none, &got) > 0)
		return 0;
	memset(out, 0, n);
	return HUB_EAUTH;
}

int aead_check_at(struct aead *a, uint64_t counter, const void *ad,
		  size_t ad_n, const void *p, size_t n, const void *plain)
{
	uint8_t part[PIECE], none[AEAD_TAG];
	const uint8_t *from = p, *want = plain;
	int got, same = 1;
	size_t at, k;

	if (n < AEAD_TAG)
		return HUB_EAUTH;
	n -= AEAD_TAG;
	if (n > AEAD_MAX || ad_n > AEAD_MAX)
		return HUB_ELIMIT;
	open_begin(a, counter, ad, ad_n, from + n);
	for (at = 0; at < n; at += k) {
		k = piece(n - at);
		open_piece(a, from + at, k, part);
		same &= !memcmp(part, want + at, k);
	}
	secret_wipe(part, sizeof(part));
	return EVP_DecryptFinal_ex(a->open, none, &got) > 0 && same ?
	       0 : HUB_EAUTH;
}
