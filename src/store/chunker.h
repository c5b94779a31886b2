/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chunker.h - where a large file is cut into chunks: content-defined, so that
 * an insertion moves cuts only near itself (hubformat-recipe(5), profile 1).
 * A pure function of the content and of the hub's chunker key.
 */
#ifndef STORE_CHUNKER_H
#define STORE_CHUNKER_H

#include <stddef.h>
#include <stdint.h>

#define CHUNKER_MIN (64u << 10)
#define CHUNKER_AVG (256u << 10)	/* from here on cuts come 16 times as easily */
#define CHUNKER_MAX (1u << 20)

struct chunker {
	uint64_t gear[256];	/* secret, more or less: wipe with the struct */
	size_t zeros;		/* length of a chunk that is nothing but zeros */
};

/* chunker_init(): the table of a hub. */
void chunker_init(struct chunker *c, const uint8_t key[32]);
/*
 * chunker_cut(): length of the next chunk of ${n} bytes at ${p}; 0 if that
 * needs more bytes: CHUNKER_MAX always suffice.  ${at_end}: these are the last
 * of the file (then all of them are cut, call by call).
 * Any number of threads at once.
 */
size_t chunker_cut(const struct chunker *c, const uint8_t *p, size_t n,
		   int at_end);

#endif
