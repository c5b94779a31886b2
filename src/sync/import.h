/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import.h - copy the files of another folder into the workspace, never over
 * anything.
 */
#ifndef SYNC_IMPORT_H
#define SYNC_IMPORT_H

#include "sync/workspace.h"

enum import_action {
	IMPORT_COPY,		/* nothing is at its path: it comes there */
	IMPORT_BESIDE,		/* something else is: it comes beside it */
};

struct import_options {
	const char *dir;	/* the folder to be copied; only read */
	const char *into;	/* path in the workspace; "" is the root */
	int dry_run;
	/* each file that is copied, in path order; may be NULL */
	void (*tell)(void *arg, enum import_action what, const char *path,
		     size_t n, const char *beside);
	void *arg;
};

struct import_result {
	uint64_t copied, beside, same;	/* files and symlinks */
	uint64_t bytes;			/* that were copied */
	struct report rep;		/* what of ${dir} was left out, and why */
	int ignored;			/* the workspace's rules exclude some */
	struct oid made;		/* the new commit, or zero */
};

/*
 * import_run(): what is not recorded yet is recorded first, then files are
 * copied, then recorded as "Import <dir>".  A file that is there with the same
 * content is left alone, so an interrupted import is simply repeated.  Another
 * content is kept beside it under a conflict name (conflict.h) with this
 * device's name and the file's modification time.  Modification times, symlinks
 * and executable bits are kept; .gitignore files of ${dir} are not asked; .git
 * in any spelling, special files and side files of data bases are left out.
 * Memory does not depend on sizes.
 *
 * ${ret} must be zeroed; import_release() in any case.  HUB_EABSENT: there is no
 * such folder; HUB_EUSAGE: it is in the workspace, or holds it; HUB_ELIMIT: no
 * space, nothing was copied; HUB_ECONFLICT: a file is where ${into} should be.
 */
int import_run(struct workspace *ws, const struct import_options *o,
	       struct import_result *ret, struct err *e);
void import_release(struct import_result *r);

#endif
