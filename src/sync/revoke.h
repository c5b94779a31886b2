/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * revoke.h - take a passphrase or a computer out of a hub: its slot becomes a
 * removal (hubformat-removal(5)), a new epoch begins, and the hub's vault gets a
 * state of that epoch.  What the removed one signs from then on is not believed.
 */
#ifndef SYNC_REVOKE_H
#define SYNC_REVOKE_H

#include "sync/keys.h"
#include "sync/workspace.h"

/*
 * revoke_run(): ${s} from keys_find(); ${ws}: whose places are known, or NULL.
 * ${rotate} 0: no new epoch.  What an interrupted run began is completed.
 * ${ret_over}: places for which there was no room in the removal.
 * Codes as keys_remove() and keys_rotate().
 */
int revoke_run(struct keys *k, const struct slots_info *s,
	       struct workspace *ws, int rotate, size_t *ret_over,
	       struct err *e);

#endif
