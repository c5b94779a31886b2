/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog_sieve.c - what is certainly not in a file of rows.
 *
 * Most searches end in the largest file, or nowhere, after a look in each
 * smaller one that recent syncs have left.  A bit map in memory, 16 to 32 bits for a row
 * and one of them set, answers 19 of 20 of these looks from the processor's
 * cache.  It is made when as many searches were in vain as reading the rows
 * once may cost, so a run that asks little never makes one.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "store/catalog_internal.h"

#define ROWS_MAX ((uint64_t)1 << 20)	/* of a file with a sieve: 4 MB */
#define BITS 16				/* at least, for a row */

static uint64_t bit_of(const struct catalog_file *f, const uint8_t name[32])
{
	uint64_t v;

	memcpy(&v, name + 8, 8);	/* of a hash: any bytes do */
	return v & f->sieve_mask;
}

int catalog_sieve_has(const struct catalog_file *f, const uint8_t name[32])
{
	uint64_t bit = bit_of(f, name);

	return f->sieve[bit / 8] >> bit % 8 & 1;
}

void catalog_sieve_miss(struct catalog_file *f)
{
	uint64_t bits = 1024, i, bit;

	if (f->rows_n > ROWS_MAX || f->sieve || f->misses++ != f->rows_n / 16)
		return;
	while (bits < BITS * f->rows_n)
		bits *= 2;
	f->sieve = calloc((size_t)(bits / 8), 1);
	if (!f->sieve)
		return;
	f->sieve_mask = bits - 1;
	for (i = 0; i < f->rows_n; i++) {
		/* A search will come upon the damage. */
		if (catalog_file_block(f, i, NULL) < 0) {
			free(f->sieve);
			f->sieve = NULL;
			return;
		}
		bit = bit_of(f, f->rows + i * CATALOG_ROW);
		f->sieve[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}
