/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookahead.h - the scan of a large workspace in a thread of its own, a little
 * ahead of the caller, who compares meanwhile.
 */
#ifndef SYNC_LOOKAHEAD_H
#define SYNC_LOOKAHEAD_H

#include "repo/scan.h"

/*
 * lookahead_run(): scan_run() with the same notes, files, questions and errors in
 * the same order, and all call-backs in the caller's thread.  What differs:
 *
 *   en->dir	may be NULL: the folder is no longer open
 *   en->st	what was seen up to LOOKAHEAD_FILES files ago, however long one
 *		of these took
 *
 * Without a thread where there is one processor, where VIBEHUB_THREADS=1 says so,
 * where the index in ${gitdir} is small, or if the system has no thread for us.
 * Handles: those of scan_run().  Memory: 1 MB, more where paths are long.
 */
int lookahead_run(const char *workdir, const char *gitdir,
		  const char *global_excludes, const struct scan_ops *ops,
		  struct err *e);

#define LOOKAHEAD_FILES 2048

#endif
