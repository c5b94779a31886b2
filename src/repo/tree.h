/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - git trees: look up, walk, compare, change, merge.  Equal subtrees
 * are never read.  New trees go to a sink.  Paths are at most PATH_LEN_MAX
 * bytes; depth at most TREE_DEPTH_MAX (hostile trees), else HUB_ELIMIT.
 */
#ifndef REPO_TREE_H
#define REPO_TREE_H

#include "repo/repo.h"
#include "repo/sink.h"

#define TREE_DEPTH_MAX 1024
#define TREE_OBJECT_MAX (256u << 20)

#define MODE_TREE 0040000u
#define MODE_FILE 0100644u
#define MODE_EXEC 0100755u
#define MODE_LINK 0120000u
#define MODE_GITLINK 0160000u

/* An entry at a path; mode 0 means "nothing there". */
struct tree_leaf { uint32_t mode; struct oid id; };

/* tree_find(): entry at ${path} (a leaf or a tree); ${path_n} 0 is the root
 * itself.  root zero = empty tree.  HUB_EABSENT without message. */
int tree_find(struct repo *r, const struct oid *root, const char *path,
	      size_t path_n, struct tree_leaf *ret, struct err *e);

/* tree_walk(): all leaves (everything but trees) below ${prefix}, in git's
 * order (= memcmp order of full paths).  ${fn} non-zero stops and is returned. */
int tree_walk(struct repo *r, const struct oid *root, const char *prefix,
	      size_t prefix_n,
	      int (*fn)(void *arg, const char *path, size_t n,
			const struct tree_leaf *leaf),
	      void *arg, struct err *e);

/* tree_diff(): leaves that differ, in path order; old or new mode is 0 where
 * there is nothing.  A file that became a folder is one deletion and
 * additions.  Memory: one object per level. */
int tree_diff(struct repo *r, const struct oid *old_root,
	      const struct oid *new_root,
	      int (*fn)(void *arg, const char *path, size_t n,
			const struct tree_leaf *o, const struct tree_leaf *n_),
	      void *arg, struct err *e);

/* One change; changes of one update are sorted by path (memcmp) and unique. */
struct tree_change {
	const char *path;	/* borrowed */
	size_t path_n;
	struct tree_leaf leaf;	/* mode 0: delete */
};

/*
 * tree_update(): the tree that ${root} (zero: empty) becomes with ${changes}.
 * Deleting what is not there is nothing.  "a" deleted and "a/b" added makes a
 * folder of a file; adding a leaf where a folder is replaces the folder, unless
 * changes below it add something (then HUB_EBUG).  Folders that become empty
 * vanish; an empty result is git's empty tree.
 */
int tree_update(struct repo *r, struct sink *s, const struct oid *root,
		const struct tree_change *changes, size_t n,
		struct oid *ret, struct err *e);

/* Why both versions of a path had to be kept. */
enum tree_clash { CLASH_CONTENT, CLASH_MODE, CLASH_KIND, CLASH_FOLDER };

struct tree_conflict {
	const char *path;	/* keeps ours */
	size_t path_n;
	enum tree_clash why;
	struct tree_leaf base, ours, theirs;	/* mode 0 where absent */
};

struct tree_merge_ops {
	void *arg;
	/*
	 * Where must the version that loses the path go?  ${loser} is that
	 * version (theirs; with CLASH_FOLDER the one that is a file, whoever
	 * has it: the folder keeps the path).  Writes a path in the same
	 * folder to ${ret}.  Called in path order; the result is put into the
	 * merged tree unless the same bytes are there already; if other bytes
	 * are there it is called again with attempt 1, 2, ...
	 */
	int (*conflict_name)(void *arg, const struct tree_conflict *c,
			     const struct tree_leaf *loser, int attempt,
			     struct buf *ret, struct err *e);
	/* Told once per conflict, with the path that was chosen. */
	int (*conflict)(void *arg, const struct tree_conflict *c,
			const char *kept_as, size_t kept_as_n, struct err *e);
	/* Are two different leaves equal in content (pointer and blob)?  NULL:
	 * never. */
	int (*same)(void *arg, const struct tree_leaf *a,
		    const struct tree_leaf *b);
};

/*
 * tree_merge(): three-way merge, "ours" being the hub's side.
 *   equal on one side       -> the other side's
 *   both changed a file     -> lines merged as git does, if both and the base
 *                              are text (no NUL in 8,000 bytes) of at most
 *                              MERGE_TEXT_MAX; no markers are ever written
 *   changed against deleted -> the changed one stays
 *   executable bit          -> merged apart from the content
 *   anything else           -> both are kept, see conflict_name
 * No rename detection.  ${ret} is the merged tree.
 */
#define MERGE_TEXT_MAX (8u << 20)
int tree_merge(struct repo *r, struct sink *s, const struct oid *base,
	       const struct oid *ours, const struct oid *theirs,
	       const struct tree_merge_ops *ops, struct oid *ret,
	       struct err *e);

#endif
