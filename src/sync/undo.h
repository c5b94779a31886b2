/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - take back what one run of this computer recorded, as a new commit.
 */
#ifndef SYNC_UNDO_H
#define SYNC_UNDO_H

#include "sync/workspace.h"

struct undo_row {
	struct state_run run;
	int64_t undone_by;	/* run that took it back, 0 if none did */
	int64_t undoes;		/* run that it took back, 0 if it is no undo */
};

/*
 * undo_each(): the runs that recorded something here, newest first, while the
 * log keeps them.  An undo that was itself undone takes nothing back any more.
 * ${fn} returns non-zero to stop; a negative value is returned, else 0.
 */
int undo_each(struct workspace *ws,
	      int (*fn)(void *arg, const struct undo_row *row), void *arg,
	      struct err *e);

/*
 * undo_run(): take back run ${id}; 0: the newest that is not undone, is no
 * undo, and is not what another act recorded on its way ("record").  Three-way
 * merge: what others changed since stays, what cannot be joined is kept twice
 * (ws->rep).  *made is zero if nothing of it was left to take back.
 * HUB_EABSENT: no such run, or its commit is gone; HUB_EUSAGE: it recorded
 * nothing, or is undone already.
 */
int undo_run(struct workspace *ws, int64_t id, struct undo_row *ret,
	     struct oid *made, struct err *e);

#endif
