/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog.h - this computer's cache of a vault's index: where each object lies.
 *
 * A folder with a few sorted, immutable files of rows that are mapped into
 * memory, and a list of them.  What is in it was read from the vault's index
 * segments and can be read again: nothing here is synced, everything has a
 * checksum, and what is missing or damaged only means "empty".
 *
 * After each new state of the vault:
 *
 *	for each of its segments, oldest first:
 *		if (!catalog_has(c, name))
 *			catalog_add(c, name, bytes, n, e);
 *	catalog_inline(c, bytes, n, e);
 *	catalog_settle(c, names, n, time, e);
 *
 * Several processes may share the folder; one at a time writes to it, the others
 * keep in memory what they add.
 */
#ifndef STORE_CATALOG_H
#define STORE_CATALOG_H

#include "fmt/segment.h"

struct catalog;

struct catalog_at {
	uint8_t pack[32];
	struct pack_entry at;
	uint64_t row;		/* below catalog_rows(), no other name has it;
				   until catalog_turn() is another */
};

/* catalog_open(): the folder is made if need be.  ${place}: the vault; a
 * cache of another one counts as empty.  Fails only where memory or the folder
 * cannot be had. */
int catalog_open(const char *dir, const uint8_t place[32],
		 struct catalog **ret, struct err *e);
void catalog_close(struct catalog *c);	/* NULL is fine */

/* catalog_has(): has this segment been added, now or by an earlier run? */
int catalog_has(const struct catalog *c, const uint8_t name[32]);
/* catalog_add(): a segment of the newest state, in their order.  The bytes are
 * copied.  HUB_ECORRUPT: it is none. */
int catalog_add(struct catalog *c, const uint8_t name[32], const void *p,
		size_t n, struct err *e);
/* catalog_inline(): the newest segment of all, replaced at each state; n = 0:
 * none. */
int catalog_inline(struct catalog *c, const void *p, size_t n, struct err *e);
/*
 * catalog_settle(): the state has the ${n} segments ${names}, oldest first, all
 * of them added, and was made at ${time}.  Finds out which packs are dropped and
 * writes what was added to the folder.  Where that fails it stays in memory:
 * only HUB_ENOMEM is returned.
 */
int catalog_settle(struct catalog *c, const uint8_t (*names)[32], size_t n,
		   uint64_t time, struct err *e);
/* catalog_time(): that of the state that was settled last, 0: none. */
uint64_t catalog_time(const struct catalog *c);
/* catalog_keeps(): of segments added now and before, do some stand in ${names}?
 * If none does and the catalog is not empty it is of another index. */
int catalog_keeps(const struct catalog *c, const uint8_t (*names)[32],
		  size_t n);
/* catalog_reset(): forget everything, also in the folder. */
int catalog_reset(struct catalog *c, struct err *e);

/* catalog_find(): 1 and where the object lies, 0 if it is not there (or only in
 * dropped packs), HUB_ECORRUPT: the cache is damaged: reset it and add
 * everything again. */
int catalog_find(struct catalog *c, const uint8_t name[32],
		 struct catalog_at *ret, struct err *e);
/* catalog_pack(): 1: named and not dropped, 2: dropped, 0: never heard of. */
int catalog_pack(const struct catalog *c, const uint8_t id[32]);
/* catalog_each(): all packs that are not dropped, each once, ascending by id;
 * < 0 ends it. */
typedef int (*catalog_fn)(void *arg, const struct segment_pack *p,
			  struct err *e);
int catalog_each(struct catalog *c, catalog_fn fn, void *arg, struct err *e);
/* catalog_rows(): rows there are, those of equal names counted twice. */
uint64_t catalog_rows(const struct catalog *c);
/* catalog_turn(): another number after each change. */
uint64_t catalog_turn(const struct catalog *c);

#endif
