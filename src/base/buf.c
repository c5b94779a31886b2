/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf.c - a growing byte string.
 *
 * Invariants: p != NULL; p[n] == 0; alloc == 0 iff p == buf_empty, else
 * n < alloc.  Growth copies into a new block and wipes the old one (instead
 * of realloc), so that buf_wipe() keeps its promise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/banned.h"

char buf_empty[1];

/* Called through a volatile pointer: a memset before free is otherwise dead
 * code to a compiler. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

void buf_init(struct buf *b)
{
	b->p = buf_empty;
	b->n = b->alloc = 0;
	b->failed = 0;
}

void buf_release(struct buf *b)
{
	if (b->alloc)
		free(b->p);
	buf_init(b);
}

void buf_wipe(struct buf *b)
{
	if (b->alloc)
		wipe(b->p, 0, b->alloc);
	buf_release(b);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = 0;
	if (b->alloc)
		b->p[0] = 0;
}

void buf_setlen(struct buf *b, size_t n)
{
	if (n > b->n)
		BUG("buf_setlen: %zu > %zu", n, b->n);
	b->n = n;
	if (b->alloc)
		b->p[n] = 0;
}

int buf_grow(struct buf *b, size_t extra)
{
	size_t want, alloc;
	char *p;

	if (b->failed)
		return HUB_ENOMEM;
	if (extra >= SIZE_MAX / 4 || b->n >= SIZE_MAX / 4)
		goto fail;
	want = b->n + extra + 1;
	if (want <= b->alloc)
		return 0;
	alloc = b->alloc + b->alloc / 2;
	if (alloc < want)
		alloc = want;
	if (alloc < 64)
		alloc = 64;
	p = malloc(alloc);
	if (!p)
		goto fail;
	memcpy(p, b->p, b->n + 1);
	if (b->alloc) {
		wipe(b->p, 0, b->alloc);
		free(b->p);
	}
	b->p = p;
	b->alloc = alloc;
	return 0;
fail:
	b->failed = 1;
	return HUB_ENOMEM;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!n || buf_grow(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = 0;
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	if (buf_grow(b, 1))
		return;
	b->p[b->n++] = c;
	b->p[b->n] = 0;
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->alloc ? b->alloc - b->n : 0;
	va_list again;
	int k;

	if (b->failed)
		return;
	va_copy(again, ap);
	k = vsnprintf(room ? b->p + b->n : NULL, room, fmt, ap);
	if (k < 0) {
		b->failed = 1;
	} else if ((size_t)k < room) {
		b->n += k;
	} else if (!buf_grow(b, k)) {
		vsnprintf(b->p + b->n, (size_t)k + 1, fmt, again);
		b->n += k;
	}
	if (b->alloc)
		b->p[b->n] = 0;
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_insert(struct buf *b, size_t at, const void *p, size_t n)
{
	if (at > b->n)
		BUG("buf_insert: %zu > %zu", at, b->n);
	if (!n || buf_grow(b, n))
		return;
	memmove(b->p + at + n, b->p + at, b->n - at + 1);
	memcpy(b->p + at, p, n);
	b->n += n;
}

void buf_add_u8(struct buf *b, uint8_t v)
{
	buf_add(b, &v, 1);
}

void buf_add_u16(struct buf *b, uint16_t v)
{
	uint8_t d[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_add(b, d, sizeof(d));
}

void buf_add_u32(struct buf *b, uint32_t v)
{
	uint8_t d[4];
	int i;

	for (i = 0; i < 4; i++)
		d[i] = (uint8_t)(v >> (24 - 8 * i));
	buf_add(b, d, sizeof(d));
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	uint8_t d[8];
	int i;

	for (i = 0; i < 8; i++)
		d[i] = (uint8_t)(v >> (56 - 8 * i));
	buf_add(b, d, sizeof(d));
}

int buf_error(const struct buf *b)
{
	return b->failed ? HUB_ENOMEM : 0;
}

char *buf_detach(struct buf *b, size_t *ret_n)
{
	size_t n = b->n;
	char *p = NULL;

	/* An empty string still has to be something that free() takes. */
	if (!b->failed && (b->alloc || !buf_grow(b, 0))) {
		p = b->p;
		buf_init(b);
	} else {
		buf_release(b);
		n = 0;
	}
	if (ret_n)
		*ret_n = n;
	return p;
}

struct span buf_span(const struct buf *b)
{
	struct span s = { (const uint8_t *)b->p, b->n };

	return s;
}

int buf_cmp(const struct buf *a, const struct buf *b)
{
	return mem_cmp(a->p, a->n, b->p, b->n);
}
