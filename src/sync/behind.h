/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * behind.h - where the disk is not what HEAD has, remembered beside state.db
 * too (hubformat-behind(5)).  Without this a lost state.db would turn what was
 * not written yet into local changes that take back what others did.
 *
 * The file is there while something is behind, or on its way to the disk; no
 * file says that nothing is.  Order: the file before HEAD moves; taken away, or
 * shortened, after state.db has it.
 */
#ifndef SYNC_BEHIND_H
#define SYNC_BEHIND_H

#include "sync/workspace.h"

/* behind_before(): HEAD is about to move from ${from} to ${tip}, and what is
 * written afterwards is not on the disk yet.  Durable when it returns. */
int behind_before(struct workspace *ws, const struct oid *from,
		  const struct oid *tip, int fresh, struct err *e);

/* behind_after(): state.db says what is behind ${tip} now. */
int behind_after(struct workspace *ws, const struct oid *tip, struct err *e);

/* behind_tidy(): at the start of a run that finds nothing unfinished: a kill
 * may have kept behind_after() from being called. */
int behind_tidy(struct workspace *ws, struct err *e);

/*
 * behind_restore(): state.db knows of no commit.  Take over what the file says;
 * without one nothing is done.  If it is damaged no disk content is trusted to
 * be newer or older than HEAD's: where they differ both will be kept, and what
 * is missing on the disk is no deletion.  Says so in ws->rep.
 */
int behind_restore(struct workspace *ws, struct err *e);

#endif
