/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rd.h - a reading cursor over foreign bytes.  Failure is sticky: after one
 * read past the end everything returns zero, and rd_end() says so.  Never
 * allocates, never reads outside the span.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/buf.h"

struct rd {
	const uint8_t *p;
	size_t n;		/* bytes left */
	int failed;
};

void rd_init(struct rd *r, const void *p, size_t n);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
/* rd_bytes(): view of the next ${n} bytes; {NULL, 0} if fewer are left. */
struct span rd_bytes(struct rd *r, size_t n);
/* rd_copy(): copy exactly ${n} bytes to ${dst}; zeroes dst on failure. */
void rd_copy(struct rd *r, void *dst, size_t n);
/* rd_line(): the next line without its '\n'; a last line without '\n' is a
 * failure (all our text formats end with one). */
struct span rd_line(struct rd *r);
/* rd_zeros(): consume the rest; anything but zeros there is a failure. */
void rd_zeros(struct rd *r);
/* rd_end(): 0 if all was consumed and nothing failed, else HUB_ECORRUPT. */
int rd_end(const struct rd *r);

/* rd_be32(), rd_be64(): of bytes that are known to be there. */
static inline uint32_t rd_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t rd_be64(const uint8_t *p)
{
	return (uint64_t)rd_be32(p) << 32 | rd_be32(p + 4);
}

#endif
