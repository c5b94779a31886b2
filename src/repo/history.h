/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.h - what happened, for people: which commits touched a path, how a
 * file looked over time, and the text of a difference.  Reads only.
 */
#ifndef REPO_HISTORY_H
#define REPO_HISTORY_H

#include "repo/repo.h"
#include "repo/tree.h"

/* ---- commits ---- */

struct history_query {
	const char *const *paths;	/* files or folders; "" is everything */
	size_t paths_n;			/* 0: no filter */
	uint64_t limit;			/* stop after so many; 0: never */
	int count_changes;		/* fill history_entry.changed */
};

struct history_entry {
	const struct commit *commit;	/* borrowed until the return */
	/* Leaves, below the paths if there are any, that differ from the first
	 * parent (from nothing, without one); 0 if not asked for. */
	uint64_t changed;
	/* What the commit has at the first path; mode 0: nothing (any more).
	 * A folder is MODE_TREE.  Without a path: the whole tree. */
	struct tree_leaf at;
};

/*
 * history_log(): commits reachable from ${tip}, newest first by committer time
 * (a child of which the walk knows always before its parent, whatever the
 * clocks said).
 *
 * With paths, as `git log -- PATHS`: a commit counts if it differs from its
 * parent there; a merge that equals one parent there is skipped and only that
 * parent is followed (the first, if there are several); one that differs from
 * all counts.  Without paths every commit counts.
 *
 * ${fn} returns non-zero to stop; its value is returned.  HUB_ECORRUPT if a
 * commit or tree of the history is missing or damaged (a shallow clone's
 * history ends that way, and the message says so).
 * Memory: 100 bytes for each commit looked at.  Cost with paths: one or two
 * trees read for each commit, as equal folders are not descended into.
 */
int history_log(struct repo *r, const struct oid *tip,
		const struct history_query *q,
		int (*fn)(void *arg, const struct history_entry *en),
		void *arg, struct err *e);

/*
 * history_file_versions(): the versions of one file, newest first: each commit
 * of history_log() for ${path}, with what stood there after it (mode 0 where it
 * was deleted).  ${limit} 0: all.
 */
int history_file_versions(struct repo *r, const struct oid *tip,
			  const char *path, uint64_t limit,
			  int (*fn)(void *arg, const struct commit *c,
				    const struct tree_leaf *at),
			  void *arg, struct err *e);

/* history_path_in(): is ${path} one of ${paths}, or below one?  1 or 0; 1 if
 * there are none, or one is "". */
int history_path_in(const char *const *paths, size_t paths_n,
		    const char *path, size_t n);

/* ---- the text of differences ---- */

#define HISTORY_TEXT_MAX MERGE_TEXT_MAX		/* larger files: one line */
#define HISTORY_LINES_MAX MERGE_LINES_MAX

/* One side of a difference of one path. */
struct history_side {
	uint32_t mode;		/* as in struct tree_leaf; 0: nothing there */
	struct oid id;		/* of the content, for the "index" line */
	const void *p;		/* content, borrowed; NULL: too large to show */
	size_t n;
};

/* Gets the text piece by piece; non-zero stops and is returned. */
typedef int history_out(void *arg, const char *p, size_t n);

/*
 * history_patch_file(): unified diff of one path, as `git diff` prints it (no
 * renames, ids cut to 7 digits): text for people, and for `git apply`.
 *
 *	diff --git a/PATH b/PATH
 *	old mode, new mode, new file mode, deleted file mode: where it applies
 *	index 1234567..89abcde 100644
 *	--- a/PATH
 *	+++ b/PATH
 *	@@ ... @@ hunks with ${context} lines around
 *
 * Content with a NUL in its first 8,000 bytes is "Binary files ... differ",
 * content over the limits "Files ... differ (too large to show)".  Another kind
 * of file (symlink) is a deletion and an addition.  Paths with control
 * characters, quotes, backslashes or bad UTF-8 stand in "" with \ooo; content
 * is given as it is: who prints to a terminal cleans it.
 */
int history_patch_file(const char *path, size_t path_n,
		       const struct history_side *old,
		       const struct history_side *new, unsigned context,
		       history_out *out, void *arg, struct err *e);

/*
 * history_patch(): the differences between two trees (zero: empty) below the
 * paths of ${q} (the rest of it does not count; NULL: everything), in path
 * order.  Memory: two files at a time.
 */
int history_patch(struct repo *r, const struct oid *old_root,
		  const struct oid *new_root, const struct history_query *q,
		  unsigned context, history_out *out, void *arg,
		  struct err *e);

#endif
