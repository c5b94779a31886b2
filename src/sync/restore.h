/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.h - bring files back as they were, as a new commit.
 */
#ifndef SYNC_RESTORE_H
#define SYNC_RESTORE_H

#include "sync/delta.h"
#include "sync/when.h"

struct restore {
	struct when when;
	struct delta list;		/* from: as it was; to: as it is now */
	uint64_t written, removed;	/* of the list */
	uint64_t refused;		/* names that no file may have */
	struct oid made;		/* the new commit, zero: nothing to do */
};
#define RESTORE_INIT { .list = DELTA_INIT }

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

#endif
