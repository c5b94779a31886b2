/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_many.h - BLAKE2b-256 of many messages at once, side by side in the lanes
 * of a vector register.  One message cannot be hashed faster than its chain of
 * blocks allows; eight of them together take as long as two alone.
 */
#ifndef CRYPT_HASH_MANY_H
#define CRYPT_HASH_MANY_H

#include "crypt/hash.h"

#define HASH_MANY_PREFIX 64

struct hash_part {
	const void *p;		/* borrowed */
	size_t n;
	uint8_t *out;		/* HASH_SIZE bytes */
};

/*
 * hash_many(): for each of ${n} parts the hash of ${prefix}, then its bytes;
 * keyed with 32 bytes unless ${key} is NULL.  ${prefix} has at most
 * HASH_MANY_PREFIX bytes, and at least one if there is a key.  What hash_init(),
 * hash_add(), hash_end() give, from 1.3 to 5 times as fast.  Allocates nothing,
 * cannot fail; any number of threads at once.
 */
void hash_many(const uint8_t *key, const void *prefix, size_t prefix_n,
	       const struct hash_part *parts, size_t n);

/* hash_many_lanes(): so many at once on this processor, 1, 4 or 8; for tests
 * ${most} > 0 allows no more than that from now on, 0 all. */
unsigned hash_many_lanes(unsigned most);

#endif
