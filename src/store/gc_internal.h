/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gc_internal.h - shared by gc*.c. */
#ifndef STORE_GC_INTERNAL_H
#define STORE_GC_INTERNAL_H

#include "store/file.h"
#include "store/gc.h"
#include "store/vault_internal.h"

/* A set of names: their first 16 bytes, which are those of a keyed hash. */
#define GC_KEY 16u
struct gc_set { uint8_t (*v)[GC_KEY]; size_t cap, n; };

/* gc_set_add(): 1: it is new, 0, HUB_ENOMEM. */
int gc_set_add(struct gc_set *s, const uint8_t *name, struct err *e);
int gc_set_has(const struct gc_set *s, const uint8_t *name);
void gc_set_release(struct gc_set *s);

/* A named pack. */
struct gc_pack {
	uint8_t id[32];
	uint8_t klass, kind;
	uint64_t named;
	uint64_t live;		/* stored bytes of needed objects */
	int plan;		/* to be written anew */
};

struct gc {
	const struct gc_conf *conf;
	struct vault *v;
	struct gc_report *r;
	uint64_t now;
	uint64_t until_ms;	/* 0: no limit */
	struct gc_pack *packs;		/* ascending by id */
	size_t packs_n, packs_alloc;
	uint8_t *seen;			/* needed objects: a bit for each row of
					   the index as it was at the mark */
	uint64_t rows, turn;		/* of that index */
	int moved;			/* it changed in the middle of a mark */
	struct gc_set keep;		/* needed objects in packs that are to
					   be written anew */
	int more;			/* not all such packs are planned */
	struct gc_set missing;		/* of them, those in no index */
	uint64_t lost;			/* of these, nodes */
	uint64_t unread;		/* packs in no index, damaged */
	uint64_t blind;			/* what is needed is not all known */
	uint8_t (*ids)[32];		/* packs to be dropped */
	size_t ids_n, ids_alloc;
	struct vault_put *pt;
};

/* gc_old(): was it named, or seen, ${age} seconds ago? */
int gc_old(const struct gc *g, uint64_t since, uint64_t age);
/* gc_late(): is the time over that the run may take? */
int gc_late(const struct gc *g);
/* gc_id(): one more pack in g->ids. */
int gc_id(struct gc *g, const uint8_t id[32], struct err *e);
/* gc_commit(): a state that drops g->ids; then there are none. */
int gc_commit(struct gc *g, struct err *e);

/* gc_mark(): fill packs, seen, missing from the roots; what is missing and lies
 * in packs that are not named is named again, and marked. */
int gc_mark(struct gc *g, struct err *e);
/* gc_sweep(): delete what is due: dropped packs, packs that nobody ever named,
 * old states.  After a mark. */
int gc_sweep(struct gc *g, struct err *e);
int gc_sweep_states(struct gc *g, struct err *e);
/* gc_plan(): which packs are to be written anew, and what is needed of them.
 * Right after a mark. */
int gc_plan(struct gc *g, struct err *e);
/* gc_is_seen(): 1, 0: by the last mark, while the index is the same; HUB_EBUSY
 * if it is another by now. */
int gc_is_seen(struct gc *g, const uint8_t *name, struct catalog_at *at,
	       struct err *e);
/* gc_compact(): rewrite the planned packs; *ret_left: objects were left behind. */
int gc_compact(struct gc *g, int *ret_left, struct err *e);

#endif
