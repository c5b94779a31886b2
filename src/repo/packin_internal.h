/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packin_internal.h - shared by packin*.c. */
#ifndef REPO_PACKIN_INTERNAL_H
#define REPO_PACKIN_INTERNAL_H

#include "repo/gitseg_internal.h"
#include "repo/packin.h"

/* A pack within these limits is taken apart in memory. */
#define PACKIN_FEW 64
#define PACKIN_RAW (8u << 20)		/* bytes of the pack */
#define PACKIN_CONTENT (32u << 20)	/* bytes of its objects */

struct packin_object {
	enum obj_type type;
	struct oid id;
	char *p;			/* owned */
	size_t n;
	uint64_t at;			/* where it begins in its pack */
};

/* Where the base of a difference is looked for that the pack does not hold:
 * HUB_EABSENT: nowhere. */
typedef int (*packin_base_fn)(void *arg, const struct oid *id,
			      enum obj_type *type, struct buf *ret,
			      struct err *e);

/*
 * packin_parse(): the objects of a whole small pack, in its order, bases before
 * what is made of them.  ${ret} has room for PACKIN_FEW; *ret_n is right also
 * after a failure: packin_drop() them.   HUB_ECORRUPT;
 * HUB_ELIMIT: more content than PACKIN_CONTENT, or a base that comes later: it
 * needs the other way.  Pure but for ${base}.
 */
int packin_parse(const void *bytes, size_t n, packin_base_fn base, void *arg,
		 struct packin_object *ret, size_t *ret_n, struct err *e);
void packin_drop(struct packin_object *o, size_t n);

/* ---- packin_index.c: large packs ---- */
struct packin_index;
/* packin_index_open(): into the folder ${dir}; bases may be in ${q}. */
int packin_index_open(const char *dir, struct repo *q,
		      struct packin_index **ret, struct err *e);
int packin_index_add(struct packin_index *x, const void *p, size_t n,
		     struct err *e);
/* packin_index_end(): pack and index are in the folder, durable.  Frees ${x}. */
int packin_index_end(struct packin_index *x, uint64_t *objects,
		     struct err *e);
void packin_index_abort(struct packin_index *x);	/* NULL is fine */
/* packin_index_move(): all packs of folder ${from} into ${to}; pack before index,
 * then the folder is synced. */
int packin_index_move(const char *from, const char *to, struct err *e);

#endif
