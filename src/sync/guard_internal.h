/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard_internal.h - shared by guard.c (what is a mass change) and
 * guard_accept.c (who said yes to it). */
#ifndef SYNC_GUARD_INTERNAL_H
#define SYNC_GUARD_INTERNAL_H

#include "base/map.h"
#include "crypt/hash.h"
#include "sync/guard.h"

/* guard_moved(): note content that appears where nothing was. */
int guard_moved(struct map *moved, const struct tree_leaf *old,
		const struct tree_leaf *leaf);
/* guard_counts(): is this a deletion or a rewrite of content that is not
 * somewhere else now? */
int guard_counts(const struct map *moved, const struct tree_leaf *old,
		 const struct tree_leaf *leaf);
/* guard_hash(): one path of a change id. */
void guard_hash(struct hash *h, const char *path, size_t n,
		const struct tree_leaf *old, const struct tree_leaf *leaf);

/* guard_exempt(): into ${paths}: those that commits after ${from} up to ${tip}
 * changed because a person said so, here or elsewhere. */
int guard_exempt(struct workspace *ws, struct hub *hub, const struct oid *from,
		 const struct oid *tip, struct map *paths, struct err *e);

#endif
