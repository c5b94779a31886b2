/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delta.h - the list of paths that differ between two states, of which one may
 * be the disk.  Memory: about 120 bytes a path and the path.
 */
#ifndef SYNC_DELTA_H
#define SYNC_DELTA_H

#include "repo/history.h"
#include "sync/wdir.h"
#include "sync/workspace.h"

struct delta_item {
	char *path;			/* owned */
	size_t n;
	struct tree_leaf from, to;	/* mode 0: nothing there */
	int on_disk;			/* ${to} is not in the repository */
};

struct delta {
	struct delta_item *v;		/* sorted by path */
	size_t n, alloc;
};
#define DELTA_INIT { NULL, 0, 0 }

/* delta_trees(): what differs between two trees (zero: empty), below ${paths}
 * (files or folders, "" is everything; none: everything). */
int delta_trees(struct repo *r, const struct oid *from, const struct oid *to,
		const char *const *paths, size_t paths_n, struct delta *ret,
		struct err *e);

/* delta_disk(): the same, with the disk in place of HEAD's tree ${head}: what
 * is not recorded counts.  What could not be looked at is in ws->rep and counts
 * as unchanged. */
int delta_disk(struct workspace *ws, const struct oid *from,
	       const struct oid *head, const char *const *paths,
	       size_t paths_n, struct delta *ret, struct err *e);
void delta_release(struct delta *d);

/* delta_word(): "added", "deleted", "changed", "type" (file, link, ...) or
 * "mode" (only the executable bit); stable, used in --json. */
const char *delta_word(const struct delta_item *it);

/* Both contents of one item, for history_patch_file(). */
struct delta_texts {
	struct history_side from, to;	/* borrowed from the bufs */
	struct buf a, b;
};

/* delta_read(): ${w} is open at the workspace's root.  What is too large for a
 * text has ->p NULL.  delta_read_release() in any case.  A file on the disk may
 * have changed or gone by now: HUB_EABSENT, or whatever it is now. */
int delta_read(struct workspace *ws, struct wdir *w,
	       const struct delta_item *it, struct delta_texts *ret,
	       struct err *e);
void delta_read_release(struct delta_texts *t);

#endif
