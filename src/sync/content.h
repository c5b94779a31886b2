/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content.h - one file's content as it goes into history: bytes exactly as they
 * lie on disk, a symlink's target, or the consistent copy of a live SQLite data
 * base.  A file must be stable across the read, or have only grown.
 */
#ifndef SYNC_CONTENT_H
#define SYNC_CONTENT_H

#include "db/state.h"
#include "fmt/baserec.h"
#include "os/os_file.h"
#include "repo/sink.h"
#include "repo/tree.h"

/* The default content policy: what is over these waits for the vault. */
#define CONTENT_BINARY_MAX (1u << 20)
#define CONTENT_TEXT_MAX (16u << 20)
#define CONTENT_PEEK 8000		/* a NUL in these bytes: binary */

enum content_verdict {
	CONTENT_OK,
	CONTENT_LARGE,		/* over the policy's limits */
	CONTENT_UNSTABLE,	/* changed while it was read, or is locked */
	CONTENT_GONE,		/* vanished meanwhile */
	CONTENT_UNREADABLE,	/* could not look; *e says why */
};

#define CONTENT_PATIENCE 8	/* for content_job.patience, 15 ms each */

struct content_job {
	struct os_dir *dir;	/* borrowed: the file's folder */
	const char *name;	/* its name there */
	const char *full;	/* its absolute path (data bases are opened so) */
	const char *tmp;	/* folder for copies of data bases; NULL: none is
				   made, their id stays zero */
	struct sink *sink;	/* NULL: only find the name */
	struct os_stat st;	/* from the scan */
	int64_t fs_now_ns;	/* the file system's clock, 0 if unknown */
	int *patience;		/* how often this run may still pause for a file
				   that is being written; NULL: never */
};

/*
 * content_read(): read, hash and, with a sink, store.  On CONTENT_OK ${leaf}
 * (id, and mode FILE, EXEC or LINK) and ${rec} (the base record) are filled in.
 * Returns 0 and a verdict; < 0 only for our own trouble (memory, sink).
 * Memory: the file, at most CONTENT_TEXT_MAX, and its deflated form.
 */
int content_read(const struct content_job *job, struct tree_leaf *leaf,
		 struct baserec *rec, enum content_verdict *verdict,
		 struct err *e);

/* content_record(): the base record of a file that was just stat'ed. */
void content_record(struct baserec *rec, const struct tree_leaf *leaf,
		    const struct os_stat *st, int64_t fs_now_ns);

/* content_leaf(): the leaf that a record stands for; mode 0 for UNWRITTEN. */
struct tree_leaf content_leaf(const struct baserec *rec);

/* content_base(): the same of the base record of ${path}; mode 0 if there is
 * none. */
int content_base(struct state *s, const char *path, size_t n,
		 struct tree_leaf *ret, struct err *e);

/* content_same_stat(): is the file surely what the record says? */
int content_same_stat(const struct baserec *rec, const struct os_stat *st,
		      int exec_bits);

#endif
