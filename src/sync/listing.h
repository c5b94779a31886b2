/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listing.h - files and folders of a recorded state.  Reads no working file. */
#ifndef SYNC_LISTING_H
#define SYNC_LISTING_H

#include "repo/tree.h"
#include "sync/when.h"
#include "sync/workspace.h"

struct listing_entry {
	const char *path;		/* from the root, NUL-ended */
	size_t n;
	struct tree_leaf leaf;		/* MODE_TREE: a folder */
	uint64_t size;			/* bytes; of a folder or gitlink: 0 */
	int large;			/* it is in the vault */
};

/* listing_open(): the tree at ${at} (when.h; NULL: what was recorded last on
 * this workspace's branch).  As when_resolve(). */
int listing_open(struct workspace *ws, const char *at, struct when *when,
		 struct oid *tree, struct err *e);

/* listing_check(): was ${path} there at all?  HUB_EABSENT. */
int listing_check(struct workspace *ws, const struct oid *tree,
		  const char *path, struct err *e);

/*
 * listing_run(): what ${path} ("" is the root) is in ${tree}: a file itself,
 * what a folder holds, or with ${deep} all files below it.  In git's order.
 * HUB_EABSENT: it was not there.  ${fn} non-zero stops and is returned.
 */
int listing_run(struct workspace *ws, const struct oid *tree, const char *path,
		int deep, int (*fn)(void *arg, const struct listing_entry *en),
		void *arg, struct err *e);

#define LISTING_FILE_MAX (1u << 30)

/* listing_file(): the content of ${path}, a symlink's target, in pieces, in
 * order; ${fn} < 0 stops and is returned.  HUB_EABSENT; HUB_EUSAGE if it is a
 * folder or a gitlink; HUB_ELIMIT over LISTING_FILE_MAX, but not for a file in
 * the vault.  Memory: a file that is not in the vault. */
int listing_file(struct workspace *ws, const struct oid *tree,
		 const char *path,
		 int (*fn)(void *arg, const void *p, size_t n), void *arg,
		 struct err *e);

#endif
