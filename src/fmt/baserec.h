/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baserec.h - the base record: what this workspace last wrote to disk, or read
 * from it, at one path (hubformat-base(5)).  Stored as a blob in state.db.
 *
 *	offset size
 *	0	1	version, 1
 *	1	1	kind
 *	2	1	flags
 *	3	1	id length: 20 (git object) or 32 (content id)
 *	4	8	size in bytes
 *	12	8	mtime, ns since 1970, signed
 *	20	8	ctime, ns since 1970, signed
 *	28	8	inode
 *	36	8	device of the file system
 *	44	20|32	id
 */
#ifndef FMT_BASEREC_H
#define FMT_BASEREC_H

#include "base/buf.h"
#include "base/oid.h"

#define BASEREC_MAX 76
#define BASEREC_FIXED 44

enum baserec_kind {
	BASEREC_FILE = 1,	/* regular file, git blob */
	BASEREC_EXEC = 2,	/* regular file with the executable bit */
	BASEREC_LINK = 3,	/* symlink, git blob with the target */
	BASEREC_LARGE = 4,	/* regular file, content id (from issue 2 on) */
	BASEREC_LARGE_EXEC = 5,
	BASEREC_DB = 6,		/* SQLite data base, recorded as a copy */
	BASEREC_UNWRITTEN = 7,	/* in the tree, never put on this disk */
};
enum baserec_flags {
	BASEREC_NOSTAT = 1,	/* stat fields mean nothing: compare content;
				   they are written, and must be, zero */
	BASEREC_BEHIND = 2,	/* the tree has something newer that could not
				   be written here yet */
	BASEREC_FLAGS = 3	/* all of them */
};

struct baserec {
	enum baserec_kind kind;
	unsigned flags;
	unsigned id_n;
	uint8_t id[32];
	uint64_t size;
	int64_t mtime_ns, ctime_ns;
	uint64_t ino, dev;
};

/* Which id: 20 bytes for FILE, EXEC, LINK; 32 for LARGE, LARGE_EXEC; either for
 * DB and UNWRITTEN.  Anything else is HUB_ECORRUPT, and BUG() to encode. */

/* baserec_encode(): returns the number of bytes written to ${out}. */
size_t baserec_encode(uint8_t out[BASEREC_MAX], const struct baserec *b);
/* baserec_decode(): 0, HUB_ECORRUPT, HUB_EVERSION (*ret is unspecified then). */
int baserec_decode(struct baserec *ret, const void *p, size_t n);

#endif
