/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placewire.c - heads of the requests to a place, by one table. */
#include <string.h>
#include "base/rd.h"
#include "fmt/placewire.h"
#include "base/banned.h"

/* i: 32 bytes, s: 16 bytes, q: seq, o: off, l: n, b: flags, at most ${max} */
static const struct layout {
	const char *fields;
	unsigned max;
} layouts[] = {
	[PLACEWIRE_SELECT] = { "ib", PLACEWIRE_MAKE | PLACEWIRE_SINGLE },
	[PLACEWIRE_HUBS] = { "", 0 },
	[PLACEWIRE_FORMAT_GET] = { "", 0 },
	[PLACEWIRE_FORMAT_PUT] = { "", 0 },
	[PLACEWIRE_STATE_NEWEST] = { "q", 0 },
	[PLACEWIRE_STATE_GET] = { "q", 0 },
	[PLACEWIRE_STATE_CREATE] = { "q", 0 },
	[PLACEWIRE_STATE_DELETE] = { "q", 0 },
	[PLACEWIRE_PACK_PUT] = { "ib", 1 },
	[PLACEWIRE_PACK_GET] = { "iol", 0 },
	[PLACEWIRE_PACK_STAT] = { "i", 0 },
	[PLACEWIRE_PACK_EACH] = { "", 0 },
	[PLACEWIRE_PACK_DELETE] = { "i", 0 },
	[PLACEWIRE_SLOT_EACH] = { "", 0 },
	[PLACEWIRE_SLOT_GET] = { "s", 0 },
	[PLACEWIRE_SLOT_PUT] = { "s", 0 },
	[PLACEWIRE_SLOT_DELETE] = { "s", 0 },
	[PLACEWIRE_ASIDE] = { "bqi", 3 },
	[PLACEWIRE_FLUSH] = { "", 0 },
	[PLACEWIRE_FREE_SPACE] = { "", 0 },
	[PLACEWIRE_SWEEP] = { "q", 0 },
	[PLACEWIRE_OVERVIEW] = { "", 0 },
};

void placewire_encode(struct buf *b, int op, const struct placewire *w)
{
	const char *f;

	for (f = layouts[op].fields; *f; f++) {
		switch (*f) {
		case 'i':
			buf_add(b, w->id, 32);
			break;
		case 's':
			buf_add(b, w->id, 16);
			break;
		case 'q':
			buf_add_u64(b, w->seq);
			break;
		case 'o':
			buf_add_u64(b, w->off);
			break;
		case 'l':
			buf_add_u32(b, w->n);
			break;
		case 'b':
			buf_add_u8(b, (uint8_t)w->flags);
			break;
		}
	}
}

static void field(struct rd *r, char f, struct placewire *w)
{
	switch (f) {
	case 'i':
		rd_copy(r, w->id, 32);
		break;
	case 's':
		rd_copy(r, w->id, 16);
		break;
	case 'q':
		w->seq = rd_u64(r);
		break;
	case 'o':
		w->off = rd_u64(r);
		break;
	case 'l':
		w->n = rd_u32(r);
		break;
	case 'b':
		w->flags = rd_u8(r);
		break;
	}
}

int placewire_decode(int op, const void *p, size_t n, struct placewire *ret)
{
	struct placewire w = { .flags = 0 };
	const char *f;
	struct rd r;

	if (op < PLACEWIRE_SELECT || op >= PLACEWIRE_END)
		return HUB_EVERSION;
	rd_init(&r, p, n);
	for (f = layouts[op].fields; *f; f++)
		field(&r, *f, &w);
	if (rd_end(&r) < 0 || w.flags > layouts[op].max ||
	    w.n > PLACEWIRE_GET_MAX || w.off > INT64_MAX)
		return HUB_ECORRUPT;
	*ret = w;
	return 0;
}

void placewire_record_encode(struct buf *b,
			     const struct placewire_record_head *h)
{
	buf_add_u8(b, (uint8_t)h->what);
	buf_add(b, h->id, sizeof(h->id));
	buf_add_u64(b, h->seq);
	buf_add_u32(b, h->n);
}

int placewire_record_decode(const void *p, struct placewire_record_head *ret)
{
	static const uint32_t max[] = { 4096, 65536, 65536, 0 };
	struct placewire_record_head h;
	struct rd r;
	unsigned what;

	rd_init(&r, p, PLACEWIRE_RECORD);
	what = rd_u8(&r);
	rd_copy(&r, h.id, sizeof(h.id));
	h.seq = rd_u64(&r);
	h.n = rd_u32(&r);
	if (what > PLACEWIRE_R_END || h.n > max[what])
		return HUB_ECORRUPT;
	h.what = what;
	*ret = h;
	return 0;
}
