/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * revoke.c - a slot is removed for good.
 *
 * Order: which states are believed now; the removal, with these; the new epoch;
 * a state of the hub's vault in it, so that nothing of an older epoch can follow.
 * Places get all of that with their next sync.
 *
 * A vault or place that cannot be read now keeps nobody in: it has no pin, so a
 * state of the removed one that nobody else has seen is not believed there.
 */
#include "sync/revoke.h"

#include <string.h>

#include "sync/collect.h"
#include "sync/places.h"

/* 0; 1: there is no room for it. */
static int add_pin(struct keys_pins *p, const struct removal_pin *one)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!memcmp(p->at[i].place, one->place, 32))
			break;
	if (i < p->n) {			/* the newer of two */
		if (p->at[i].seq < one->seq)
			p->at[i] = *one;
		return 0;
	}
	if (p->n == REMOVAL_PINS_MAX)
		return 1;
	for (i = p->n++; i && memcmp(p->at[i - 1].place, one->place, 32) > 0;
	     i--)
		p->at[i] = p->at[i - 1];
	p->at[i] = *one;
	return 0;
}

static int pin_hub(struct keys *k, struct keys_pins *p, struct err *e)
{
	struct err why = ERR_INIT;
	struct removal_pin one;
	struct collect c;
	int rc = collect_open(k->dir.p, k->open.ring->hub, &c, &why);

	if (!rc && c.v && vault_seq(c.v)) {
		memcpy(one.place, vault_file(c.v)->place, 32);
		one.seq = vault_seq(c.v);
		vault_hash(c.v, one.hash);
		add_pin(p, &one);
	}
	collect_close(&c);
	/* Damage keeps nobody from being removed; "try again" does. */
	return !rc || rc == HUB_EABSENT || rc == HUB_EREMOTE ||
		err_is_damage(rc) ? 0 : err_set(e, rc, "%s", why.msg);
}

static int pin_places(struct workspace *ws, struct keys_pins *p,
		      size_t *over, struct err *e)
{
	struct buf cache = BUF_INIT;
	struct removal_pin one;
	struct remotes r;
	size_t i;
	int rc = places_read(ws, &r, e);

	for (i = 0; !rc && i < r.n; i++) {
		buf_reset(&cache);
		buf_addf(&cache, "%splaces/%s", ws->vdir.p, r.at[i].name);
		if (buf_error(&cache))
			rc = err_nomem(e);
		else
			rc = vault_pin(cache.p, &one, e);
		if (!rc)
			*over += add_pin(p, &one) ? 1 : 0;
		if (rc == HUB_EABSENT) {	/* never seen from here */
			err_clear(e);
			rc = 0;
		}
	}
	remotes_release(&r);
	buf_release(&cache);
	return rc;
}

/* Is the newest state sealed with an older key than ours?  1, 0, or a code. */
static int is_older(const struct keys *k, struct vault *v, struct err *e)
{
	struct place *p = vault_place(v);
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	int rc = p->ops->state_get(p, vault_seq(v), &b, e);

	if (!rc)
		rc = vaultstate_head_decode(&head, b.p, b.n, e);
	buf_release(&b);
	return rc < 0 ? rc : head.epoch < keyring_epoch(k->open.ring);
}

/* A state that has everything as it was, sealed with the newest key; unless there
 * is one. */
static int new_state(struct keys *k, struct err *e)
{
	struct vault_change change = { .kind = VAULTSTATE_CHECKPOINT };
	struct vault_put *put = NULL;
	struct collect c;
	int rc = collect_open(k->dir.p, k->open.ring->hub, &c, e);

	if (!rc && c.v && vault_seq(c.v))
		rc = is_older(k, c.v, e);
	if (rc > 0) {
		rc = vault_put_begin(c.v, &put, e);
		if (!rc)
			rc = vault_put_commit(put, &change, e);
	}
	vault_put_end(put);
	collect_close(&c);
	return rc;
}

int revoke_run(struct keys *k, const struct slots_info *s,
	       struct workspace *ws, int rotate, size_t *ret_over,
	       struct err *e)
{
	struct keys_pins pins = { .n = 0 };
	int rc = 0;

	*ret_over = 0;
	/* All of it was done, but for what a run that was killed has left. */
	if (s->gone && s->epoch != keyring_epoch(k->open.ring)) {
		rc = rotate ? keys_rotate_finish(k, e) : 0;
		return !rc && rotate ? new_state(k, e) : rc;
	}
	if (!s->gone && s->type == SLOT_DEVICE) {
		rc = pin_hub(k, &pins, e);
		if (!rc && ws)
			rc = pin_places(ws, &pins, ret_over, e);
	}
	if (!rc)
		rc = keys_remove(k, s, &pins, e);
	if (!rc && rotate)
		rc = keys_rotate(k, e);
	return !rc && rotate ? new_state(k, e) : rc;
}
