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

/*
 * Everywhere: a root that is zero is an empty tree.  A tree that is missing or
 * not well formed (tree_raw.h) is HUB_ECORRUPT with its name, so HUB_EABSENT
 * only ever says that a path is not there.  Names that no tree of ours may hold
 * ("..", ".git") are handed on; who writes them to a disk asks path_ok().
 */

/* tree_find(): entry at ${path} (a leaf or a tree); ${path_n} 0 is the root
 * itself.  HUB_EABSENT without message. */
int tree_find(struct repo *r, const struct oid *root, const char *path,
	      size_t path_n, struct tree_leaf *ret, struct err *e);

/* tree_walk(): all leaves (everything but trees) below the folder ${prefix}
 * (no '/' at its end), in git's order (= memcmp order of full paths, which is
 * what ${fn} gets, NUL-ended).  A ${prefix} that is a leaf gives that leaf;
 * HUB_EABSENT without message if there is nothing.  ${fn} non-zero stops and
 * is returned. */
int tree_walk(struct repo *r, const struct oid *root, const char *prefix,
	      size_t prefix_n,
	      int (*fn)(void *arg, const char *path, size_t n,
			const struct tree_leaf *leaf),
	      void *arg, struct err *e);

/* tree_diff(): leaves that differ, in path order (memcmp); old or new mode is 0
 * where there is nothing.  A file that became a folder is one deletion and
 * additions ("a" gone, whatever sorts between, like "a.b", then "a/x").  ${fn}
 * non-zero stops and is returned.  Memory: two objects per level. */
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
 * tree_update(): the tree that ${root} becomes with ${changes}.  Deleting what
 * is not there as a leaf is nothing.  "a" deleted and "a/b" added makes a
 * folder of a file; adding a leaf where a folder is replaces the folder.
 * HUB_EBUG if "a" would be both: added with something below it, or staying as
 * a file while something is added below it (the caller has to say that it
 * goes); if changes are not sorted or no leaves.  HUB_EDENIED if path_ok()
 * refuses the path of an addition.  Folders that become empty vanish; an empty
 * result is git's empty tree.  Folders without a change are neither read nor
 * written; if nothing changes, ${ret} is ${root} and nothing is put.
 */
int tree_update(struct repo *r, struct sink *s, const struct oid *root,
		const struct tree_change *changes, size_t n,
		struct oid *ret, struct err *e);

/* Why both versions of a path had to be kept. */
enum tree_clash { CLASH_CONTENT, CLASH_KIND, CLASH_FOLDER };

struct tree_conflict {
	const char *path;	/* keeps ours; CLASH_FOLDER: keeps the folder */
	size_t path_n;
	enum tree_clash why;
	/* mode 0 where absent; with CLASH_FOLDER one is MODE_TREE */
	struct tree_leaf base, ours, theirs;
};

struct tree_merge_ops {
	void *arg;
	/*
	 * Where must the version that loses the path go?  ${loser} is that
	 * version (theirs; with CLASH_FOLDER the one that is a file, whoever
	 * has it: the folder keeps the path).  Writes a path in the same
	 * folder to ${ret}.  Called in path order; the result is put into the
	 * merged tree unless the same content is there already; if something
	 * else is there (or might be) it is called again with attempt 1, 2,
	 * ... 99, then HUB_EBUG.  A result over PATH_LEN_MAX is HUB_ELIMIT.
	 */
	int (*conflict_name)(void *arg, const struct tree_conflict *c,
			     const struct tree_leaf *loser, int attempt,
			     struct buf *ret, struct err *e);
	/* Told once per conflict, in path order, with the path that was
	 * chosen; "" (0 bytes) if the loser is a gitlink: it has no content
	 * that could stand elsewhere, so it is in its side's history only. */
	int (*conflict)(void *arg, const struct tree_conflict *c,
			const char *kept_as, size_t kept_as_n, struct err *e);
	/* Are two regular files of different ids equal in content (pointer and
	 * blob)?  > 0: yes.  NULL: never. */
	int (*same)(void *arg, const struct tree_leaf *a,
		    const struct tree_leaf *b);
};

/*
 * tree_merge(): three-way merge, "ours" being the hub's side.
 *   equal on one side       -> the other side's
 *   both changed a file     -> lines merged as git does, if both and the base
 *                              are text (no NUL in 8,000 bytes) of at most
 *                              MERGE_TEXT_MAX bytes and MERGE_LINES_MAX lines;
 *                              no markers are ever written.  Attributes (attr.h)
 *                              in the tree of ours are obeyed: never by lines,
 *                              or the lines of both where they clash
 *   both added a file       -> kept both, unless equal (there is no base) or
 *                              the attributes want the lines of both
 *   changed against deleted -> the changed one stays
 *   executable bit          -> merged apart from the content; added with and
 *                              without: set
 *   equal content           -> a new mode or another form of equal content
 *                              (${ops}->same) never beats a deletion, a folder
 *                              or another kind of file
 *   anything else           -> both are kept, see conflict_name; symlinks and
 *                              gitlinks are never merged
 * No rename detection.  Non-zero from a callback stops and is returned.  ${s}
 * may hold objects not committed yet.  ${ret} is the merged tree; a folder that
 * equals ours or theirs keeps its object.
 */
#define MERGE_TEXT_MAX (8u << 20)
#define MERGE_LINES_MAX 100000
int tree_merge(struct repo *r, struct sink *s, const struct oid *base,
	       const struct oid *ours, const struct oid *theirs,
	       const struct tree_merge_ops *ops, struct oid *ret,
	       struct err *e);

#endif
