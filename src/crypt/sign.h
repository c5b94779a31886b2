/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sign.h - Ed25519 signatures (RFC 8032; libsodium) and secret memory. */
#ifndef CRYPT_SIGN_H
#define CRYPT_SIGN_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define SIGN_PUBLIC_SIZE 32
#define SIGN_SEED_SIZE 32
#define SIGN_SIZE 64

/* A signing key.  Lives in locked memory (sodium_malloc), never in a buf. */
struct sign_secret;

/* crypt_init(): once, before anything else of crypt/.  0 or HUB_EBUG. */
int crypt_init(struct err *e);

/* sign_generate(): a new random key.  NULL when out of (lockable) memory. */
struct sign_secret *sign_generate(void);
/* sign_from_seed(): the key of a stored seed. */
struct sign_secret *sign_from_seed(const uint8_t seed[SIGN_SEED_SIZE]);
void sign_free(struct sign_secret *k);		/* wipes; NULL is fine */
void sign_public(const struct sign_secret *k, uint8_t pub[SIGN_PUBLIC_SIZE]);
/* sign_seed(): for writing the key file; the caller wipes it. */
void sign_seed(const struct sign_secret *k, uint8_t seed[SIGN_SEED_SIZE]);
/* sign_make(): signature over "${context}\0" + message, so that one kind of
 * record can never be shown as another.  0, or HUB_ENOMEM with a ${sig} of
 * zeros, which no key's check accepts. */
int sign_make(const struct sign_secret *k, const char *context,
	      const void *msg, size_t n, uint8_t sig[SIGN_SIZE]);
/* sign_check(): 0, HUB_EAUTH, or HUB_ENOMEM.  Strict: a key of small order, a
 * scalar or point that is not reduced is HUB_EAUTH. */
int sign_check(const uint8_t pub[SIGN_PUBLIC_SIZE], const char *context,
	       const void *msg, size_t n, const uint8_t sig[SIGN_SIZE]);
/* secret_wipe(): zero, never optimised away. */
void secret_wipe(void *p, size_t n);
/* secret_random(): bytes that nobody can guess: keys, nonces, salts. */
void secret_random(void *p, size_t n);
/* secret_new(): zeroed, locked memory between guard pages; NULL when there is
 * none.  secret_free() wipes it; NULL is fine. */
void *secret_new(size_t n);
void secret_free(void *p);
/* secret_same(): 1 if equal, in constant time. */
int secret_same(const void *a, const void *b, size_t n);

#endif
