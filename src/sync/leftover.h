/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leftover.h - what a killed run had taken away and not put back. */
#ifndef SYNC_LEFTOVER_H
#define SYNC_LEFTOVER_H

#include "sync/workspace.h"

/* A name in tmp/ that begins so holds what had a name in the workspace; of 16
 * bytes, like all names there. */
#define LEFTOVER_FIRST 'o'

/* leftover_rescue(): before ${tmp}, the path of .git/vibehub/tmp, is emptied:
 * what came from the workspace and is no object of the repository gets a name
 * in its root, `recovered-...`, and ${ws->rep} says so.  No such folder: 0. */
int leftover_rescue(struct workspace *ws, const char *tmp, struct err *e);

#endif
