/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - what differs between this disk and the base, found in one pass: a
 * sorted scan joined with the sorted base records.  local change = disk differs
 * from base; the git index is never asked.
 */
#ifndef SYNC_COMPARE_H
#define SYNC_COMPARE_H

#include "sync/changes.h"
#include "sync/workspace.h"

/*
 * compare_run(): append all differences to ${out}, in path order.  An element
 * whose disk equals its base only has a new stat to store.  What waits (large,
 * unstable, unreadable, ...) goes to ws->rep and is no change.  With ${sink}
 * new content is stored on the way.  Without (status) it is only hashed, nothing
 * is written anywhere, no lock is needed, and a data base whose files moved is
 * taken for changed without a look into it: its new id is zero.
 *
 * A path below a folder that could not be read never counts as deleted.
 * HUB_EIO etc. only if the workspace's root or an ignore file can't be read.
 */
int compare_run(struct workspace *ws, struct sink *sink, struct changes *out,
		struct err *e);

/* compare_leaf_eq(): same mode and id. */
int compare_leaf_eq(const struct tree_leaf *a, const struct tree_leaf *b);

#endif
