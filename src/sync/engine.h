/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h - one run of `hub sync`, `push` or `pull` (DESIGN 6).
 */
#ifndef SYNC_ENGINE_H
#define SYNC_ENGINE_H

#include "sync/workspace.h"

enum engine_what {
	ENGINE_SYNC,		/* record, bring in, send */
	ENGINE_PUSH,		/* record, send (bring in only to be able to) */
	ENGINE_PULL,		/* record, bring in */
};

struct engine_options {
	enum engine_what what;
	int accept_clock;
};

/*
 * engine_run(): the workspace must be open for writing.  Returns 0 or < 0; what
 * needs a person although the run went through is in ws->rep, see
 * engine_exit().  A hub that cannot be reached now is HUB_EOFFLINE after
 * everything local was recorded.  Nothing is ever lost: what was not
 * acknowledged is still here, and the next run goes on.
 */
int engine_run(struct workspace *ws, const struct engine_options *o,
	       struct err *e);

/* engine_exit(): exit code of a run that returned ${rc}: the first that applies
 * of 16 15 17 18 12 20 14 13 19 1 0 (hub(1), EXIT STATUS). */
int engine_exit(const struct workspace *ws, int rc);

/* engine_exit_of(): exit code of an error alone. */
int engine_exit_of(int rc);

/* engine_branch(): current branch and tip; HUB_EGUARD if the workspace is in
 * the middle of a merge, rebase, bisect, ..., or on no branch. */
int engine_branch(struct workspace *ws, struct buf *branch, struct oid *tip,
		  struct err *e);

#endif
