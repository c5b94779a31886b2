/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aead.h - authenticated encryption, the two forms that our formats name:
 *
 *	XA	XChaCha20-Poly1305-IETF, one box, a random nonce of 24 bytes: for
 *		keys that live long.  libsodium.
 *	CP	ChaCha20-Poly1305-IETF (RFC 8439), many boxes under one key that
 *		was made for one object, the nonce is a counter.  libcrypto, which
 *		is twice as fast.
 *
 * A box is the cipher text with its tag behind it: AEAD_TAG bytes longer.
 */
#ifndef CRYPT_AEAD_H
#define CRYPT_AEAD_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define AEAD_KEY 32
#define AEAD_NONCE 24
#define AEAD_TAG 16
#define AEAD_COMMIT 32
#define AEAD_MAX 0x7fff0000u	/* plain bytes in one box */

/*
 * aead_seal(): XA.  ${out} takes n + AEAD_TAG bytes and may be ${p} itself.
 * The nonce must be fresh: secret_random().  Cannot fail.
 */
void aead_seal(const uint8_t key[AEAD_KEY], const uint8_t nonce[AEAD_NONCE],
	       const void *ad, size_t ad_n, const void *p, size_t n,
	       uint8_t *out);
/*
 * aead_open(): ${n} bytes of box (with the tag) to n - AEAD_TAG bytes at
 * ${out}, which may be ${p}.  0, or HUB_EAUTH: then ${out} holds nothing of use
 * (zeros).  A box shorter than its tag is HUB_EAUTH.
 */
int aead_open(const uint8_t key[AEAD_KEY], const uint8_t nonce[AEAD_NONCE],
	      const void *ad, size_t ad_n, const void *p, size_t n,
	      uint8_t *out);

/*
 * aead_commit(): the commitment to a key that stands beside each XA box; without
 * it one box can be made to open under two keys.  Readers compare it before
 * they open: aead_commit_check() 0 or HUB_EAUTH, in constant time.
 */
void aead_commit(const uint8_t key[AEAD_KEY], uint8_t out[AEAD_COMMIT]);
int aead_commit_check(const uint8_t key[AEAD_KEY],
		      const uint8_t commit[AEAD_COMMIT]);

/* CP.  One thread per handle; make one for each worker. */
struct aead;
/* aead_new(): NULL when out of memory. */
struct aead *aead_new(const uint8_t key[AEAD_KEY]);
/* aead_rekey(): the same handle for another key, without a new allocation. */
void aead_rekey(struct aead *a, const uint8_t key[AEAD_KEY]);
void aead_free(struct aead *a);		/* wipes; NULL is fine */
/*
 * aead_seal_at(): the box with number ${counter}; the same number must never be
 * used twice under one key for different content.  ${out} as aead_seal().
 * BUG() over AEAD_MAX.
 */
void aead_seal_at(struct aead *a, uint64_t counter, const void *ad,
		  size_t ad_n, const void *p, size_t n, uint8_t *out);
/* aead_open_at(): as aead_open(); HUB_ELIMIT over AEAD_MAX. */
int aead_open_at(struct aead *a, uint64_t counter, const void *ad,
		 size_t ad_n, const void *p, size_t n, uint8_t *out);
/* aead_check_at(): does the box open to the bytes at ${plain}?  0, HUB_EAUTH,
 * HUB_ELIMIT.  For one's own boxes: not in constant time. */
int aead_check_at(struct aead *a, uint64_t counter, const void *ad,
		  size_t ad_n, const void *p, size_t n, const void *plain);

#endif
