/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.h - git's long-running filter process (gitattributes(5), version 2;
 * clean and smudge, no delay): with it plain `git add` makes pointers of large
 * files, and `git checkout` files of pointers.
 *
 * A pointer whose content cannot be had now is handed out as it is, and the
 * next sync puts the file in its place.
 */
#ifndef SYNC_FILTER_H
#define SYNC_FILTER_H

#include "sync/workspace.h"

struct filter_io {
	/* up to ${n} bytes; 0 at the end; < 0 */
	int (*read)(void *arg, void *p, size_t n, struct err *e);
	/* all of it; < 0 */
	int (*write)(void *arg, const void *p, size_t n, struct err *e);
	void *arg;
};

/* filter_run(): until git closes its end.  HUB_ECORRUPT: that is not git's
 * protocol.  What goes wrong with one file is told to git, and the rest goes
 * on. */
int filter_run(struct workspace *ws, const struct filter_io *io,
	       struct err *e);

/*
 * filter_attributes(): write the block of .git/info/attributes that names the
 * large files of this workspace, and set filter.vibehub.process and .required
 * (git stops where it fails).  Up to
 * FILTER_PATHS_MAX paths by name, beyond that by their extensions, so that git
 * passes few others through the process.  Lines of the user's stay.
 */
#define FILTER_PATHS_MAX 200
int filter_attributes(struct workspace *ws, struct err *e);

#endif
