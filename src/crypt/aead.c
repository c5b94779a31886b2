/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aead.c - XA boxes by libsodium, the commitment to their key.
 */
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "crypt/aead.h"
#include "crypt/hash.h"

_Static_assert(AEAD_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "");
_Static_assert(AEAD_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "");
_Static_assert(AEAD_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "");

void aead_seal(const uint8_t key[AEAD_KEY], const uint8_t nonce[AEAD_NONCE],
	       const void *ad, size_t ad_n, const void *p, size_t n,
	       uint8_t *out)
{
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, p, n, ad,
						       ad_n, NULL, nonce, key))
		BUG("sealing %zu bytes failed", n);
}

int aead_open(const uint8_t key[AEAD_KEY], const uint8_t nonce[AEAD_NONCE],
	      const void *ad, size_t ad_n, const void *p, size_t n,
	      uint8_t *out)
{
	if (n < AEAD_TAG)
		return HUB_EAUTH;
	if (!crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p, n,
							ad, ad_n, nonce, key))
		return 0;
	memset(out, 0, n - AEAD_TAG);
	return HUB_EAUTH;
}

void aead_commit(const uint8_t key[AEAD_KEY], uint8_t out[AEAD_COMMIT])
{
	hash_keyed(out, key, "vibehub-commit", NULL, 0);
}

int aead_commit_check(const uint8_t key[AEAD_KEY],
		      const uint8_t commit[AEAD_COMMIT])
{
	uint8_t mine[AEAD_COMMIT];

	aead_commit(key, mine);
	return sodium_memcmp(mine, commit, AEAD_COMMIT) ? HUB_EAUTH : 0;
}
