/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gitseg_internal.h - which objects are in a segment, and in what order; how
 * they come into a sink. */
#ifndef REPO_GITSEG_INTERNAL_H
#define REPO_GITSEG_INTERNAL_H

#include "repo/gitseg.h"
#include "repo/repo_internal.h"
#include "repo/sink_internal.h"

/* A few objects are kept in the order they were found: a reader that writes
 * them as loose files must have children before parents. */
#define GITSEG_FEW 64

struct gitseg_entry {
	uint8_t id[OID_SIZE];
	uint8_t type;		/* enum obj_type */
	uint8_t spare[3];
	uint32_t path;		/* number of its path, in order of appearance */
	uint32_t seq;		/* when it was found; children before parents */
};
_Static_assert(sizeof(struct gitseg_entry) == 32, "32 bytes an object");

struct gitseg_path { uint64_t hash; uint32_t n, used; };

struct gitseg_list {
	struct repo *r;			/* borrowed */
	struct gitseg_entry *en;
	size_t n, alloc;
	uint32_t *slots;		/* number of an entry + 1; 0: free */
	size_t slots_n;			/* power of two */
	struct gitseg_path *paths;	/* hash table of names of paths */
	size_t paths_n, paths_alloc;	/* in use; power of two */
	uint64_t commits;
};

struct gitseg_watch { size_t max; gitseg_blob_fn fn; void *arg; };

/* gitseg_list_make(): see gitseg_open(); sorted as gitseg.h says. */
int gitseg_list_make(struct gitseg_list *l, const struct oid *tips,
		     size_t tips_n, const struct oid *have, size_t have_n,
		     struct err *e);
void gitseg_list_release(struct gitseg_list *l);
/* gitseg_list_add(): one more, HUB_ENOMEM without message. */
int gitseg_list_add(struct gitseg_list *l, const struct oid *id,
		    enum obj_type type);
/* gitseg_list_find(): number of its entry, or GITSEG_NONE.  After
 * gitseg_list_make() gitseg_list_relink() comes first: it has sorted them. */
#define GITSEG_NONE SIZE_MAX
size_t gitseg_list_find(const struct gitseg_list *l, const uint8_t *id);
void gitseg_list_relink(struct gitseg_list *l);

/* ---- gitseg_work.c ---- */
struct gitseg_work;
int gitseg_work_open(struct sink *s, struct gitseg_work **ret, struct err *e);
/* gitseg_work_put(): name, compress and add an object, now or later. */
int gitseg_work_put(struct gitseg_work *w, enum obj_type type,
		    const struct buf *content, struct err *e);
/* gitseg_work_end(): all is in the sink. */
int gitseg_work_end(struct gitseg_work *w, struct err *e);
void gitseg_work_close(struct gitseg_work *w);	/* NULL is fine */

#endif
