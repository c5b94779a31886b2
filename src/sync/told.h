/* SPDX-License-Identifier: GPL-2.0-or-later */
/* told.h - what needs a person is news once, not at every run. */
#ifndef SYNC_TOLD_H
#define SYNC_TOLD_H

#include "sync/workspace.h"

/*
 * told_unwritten(): after a run that went through: set ws->rep.unwritten_new if
 * a path could not be written for the first time, and remember all of them (of
 * REPORT_UNWRITTEN; at most REPORT_PATHS_MAX).  A file that changed while we
 * looked is told if it's still so after the next run, and nothing of it was
 * recorded or received in between.
 */
int told_unwritten(struct workspace *ws, struct err *e);

/* The set in state.db: "1<path>" told, "0<id of its base><path>" seen once. */
#define SET_TOLD "told"

#endif
