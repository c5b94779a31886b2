/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wdir.h - folders of a workspace by path, opened component by component from
 * the root, never through a symlink; the chain last used stays open, so that
 * work in path order opens each folder once.
 */
#ifndef SYNC_WDIR_H
#define SYNC_WDIR_H

#include "os/os_file.h"

#define WDIR_DEPTH_MAX 2048
#define WDIR_OPEN_MAX 32	/* deeper chains are reopened from the root */

struct wdir {
	struct os_dir *dir[WDIR_OPEN_MAX + 1];	/* [0] is the root */
	struct buf path;		/* of the deepest open one, "a/b/" */
	size_t end[WDIR_OPEN_MAX + 1];	/* length of path up to each */
	int depth;
	struct os_dir *deep;		/* beyond WDIR_OPEN_MAX */
};

int wdir_open(struct wdir *w, const char *root, struct err *e);
void wdir_close(struct wdir *w);

/*
 * wdir_get(): the folder that holds ${path}, borrowed until the next call, and
 * the name in it.  With ${create} missing folders are made.  HUB_EABSENT if a
 * folder is missing or something else stands in its place; with ${create} the
 * latter is HUB_ECONFLICT.
 */
int wdir_get(struct wdir *w, const char *path, size_t n, int create,
	     struct os_dir **dir, const char **name, struct err *e);

/* wdir_prune(): remove the folders above ${path} that have become empty. */
int wdir_prune(struct wdir *w, const char *path, size_t n, struct err *e);

/* wdir_sync(): make the names in the folder that holds ${path}, and in all
 * above it, durable. */
int wdir_sync(struct wdir *w, const char *path, size_t n, struct err *e);

#endif
