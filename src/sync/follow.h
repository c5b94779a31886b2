/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow.h - bring the base records in line with HEAD when somebody else moved
 * it: plain git (commit, pull, checkout, stash, reset), or nobody yet (a new or
 * adopted workspace, a lost state.db).
 */
#ifndef SYNC_FOLLOW_H
#define SYNC_FOLLOW_H

#include "sync/workspace.h"

/*
 * follow_head(): afterwards the base follows commit ${tip} (zero: unborn).
 * For each path that differs between the old and the new commit the base
 * becomes the new commit's entry; its stat is believed only where the index
 * has the same entry and git's stat data match the file, else the next compare
 * looks at the content: disk is a local change then, never overwritten.
 * Records that are BEHIND stay as they are: they say what is on the disk.  If
 * git committed such a path the fact META_ONTO remembers what HEAD had, and the
 * next record_run() merges.
 */
int follow_head(struct workspace *ws, const struct oid *tip, struct err *e);
/* follow_inside(): the same, inside a transaction of the caller's. */
int follow_inside(struct workspace *ws, const struct oid *tip, struct err *e);

/* follow_commit_tree(): the tree of a commit; zero for zero. */
int follow_commit_tree(struct repo *r, const struct oid *commit,
		       struct oid *ret, struct err *e);

#endif
