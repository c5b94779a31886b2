/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - clocks that are years off.  A wrong clock of this computer's stops
 * the run before it dates anything; a commit that another clock dated years
 * ahead is in history for ever and stops nobody.
 */
#ifndef SYNC_CLOCK_H
#define SYNC_CLOCK_H

#include "sync/workspace.h"

#define CLOCK_YEAR_S (367 * 86400ll)	/* so far behind, or ahead, is wrong */
#define CLOCK_AHEAD_S (2 * 366 * 86400ll) /* newer than all known by so much */

/*
 * clock_check(): HUB_EGUARD if this computer's clock is years off.  Ahead: by
 * more than CLOCK_AHEAD_S after the newest time known.  Behind: something known
 * is more than CLOCK_YEAR_S later, and those who agree with this clock do not
 * outweigh it: our own last run alone does, else each other device last seen
 * within a year of it and one commit near it count against each device, and our
 * own last run, in its future.  ${hub} may be NULL (offline).
 */
int clock_check(struct workspace *ws, struct hub *hub, const struct oid *tip,
		struct err *e);

/* clock_note(): is ${tip} dated years ahead?  Told once a commit, in ws->rep.
 * Inside no transaction. */
int clock_note(struct workspace *ws, const struct oid *tip, struct err *e);

#endif
