/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rd.c - a reading cursor over foreign bytes.
 *
 * Invariant: p[0..n) is readable.  After a failure n is 0, so no later read
 * can succeed by being shorter.
 */
#include <string.h>
#include "base/rd.h"
#include "base/banned.h"

void rd_init(struct rd *r, const void *p, size_t n)
{
	r->p = p;
	r->n = n;
	r->failed = 0;
}

/* The next  bytes, or NULL and failure for ever. */
static const uint8_t *take(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->failed || n > r->n) {
		r->failed = 1;
		r->n = 0;
		return NULL;
	}
	if (n)
		r->p += n;
	r->n -= n;
	return p;
}

static uint64_t number(struct rd *r, size_t n)
{
	const uint8_t *p = take(r, n);
	uint64_t v = 0;
	size_t i;

	for (i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)number(r, 1);
}

uint16_t rd_u16(struct rd *r)
{
	return (uint16_t)number(r, 2);
}

uint32_t rd_u32(struct rd *r)
{
	return (uint32_t)number(r, 4);
}

uint64_t rd_u64(struct rd *r)
{
	return number(r, 8);
}

struct span rd_bytes(struct rd *r, size_t n)
{
	struct span s = { NULL, 0 };

	s.p = take(r, n);
	if (!r->failed)
		s.n = n;
	return s;
}

void rd_copy(struct rd *r, void *dst, size_t n)
{
	const uint8_t *p = take(r, n);

	if (r->failed)
		memset(dst, 0, n);
	else if (n)
		memcpy(dst, p, n);
}

struct span rd_line(struct rd *r)
{
	const uint8_t *nl = r->n ? memchr(r->p, '\n', r->n) : NULL;
	struct span s = { NULL, 0 };

	if (r->failed || !nl) {
		r->failed = 1;
		r->n = 0;
		return s;
	}
	s.p = r->p;
	s.n = (size_t)(nl - r->p);
	take(r, s.n + 1);
	return s;
}

void rd_zeros(struct rd *r)
{
	uint8_t any = 0;

	while (r->n)
		any |= rd_u8(r);
	r->failed |= any != 0;
}

int rd_end(const struct rd *r)
{
	return r->failed || r->n ? HUB_ECORRUPT : 0;
}
