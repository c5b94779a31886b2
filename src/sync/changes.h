/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes.h - a sorted list of differences between this disk and the base.
 * Memory: about 120 bytes a change plus its path.
 */
#ifndef SYNC_CHANGES_H
#define SYNC_CHANGES_H

#include "base/buf.h"
#include "fmt/baserec.h"
#include "repo/tree.h"
#include "sync/dbside.h"

struct change {
	char *path;			/* owned, NUL-ended */
	size_t n;
	struct tree_leaf disk;		/* what is on disk; mode 0: gone */
	struct tree_leaf base;		/* what the base says; mode 0: new */
	struct baserec rec;		/* the base record to store once recorded */
	unsigned base_flags;		/* of the old record */
	int waits;			/* not recorded in this run */
	struct dbside_wal wal;		/* beside a data base, before it was read */
};

struct changes {
	struct change *v;
	size_t n, alloc;
	struct oid tree;	/* set by record_run(): HEAD's with all of them,
				   as the disk has it */
};
#define CHANGES_INIT { .v = NULL }

/* changes_add(): a new last element, zeroed but for its path; NULL when out of
 * memory.  Borrowed until the next changes_add(). */
struct change *changes_add(struct changes *c, const char *path, size_t n);
void changes_release(struct changes *c);

#endif
