/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve_overview.c - what every run begins with, in one answer: the format file,
 * the newest state, the key slots.  Over a long line each question of its own
 * would cost more than all of these bytes.
 */
#include <string.h>
#include "serve/serve_internal.h"
#include "base/banned.h"

static void add(struct buf *b, enum placewire_record what, const uint8_t *id,
		uint64_t seq, const struct buf *bytes)
{
	struct placewire_record_head h = { .what = what, .seq = seq };

	if (id)
		memcpy(h.id, id, sizeof(h.id));
	h.n = bytes ? (uint32_t)bytes->n : 0;
	placewire_record_encode(b, &h);
	if (bytes)
		buf_add(b, bytes->p, bytes->n);
}

struct slots { struct place *p; struct buf *to; int all; };

static int one_slot(void *arg, const uint8_t id[PLACE_SLOT_ID], struct err *e)
{
	struct slots *s = arg;
	struct buf b = BUF_INIT;

	/* One that cannot be read is asked for by itself, and says why. */
	if (s->to->n > PLACEWIRE_OVERVIEW_MAX - PLACE_SLOT_MAX - 4096 ||
	    s->p->ops->slot_get(s->p, id, &b, NULL) < 0)
		s->all = 0;
	else
		add(s->to, PLACEWIRE_R_SLOT, id, 0, &b);
	buf_release(&b);
	return 0;
}

static int newest(struct place *p, struct buf *to, struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t seq = 0;
	int rc = p->ops->state_newest(p, 0, &seq, e);

	if (rc == 0 && seq)
		rc = p->ops->state_get(p, seq, &b, e);
	if (rc == 0)
		add(to, PLACEWIRE_R_STATE, NULL, seq, &b);
	buf_release(&b);
	return rc;
}

/* What fails is left out: it is asked for by itself then. */
int serve_overview(struct serve *s, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT, one = BUF_INIT;
	struct place *p = s->place;
	struct slots all = { p, &b, 1 };
	int rc;

	if (p->ops->format_get(p, &one, NULL) == 0)
		add(&b, PLACEWIRE_R_FORMAT, NULL, 0, &one);
	newest(p, &b, NULL);
	if (p->ops->slot_each(p, one_slot, &all, NULL) == 0 && all.all)
		add(&b, PLACEWIRE_R_END, NULL, 0, NULL);
	rc = buf_error(&b) || buf_error(&one) ? err_nomem(e) :
		session_req_answer(r, NULL, 0, 1, e);
	if (rc == 0)
		rc = session_req_write(r, b.p, b.n, e);
	buf_release(&b);
	buf_release(&one);
	return rc;
}
