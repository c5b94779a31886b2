/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots_merge.c - the key slots of a hub and of one of its places become the
 * same set.
 *
 * A removal beats a slot, on whichever side it lies, if it counts: so nothing
 * that was removed comes back from a disk that was in a drawer.  Of two
 * removals of one slot the hub's is kept.  That a slot is missing says nothing.
 */
#include "store/slots.h"

#include <string.h>

#include "store/slots_internal.h"

struct merge {
	struct place *hub, *place;
	const struct keyring *ring;
	struct slots_gone gone;
	int back;			/* going through the place's */
	struct buf a, b;		/* the hub's, the place's */
};

/* 1 it is there, 0, < 0. */
static int get(struct place *p, const uint8_t id[SLOT_ID], struct buf *ret,
	       struct err *e)
{
	int rc;

	buf_reset(ret);
	rc = p->ops->slot_get(p, id, ret, e);
	if (rc != HUB_EABSENT)
		return rc < 0 ? rc : 1;
	err_clear(e);
	return 0;
}

static int put_removal(struct place *p, const struct slots_gone_one *g,
		       const struct buf *now, struct err *e)
{
	if (now->n == REMOVAL_SIZE && !memcmp(now->p, g->file, REMOVAL_SIZE))
		return 0;
	return p->ops->slot_put(p, g->id, g->file, REMOVAL_SIZE, e);
}

static int is_ours(const struct merge *m, const uint8_t id[SLOT_ID],
		   const struct buf *file, struct slot *s)
{
	return !slot_decode(s, file->p, file->n, NULL) &&
		!memcmp(s->id, id, SLOT_ID) && !memcmp(s->hub, m->ring->hub, 32);
}

/* Is it a slot that the hub may have from a place? */
static int counts(const struct merge *m, const struct slot *s)
{
	struct slot_notes notes;

	return !slots_notes(s, m->ring, &notes, NULL) &&
		!slots_gone_chain(&m->gone, &notes.chain);
}

static int one(void *arg, const uint8_t id[SLOT_ID], struct err *e)
{
	struct merge *m = arg;
	const struct slots_gone_one *g = slots_gone_find(&m->gone, id);
	int here = get(m->hub, id, &m->a, e), there, rc;
	struct slot s;

	if (here < 0 || (m->back && here))	/* the hub's have been done */
		return here < 0 ? here : 0;
	there = get(m->place, id, &m->b, e);
	if (there < 0)
		return there;
	if (g) {
		rc = put_removal(m->hub, g, &m->a, e);
		return rc < 0 ? rc : put_removal(m->place, g, &m->b, e);
	}
	if (here)		/* damaged ones are not spread */
		return is_ours(m, id, &m->a, &s) &&
			(!there || buf_cmp(&m->a, &m->b)) ?
			m->place->ops->slot_put(m->place, id, m->a.p, m->a.n, e)
			: 0;
	return is_ours(m, id, &m->b, &s) && counts(m, &s) ?
		m->hub->ops->slot_put(m->hub, id, m->b.p, m->b.n, e) : 0;
}

int slots_merge(struct place *hub, struct place *place,
		const struct keyring *ring, struct err *e)
{
	struct merge m = { .hub = hub, .place = place, .ring = ring,
			   .a = BUF_INIT, .b = BUF_INIT };
	int rc = slots_gone_load(&m.gone, hub, ring, e);

	if (!rc)
		rc = slots_gone_load(&m.gone, place, ring, e);
	if (!rc)
		rc = hub->ops->slot_each(hub, one, &m, e);
	m.back = 1;
	if (!rc)
		rc = place->ops->slot_each(place, one, &m, e);
	slots_gone_release(&m.gone);
	buf_release(&m.a);
	buf_release(&m.b);
	return rc;
}
