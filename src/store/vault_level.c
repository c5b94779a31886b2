/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_level.c - the index of a new state: what was noted is added to the
 * inline segment while that is small, else becomes a recent segment.  A new
 * recent segment takes in those before it that are less than twice as large, so
 * that there are few; the oldest go into the list, where they stay.
 *
 * The same notes on the same state give the same segments, byte by byte: after
 * a lost race only what really differs is written anew.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os_clock.h"
#include "store/vault_internal.h"

#define CHUNK 100000u		/* entries in one segment made from notes */
#define RECENT_HIGH 24		/* more than that: the oldest go into the list */
#define RECENT_LOW 12

static const uint8_t none[32];

/* ---- recent segments ---- */

/* The newest recent segment and ${x}, if they should be one: 1, and ${x} is. */
static int take_in(struct vault_put *pt, struct vaultstate *s, struct buf *x,
		   struct err *e)
{
	const struct segment_ref *r = &s->recent[0];
	struct buf old = BUF_INIT, both = BUF_INIT;
	struct segment a, b;
	int rc;

	if (!s->recent_n || r->bytes >= 2 * x->n ||
	    r->bytes + x->n > SEGMENT_MAX)
		return 0;
	rc = vault_index_object(pt->v, PACK_SEGMENT, r->name, r->pack, &old,
				e);
	if (rc == 0)
		rc = segment_open(&a, old.p, old.n, e);
	if (err_is_damage(rc)) {
		rc = 0;		/* it stays as it is, for a repair */
		goto out;
	}
	if (rc == 0)
		rc = segment_open(&b, x->p, x->n, e);
	if (rc == 0)
		rc = segment_merge(&both, &a, &b, 0, e);
	if (rc < 0)
		goto out;
	buf_release(x);
	*x = both;
	buf_init(&both);
	s->recent_n--;
	memmove(s->recent, s->recent + 1, s->recent_n * sizeof(*s->recent));
	rc = 1;
out:
	buf_release(&old);
	buf_release(&both);
	return rc;
}

/* ${x} becomes the newest recent segment; consumed. */
static int push(struct vault_put *pt, struct vaultstate *s, struct buf *x,
		struct err *e)
{
	struct segment_ref *r = &s->recent[0];
	struct segment seg;
	int rc;

	while ((rc = take_in(pt, s, x, e)) > 0)
		;
	if (rc == 0)
		rc = segment_open(&seg, x->p, x->n, e);
	if (rc < 0)
		return rc;
	if (s->recent_n == VAULTSTATE_RECENT_MAX)
		BUG("no room for a recent segment");
	memmove(s->recent + 1, s->recent, s->recent_n * sizeof(*s->recent));
	s->recent_n++;
	memset(r, 0, sizeof(*r));
	r->entries = seg.entries_n;
	r->bytes = (uint32_t)x->n;
	rc = vault_commit_store(pt, PACK_SEGMENT, x->p, x->n, r->name, e);
	if (rc == 0)
		rc = vault_index_fresh(pt->v, r->name, x->p, x->n, e);
	return rc;
}

/* Where the new ones lie is known after a flush. */
static int locate(struct vault_put *pt, struct vaultstate *s, struct err *e)
{
	int rc = vault_commit_flush(pt, e);
	size_t i;

	for (i = 0; rc == 0 && i < s->recent_n; i++)
		if (!memcmp(s->recent[i].pack, none, 32) &&
		    vault_commit_where(pt, PACK_SEGMENT, s->recent[i].name,
				       s->recent[i].pack) < 0)
			rc = err_set(e, HUB_EBUG, "a segment went nowhere");
	return rc;
}

/* ---- the list ---- */

static int settle(struct vault_put *pt, struct vaultstate *s, struct err *e)
{
	struct segment_ref *list = NULL, *all;
	struct buf b = BUF_INIT;
	size_t n = 0;
	int rc;

	if (s->recent_n <= RECENT_HIGH)
		return 0;
	rc = locate(pt, s, e);
	if (rc == 0)
		rc = vault_index_list(pt->v, s, &list, &n, e);
	if (rc < 0)
		return rc;
	all = realloc(list, (n + s->recent_n) * sizeof(*all));
	if (!all) {
		free(list);
		return err_nomem(e);
	}
	while (s->recent_n > RECENT_LOW)
		all[n++] = s->recent[--s->recent_n];
	if (n > SEGMENT_REFS_MAX) {
		free(all);
		return err_set(e, HUB_ELIMIT, "index of over %u segments",
			       SEGMENT_REFS_MAX);
	}
	segment_list_encode(&b, all, n);
	rc = buf_error(&b) ? err_nomem(e) : 0;
	if (rc == 0)
		rc = vault_commit_store(pt, PACK_LIST, b.p, b.n, s->list.name,
					e);
	if (rc == 0)
		rc = vault_index_fresh(pt->v, s->list.name, b.p, b.n, e);
	if (rc == 0)
		rc = vault_commit_flush(pt, e);
	if (rc == 0 && vault_commit_where(pt, PACK_LIST, s->list.name,
					  s->list.pack) < 0)
		rc = err_set(e, HUB_EBUG, "a list went nowhere");
	s->list.has = 1;
	free(all);
	buf_release(&b);
	return rc;
}

/* ---- what was noted ---- */

/* As many packs from ${*from} on, with their entries, as make one segment. */
static int next_chunk(struct vault_put *pt, size_t *from, size_t *from_entry,
		      struct buf *out, struct err *e)
{
	size_t p = *from, en = *from_entry, i, last;
	int rc;

	do {
		while (en < pt->entries_n && pt->entries[en].pack == p)
			en++;
		p++;
	} while (p < pt->packs_n && en - *from_entry < CHUNK);
	last = p >= pt->packs_n;
	for (i = *from_entry; i < en; i++)
		pt->entries[i].pack -= (uint32_t)*from;
	rc = segment_encode(out, pt->packs + *from,
			    pt->packs_n ? p - *from : 0, pt->drops,
			    last ? pt->drops_n : 0, pt->entries + *from_entry,
			    en - *from_entry, e);
	for (i = *from_entry; i < en; i++)
		pt->entries[i].pack += (uint32_t)*from;
	*from = p;
	*from_entry = en;
	return rc;
}

static void set_inline(struct vaultstate *s, const struct buf *x)
{
	memcpy(s->inline_segment, x->p, x->n);
	s->inline_n = (uint32_t)x->n;
}

/* The last of it: with the inline segment, instead of it, or as a segment. */
static int add_last(struct vault_put *pt, struct vaultstate *s, struct buf *x,
		    struct err *e)
{
	struct buf both = BUF_INIT, old = BUF_INIT;
	struct segment a, b;
	int rc = 0;

	buf_add(&old, s->inline_segment, s->inline_n);
	if (buf_error(&old))
		return err_nomem(e);
	if (s->inline_n) {
		rc = segment_open(&a, old.p, old.n, e);
		if (rc == 0)
			rc = segment_open(&b, x->p, x->n, e);
		if (rc == 0 && old.n + x->n <= 2 * VAULTSTATE_INLINE_MAX)
			rc = segment_merge(&both, &a, &b, 0, e);
		if (rc == 0 && both.n && both.n <= VAULTSTATE_INLINE_MAX) {
			set_inline(s, &both);
			goto out;
		}
		if (rc == 0)
			rc = push(pt, s, &old, e);
		if (rc < 0)
			goto out;
		s->inline_n = 0;
	}
	if (x->n <= VAULTSTATE_INLINE_MAX)
		set_inline(s, x);
	else
		rc = push(pt, s, x, e);
out:
	buf_release(&both);
	buf_release(&old);
	return rc;
}

int vault_level(struct vault_put *pt, struct vaultstate *s, struct err *e)
{
	size_t from = 0, from_entry = 0;
	struct buf x = BUF_INIT, old = BUF_INIT;
	int rc, done = 0;

	if (!pt->packs_n && !pt->drops_n)
		return 0;
	/* Another program may have left as many as there may be. */
	rc = settle(pt, s, e);
	while (rc == 0 && !done) {
		buf_reset(&x);
		rc = next_chunk(pt, &from, &from_entry, &x, e);
		if (rc < 0)
			break;
		if (from >= pt->packs_n) {
			rc = add_last(pt, s, &x, e);
		} else {
			if (s->inline_n) {	/* older than what comes */
				buf_reset(&old);
				buf_add(&old, s->inline_segment, s->inline_n);
				s->inline_n = 0;
				rc = push(pt, s, &old, e);
			}
			if (rc == 0)
				rc = push(pt, s, &x, e);
		}
		if (rc == 0)
			rc = settle(pt, s, e);
		done = from >= pt->packs_n;
	}
	if (rc == 0)
		rc = locate(pt, s, e);
	buf_release(&x);
	buf_release(&old);
	return rc;
}
