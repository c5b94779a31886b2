/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frame.c - the frames of a session, and its HELLO. */
#include <string.h>
#include "base/rd.h"
#include "fmt/frame.h"
#include "base/banned.h"

/* Numbers on the wire are those of enum hub_err without the sign; they stay. */
_Static_assert(HUB_EABSENT == -1 && HUB_EIO == -3 && HUB_EGUARD == -16,
	       "the wire has these numbers");
#define STATUS_MAX 16

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static int status_of(unsigned wire)
{
	/* A code that only newer ones have: it went wrong all the same. */
	return wire <= STATUS_MAX ? -(int)wire : HUB_EIO;
}

static int parse_answer(const uint8_t *p, size_t n, struct frame *f)
{
	if (n < 2 || p[1] & ~FRAME_BODY)
		return HUB_ECORRUPT;
	f->status = status_of(p[0]);
	f->flags = p[1];
	f->data = (struct span){ p + 2, n - 2 };
	if (f->status && (f->flags || f->data.n > FRAME_MESSAGE_MAX))
		return HUB_ECORRUPT;
	return f->data.n > FRAME_DATA_MAX ? HUB_ECORRUPT : 0;
}

static int parse_request(const uint8_t *p, size_t n, struct frame *f)
{
	if (n < 2 || !p[0] || p[1] & ~FRAME_BODY || n - 2 > FRAME_DATA_MAX)
		return HUB_ECORRUPT;
	f->op = p[0];
	f->flags = p[1];
	f->data = (struct span){ p + 2, n - 2 };
	return 0;
}

static int parse_end(const uint8_t *p, size_t n, struct frame *f)
{
	if (!n)
		return 0;
	if (!p[0] || n - 1 > FRAME_MESSAGE_MAX)
		return HUB_ECORRUPT;
	f->status = status_of(p[0]);
	f->data = (struct span){ p + 1, n - 1 };
	return 0;
}

static int parse_rest(const uint8_t *p, size_t n, struct frame *f)
{
	switch (f->type) {
	case FRAME_REQUEST:
		return parse_request(p, n, f);
	case FRAME_ANSWER:
		return parse_answer(p, n, f);
	case FRAME_END:
		return parse_end(p, n, f);
	case FRAME_DATA:
	case FRAME_PIECE:
		f->data = (struct span){ p, n };
		return n && n <= FRAME_DATA_MAX ? 0 : HUB_ECORRUPT;
	case FRAME_PING:
	case FRAME_BYE:
		return n ? HUB_ECORRUPT : 0;
	}
	return HUB_EVERSION;
}

int frame_parse(const void *bytes, size_t n, struct frame *ret)
{
	const uint8_t *p = bytes;
	struct frame f = { 0 };
	uint32_t rest;
	int rc;

	if (n < 4)
		return 0;
	rest = be32(p);
	if (!rest || rest > FRAME_REST_MAX)
		return HUB_ECORRUPT;
	if (n - 4 < rest)
		return 0;
	f.type = p[4];
	rc = parse_rest(p + FRAME_HEAD, rest - 1, &f);
	if (rc < 0)
		return rc;
	*ret = f;
	return (int)(4 + rest);
}

void frame_add_data(struct buf *b, size_t n)
{
	if (!n || n > FRAME_DATA_MAX)
		BUG("a frame of %zu bytes", n);
	buf_add_u32(b, (uint32_t)n + 1);
	buf_add_u8(b, FRAME_DATA);
}

void frame_add(struct buf *b, const struct frame *f)
{
	size_t n = f->data.n, extra = 0;

	if (f->status && n > FRAME_MESSAGE_MAX)
		n = FRAME_MESSAGE_MAX;
	if (n > FRAME_DATA_MAX)
		BUG("a frame of %zu bytes", n);
	if (f->type == FRAME_REQUEST || f->type == FRAME_ANSWER)
		extra = 2;
	else if (f->type == FRAME_END)
		extra = f->status ? 1 : 0;
	buf_add_u32(b, (uint32_t)(1 + extra + n));
	buf_add_u8(b, (uint8_t)f->type);
	if (extra)
		buf_add_u8(b, (uint8_t)(f->type == FRAME_REQUEST ? f->op :
					-f->status));
	if (extra == 2)
		buf_add_u8(b, (uint8_t)f->flags);
	buf_add(b, f->data.p, n);
}

void frame_hello_encode(struct buf *b, const struct frame_hello *h)
{
	size_t n = strlen(h->program);

	buf_add_u16(b, (uint16_t)h->version);
	buf_add_u8(b, (uint8_t)h->kind);
	buf_add_u8(b, (uint8_t)h->flags);
	buf_add(b, h->hub, sizeof(h->hub));
	buf_add_u32(b, h->in_flight);
	buf_add_u8(b, (uint8_t)n);
	buf_add(b, h->program, n);
}

int frame_hello_decode(const void *p, size_t n, struct frame_hello *ret)
{
	struct frame_hello h = { 0 };
	struct span text;
	struct rd r;
	size_t i;

	rd_init(&r, p, n);
	h.version = rd_u16(&r);
	h.kind = rd_u8(&r);
	h.flags = rd_u8(&r);
	rd_copy(&r, h.hub, sizeof(h.hub));
	h.in_flight = rd_u32(&r);
	text = rd_bytes(&r, rd_u8(&r));
	if (r.failed || text.n > FRAME_PROGRAM_MAX)
		return HUB_ECORRUPT;
	if (!h.version)
		return HUB_EVERSION;
	if (h.version == FRAME_VERSION && rd_end(&r) < 0)
		return HUB_ECORRUPT;
	if ((h.kind != FRAME_KIND_HUB && h.kind != FRAME_KIND_PLACE) ||
	    h.flags & ~(FRAME_APPEND_ONLY | FRAME_READ_ONLY) || !h.in_flight)
		return HUB_ECORRUPT;
	for (i = 0; i < text.n; i++)
		if (text.p[i] < 0x20 || text.p[i] > 0x7e)
			return HUB_ECORRUPT;
	if (text.n)
		memcpy(h.program, text.p, text.n);
	*ret = h;
	return 0;
}
