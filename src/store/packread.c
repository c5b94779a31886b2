/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packread.c - objects of packs at a place, and the keys of packs read lately.
 *
 * The cache is a few slots in no order; the one unused for longest goes.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "store/packread_internal.h"

int packread_open(struct place *place, const struct keyring *keys,
		  struct packread **ret, struct err *e)
{
	struct packread *r = calloc(1, sizeof(*r));

	if (!r)
		return err_nomem(e);
	r->place = place;
	r->keys = keys;
	r->dctx = ZSTD_createDCtx();
	if (!r->dctx) {
		packread_close(r);
		return err_nomem(e);
	}
	*ret = r;
	return 0;
}

void packread_close(struct packread *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < PACKREAD_SLOTS; i++)
		aead_free(r->slot[i].aead);
	ZSTD_freeDCtx(r->dctx);
	free(r->box);
	free(r);
}

void packread_place(struct packread *r, struct place *place)
{
	r->place = place;
}

/* Name the pack in a message. */
static int in_pack(const uint8_t pack[32], int rc, struct err *e)
{
	char hex[65];

	if (rc < 0) {
		hex_encode(hex, pack, 32);
		err_in(e, "pack %s", hex);
	}
	return rc;
}

#define ANNOUNCE_MAX 128	/* ranges, of at most 64 objects */

/* Room for ${n} sealed bytes. */
static int box_room(struct packread *r, size_t n, struct err *e)
{
	if (r->box_n >= n)
		return 0;
	free(r->box);
	r->box_n = 0;
	r->box = malloc(n);
	if (!r->box)
		return err_nomem(e);
	r->box_n = n;
	return 0;
}

static int load(struct packread *r, const uint8_t pack[32],
		struct packread_pack *k, struct err *e)
{
	uint8_t head[PACK_HEAD];
	int rc;

	k->used = 0;
	rc = r->place->ops->pack_get(r->place, pack, 0, head, sizeof(head), e);
	if (rc < 0)
		return rc;
	/* The size is not asked for: a file that is shorter cannot give what
	 * is read of it. */
	rc = packread_unlock(r->keys, head,
			     (uint64_t)1 << (head[7] & 63), k, e);
	if (rc < 0)
		return rc;
	memcpy(k->id, pack, 32);
	k->used = ++r->tick;
	return 0;
}

/* The open pack, from the cache or from the place. */
static int find(struct packread *r, const uint8_t pack[32],
		struct packread_pack **ret, struct err *e)
{
	struct packread_pack *k, *oldest = &r->slot[0];
	size_t i;

	for (i = 0; i < PACKREAD_SLOTS; i++) {
		k = &r->slot[i];
		if (k->used && !memcmp(k->id, pack, 32)) {
			k->used = ++r->tick;
			*ret = k;
			return 0;
		}
		if (k->used < oldest->used)
			oldest = k;
	}
	*ret = oldest;
	return load(r, pack, oldest, e);
}

int packread_head(struct packread *r, const uint8_t pack[32],
		  struct pack_head *ret, struct err *e)
{
	struct packread_pack *k;
	int rc = find(r, pack, &k, e);

	if (rc < 0)
		return in_pack(pack, rc, e);
	*ret = k->head;
	return 0;
}

int packread_dir(struct packread *r, const uint8_t pack[32],
		 struct pack_entry **ret, size_t *ret_n, struct err *e)
{
	struct packread_pack *k;
	int rc = find(r, pack, &k, e);

	if (rc == 0)
		rc = box_room(r, k->dir_n, e);
	if (rc == 0)
		rc = r->place->ops->pack_get(r->place, pack, k->dir_at, r->box,
					     k->dir_n, e);
	if (rc == 0)
		rc = packread_dir_open(k, r->box, ret, e);
	if (rc == 0)
		*ret_n = k->entries;
	return in_pack(pack, rc, e);
}

/* Read and decode one object; its name is not checked yet. */
static int read_one(struct packread *r, const struct packread_want *w,
		    struct err *e)
{
	struct packread_pack *k;
	int rc = find(r, w->pack, &k, e);

	if (rc == 0 && w->at.stored > PACK_SIZE_MAX)
		rc = err_set(e, HUB_ECORRUPT, "no object has %u bytes",
			     w->at.stored);
	if (rc == 0)
		rc = box_room(r, w->at.stored, e);
	if (rc == 0)
		rc = r->place->ops->pack_get(r->place, w->pack, w->at.at, r->box,
					     w->at.stored, e);
	if (rc == 0)
		rc = packread_decode(k, r->dctx, &w->at, r->box, w->out, e);
	return in_pack(w->pack, rc, e);
}

/* A run of wants of one type. */
static int read_run(struct packread *r, const struct packread_want *w, size_t n,
		    size_t *bad, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++) {
		rc = read_one(r, &w[i], e);
		if (rc < 0)
			break;
	}
	*bad = i;
	if (rc < 0)
		return rc;
	*bad = packread_names(r->keys, w, n);
	if (*bad < n)
		rc = in_pack(w[*bad].pack,
			     err_set(e, HUB_ECORRUPT, "the object at %u is not "
				     "what its name says", w[*bad].at.at), e);
	return rc;
}

static int is_open(const struct packread *r, const uint8_t pack[32])
{
	size_t i;

	for (i = 0; i < PACKREAD_SLOTS; i++)
		if (r->slot[i].used && !memcmp(r->slot[i].id, pack, 32))
			return 1;
	return 0;
}

static int is_wanted(const struct place_range *v, size_t n,
		     const uint8_t pack[32])
{
	while (n)
		if (!memcmp(v[--n].id, pack, 32))
			return 1;
	return 0;
}

/* Tell a place that is far away what read_one() will ask it for. */
static void announce(struct packread *r, const struct packread_want *w,
		     size_t n)
{
	struct place_range v[ANNOUNCE_MAX];
	size_t i, k = 0;

	if (!r->place->ops->pack_want || n < 2)
		return;
	for (i = 0; i < n && k + 2 <= ANNOUNCE_MAX; i++) {
		if (!is_open(r, w[i].pack) && !is_wanted(v, k, w[i].pack)) {
			memcpy(v[k].id, w[i].pack, 32);
			v[k].off = 0;
			v[k++].n = PACK_HEAD;
		}
		memcpy(v[k].id, w[i].pack, 32);
		v[k].off = w[i].at.at;
		v[k++].n = w[i].at.stored;
	}
	r->place->ops->pack_want(r->place, v, k);
}

int packread_objects(struct packread *r, const struct packread_want *want,
		     size_t n, size_t *ret_bad, struct err *e)
{
	size_t from, k, bad = 0;
	int rc = 0;

	announce(r, want, n);
	for (from = 0; rc == 0 && from < n; from += bad) {
		for (k = 1; from + k < n && k < PACKREAD_NAMES &&
		     want[from + k].at.type == want[from].at.type; k++)
			;
		rc = read_run(r, want + from, k, &bad, e);
	}
	if (ret_bad)
		*ret_bad = from;
	return rc;
}

int packread_object(struct packread *r, const uint8_t pack[32],
		    const struct pack_entry *at, struct buf *ret, struct err *e)
{
	struct packread_want w;
	int rc;

	if (at->plain > PACK_PLAIN_MAX)
		return err_set(e, HUB_ECORRUPT, "no object has %u bytes",
			       at->plain);
	if (buf_grow(ret, at->plain) < 0)
		return err_nomem(e);
	memcpy(w.pack, pack, 32);
	w.at = *at;
	w.out = (uint8_t *)ret->p + ret->n;
	rc = packread_objects(r, &w, 1, NULL, e);
	if (rc == 0)
		ret->n += at->plain;
	ret->p[ret->n] = 0;
	return rc;
}
