/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash_internal.h - for hash*.c only. */
#ifndef CRYPT_HASH_INTERNAL_H
#define CRYPT_HASH_INTERNAL_H

#include "crypt/hash.h"

#define HASH_LANES 8

/* hash_lanes(): H(0x00 || leaf) of ${k} <= HASH_LANES whole leaves that lie one
 * behind the other. */
void hash_lanes(uint8_t out[][HASH_SIZE], const uint8_t *p, size_t k);

#endif
