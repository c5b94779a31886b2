/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_internal.h - the two ways a sink writes: loose files and a pack.
 *
 *	sink_put -> (AUTO: held) -> sink_loose_*	objects/ab/cdef...
 *				 \-> sink_pack_* -> sink_idx_write
 */
#ifndef REPO_SINK_INTERNAL_H
#define REPO_SINK_INTERNAL_H

#include "repo/repo_internal.h"
#include "repo/sink.h"

#define SINK_HELD_MAX 64
#define SINK_HELD_BYTES (8u << 20)

/* Chains of deltas are never longer: reading one costs as many inflations. */
#define SINK_DEPTH_MAX 10

/* sink_temp(): ${dir}/${prefix}<random> in ${ret}. */
int sink_temp(struct buf *ret, const char *dir, const char *prefix,
	      struct err *e);

/* sink_deflate(): zlib stream of ${p} in place of what ${out} holds. */
int sink_deflate(struct sink_worker *w, const void *p, size_t n,
		 struct buf *out, struct err *e);
/* sink_inflate(): exactly ${n} bytes out of a zlib stream that ends within
 * ${in_n} bytes, in place of what ${out} holds; HUB_ECORRUPT. */
int sink_inflate(const void *in, size_t in_n, size_t n, struct buf *out,
		 struct err *e);

/* sink_prepare_named(): sink_prepare() of a content whose name is known. */
int sink_prepare_named(struct sink_worker *w, struct sink_item *it,
		       enum obj_type type, const struct oid *id,
		       const void *p, size_t n, struct err *e);

/* ---- deltas ---- */
/* A content that later ones may be stored as differences to. */
struct sink_content {
	struct oid id;
	uint8_t *p;		/* in the window's memory */
	size_t n;
	uint32_t *index;	/* owned: see sink_delta.c; NULL until needed */
	size_t index_n;
	int depth;		/* of its own chain of bases */
};
struct sink_features { uint32_t v[4]; };

struct sink_window;
struct sink_window *sink_window_new(void);	/* NULL: out of memory */
void sink_window_free(struct sink_window *w);
/* sink_window_find(): 0 if ${p} is no candidate at all; 1 and its features,
 * and the most similar content held (NULL if none), borrowed until the next
 * sink_window_add(). */
int sink_window_find(struct sink_window *w, const void *p, size_t n,
		     struct sink_features *f, struct sink_content **ret);
/* sink_window_add(): hold a copy; the oldest go. */
void sink_window_add(struct sink_window *w, const struct sink_features *f,
		     const struct oid *id, const void *p, size_t n, int depth);
/* sink_delta_make(): what makes ${p} of ${base}, in git's delta format, if that
 * takes at most ${max} bytes.  1 yes, 0 no, or HUB_ENOMEM. */
int sink_delta_make(struct sink_content *base, const void *p, size_t n,
		    size_t max, struct buf *ret);
/* sink_delta_makes(): 1 if the delta makes exactly ${p} of ${base}, else 0. */
int sink_delta_makes(const struct sink_content *base, const struct buf *delta,
		     const void *p, size_t n);
/* sink_delta_apply(): git's delta format; at most ${max} bytes. */
int sink_delta_apply(const struct buf *base, const struct buf *delta,
		     uint64_t max, struct buf *ret, struct err *e);

/* ---- loose files ---- */
struct sink_loose {
	struct repo *r;
	uint8_t touched[256 / 8];	/* folders to sync */
	int made;			/* some of them are new in objects/ */
};
/* Whole objects only, no deltas. */
int sink_loose_add(struct sink_loose *l, const struct sink_item *it,
		   struct err *e);
int sink_loose_sync(struct sink_loose *l, struct err *e);

/* ---- one pack ---- */
/* In order of offset while the pack grows, in order of id for the index. */
struct sink_entry {
	uint8_t id[OID_SIZE];
	uint32_t crc;
	uint64_t off;
};
_Static_assert(sizeof(struct sink_entry) == 32, "32 bytes an object");

struct sink_pack;
int sink_pack_open(struct repo *r, struct sink_pack **ret, struct err *e);
void sink_pack_abort(struct sink_pack *p);	/* NULL is fine */
/* sink_pack_add(): HUB_EABSENT (no message) if the base of a delta is not in
 * this pack. */
int sink_pack_add(struct sink_pack *p, const struct sink_item *it,
		  struct err *e);
int sink_pack_has(const struct sink_pack *p, const struct oid *id);
/* sink_pack_read(): HUB_EABSENT (no message) if it is not in this pack. */
int sink_pack_read(struct sink_pack *p, const struct oid *id,
		   enum obj_type *type, uint64_t max, struct buf *ret,
		   struct err *e);
/* sink_pack_finish(): durable, and in place as pack-${name}; frees ${p} in
 * every case. */
int sink_pack_finish(struct sink_pack *p, struct sink_stats *st, struct err *e);

/* sink_idx_write(): version 2 index as the durable file ${path}; sorts ${en}. */
int sink_idx_write(const char *path, struct sink_entry *en, size_t n,
		   const uint8_t pack_sum[20], struct err *e);

#endif
