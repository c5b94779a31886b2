/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * act.h - a change that a person asks for by hand (restore, undo, import): made
 * here as a commit of its own, whether the hub answers or not; the next sync
 * sends it.  What was not recorded yet is recorded first, so nothing is lost by
 * it, and all of it can be taken back by `hub undo`.
 *
 *	act_open()	recovery, branch, base
 *	act_record()	what was changed here so far
 *	act_commit()	the change itself: HEAD, files, index, base
 *	act_close()	its row in the log of runs
 */
#ifndef SYNC_ACT_H
#define SYNC_ACT_H

#include "sync/workspace.h"

struct act {
	struct workspace *ws;
	const char *what;		/* "restore", ... */
	struct buf branch;
	struct oid before, tip;		/* HEAD before and now; zero: unborn */
	struct oid made;		/* the act's own commit, zero if none */
	int64_t begun;
	char message[256];		/* for the log of runs */
};

/* act_open(): ${ws} is open for writing.  act_close() in any case. */
int act_open(struct act *a, struct workspace *ws, const char *what,
	     struct err *e);

/* act_record(): as `hub sync` does, with a row "record" of its own if anything
 * was.  Afterwards ws->rep holds what waits, and nothing else.  ${message} not
 * NULL: this is the act's own commit (import). */
int act_record(struct act *a, const char *message, struct err *e);

/*
 * act_commit(): a commit of ${tree} (durable already) on top of a->tip, and the
 * disk follows; nothing happens if the tree is the tip's.  ${subject} is one
 * line, ${trailers} (may be NULL) lines of "Key: value".  A mass change is let
 * through here and told to the other computers (guard_by_hand()).
 */
int act_commit(struct act *a, const struct oid *tree, const char *subject,
	       const struct buf *trailers, struct err *e);

/* act_close(): ${rc} is what the act returned.  Writes the log, calls the
 * user's hooks, if there was something to do.  Returns rc, or its own failure. */
int act_close(struct act *a, int rc, struct err *e);

/* act_exit(): exit code of an act: 1 if a person has to look at what it did. */
int act_exit(const struct workspace *ws, int rc);

#endif
