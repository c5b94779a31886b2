/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_slots.c - key slots that do not count any more: the same slot as a
 * place has it, or, of a device whose key is here, sealed again.  What was
 * removed, by a record here or at a place, stays so.
 */
#include "sync/repair_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"

struct ids { uint8_t (*v)[SLOT_ID]; size_t n; };

struct slots {
	struct repair_job *j;
	struct place *p;		/* that is mended */
	struct ids bad, good;
	struct slots_gone gone;
	struct place *from;
	uint8_t want[SLOT_ID];
	int found;
	uint64_t done;
};

static int note(struct ids *l, const uint8_t id[SLOT_ID], struct err *e)
{
	void *p = realloc(l->v, (l->n + 1) * SLOT_ID);

	if (!p)
		return err_nomem(e);
	l->v = p;
	memcpy(l->v[l->n++], id, SLOT_ID);
	return 0;
}

static int has(const struct ids *l, const uint8_t id[SLOT_ID])
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!memcmp(l->v[i], id, SLOT_ID))
			return 1;
	return 0;
}

static int look(void *arg, const struct slots_info *s, struct err *e)
{
	struct slots *c = arg;

	if (!s->rc)
		return note(&c->good, s->id, e);
	if (!err_is_damage(s->rc))
		return err_set(e, s->rc, "%s", s->why.msg);
	return note(&c->bad, s->id, e);
}

/* Put what is damaged aside, and what ${from} has in its place. */
static int take(struct slots *c, const uint8_t id[SLOT_ID], struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = c->from->ops->slot_get(c->from, id, &b, e);

	if (!rc && has(&c->bad, id))
		rc = c->p->ops->aside(c->p, PLACE_SLOT, id, 0, e);
	if (!rc)
		rc = c->p->ops->slot_put(c->p, id, b.p, b.n, e);
	c->j->r->put_aside += !rc && has(&c->bad, id);
	c->done += !rc;
	buf_release(&b);
	return rc ? rc : note(&c->good, id, e);
}

/* A slot at another place that counts. */
static int offer(void *arg, const struct slots_info *s, struct err *e)
{
	struct slots *c = arg;

	if (s->rc || s->gone || has(&c->good, s->id) ||
	    slots_gone_find(&c->gone, s->id))
		return 0;
	if (c->j->r->dry_run) {
		c->done++;
		return note(&c->good, s->id, e);
	}
	return take(c, s->id, e);
}

/* The other places, number ${i}; NULL. */
static struct place *other(struct repair_job *j, size_t i)
{
	struct places_link *l;

	if (j->own && !i)
		return vault_place(j->own);
	l = repair_places(j, j->own ? i - 1 : i);
	return l ? l->place : NULL;
}

/* A record of a removal that is damaged here. */
static int removals(struct slots *c, struct err *e)
{
	const struct slots_gone_one *g;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->bad.n; i++) {
		g = slots_gone_find(&c->gone, c->bad.v[i]);
		if (!g || has(&c->good, c->bad.v[i]))
			continue;
		if (!c->j->r->dry_run) {
			rc = c->p->ops->aside(c->p, PLACE_SLOT, g->id, 0, e);
			if (!rc)
				rc = c->p->ops->slot_put(c->p, g->id, g->file,
							 REMOVAL_SIZE, e);
			c->j->r->put_aside += !rc;
		}
		c->done += !rc;
		if (!rc)
			rc = note(&c->good, g->id, e);
	}
	return rc;
}

int repair_slots(struct repair_job *j, struct place *p,
		 const struct keyring *ring, struct err *e)
{
	struct slots c = { .j = j, .p = p };
	size_t i;
	int rc = slots_each(p, ring, look, &c, e);

	if (!rc)
		rc = slots_gone_load(&c.gone, p, ring, e);
	for (i = 0; !rc && other(j, i); i++)
		rc = slots_gone_load(&c.gone, other(j, i), ring, e);
	if (!rc)
		rc = removals(&c, e);
	for (i = 0; !rc && (c.from = other(j, i)); i++)
		if (c.from != p)
			rc = slots_each(c.from, ring, offer, &c, e);
	if (!rc && c.done)
		rc = repair_act(j, e, "%llu key slots %s from a place",
				(unsigned long long)c.done, j->r->dry_run ?
				"would be taken" : "taken");
	slots_gone_release(&c.gone);
	free(c.bad.v);
	free(c.good.v);
	return rc;
}

/* ---- a device's own slot ---- */

static int find(void *arg, const struct slots_info *s, struct err *e)
{
	struct slots *c = arg;

	(void)e;
	if (!memcmp(s->id, c->want, SLOT_ID))
		c->found = s->rc ? -1 : 1;
	return 0;
}

int repair_own_slot(struct repair_job *j, struct place *p,
		    const struct keyring *ring, const struct device *d,
		    struct err *e)
{
	struct slots c = { .j = j, .p = p };
	struct slots_by by = { d->secret, NULL };
	int64_t now = os_now();
	int rc;

	if (!d->vault || !d->secret)
		return 0;
	cert_uuid(c.want, d->id);
	by.chain = &d->vault->chain;
	rc = slots_each(p, ring, find, &c, e);
	if (rc < 0 || c.found > 0)
		return rc;
	if (!j->r->dry_run) {
		if (c.found)
			rc = p->ops->aside(p, PLACE_SLOT, c.want, 0, e);
		j->r->put_aside += c.found && !rc;
		if (!rc)
			rc = slots_put_device(p, ring, &by,
					      cert_chain_last(by.chain),
					      d->name[0] ? d->name :
					      KEYS_HUB_NAME, now < 0 ? 0 :
					      (uint64_t)now, e);
	}
	return rc ? rc : repair_act(j, e, "the key slot of '%s' %s sealed "
				    "again", d->name[0] ? d->name :
				    KEYS_HUB_NAME, j->r->dry_run ?
				    "would be" : "was");
}
