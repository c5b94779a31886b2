/* SPDX-License-Identifier: GPL-2.0-or-later */
/* box.c - sealed boxes, by libsodium. */
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "crypt/box.h"

_Static_assert(BOX_PUBLIC == crypto_box_PUBLICKEYBYTES, "");
_Static_assert(BOX_SECRET == crypto_box_SECRETKEYBYTES, "");
_Static_assert(BOX_SEED == crypto_box_SEEDBYTES, "");
_Static_assert(BOX_EXTRA == crypto_box_SEALBYTES, "");

void box_pair(const uint8_t seed[BOX_SEED], uint8_t pk[BOX_PUBLIC],
	      uint8_t sk[BOX_SECRET])
{
	crypto_box_seed_keypair(pk, sk, seed);
}

void box_public(const uint8_t sk[BOX_SECRET], uint8_t pk[BOX_PUBLIC])
{
	crypto_scalarmult_base(pk, sk);
}

int box_seal(const uint8_t pk[BOX_PUBLIC], const void *p, size_t n,
	     uint8_t *out)
{
	return crypto_box_seal(out, p, n, pk) ? HUB_EAUTH : 0;
}

int box_open(const uint8_t pk[BOX_PUBLIC], const uint8_t sk[BOX_SECRET],
	     const void *p, size_t n, uint8_t *out)
{
	if (n < BOX_EXTRA)
		return HUB_EAUTH;
	if (!crypto_box_seal_open(out, p, n, pk, sk))
		return 0;
	memset(out, 0, n - BOX_EXTRA);
	return HUB_EAUTH;
}
