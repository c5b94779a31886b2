/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - make a commit of what differs between disk and base.  New tree =
 * HEAD + local changes; git's index is never committed as such.
 */
#ifndef SYNC_RECORD_H
#define SYNC_RECORD_H

#include "sync/changes.h"
#include "sync/workspace.h"

/*
 * record_run(): scan, record, move HEAD.  *tip becomes the branch's tip (the
 * old one if nothing changed).  Paths whose index entry differs from both HEAD
 * and disk wait; so does what a guard parks.  A path that is BEHIND and was
 * changed here is merged like an incoming change: both are kept.  So is one
 * that git committed meanwhile (META_ONTO).
 * ${message} NULL: "Auto-sync: <time> <device>".
 * HUB_ECONFLICT: git moved the branch meanwhile, start again.
 */
int record_run(struct workspace *ws, struct hub *hub, const char *branch,
	       struct oid *tip, const char *message, struct err *e);

/* record_staged(): a person is in the middle of something with git: where their
 * index entry is neither HEAD's nor the disk's, the change waits. */
int record_staged(struct workspace *ws, struct changes *ch,
		  const struct oid *head_tree, struct err *e);

#endif
