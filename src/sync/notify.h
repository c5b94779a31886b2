/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.h - the user's own hooks of a workspace (hubhooks(7)), found only in
 * <gitdir>/hooks/, which is never synced:
 *   on-conflict PATH COPY	once per conflict of a run, at most 32
 *   on-sync WHAT EXIT		after every run
 */
#ifndef SYNC_NOTIFY_H
#define SYNC_NOTIFY_H

#include "sync/status.h"

/* notify_run(): a hook that is missing or fails changes nothing; its output
 * goes to stderr. */
void notify_run(struct workspace *ws, const struct status_run *run);

#endif
