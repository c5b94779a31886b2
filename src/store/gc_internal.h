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
};

struct gc {
	const struct gc_conf *conf;
	struct vault *v;
	struct gc_report *r;
	uint64_t now;
	uint64_t until_ms;	/* 0: no limit */
	struct gc_pack *packs;		/* ascending by id */
	size_t packs_n, packs_alloc;
	struct gc_set seen;		/* needed objects */
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
/* gc_compact(): rewrite packs; *ret_left: objects were left behind. */
int gc_compact(struct gc *g, int *ret_left, struct err *e);

#endif
