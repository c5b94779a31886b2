/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conflict_list.h - the conflicts of a workspace that nobody has settled yet. */
#ifndef SYNC_CONFLICT_LIST_H
#define SYNC_CONFLICT_LIST_H

#include "sync/conflict.h"
#include "sync/workspace.h"

struct conflict_entry {
	const char *copy;		/* path of the kept version, NUL-ended */
	size_t copy_n;
	const char *path;		/* of the file it is a version of */
	size_t path_n;
	struct conflict_who who;	/* whose version the copy is */
	int path_exists;		/* on this disk, as anything */
};

/*
 * conflict_list(): call ${fn} for every conflict copy that is recorded and
 * still on this disk (or could not be written to it), in path order.  All of it
 * is found in names: every computer lists the same.  ${fn} non-zero stops and
 * is returned.  Writes nothing.
 */
int conflict_list(struct workspace *ws,
		  int (*fn)(void *arg, const struct conflict_entry *c),
		  void *arg, struct err *e);

#endif
