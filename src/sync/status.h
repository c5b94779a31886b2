/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - what a finished run leaves for others to read: this device's
 * presence file and sync_status.json in the hub, sync_status.json in the
 * workspace (hubformat-status(5)), one row in the log of runs.
 */
#ifndef SYNC_STATUS_H
#define SYNC_STATUS_H

#include "sync/workspace.h"

struct status_run {
	const char *what;		/* "sync", "push", ... */
	const char *branch;		/* "" if unknown */
	const char *message;		/* of a failure, "" if none */
	struct oid before, after;
	int64_t begun;
	int rc, exit_code;
};

/* status_finish(): ${hub} NULL if it was not reached.  Nothing here may undo
 * what the run did: a failure to write is reported as such. */
int status_finish(struct workspace *ws, struct hub *hub,
		  const struct status_run *run, struct err *e);

/* status_log(): only the row in the log of runs: for what was done here
 * without asking the hub. */
int status_log(struct workspace *ws, const struct status_run *run,
	       struct err *e);

/* status_json(): the document of sync_status.json for a workspace. */
int status_json(struct workspace *ws, struct hub *hub,
		const struct status_run *run, struct buf *out, struct err *e);

#endif
