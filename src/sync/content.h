/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content.h - one file's content as it goes into history: bytes exactly as they
 * lie on disk, a symlink's target, or the consistent copy of a live SQLite data
 * base.  What the content policy says is large goes to the vault, and a pointer
 * to it into history.  A file must be stable across the read, or have only
 * grown.
 */
#ifndef SYNC_CONTENT_H
#define SYNC_CONTENT_H

#include "db/state.h"
#include "fmt/baserec.h"
#include "os/os_file.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "sync/large.h"
#include "sync/rule.h"

enum content_verdict {
	CONTENT_OK,
	CONTENT_LARGE,		/* for the vault, which can't take it now; *e
				   says why */
	CONTENT_UNSTABLE,	/* changed while it was read, or is locked */
	CONTENT_GONE,		/* vanished meanwhile */
	CONTENT_UNREADABLE,	/* could not look; *e says why */
};

/* content_verdict_of(): a failure to look at a user's file. */
enum content_verdict content_verdict_of(int rc);

#define CONTENT_PATIENCE 8	/* for content_job.patience, 15 ms each */

/* In which form is it looked at? */
enum content_form {
	CONTENT_BY_RULE,	/* as the content policy says */
	CONTENT_BLOB,		/* as a blob, to compare it with one */
	CONTENT_POINTER,
};

struct content_job {
	struct workspace *ws;	/* borrowed: its vault */
	const struct rule *rule;	/* the content policy */
	const char *path;	/* in the workspace, for the policy */
	size_t path_n;
	uint64_t large_size;	/* it is a pointer in the tree before, to so
				   many bytes; 0: it is none */
	struct oid bare;	/* the blob of it: found on the disk as it is,
				   it is no change, but BEHIND */
	enum content_form form;
	struct os_dir *dir;	/* borrowed: the file's folder */
	const char *name;	/* its name there */
	const char *full;	/* its absolute path (data bases are opened so) */
	const char *tmp;	/* folder for copies of data bases; NULL: none is
				   made, their id stays zero */
	struct sink *sink;	/* NULL: only find the name; of a new large file
				   not even that: its id stays zero */
	struct os_stat st;	/* from the scan */
	int64_t fs_now_ns;	/* the file system's clock, 0 if unknown */
	int *patience;		/* how often this run may still pause for a file
				   that is being written; NULL: never */
};

/*
 * content_read(): read, hash and, with a sink, store.  On CONTENT_OK ${leaf}
 * (id, and mode FILE, EXEC or LINK) and ${rec} (the base record) are filled in.
 * Returns 0 and a verdict; < 0 only for our own trouble (memory, sink).
 * Memory: a small file, and its deflated form; a large one is streamed.
 */
int content_read(const struct content_job *job, struct tree_leaf *leaf,
		 struct baserec *rec, enum content_verdict *verdict,
		 struct err *e);

/* content_record(): the base record of a file that was just stat'ed. */
void content_record(struct baserec *rec, const struct tree_leaf *leaf,
		    const struct os_stat *st, int64_t fs_now_ns);

/* content_record_large(): make it that of a large file.  A data base's stays
 * as it is: its size on disk isn't that of the copy. */
void content_record_large(struct baserec *rec, const struct pointer *ptr);

/* content_is_large(): does the record say that it is one?  Not for data
 * bases. */
int content_is_large(const struct baserec *rec);

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
