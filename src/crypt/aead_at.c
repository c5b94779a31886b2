/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aead_at.c - CP boxes, many under one key, by libcrypto (2.0 GB/s a core where
 * libsodium has 1.1; t/unit/u-crypt-aead.c holds them equal).
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

#define IV 12

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
	    (n && !EVP_EncryptUpdate(a->seal, out, &got, p, (int)n)) ||
	    !EVP_EncryptFinal_ex(a->seal, out + n, &got) ||
	    !EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG,
				 out + n))
		BUG("sealing %zu bytes failed", n);
}

int aead_open_at(struct aead *a, uint64_t counter, const void *ad,
		 size_t ad_n, const void *p, size_t n, uint8_t *out)
{
	uint8_t iv[IV], tag[AEAD_TAG];
	size_t plain = n - AEAD_TAG;
	int got = 0;

	if (n < AEAD_TAG)
		return HUB_EAUTH;
	if (plain > AEAD_MAX || ad_n > AEAD_MAX)
		return HUB_ELIMIT;
	iv_of(counter, iv);
	memcpy(tag, (const uint8_t *)p + plain, AEAD_TAG);
	if (!EVP_DecryptInit_ex(a->open, NULL, NULL, NULL, iv) ||
	    !EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG,
				 tag) ||
	    (ad_n && !EVP_DecryptUpdate(a->open, NULL, &got, ad, (int)ad_n)) ||
	    (plain && !EVP_DecryptUpdate(a->open, out, &got, p, (int)plain)))
		BUG("opening %zu bytes failed", n);
	/* The plain text came before its proof: nobody may see it. */
	if (EVP_DecryptFinal_ex(a->open, tag, &got) > 0)
		return 0;
	memset(out, 0, plain);
	return HUB_EAUTH;
}
