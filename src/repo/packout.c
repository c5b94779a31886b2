/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packout.c - the objects that no whole pack brings, as one pack written anew.
 *
 * They come in the order of gitseg_list_make(): versions of one path after each
 * other, newest first, each tried as a difference to the one before.
 */
#include <stdlib.h>

#include "crypt/hash.h"
#include "os/os_file.h"
#include "repo/packout_internal.h"
#include "repo/sink_internal.h"
#include "repo/tree.h"

#define DEPTH_MAX 24
#define DELTA_MIN 64
#define DELTA_MAX (8u << 20)
#define BLOB_MAX (1u << 30)
#define OFS_DELTA 6

struct writer {
	struct packout *o;
	struct sink_worker *z;
	struct sha1 *sum;
	uint64_t at;			/* bytes of the pack so far */
	struct buf data, delta, out;
	/* the object before */
	struct buf prev;
	struct sink_content base;	/* .p is prev's */
	uint64_t base_at;
	uint32_t path;
	int type;			/* 0: there is none */
};

int packout_piece(struct packout *o, const void *p, size_t n)
{
	uint8_t head[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
			    (uint8_t)(n >> 8), (uint8_t)n };
	int rc = o->fn(o->arg, head, sizeof(head), o->e);

	if (!rc && n)
		rc = o->fn(o->arg, p, n, o->e);
	o->st.bytes += n + sizeof(head);
	o->st.packs += !n;
	return rc;
}

static int put(struct writer *w, const void *p, size_t n)
{
	const char *b = p;
	size_t k;
	int rc = 0;

	sha1_add(w->sum, p, n);
	w->at += n;
	for (; !rc && n; b += k, n -= k) {
		k = n < PACKOUT_PIECE ? n : PACKOUT_PIECE;
		rc = packout_piece(w->o, b, k);
	}
	return rc;
}

static void add_head(struct buf *b, int type, uint64_t n)
{
	uint8_t c = (uint8_t)(type << 4 | (n & 15));

	for (n >>= 4; n; n >>= 7) {
		buf_add_u8(b, c | 0x80);
		c = n & 0x7f;
	}
	buf_add_u8(b, c);
}

/* How far back the base begins: git's own way of writing such a number. */
static void add_back(struct buf *b, uint64_t n)
{
	uint8_t s[10];
	size_t i = sizeof(s) - 1;

	s[i] = n & 0x7f;
	while (n >>= 7)
		s[--i] = (uint8_t)(0x80 | (--n & 0x7f));
	buf_add(b, s + i, sizeof(s) - i);
}

/* as_delta(): 1 if w->delta makes the object of the one before it. */
static int as_delta(struct writer *w, const struct gitseg_entry *en)
{
	const struct buf *d = &w->data;
	int rc;

	if (w->type != en->type || w->path != en->path ||
	    en->type > OBJ_BLOB || en->type == OBJ_COMMIT ||
	    w->base.depth >= DEPTH_MAX || d->n < DELTA_MIN ||
	    d->n > DELTA_MAX || w->base.n > DELTA_MAX || w->base.n < DELTA_MIN)
		return 0;
	rc = sink_delta_make(&w->base, d->p, d->n, d->n / 2, &w->delta);
	if (rc < 0)
		return err_nomem(w->o->e);
	return rc && sink_delta_makes(&w->base, &w->delta, d->p, d->n);
}

/* The object becomes the base of the next. */
static void keep(struct writer *w, const struct gitseg_entry *en, uint64_t at,
		 int depth)
{
	struct buf t = w->prev;

	w->prev = w->data;
	w->data = t;
	free(w->base.index);
	memset(&w->base, 0, sizeof(w->base));
	w->base.p = (uint8_t *)w->prev.p;
	w->base.n = w->prev.n;
	w->base.depth = depth;
	w->base_at = at;
	w->path = en->path;
	w->type = en->type;
}

static int read_object(struct writer *w, const struct gitseg_entry *en,
		       struct oid *id)
{
	struct repo *r = w->o->r;
	enum obj_type type = (enum obj_type)en->type;
	int rc;

	memcpy(id->h, en->id, OID_SIZE);
	rc = repo_read(r, id, &type, BLOB_MAX, &w->data, w->o->e);
	if (rc == HUB_EABSENT)
		return err_set(w->o->e, HUB_ECORRUPT, "object %s is missing from "
			       "'%s': `hub verify` tells more", oid_hex(id),
			       repo_commondir(r));
	if (!rc && en->type && type != (enum obj_type)en->type)
		rc = err_set(w->o->e, HUB_ECORRUPT, "object %s of '%s' is of "
			     "another type than what names it says",
			     oid_hex(id), repo_commondir(r));
	return rc < 0 ? rc : (int)type;
}

static int one(struct writer *w, const struct gitseg_entry *en)
{
	struct gitseg_entry as = *en;
	uint64_t at = w->at;
	struct oid id;
	int type = read_object(w, en, &id), delta, rc;

	if (type < 0)
		return type;
	as.type = (uint8_t)type;
	delta = en->type ? as_delta(w, &as) : 0;
	if (delta < 0)
		return delta;
	buf_reset(&w->out);
	add_head(&w->out, delta ? OFS_DELTA : type,
		 delta ? w->delta.n : w->data.n);
	if (delta)
		add_back(&w->out, w->at - w->base_at);
	rc = buf_error(&w->out) ? err_nomem(w->o->e) :
		put(w, w->out.p, w->out.n);
	if (!rc)
		rc = delta ? sink_deflate(w->z, w->delta.p, w->delta.n,
					  &w->out, w->o->e) :
			sink_deflate(w->z, w->data.p, w->data.n, &w->out,
				     w->o->e);
	if (!rc)
		rc = put(w, w->out.p, w->out.n);
	keep(w, &as, at, delta ? w->base.depth + 1 : 0);
	w->o->st.objects++;
	return rc;
}

static int write_rest(struct writer *w, uint32_t count)
{
	struct gitseg_list *l = &w->o->list;
	uint8_t sum[20];
	size_t i;
	int rc;

	buf_add(&w->out, "PACK\0\0\0\2", 8);
	buf_add_u32(&w->out, count);
	rc = buf_error(&w->out) ? err_nomem(w->o->e) :
		put(w, w->out.p, w->out.n);
	for (i = 0; !rc && i < l->n; i++)
		if (!l->en[i].spare[0])
			rc = one(w, &l->en[i]);
	if (rc < 0)
		return rc;
	sha1_end(w->sum, sum);
	rc = packout_piece(w->o, sum, sizeof(sum));
	return rc < 0 ? rc : packout_piece(w->o, NULL, 0);
}

static int rest(struct packout *o)
{
	struct writer w = { .o = o, .data = BUF_INIT, .delta = BUF_INIT,
			    .out = BUF_INIT, .prev = BUF_INIT };
	uint32_t count = 0;
	size_t i;
	int rc;

	for (i = 0; i < o->list.n; i++)
		count += !o->list.en[i].spare[0];
	if (!count)
		return 0;
	w.sum = sha1_new();
	rc = w.sum ? sink_worker_new(0, &w.z, o->e) : err_nomem(o->e);
	if (!rc)
		rc = write_rest(&w, count);
	free(w.base.index);
	sink_worker_free(w.z);
	sha1_free(w.sum);
	buf_release(&w.data);
	buf_release(&w.delta);
	buf_release(&w.out);
	buf_release(&w.prev);
	return rc;
}

/* Does the receiver have anything that we know? */
static int any_known(struct repo *r, const struct oid *have, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (repo_has_quick(r, &have[i]))
			return 1;
	return 0;
}

/* borrows(): are there objects of other folders (git clone --shared)? */
static int borrows(struct repo *r, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc = repo_path(&p, repo_commondir(r), "objects/info/alternates",
			   e);

	if (!rc)
		rc = os_stat(p.p, &st, e);
	buf_release(&p);
	if (rc == HUB_EABSENT)
		err_clear(e);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : st.size > 0;
}

int packout_write(struct repo *r, const struct oid *tips, size_t tips_n,
		  const struct oid *have, size_t have_n, packout_fn fn,
		  void *arg, struct packout_stats *st, struct err *e)
{
	struct packout o = { .r = r, .list = { .r = r }, .fn = fn, .arg = arg,
			     .e = e };
	int rc = any_known(r, have, have_n) || !tips_n ? 1 : borrows(r, e);

	if (!rc) {	/* gc moves objects into packs, never back */
		rc = packout_loose(&o);
		if (!rc)
			rc = packout_all(&o);
	} else if (rc > 0) {
		rc = gitseg_list_make(&o.list, tips, tips_n, have, have_n, e);
		if (!rc)
			rc = packout_wanted(&o);
	}
	if (!rc)
		rc = rest(&o);
	if (st)
		*st = o.st;
	gitseg_list_release(&o.list);
	return rc;
}
