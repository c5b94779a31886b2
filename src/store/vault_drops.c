/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault_drops.c - when packs were dropped: read from the segments themselves, as
 * the cache knows only that they were. */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "store/vault_internal.h"

struct drops { struct vault *v; struct segment_drop *p; size_t n, alloc; };

static int add(struct drops *d, const struct segment *s, struct err *e)
{
	size_t need = d->n + s->drops_n;
	struct segment_drop one;
	uint32_t i;
	void *p;

	if (need > d->alloc) {
		p = realloc(d->p, 2 * need * sizeof(*d->p));
		if (!p)
			return err_nomem(e);
		d->p = p;
		d->alloc = 2 * need;
	}
	for (i = 0; i < s->drops_n; i++) {
		segment_drop(s, i, &one);
		if (catalog_pack(d->v->catalog, one.id) == 2)
			d->p[d->n++] = one;
	}
	return 0;
}

static int add_segment(struct drops *d, const struct segment_ref *r,
		       struct err *e)
{
	struct buf b = BUF_INIT;
	struct segment s;
	int rc = vault_index_object(d->v, PACK_SEGMENT, r->name, r->pack, &b,
				    e);

	if (rc == 0)
		rc = segment_open(&s, b.p, b.n, e);
	if (err_is_damage(rc) && d->v->conf.no_index)
		rc = 0;
	else if (rc == 0)
		rc = add(d, &s, e);
	buf_release(&b);
	return rc;
}

/* By id, the latest first. */
static int order(const void *a, const void *b)
{
	const struct segment_drop *x = a, *y = b;
	int c = memcmp(x->id, y->id, 32);

	return c ? c : x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

static void once(struct drops *d)
{
	size_t i, n = 0;

	if (d->n)
		qsort(d->p, d->n, sizeof(*d->p), order);
	for (i = 0; i < d->n; i++)
		if (!n || memcmp(d->p[n - 1].id, d->p[i].id, 32))
			d->p[n++] = d->p[i];
	d->n = n;
}

int vault_index_drops(struct vault *v, struct segment_drop **ret,
		      size_t *ret_n, struct err *e)
{
	const struct vaultstate *s = v->st;
	struct drops d = { .v = v };
	struct segment_ref *list = NULL;
	struct segment inl;
	size_t n = 0, i;
	int rc = vault_index_list(v, s, &list, &n, e);

	if (err_is_damage(rc) && v->conf.no_index)
		rc = 0;
	for (i = 0; rc == 0 && i < n; i++)
		rc = add_segment(&d, &list[i], e);
	for (i = 0; rc == 0 && i < s->recent_n; i++)
		rc = add_segment(&d, &s->recent[i], e);
	if (rc == 0 && s->inline_n)
		rc = segment_open(&inl, s->inline_segment, s->inline_n, e);
	if (rc == 0 && s->inline_n)
		rc = add(&d, &inl, e);
	free(list);
	if (rc < 0) {
		free(d.p);
		return rc;
	}
	once(&d);
	*ret = d.p;
	*ret_n = d.n;
	return 0;
}
