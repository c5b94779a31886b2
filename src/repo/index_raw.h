/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_raw.h - git's index file, versions 2 and 3, edited as bytes
 * (gitformat-index(5)).  A usual sync changes a few entries of very many:
 * everything between them is copied as it is.
 */
#ifndef REPO_INDEX_RAW_H
#define REPO_INDEX_RAW_H

#include "base/buf.h"
#include "base/oid.h"

/* One entry's numbers, as they lie in the file. */
struct index_raw_entry {
	uint32_t ctime_s, ctime_ns, mtime_s, mtime_ns;
	uint32_t dev, ino, mode, uid, gid, size;
	struct oid id;
	int intent;		/* `git add -N`: no content yet */
	int skip, valid;	/* the user's: skip-worktree, assume-unchanged */
};

struct index_raw;

/*
 * index_raw_open(): ${data} is the whole file, and is taken (it is empty
 * afterwards, unless this fails); of 0 bytes: an index without entries.
 * HUB_EVERSION: another version, or an extension that must be understood (split,
 * sparse); HUB_ECORRUPT; HUB_ENOMEM.
 */
int index_raw_open(struct buf *data, struct index_raw **ret);
void index_raw_close(struct index_raw *x);	/* NULL is fine */

/* index_raw_get(): the entry of ${stage}, or HUB_EABSENT. */
int index_raw_get(const struct index_raw *x, const char *path, size_t n,
		  int stage, struct index_raw_entry *ret);
/* index_raw_put(): stage 0 of ${path}; its other stages go, and so does what
 * cannot be beside it: a file where it needs a folder, files below it. */
int index_raw_put(struct index_raw *x, const char *path, size_t n,
		  const struct index_raw_entry *en);
/* index_raw_clashes(): 1 if there is an entry that cannot be beside ${path}, and
 * that index_raw_put() would drop. */
int index_raw_clashes(const struct index_raw *x, const char *path, size_t n);
/* index_raw_remove(): all stages of ${path}, if there are any. */
int index_raw_remove(struct index_raw *x, const char *path, size_t n);

uint64_t index_raw_count(const struct index_raw *x);

/*
 * index_raw_text(): append the new file.  Extensions are left out: all that are
 * optional only save git time.  ${old_ns}: when the old file was written
 * (INT64_MAX: there was none).  Entries as young as that could not be trusted without
 * a look at the content; the new file, being younger, would no longer show it,
 * so their size is set to 0, which tells git the same.
 */
int index_raw_text(struct index_raw *x, int64_t old_ns, struct buf *out);

#endif
