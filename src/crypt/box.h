/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * box.h - sealed boxes: to an X25519 public key, without a sender (libsodium's
 * crypto_box_seal).  Anybody can make one, so what is inside must be signed.
 */
#ifndef CRYPT_BOX_H
#define CRYPT_BOX_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define BOX_PUBLIC 32
#define BOX_SECRET 32
#define BOX_SEED 32
#define BOX_EXTRA 48		/* a box is so much longer than its content */

/* box_pair(): the key pair of a seed (libsodium's crypto_box_seed_keypair).
 * The caller wipes ${sk}. */
void box_pair(const uint8_t seed[BOX_SEED], uint8_t pk[BOX_PUBLIC],
	      uint8_t sk[BOX_SECRET]);
/* box_public(): the public key of a secret one. */
void box_public(const uint8_t sk[BOX_SECRET], uint8_t pk[BOX_PUBLIC]);
/* box_seal(): n + BOX_EXTRA bytes at ${out}.  0, or HUB_EAUTH for a public key
 * of small order, which anybody could open. */
int box_seal(const uint8_t pk[BOX_PUBLIC], const void *p, size_t n,
	     uint8_t *out);
/* box_open(): n - BOX_EXTRA bytes at ${out}.  0 or HUB_EAUTH, then zeros. */
int box_open(const uint8_t pk[BOX_PUBLIC], const uint8_t sk[BOX_SECRET],
	     const void *p, size_t n, uint8_t *out);

#endif
