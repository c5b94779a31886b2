/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.h - changes so large that a person has to say yes: deletions plus
 * rewrites of more than half of more than GUARD_MIN files, in either
 * direction.  Content that reappears under another name does not count.  Only
 * that direction and those paths are parked; the rest is synced.
 *
 * change id = BLAKE2b-256 over the sorted list of
 * "<old id, 20 bytes><new id, 20 bytes or zero><path>\0".
 */
#ifndef SYNC_GUARD_H
#define SYNC_GUARD_H

#include "sync/changes.h"
#include "sync/workspace.h"

#define GUARD_MIN 100

struct apply_op;

/* guard_accept(): the id that a person gave to --accept-mass-change; for this
 * run only.  HUB_EUSAGE if it is no id. */
int guard_accept(struct workspace *ws, const char *id, struct err *e);

/* guard_outgoing(): set ->waits on the changes that are parked; never on those
 * that ws->asked() names. */
int guard_outgoing(struct workspace *ws, struct changes *c, struct err *e);

/* guard_incoming(): set ->parked on the operations that are parked.  Accepted
 * by a person here (--accept-mass-change, or the commit was made by hand, see
 * guard_journal()), or elsewhere by a signed record in the hub that a commit
 * between ${from} and ${tip} names ("Hub-Accepted: <id>"); what an earlier run
 * parked is judged again.  Inside a state transaction. */
int guard_incoming(struct workspace *ws, struct hub *hub, struct apply_op *ops,
		   size_t n, const struct oid *from, const struct oid *tip,
		   struct err *e);

/* guard_look(): the same for what is behind ${tip}, without remembering it. */
int guard_look(struct workspace *ws, struct hub *hub, struct apply_op *ops,
	       size_t n, const struct oid *tip, struct err *e);

/* guard_by_hand(): a person asked for the change from tree ${from} to tree
 * ${to} (restore, undo).  It is not parked here; if it might be taken for a mass
 * change elsewhere it gets an id that guard_trailer() and guard_publish() use. */
int guard_by_hand(struct workspace *ws, const struct oid *from,
		  const struct oid *to, struct err *e);

/* guard_journal(): remember, with the journal of apply_commit(), what was
 * accepted for commit ${tip}: a killed run must not park it after all, and a
 * hub that is offline gets the record later.  Inside a state transaction. */
int guard_journal(struct workspace *ws, const struct oid *tip, struct err *e);

/* guard_publish(): write the signed records of the mass changes accepted here
 * that the hub does not have yet.  Before the commits are sent, so that no
 * computer sees them without; once more afterwards. */
int guard_publish(struct workspace *ws, struct hub *hub, struct err *e);

/* guard_trailer(): "Hub-Accepted: <id>\n" into a commit message, if this run
 * accepted an outgoing change. */
void guard_trailer(struct workspace *ws, struct buf *msg);

#endif
