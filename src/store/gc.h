/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc.h - free the room of what nobody names any more in a vault, and keep its
 * packs few.  No lock: writers and other runs of gc may go on meanwhile.
 *
 * A run marks from the roots what is needed; drops, by a state, packs of data
 * that hold nothing needed and were named GC_AGE ago; marks again and names
 * again whatever became needed meanwhile, as does each later run; and deletes
 * the bytes of packs that were dropped GC_HOLD (GC_HOLD_TAIL for small ones)
 * ago, after that mark.  Packs that no state names go after GC_AGE, too, counted
 * from the first run on this computer that saw them.  Writers name a
 * dropped pack again only within VAULT_TAKE_BACK of its drop, so none does when its
 * bytes go.
 */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "fmt/pointer.h"
#include "store/vault.h"

#define GC_DAY 86400u
#define GC_AGE (30u * GC_DAY)		/* younger packs are never dropped */
#define GC_HOLD (30u * GC_DAY)		/* from drop to deletion */
#define GC_HOLD_TAIL (2u * GC_DAY)	/* the same, of packs below GC_TAIL */
#define GC_STATES (90u * GC_DAY)	/* older states may go */
#define GC_TAIL 22u			/* packs of a smaller class: the tail */
#define GC_TAIL_PACKS 256u		/* more of them are merged */
#define GC_TAIL_BYTES ((uint64_t)64 << 20)

typedef int (*gc_root_fn)(void *arg, const struct pointer *p, struct err *e);

struct gc_conf {
	struct vault *v;	/* with a signer who is owner or admin */
	/* roots(): call ${fn} for each file that is needed; again at every
	 * mark.  The git packs in the vault's refs are roots by themselves.
	 * < 0: they could not be had, and nothing is removed. */
	int (*roots)(void *arg, gc_root_fn fn, void *fn_arg, struct err *e);
	void *arg;
	int dry_run;		/* count only; writes nothing */
	unsigned max_ms;	/* no longer than that; 0: to the end.  A first mark
				   that takes longer removes nothing: see
				   ->unfinished.  roots() ends itself with
				   HUB_ELIMIT */
	size_t plan_max;	/* names of objects to be copied that are kept
				   in memory at once; 0: a million */
};

struct gc_report {
	uint64_t roots, live, live_bytes;	/* marked: files, objects, and
						   the bytes of these as stored */
	uint64_t packs, pack_bytes;	/* of data, named, before */
	uint64_t dropped, dropped_bytes;	/* nothing needed in them */
	uint64_t waiting, waiting_bytes;	/* dropped, still in their hold */
	uint64_t deleted, deleted_bytes;
	uint64_t taken_back;		/* packs dropped before and needed now */
	uint64_t rewritten, rewritten_bytes;	/* packs compacted */
	uint64_t states;		/* old ones, deleted */
	int unfinished;			/* out of time: more is to be done */
	uint64_t missing;		/* needed objects that nobody has */
	uint64_t damaged;		/* nodes, or packs to be compacted, that
					   cannot be read */
};

/*
 * gc_run(): 0, also with missing or damaged content, which the report counts;
 * while a node of a recipe is damaged nothing is dropped or deleted, as what is
 * below it cannot be known.  HUB_EDENIED: this device may not.
 */
int gc_run(const struct gc_conf *conf, struct gc_report *ret, struct err *e);

#endif
