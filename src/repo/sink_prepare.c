/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_prepare.c - hash and compress one object: the expensive half of adding
 * it, free of anything shared, so that threads can do it.
 *
 * libdeflate at DEFLATE_LEVEL: on 78,000 source files it makes zlib's level 4
 * in 60 % of its time; what that leaves, deltas more than make good.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "repo/sink_internal.h"

#define DEFLATE_LEVEL 4
#define QUICK_LEVEL 1

struct sink_worker {
	struct libdeflate_compressor *z;	/* owned */
	struct sink_window *window;		/* owned; NULL: no deltas */
	struct buf delta;
};

int sink_worker_new(int deltas, struct sink_worker **ret, struct err *e)
{
	struct sink_worker *w = calloc(1, sizeof(*w));

	if (!w)
		return err_nomem(e);
	buf_init(&w->delta);
	w->z = libdeflate_alloc_compressor(deltas == SINK_WORKER_QUICK ?
					   QUICK_LEVEL : DEFLATE_LEVEL);
	w->window = deltas == 1 ? sink_window_new() : NULL;
	if (!w->z || (deltas == 1 && !w->window)) {
		sink_worker_free(w);
		return err_nomem(e);
	}
	*ret = w;
	return 0;
}

void sink_worker_free(struct sink_worker *w)
{
	if (!w)
		return;
	libdeflate_free_compressor(w->z);
	sink_window_free(w->window);
	buf_release(&w->delta);
	free(w);
}

void sink_item_release(struct sink_item *it)
{
	buf_release(&it->deflated);
	memset(it, 0, sizeof(*it));
	buf_init(&it->deflated);
}

int sink_deflate(struct sink_worker *w, const void *p, size_t n,
		 struct buf *out, struct err *e)
{
	size_t bound = libdeflate_zlib_compress_bound(w->z, n);

	buf_reset(out);
	if (buf_grow(out, bound))
		return err_nomem(e);
	out->n = libdeflate_zlib_compress(w->z, p, n, out->p, bound);
	if (out->n == 0)
		return err_set(e, HUB_EBUG, "cannot compress %zu bytes", n);
	out->p[out->n] = '\0';
	return 0;
}

int sink_inflate(const void *in, size_t in_n, size_t n, struct buf *out,
		 struct err *e)
{
	struct libdeflate_decompressor *z = libdeflate_alloc_decompressor();
	enum libdeflate_result r;

	buf_reset(out);
	if (!z || buf_grow(out, n)) {
		libdeflate_free_decompressor(z);
		return err_nomem(e);
	}
	r = libdeflate_zlib_decompress(z, in, in_n, out->p, n, NULL);
	libdeflate_free_decompressor(z);
	if (r != LIBDEFLATE_SUCCESS)
		return err_set(e, HUB_ECORRUPT, "a zlib stream of a pack does not "
			       "inflate to its %zu bytes", n);
	out->n = n;
	out->p[n] = '\0';
	return 0;
}

/*
 * try_delta(): 1 if w->delta now makes ${p} of ${base}.  It is applied and
 * compared before it is trusted: nobody else will ever see the content again.
 */
static int try_delta(struct sink_worker *w, struct sink_content *base,
		     const void *p, size_t n, struct err *e)
{
	int rc;

	/* not worth it above: what is left compresses less well */
	rc = sink_delta_make(base, p, n, n / 5 * 3, &w->delta);
	if (rc < 0)
		return err_nomem(e);
	if (rc == 0)
		return 0;
	if (!sink_delta_makes(base, &w->delta, p, n))
		return err_set(e, HUB_EBUG, "a delta does not make what it was "
			       "made from");
	return 1;
}

/* prepare_delta(): 1 if ${it} was filled with a delta, 0 if not. */
static int prepare_delta(struct sink_worker *w, struct sink_item *it,
			 const void *p, size_t n, struct err *e)
{
	struct sink_features f;
	struct sink_content *base;
	int rc, depth = 0;

	if (!sink_window_find(w->window, p, n, &f, &base))
		return 0;
	rc = base ? try_delta(w, base, p, n, e) : 0;
	if (rc == 1) {
		it->base = base->id;
		it->inflated = w->delta.n;
		depth = base->depth + 1;
		rc = sink_deflate(w, w->delta.p, w->delta.n, &it->deflated, e);
		rc = rc < 0 ? rc : 1;
	}
	if (rc >= 0)
		sink_window_add(w->window, &f, &it->id, p, n, depth);
	return rc;
}

int sink_prepare(struct sink_worker *w, struct sink_item *it,
		 enum obj_type type, const void *p, size_t n, struct err *e)
{
	struct oid id;
	int rc = repo_hash(type, p, n, &id);

	if (rc < 0)
		return err_set(e, rc, "cannot name an object of %zu bytes", n);
	return sink_prepare_named(w, it, type, &id, p, n, e);
}

int sink_prepare_named(struct sink_worker *w, struct sink_item *it,
		       enum obj_type type, const struct oid *id,
		       const void *p, size_t n, struct err *e)
{
	int rc;

	it->type = type;
	it->id = *id;
	it->size = it->inflated = n;
	it->base = oid_zero;
	rc = w->window && type == OBJ_BLOB ? prepare_delta(w, it, p, n, e) : 0;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return sink_deflate(w, p, n, &it->deflated, e);
}
