/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.c - BLAKE2b-256, by libsodium.
 *
 * libsodium's functions cannot fail when their lengths are right, and ours are
 * constants or checked: so neither can these.
 */
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "base/err.h"
#include "crypt/hash.h"

_Static_assert(sizeof(struct hash) == sizeof(crypto_generichash_blake2b_state),
	       "struct hash is libsodium's state");
_Static_assert(_Alignof(struct hash) >=
	       _Alignof(crypto_generichash_blake2b_state), "and aligned like it");
_Static_assert(HASH_SIZE == crypto_generichash_blake2b_BYTES, "BLAKE2b-256");

static crypto_generichash_blake2b_state *state_of(struct hash *h)
{
	return (crypto_generichash_blake2b_state *)(void *)h->st;
}

void hash_init(struct hash *h, const uint8_t *key, size_t key_n)
{
	if (key && (key_n < crypto_generichash_blake2b_KEYBYTES_MIN ||
		    key_n > crypto_generichash_blake2b_KEYBYTES_MAX))
		BUG("hash key of %zu bytes", key_n);
	if (crypto_generichash_blake2b_init(state_of(h), key, key ? key_n : 0,
					    HASH_SIZE))
		BUG("BLAKE2b refuses to start");
}

void hash_add(struct hash *h, const void *p, size_t n)
{
	crypto_generichash_blake2b_update(state_of(h), p, n);
}

void hash_end(struct hash *h, uint8_t out[HASH_SIZE])
{
	if (crypto_generichash_blake2b_final(state_of(h), out, HASH_SIZE))
		BUG("a hash was ended twice");
}

void hash_once(uint8_t out[HASH_SIZE], const void *p, size_t n)
{
	crypto_generichash_blake2b(out, HASH_SIZE, p, n, NULL, 0);
}

void hash_keyed(uint8_t out[HASH_SIZE], const uint8_t key[32],
		const char *context, const void *p, size_t n)
{
	struct hash h;

	hash_init(&h, key, 32);
	hash_add(&h, context, strlen(context) + 1);
	if (n)
		hash_add(&h, p, n);
	hash_end(&h, out);
	sodium_memzero(&h, sizeof(h));
}
