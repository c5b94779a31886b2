/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve.h - the far side of a session: `hub serve PATH`, one process for each.
 * PATH is a hub (hub.git) or the folder of a place, which may hold the vaults of
 * several hubs.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "net/session.h"

struct serve_conf {
	const char *path;	/* absolute, or "~/..." */
	int append_only;	/* nothing is deleted or replaced */
	int read_only;
	const char *as;		/* id of the grant that counts, or NULL */
	int unchecked;		/* tests: ids of packs are no hashes */
};

/* serve_run(): until the client ends it.  What it asked for and did not get is
 * its own affair; fails only as session_serve() does. */
int serve_run(const struct serve_conf *c, struct os_stream *st, struct err *e);

/* serve_path(): where PATH is, appended: "~/" is the home folder; symlinks are
 * resolved as far as it exists. */
int serve_path(const char *path, struct buf *ret, struct err *e);

/*
 * serve_original(): what a client asked for, where a forced command stands
 * before it (SSH_ORIGINAL_COMMAND).  HUB_EDENIED: anything but these.
 */
enum serve_what { SERVE_HUB, SERVE_UPLOAD_PACK, SERVE_RECEIVE_PACK };
int serve_original(const char *command, enum serve_what *what,
		   struct buf *path, struct err *e);
/* serve_allowed(): is ${path} (as serve_path() gives it) one of ${only}, or below
 * one?  ${only}: n paths, as given.  0 or HUB_EDENIED. */
int serve_allowed(const char *path, const char *const *only, size_t n,
		  struct err *e);

#endif
