/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * behindfile.h - .git/vibehub/behind: where the disk of a workspace is not what
 * its HEAD has, kept outside state.db so that losing that loses nothing
 * (hubformat-behind(5)).
 *
 *	vibehub-behind 1
 *	head <40 hex>			the commit that the base follows
 *	applying <40 hex>		the commit being written to disk, or zeros
 *	fresh 0|1			it is the first checkout
 *	list 0|1			1: all that is behind is listed
 *	count <n>
 *	path <kind> <40 hex> <path>	<n> lines, in memcmp order of the paths
 *	hash <64 hex>			BLAKE2b-256 of everything before
 *
 * Kinds: "none" (nothing of ours is on the disk, the id is zero), "file",
 * "exec", "link".  In a path newline is \n, backslash is \\.
 */
#ifndef FMT_BEHINDFILE_H
#define FMT_BEHINDFILE_H

#include "base/buf.h"
#include "base/oid.h"

#define BEHINDFILE_MAX (64u << 20)

enum behindfile_kind {
	BEHINDFILE_NONE, BEHINDFILE_FILE, BEHINDFILE_EXEC, BEHINDFILE_LINK,
};

struct behindfile {
	struct oid head, applying;	/* zero: none */
	int fresh;
	int list;		/* 0: too many to be listed, nothing is known */
	uint64_t count;
	struct span paths;	/* borrowed: the lines, checked */
};

/* behindfile_decode(): only the canonical form.  HUB_ECORRUPT, HUB_EVERSION. */
int behindfile_decode(struct behindfile *ret, const void *p, size_t n,
		      struct err *e);
/* behindfile_each(): every path, NUL-ended, borrowed for the call.  Stops when
 * ${fn} returns non-zero and returns that; HUB_ENOMEM. */
int behindfile_each(const struct behindfile *b,
		    int (*fn)(void *arg, enum behindfile_kind kind,
			      const struct oid *id, const char *path,
			      size_t n), void *arg, struct err *e);

/* Encoding: the head, ${b->count} times a path, the end. */
void behindfile_encode(struct buf *out, const struct behindfile *b);
void behindfile_encode_path(struct buf *out, enum behindfile_kind kind,
			    const struct oid *id, const char *path, size_t n);
void behindfile_encode_end(struct buf *out);

#endif
