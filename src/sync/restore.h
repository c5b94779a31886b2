/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.h - bring files back as they were, as a new commit.
 */
#ifndef SYNC_RESTORE_H
#define SYNC_RESTORE_H

#include "repo/tree.h"
#include "sync/when.h"
#include "sync/workspace.h"

/* One path that restoring changes; mode 0: nothing there. */
struct restore_item {
	char *path;			/* owned */
	size_t n;
	struct tree_leaf now, then;
};

struct restore {
	struct when when;
	struct restore_item *v;		/* sorted by path */
	size_t n, alloc;
	uint64_t written, removed;	/* of those */
	uint64_t refused;		/* names that no file may have */
	struct oid made;		/* the new commit, zero: nothing to do */
};
#define RESTORE_INIT { .v = NULL }

/*
 * restore_run(): make ${paths} (from the root; "" is everything) what they were
 * at ${at} (when.h; NULL: what was recorded last).  A folder becomes exactly
 * what it was: files that it did not have then are removed.  What is not
 * recorded yet is recorded first.  With ${dry_run} (the workspace may be open
 * for reading only) ${ret} says what would change, compared with the disk.
 *
 * HUB_EABSENT: a path was not there then; HUB_EGUARD: it is staged with git;
 * HUB_ECONFLICT: a file stands where it needs a folder.  No file was changed
 * then.  What could not be written is in ws->rep.
 */
int restore_run(struct workspace *ws, const char *const *paths, size_t paths_n,
		const char *at, int dry_run, struct restore *ret,
		struct err *e);
void restore_release(struct restore *r);

/* restore_plan(): fill ${ret}->v with what differs below ${paths} between the
 * trees ${now} and ${then}; HUB_EABSENT, HUB_ECONFLICT as above. */
int restore_plan(struct repo *r, const char *const *paths, size_t paths_n,
		 const struct oid *now, const struct oid *then,
		 struct restore *ret, struct err *e);

/* restore_plan_disk(): correct the plan by what is on disk and not recorded. */
int restore_plan_disk(struct workspace *ws, const char *const *paths,
		      size_t paths_n, const struct oid *then,
		      struct restore *ret, struct err *e);

/* restore_covers(): is ${path} one of ${paths} or below one? */
int restore_covers(const char *const *paths, size_t paths_n, const char *path,
		   size_t n);

#endif
