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
#define GUARD_CLOCK_S (2 * 366 * 86400ll)

struct apply_op;

/* guard_accept(): the id that a person gave to --accept-mass-change; for this
 * run only.  HUB_EUSAGE if it is no id. */
int guard_accept(struct workspace *ws, const char *id, struct err *e);

/* guard_outgoing(): set ->waits on the changes that are parked. */
int guard_outgoing(struct workspace *ws, struct changes *c, struct err *e);

/* guard_incoming(): set ->parked on the operations that are parked.  Accepted
 * by a person here, or elsewhere by a signed record in the hub that a commit
 * between ${from} and ${tip} names ("Hub-Accepted: <id>"). */
int guard_incoming(struct workspace *ws, struct hub *hub, struct apply_op *ops,
		   size_t n, const struct oid *from, const struct oid *tip,
		   struct err *e);

/* guard_publish(): write the signed record of the mass change accepted in this
 * run, if there is one, into the hub. */
int guard_publish(struct workspace *ws, struct hub *hub, struct err *e);

/* guard_trailer(): "Hub-Accepted: <id>\n" into a commit message, if this run
 * accepted an outgoing change. */
void guard_trailer(struct workspace *ws, struct buf *msg);

/* guard_clock(): HUB_EGUARD if this computer's clock is years off: before the
 * newest commit by more than a day and a year, or GUARD_CLOCK_S after
 * everything known (${newest}: newest time known, 0 if none). */
int guard_clock(int64_t now, int64_t newest, struct err *e);

#endif
