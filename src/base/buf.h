/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf.h - a growing byte string, and a borrowed view of one.
 *
 * .p is never NULL and always has a NUL after the last byte, so it is usable
 * as text.  Failure is sticky: after one failed growth all further additions
 * do nothing, and buf_error() is asked once at the end.
 *
 *	struct buf b = BUF_INIT;
 *	buf_addstr(&b, "x");
 *	if (buf_error(&b))
 *		rc = err_nomem(e);
 *	buf_release(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include "base/err.h"

struct span {
	const uint8_t *p;	/* borrowed */
	size_t n;
};

struct buf {
	char *p;
	size_t n;		/* bytes in use, without the NUL */
	size_t alloc;		/* 0 while .p is the shared empty string */
	int failed;
};

extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0, 0 }

void buf_init(struct buf *b);
/* buf_release(): free and return to the state of BUF_INIT. */
void buf_release(struct buf *b);
/* buf_wipe(): zero all that was ever in it, then buf_release(). */
void buf_wipe(struct buf *b);
/* buf_reset(): empty, memory kept, failure forgotten. */
void buf_reset(struct buf *b);
/* buf_setlen(): shorten to ${n} bytes; n must be <= b->n. */
void buf_setlen(struct buf *b, size_t n);
/* buf_grow(): make room for ${extra} more bytes.  0 or HUB_ENOMEM (sticky). */
int buf_grow(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) ERR_PRINTF(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap);
/* buf_insert(): put ${n} bytes at offset ${at} <= b->n. */
void buf_insert(struct buf *b, size_t at, const void *p, size_t n);
/* Big-endian integers, as all our formats have them. */
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_u16(struct buf *b, uint16_t v);
void buf_add_u32(struct buf *b, uint32_t v);
void buf_add_u64(struct buf *b, uint64_t v);
/* buf_error(): 0, or HUB_ENOMEM if any addition since the last reset failed. */
int buf_error(const struct buf *b);
/* buf_detach(): hand the string over; caller frees with free().  NULL (and an
 * empty buf) after a failure. */
char *buf_detach(struct buf *b, size_t *ret_n);
/* buf_span(): view of the content, borrowed until the next change. */
struct span buf_span(const struct buf *b);
/* buf_cmp(): memcmp order, shorter first. */
int buf_cmp(const struct buf *a, const struct buf *b);
/* mem_cmp(): the same order on raw bytes. */
int mem_cmp(const void *a, size_t an, const void *b, size_t bn);

#endif
