/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * served_overview.c - what a run begins with, asked for at once and remembered.
 *
 * The format file and key slots count until this handle changes one of them, or
 * for OLD_MS: what another computer adds meanwhile is seen by the next run.
 * Which state is the newest is said once only: who asks again wants to know
 * anew.  A state's bytes never change.
 */
#include <string.h>
#include "base/rd.h"
#include "os/os_clock.h"
#include "remote/served_internal.h"
#include "base/banned.h"

#define OLD_MS 30000

void served_overview_drop(struct served *s)
{
	s->over.fresh = 0;
}

void served_overview_release(struct served *s)
{
	buf_release(&s->over.format);
	buf_release(&s->over.state);
	buf_release(&s->over.slots);
}

static int fresh(const struct served *s)
{
	return s->over.fresh && os_mono_ms() - s->over.when < OLD_MS;
}

static void take(struct served_overview *o,
		 const struct placewire_record_head *h, const uint8_t *p)
{
	switch (h->what) {
	case PLACEWIRE_R_FORMAT:
		buf_reset(&o->format);
		buf_add(&o->format, p, h->n);
		break;
	case PLACEWIRE_R_STATE:
		o->seq = h->seq;
		o->seq_known = 1;
		buf_reset(&o->state);
		buf_add(&o->state, p, h->n);
		break;
	case PLACEWIRE_R_SLOT:
		placewire_record_encode(&o->slots, h);
		buf_add(&o->slots, p, h->n);
		break;
	case PLACEWIRE_R_END:
		o->slots_all = 1;
		break;
	}
}

static int parse(struct served *s, const struct buf *b)
{
	struct placewire_record_head h;
	struct rd r;
	struct span p;

	rd_init(&r, b->p, b->n);
	while (r.n) {
		p = rd_bytes(&r, PLACEWIRE_RECORD);
		if (!p.p || placewire_record_decode(p.p, &h) < 0)
			return HUB_ECORRUPT;
		p = rd_bytes(&r, h.n);
		if (r.failed)
			return HUB_ECORRUPT;
		take(&s->over, &h, p.p);
	}
	return 0;
}

/* Whatever fails here is asked again, and found, by itself. */
void served_overview(struct place *p)
{
	struct served *s = served_of(p);
	struct buf b = BUF_INIT;
	char block[16384];
	int k = session_call(s->s, PLACEWIRE_OVERVIEW, NULL, 0, NULL, NULL);

	if (k == 0)
		while ((k = session_read(s->s, block, sizeof(block), NULL)) > 0
		       && b.n <= PLACEWIRE_OVERVIEW_MAX)
			buf_add(&b, block, (size_t)k);
	if (k == 0 && !buf_error(&b) && parse(s, &b) == 0) {
		s->over.fresh = 1;
		s->over.when = os_mono_ms();
	}
	buf_release(&b);
}

/* ---- asked for ---- */

int served_overview_format(struct served *s, struct buf *ret)
{
	if (!fresh(s) || !s->over.format.n)
		return 0;
	buf_add(ret, s->over.format.p, s->over.format.n);
	return 1;
}

int served_overview_newest(struct served *s, uint64_t hint, uint64_t *ret)
{
	int known = s->over.fresh && s->over.seq_known && hint <= s->over.seq;

	s->over.seq_known = 0;
	if (known)
		*ret = s->over.seq;
	return known;
}

int served_overview_state(struct served *s, uint64_t seq, struct buf *ret)
{
	if (!s->over.fresh || !s->over.state.n || seq != s->over.seq)
		return 0;
	buf_add(ret, s->over.state.p, s->over.state.n);
	return 1;
}

/* The next of the slots that are remembered; 0 at the end. */
static int next(struct rd *r, struct placewire_record_head *h, struct span *p)
{
	struct span head = rd_bytes(r, PLACEWIRE_RECORD);

	if (!head.p || placewire_record_decode(head.p, h) < 0)
		return 0;
	*p = rd_bytes(r, h->n);
	return !r->failed;
}

int served_overview_slots(struct served *s, place_slot_fn fn, void *arg,
			  int *ret_rc, struct err *e)
{
	struct placewire_record_head h;
	struct buf all = BUF_INIT;
	struct span p;
	struct rd r;

	if (!fresh(s) || !s->over.slots_all)
		return 0;
	/* ${fn} may change a slot. */
	buf_add(&all, s->over.slots.p, s->over.slots.n);
	*ret_rc = buf_error(&all) ? err_nomem(e) : 0;
	rd_init(&r, all.p, all.n);
	while (*ret_rc == 0 && r.n && next(&r, &h, &p))
		*ret_rc = fn(arg, h.id, e);
	buf_release(&all);
	return 1;
}

int served_overview_slot(struct served *s, const uint8_t id[PLACE_SLOT_ID],
			 struct buf *ret)
{
	struct placewire_record_head h;
	struct span p;
	struct rd r;

	if (!fresh(s))
		return 0;
	rd_init(&r, s->over.slots.p, s->over.slots.n);
	while (r.n && next(&r, &h, &p)) {
		if (memcmp(h.id, id, PLACE_SLOT_ID))
			continue;
		buf_add(ret, p.p, p.n);
		return 1;
	}
	return 0;
}
