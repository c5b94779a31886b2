/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolve.h - settle conflicts, as a commit that `hub undo` takes back. */
#ifndef SYNC_RESOLVE_H
#define SYNC_RESOLVE_H

#include "sync/conflict_list.h"
#include "repo/tree.h"

enum resolve_keep {
	RESOLVE_PATH,		/* the file stays as it is, the copy goes */
	RESOLVE_COPY,		/* the copy takes the file's place */
	RESOLVE_BOTH,		/* the copy gets a name of its own */
};

struct resolve_item {
	char *copy, *path;		/* owned */
	size_t copy_n, path_n;
	struct conflict_who who;	/* whose version the copy is */
	char *name;			/* owned: its own name (BOTH), or NULL */
	int picked;			/* one of those that were asked for */
	struct tree_leaf copy_leaf, path_leaf;	/* recorded; mode 0: absent */
};

struct resolve {
	struct resolve_item *v;		/* every conflict there was, sorted */
	size_t n, alloc, picked;
	struct oid made;		/* the new commit */
};
#define RESOLVE_INIT { .v = NULL }

/*
 * resolve_run(): settle the conflicts that ${paths} (from the root) name: a
 * copy, the file that it is a version of (all its copies), or a folder (all
 * below it; "" is everything).  What is not recorded yet is recorded first, so
 * every version stays in the history.
 *
 * HUB_EABSENT: no conflict at a path; HUB_EUSAGE: the file is gone (PATH), has
 * several copies (COPY); HUB_ECONFLICT: a folder has its name (COPY);
 * HUB_EGUARD: a version is not recorded yet (staged, changing, too large).
 * Nothing was settled then.  What could not be written is in ws->rep.
 */
int resolve_run(struct workspace *ws, const char *const *paths, size_t paths_n,
		enum resolve_keep keep, struct resolve *ret, struct err *e);
void resolve_release(struct resolve *r);

#endif
