/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chunker.c - FastCDC with a keyed gear table.
 *
 * Whether a chunk may end behind a byte depends on the 64 bytes up to it and
 * on nothing else but whether that is before or behind the average: so two
 * files that are equal from some point on have equal cuts soon after it.  One
 * plain loop: a byte costs a shift, a load and an addition, and the first
 * 64 KiB of each chunk are skipped.  Vector code was tried and is slower.
 *
 * Source: Xia et al., "FastCDC", USENIX ATC 2016 (normalised chunking); the bits
 * looked at are the top ones, which all of the 64 bytes have had a part in.
 */
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "store/chunker.h"

#define WINDOW 64
/* A cut where the fingerprint is below: 18 bits zero are one in 256 KiB. */
#define LIMIT_BEFORE ((uint64_t)1 << (64 - 20))		/* two bits more */
#define LIMIT_BEHIND ((uint64_t)1 << (64 - 16))		/* two bits fewer */

_Static_assert(CHUNKER_MIN >= WINDOW, "the window lies inside the chunk");

static size_t cut_zeros(const struct chunker *c)
{
	size_t i;
	uint64_t fp = 0;

	for (i = 0; i < WINDOW; i++)
		fp = (fp << 1) + c->gear[0];
	if (fp < LIMIT_BEFORE)
		return CHUNKER_MIN;
	return fp < LIMIT_BEHIND ? CHUNKER_AVG : CHUNKER_MAX;
}

void chunker_init(struct chunker *c, const uint8_t key[32])
{
	uint8_t h[HASH_SIZE], nr;
	size_t i, k, s;

	for (i = 0; i < 256; i += 4) {
		nr = (uint8_t)(i / 4);
		hash_keyed(h, key, "vibehub-gear", &nr, 1);
		for (k = 0; k < 4; k++) {
			c->gear[i + k] = 0;
			for (s = 0; s < 8; s++)
				c->gear[i + k] = c->gear[i + k] << 8 |
						 h[8 * k + s];
		}
	}
	secret_wipe(h, sizeof(h));
	c->zeros = cut_zeros(c);
}

/*
 * Look for a cut at a length of ${from} .. ${to} - 1, and return it, or ${to}.
 * ${*fp} belongs to length ${from} - 1.
 */
static size_t look(const uint64_t *gear, const uint8_t *p, size_t from,
		   size_t to, uint64_t limit, uint64_t *fp)
{
	uint64_t f = *fp;
	size_t i = from;

	for (; i + 4 <= to; i += 4) {
		f = (f << 1) + gear[p[i - 1]];
		if (f < limit)
			return i;
		f = (f << 1) + gear[p[i]];
		if (f < limit)
			return i + 1;
		f = (f << 1) + gear[p[i + 1]];
		if (f < limit)
			return i + 2;
		f = (f << 1) + gear[p[i + 2]];
		if (f < limit)
			return i + 3;
	}
	for (; i < to; i++) {
		f = (f << 1) + gear[p[i - 1]];
		if (f < limit)
			return i;
	}
	*fp = f;
	return i;
}

size_t chunker_cut(const struct chunker *c, const uint8_t *p, size_t n,
		   int at_end)
{
	size_t i, mid;
	uint64_t fp = 0;

	if (n <= CHUNKER_MIN)
		return at_end ? n : 0;
	if (n >= CHUNKER_MAX) {
		n = CHUNKER_MAX;
		at_end = 1;
	}
	for (i = CHUNKER_MIN - WINDOW; i < CHUNKER_MIN - 1; i++)
		fp = (fp << 1) + c->gear[p[i]];
	mid = n < CHUNKER_AVG ? n : CHUNKER_AVG;
	i = look(c->gear, p, CHUNKER_MIN, mid, LIMIT_BEFORE, &fp);
	if (i == mid)
		i = look(c->gear, p, mid, n, LIMIT_BEHIND, &fp);
	return i < n || at_end ? i : 0;
}
