/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h - move HEAD to a finished commit and let index, base and disk follow.
 * Nothing on disk that differs from its base is ever overwritten or removed.
 *
 * Order, and what a kill in between leaves (guards and disk space are asked
 * before the first step):
 *   1 index.lock		git waits for us
 *   2 journal in state.db	HEAD still old: the journal is void
 *     (and behind.h's file, for the case that state.db is lost)
 *   3 branch, compare and swap	from here on the next run finishes the rest
 *   4 files: temp, fsync, rename; folders fsynced
 *   5 index
 *   6 base records, journal removed, in one transaction
 * A file that was written but whose base record was not is recognised by its
 * content.  What the run had recorded is base after step 3, even if the user has
 * changed it since: the journal names the tree of what was found on the disk.
 */
#ifndef SYNC_APPLY_H
#define SYNC_APPLY_H

#include "sync/changes.h"
#include "sync/workspace.h"

/*
 * apply_commit(): move ${branch} from ${old} to ${new_tip} (either may be zero:
 * unborn).  ${recorded}: what compare_run() found and ${new_tip} contains;
 * NULL if there is nothing such.  HUB_ECONFLICT if the branch moved meanwhile
 * (start again), HUB_EBUSY if git holds the index for long.
 * ${hub} (may be NULL) is asked for accepted mass changes.
 */
int apply_commit(struct workspace *ws, struct hub *hub, const char *branch,
		 const struct oid *old, const struct oid *new_tip,
		 const struct changes *recorded, const char *why,
		 struct err *e);

/* apply_recover(): finish or void what an interrupted run left. First step of
 * every run that writes. */
int apply_recover(struct workspace *ws, struct err *e);

/* apply_retry(): try again what could not be written so far. */
int apply_retry(struct workspace *ws, struct hub *hub, struct err *e);

/* Why a path is BEHIND that most likely is not any more after the next record. */
#define APPLY_MEANWHILE "changed here meanwhile"

/* The set in state.db of paths that are BEHIND or UNWRITTEN. */
#define SET_BEHIND "behind"

#endif
