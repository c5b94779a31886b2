/* SPDX-License-Identifier: GPL-2.0-or-later */
/* baserec.c - encode and decode base records, hubformat-base(5). */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/baserec.h"

#define VERSION 1
#define GIT_ID 20
#define CONTENT_ID 32

_Static_assert(BASEREC_FIXED + CONTENT_ID == BASEREC_MAX, "longest record");

static int id_fits(unsigned kind, unsigned id_n)
{
	switch (kind) {
	case BASEREC_FILE:
	case BASEREC_EXEC:
	case BASEREC_LINK:
		return id_n == GIT_ID;
	case BASEREC_LARGE:
	case BASEREC_LARGE_EXEC:
		return id_n == CONTENT_ID;
	case BASEREC_DB:
	case BASEREC_UNWRITTEN:
		return id_n == GIT_ID || id_n == CONTENT_ID;
	default:
		return 0;
	}
}

static uint8_t *put_u64(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 56; i >= 0; i -= 8)
		*p++ = (uint8_t)(v >> i);
	return p;
}

size_t baserec_encode(uint8_t out[BASEREC_MAX], const struct baserec *b)
{
	int stat = !(b->flags & BASEREC_NOSTAT);
	uint8_t *p = out;

	if (!id_fits(b->kind, b->id_n) ||
	    b->flags & ~(unsigned)BASEREC_FLAGS)
		BUG("base record: kind %d, flags %x, id of %u bytes",
		    (int)b->kind, b->flags, b->id_n);
	*p++ = VERSION;
	*p++ = (uint8_t)b->kind;
	*p++ = (uint8_t)b->flags;
	*p++ = (uint8_t)b->id_n;
	p = put_u64(p, b->size);
	p = put_u64(p, stat ? (uint64_t)b->mtime_ns : 0);
	p = put_u64(p, stat ? (uint64_t)b->ctime_ns : 0);
	p = put_u64(p, stat ? b->ino : 0);
	p = put_u64(p, stat ? b->dev : 0);
	memcpy(p, b->id, b->id_n);
	return BASEREC_FIXED + b->id_n;
}

int baserec_decode(struct baserec *ret, const void *p, size_t n)
{
	unsigned version, kind;
	struct rd r;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	version = rd_u8(&r);
	if (r.failed)
		return HUB_ECORRUPT;
	if (version != VERSION)
		return HUB_EVERSION;
	kind = rd_u8(&r);
	ret->flags = rd_u8(&r);
	ret->id_n = rd_u8(&r);
	if (r.failed || !id_fits(kind, ret->id_n) ||
	    ret->flags & ~(unsigned)BASEREC_FLAGS)
		return HUB_ECORRUPT;
	ret->kind = (enum baserec_kind)kind;
	ret->size = rd_u64(&r);
	ret->mtime_ns = (int64_t)rd_u64(&r);
	ret->ctime_ns = (int64_t)rd_u64(&r);
	ret->ino = rd_u64(&r);
	ret->dev = rd_u64(&r);
	rd_copy(&r, ret->id, ret->id_n);
	if (rd_end(&r) < 0)
		return HUB_ECORRUPT;
	if (ret->flags & BASEREC_NOSTAT &&
	    (ret->mtime_ns || ret->ctime_ns || ret->ino || ret->dev))
		return HUB_ECORRUPT;
	return 0;
}
