/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_prepare.c - hash and compress one object: the expensive half of adding
 * it, free of anything shared, so that threads can do it.
 *
 * libdeflate at level DEFLATE_LEVEL: on 78,000 source files it makes the bytes
 * of zlib's level 6 in the time of zlib's level 4.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "repo/sink_internal.h"

#define DEFLATE_LEVEL 6

struct sink_worker {
	struct libdeflate_compressor *z;	/* owned */
	int deltas;
};

int sink_worker_new(int deltas, struct sink_worker **ret, struct err *e)
{
	struct sink_worker *w = calloc(1, sizeof(*w));

	if (w)
		w->z = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	if (!w || !w->z) {
		sink_worker_free(w);
		return err_nomem(e);
	}
	w->deltas = deltas;
	*ret = w;
	return 0;
}

void sink_worker_free(struct sink_worker *w)
{
	if (!w)
		return;
	libdeflate_free_compressor(w->z);
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

int sink_prepare(struct sink_worker *w, struct sink_item *it,
		 enum obj_type type, const void *p, size_t n, struct err *e)
{
	int rc;

	it->type = type;
	it->size = it->inflated = n;
	it->base = oid_zero;
	rc = repo_hash(type, p, n, &it->id);
	if (rc < 0)
		return err_set(e, rc, "cannot name an object of %zu bytes", n);
	return sink_deflate(w, p, n, &it->deflated, e);
}
