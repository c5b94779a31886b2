/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_internal.h - what the files of index share. */
#ifndef REPO_INDEX_INTERNAL_H
#define REPO_INDEX_INTERNAL_H

#include "os/os_file.h"
#include "repo/index.h"
#include "repo/index_raw.h"
#include "repo/repo_internal.h"

#define MARK "vibehub "
#define MARK_TEXT MARK "sync\n"
#define MARK_FILE "vibehub/mark"
#define INDEX_MAX ((size_t)1 << 31)
#define SECOND INT64_C(1000000000)
#define LOCK_POLL_MS 20
#define TMP "vibehub/tmp"
#define COPY "index-"

struct index {
	struct repo *r;			/* borrowed */
	struct buf path, lock, copy;	/* .git/index, .lock, our copy */
	struct index_raw *raw;		/* one of these two */
	git_index *g;
	struct os_stat st;		/* of .git/index when it was read */
	int have_st, locked;
	int conflicts;			/* it has entries of stages 1 to 3 */
};

/* index_write_file(): a new file with these bytes, not yet synced. */
int index_write_file(const char *path, const struct buf *b, struct err *e);
/* index_unlock_left(): remove an index.lock with our mark, if there is one. */
int index_unlock_left(struct repo *r, struct err *e);

#endif
