/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * amended.h - commits that the hub has already, rewritten here: `git commit
 * --amend`, `git rebase`.
 */
#ifndef SYNC_AMENDED_H
#define SYNC_AMENDED_H

#include "sync/workspace.h"

/*
 * amended_from(): did the line that leads to HEAD leave the history of ${hub} by
 * a rewrite?  1 and *ret, a commit in that history: HEAD was made from it,
 * although it is no descendant.  A merge that takes it for the ancestor keeps
 * what was rewritten and brings in only what others did since.  Told by the
 * newest 64 KiB of the branch's reflog; 0 if it does not say so.
 */
int amended_from(struct workspace *ws, const struct oid *hub, struct oid *ret,
		 struct err *e);

#endif
