/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * served_pack.c - packs to and from a served place.
 *
 * Put: many are under way at a time.  Get: more is read than was asked for, the
 * more the longer somebody goes on through the same pack; a round trip costs as
 * much as a megabyte.
 */
#include <stdlib.h>
#include <string.h>
#include "base/rd.h"
#include "remote/served_internal.h"
#include "base/banned.h"

#define NEAR 4096		/* a gap that is none */

int served_pack_put(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    const void *bytes, size_t n, enum place_put how,
		    struct err *e)
{
	struct placewire w = { .flags = how };
	struct served *s = served_of(p);
	unsigned room = session_room(s->s);
	int rc;

	if (n > PLACE_PACK_MAX)
		return err_set(e, HUB_ELIMIT, "a pack of %zu bytes", n);
	rc = served_want_drop(s, e);
	if (rc == 0)
		rc = served_settle(s, room ? SERVED_FLIGHT - 1 : 0, e);
	if (rc == 0)
		rc = served_failed(s, e);
	if (rc < 0)
		return rc;
	if (how == PLACE_REPLACE)
		served_forget(s);
	memcpy(w.id, id, PLACE_PACK_ID);
	rc = served_send(s, PLACEWIRE_PACK_PUT, &w, bytes, n, e);
	if (rc == 0)
		s->puts++;
	return rc;
}

void served_forget(struct served *s)
{
	size_t i;

	for (i = 0; i < SERVED_PIECES; i++)
		s->piece[i].n = 0;
}

void served_release(struct served *s)
{
	size_t i;

	for (i = 0; i < SERVED_PIECES; i++)
		free(s->piece[i].p);
}

static int cut_off(const struct served *s, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "a pack at '%s' is cut off",
		       s->place.name);
}

int served_piece_answer(struct served *s, uint64_t off, void *to, size_t least,
			size_t n, size_t *got, struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t size = 0;
	struct rd r;
	int rc = session_answer(s->s, &b, e);

	if (rc == 0) {
		rd_init(&r, b.p, b.n);
		size = rd_u64(&r);
		if (rd_end(&r) < 0)
			rc = err_set(e, HUB_ECORRUPT, "'%s' answers with no "
				     "size", s->place.name);
	} else if (!session_broken(s->s)) {
		err_in(e, "at '%s'", s->place.name);
	}
	buf_release(&b);
	if (rc < 0)
		return rc;
	if (size < off || size - off < least)
		return cut_off(s, e);
	if (n > size - off)
		n = (size_t)(size - off);
	*got = n;
	/* What nobody wants is skipped by the next answer. */
	return to ? session_read_full(s->s, to, n, e) : 0;
}

/* ${least} to ${n} bytes from ${off} to ${to}; how many came. */
static int get(struct served *s, const uint8_t id[PLACE_PACK_ID], uint64_t off,
	       void *to, size_t least, size_t n, size_t *got, struct err *e)
{
	struct placewire w = { .off = off, .n = (uint32_t)n };
	int rc = served_want_drop(s, e);

	memcpy(w.id, id, PLACE_PACK_ID);
	if (rc == 0)
		rc = served_send(s, PLACEWIRE_PACK_GET, &w, NULL, 0, e);
	if (rc == 0)
		rc = served_settle(s, 0, e);
	return rc < 0 ? rc : served_piece_answer(s, off, to, least, n, got, e);
}

static int fill(struct served *s, struct served_piece *a,
		const uint8_t id[PLACE_PACK_ID], uint64_t off, size_t n,
		struct err *e)
{
	size_t ask = n > a->step ? n : a->step, got = 0;
	int rc;

	a->n = 0;
	if (a->alloc < ask) {
		free(a->p);
		a->alloc = 0;
		a->p = malloc(ask);
		if (!a->p)
			return err_nomem(e);
		a->alloc = ask;
	}
	rc = get(s, id, off, a->p, n, ask, &got, e);
	if (rc < 0)
		return rc;
	memcpy(a->id, id, PLACE_PACK_ID);
	a->off = off;
	a->n = got;
	return 0;
}

/* The piece of this pack, or the oldest. */
static struct served_piece *choose(struct served *s,
				   const uint8_t id[PLACE_PACK_ID])
{
	struct served_piece *a = &s->piece[0];
	size_t i;

	for (i = 0; i < SERVED_PIECES; i++) {
		if (s->piece[i].n &&
		    !memcmp(s->piece[i].id, id, PLACE_PACK_ID))
			return &s->piece[i];
		if (s->piece[i].used < a->used)
			a = &s->piece[i];
	}
	a->n = 0;
	a->step = SERVED_AHEAD_MIN;
	return a;
}

int served_pack_get(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, struct err *e)
{
	struct served *s = served_of(p);
	struct served_piece *a;
	size_t got;
	int rc;

	if (n > PLACEWIRE_GET_MAX)
		return err_set(e, HUB_ELIMIT, "%zu bytes of a pack at once", n);
	if (served_want_get(s, id, off, buf, n, &rc, e))
		return rc;
	if (n >= SERVED_AHEAD_MAX)
		return get(s, id, off, buf, n, n, &got, e);
	a = choose(s, id);
	a->used = ++s->tick;
	if (!a->n || off < a->off || off - a->off > a->n ||
	    a->n - (size_t)(off - a->off) < n) {
		/* It goes on where the piece ends, or just behind. */
		if (a->n && off >= a->off && off - a->off <= a->n + NEAR &&
		    a->step < SERVED_AHEAD_MAX)
			a->step *= 2;
		rc = fill(s, a, id, off, n, e);
		if (rc < 0)
			return rc;
	}
	memcpy(buf, a->p + (off - a->off), n);
	return 0;
}
