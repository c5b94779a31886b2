/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sign.c - Ed25519 signatures with a context, secret memory.
 *
 * What is signed is context, NUL, message, in one piece: libsodium's plain
 * (not pre-hashed) Ed25519, so that any other implementation of RFC 8032 can
 * make and check ours.  No context has a NUL in it, so two contexts never
 * lead to the same bytes.
 *
 * A key lies between guard pages, locked into memory where the system lets
 * us, and read-only after it was made.
 */
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "crypt/sign.h"

struct sign_secret { uint8_t sk[crypto_sign_ed25519_SECRETKEYBYTES]; };

_Static_assert(SIGN_PUBLIC_SIZE == crypto_sign_ed25519_PUBLICKEYBYTES, "");
_Static_assert(SIGN_SEED_SIZE == crypto_sign_ed25519_SEEDBYTES, "");
_Static_assert(SIGN_SIZE == crypto_sign_ed25519_BYTES, "");

/* A secret that is still writable. */
static struct sign_secret *key_new(void)
{
	return sodium_malloc(sizeof(struct sign_secret));
}

static struct sign_secret *key_lock(struct sign_secret *k)
{
	if (sodium_mprotect_readonly(k)) {
		sodium_free(k);
		return NULL;
	}
	return k;
}

struct sign_secret *sign_generate(void)
{
	struct sign_secret *k = key_new();
	uint8_t pub[SIGN_PUBLIC_SIZE];

	if (!k)
		return NULL;
	crypto_sign_ed25519_keypair(pub, k->sk);
	return key_lock(k);
}

struct sign_secret *sign_from_seed(const uint8_t seed[SIGN_SEED_SIZE])
{
	struct sign_secret *k = key_new();
	uint8_t pub[SIGN_PUBLIC_SIZE];

	if (!k)
		return NULL;
	crypto_sign_ed25519_seed_keypair(pub, k->sk, seed);
	return key_lock(k);
}

void sign_free(struct sign_secret *k)
{
	sodium_free(k);		/* wipes, whatever its protection */
}

void sign_public(const struct sign_secret *k, uint8_t pub[SIGN_PUBLIC_SIZE])
{
	crypto_sign_ed25519_sk_to_pk(pub, k->sk);
}

void sign_seed(const struct sign_secret *k, uint8_t seed[SIGN_SEED_SIZE])
{
	crypto_sign_ed25519_sk_to_seed(seed, k->sk);
}

/* What is signed, owned by the caller, free().  NULL when out of memory. */
static uint8_t *signed_bytes(const char *context, const void *msg, size_t n,
			     size_t *ret_n)
{
	size_t context_n = strlen(context) + 1;
	uint8_t *p;

	if (n > SIZE_MAX - context_n)
		return NULL;
	p = malloc(context_n + n);
	if (!p)
		return NULL;
	memcpy(p, context, context_n);
	if (n)
		memcpy(p + context_n, msg, n);
	*ret_n = context_n + n;
	return p;
}

int sign_make(const struct sign_secret *k, const char *context,
	      const void *msg, size_t n, uint8_t sig[SIGN_SIZE])
{
	size_t all_n = 0;
	uint8_t *all = signed_bytes(context, msg, n, &all_n);

	memset(sig, 0, SIGN_SIZE);
	if (!all)
		return HUB_ENOMEM;
	crypto_sign_ed25519_detached(sig, NULL, all, all_n, k->sk);
	free(all);
	return 0;
}

int sign_check(const uint8_t pub[SIGN_PUBLIC_SIZE], const char *context,
	       const void *msg, size_t n, const uint8_t sig[SIGN_SIZE])
{
	size_t all_n = 0;
	uint8_t *all = signed_bytes(context, msg, n, &all_n);
	int rc;

	if (!all)
		return HUB_ENOMEM;
	rc = crypto_sign_ed25519_verify_detached(sig, all, all_n, pub) ?
		HUB_EAUTH : 0;
	free(all);
	return rc;
}
