/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_merge.h - what the files of tree_merge*.c share.
 */
#ifndef REPO_TREE_MERGE_H
#define REPO_TREE_MERGE_H

#include "base/map.h"
#include "repo/attr.h"
#include "repo/tree_internal.h"

enum { BASE, OURS, THEIRS, SIDES };

/* Offsets of the entries of a tree object, made when first needed. */
struct tree_index {
	uint32_t *off;
	size_t n;
	int made;
};

/* A folder that is being merged. */
struct tree_merge_level {
	struct tree_merge_level *up;
	struct tree_cursor c[SIDES];
	struct tree_out out;		/* merged so far, in order */
	size_t path_n;			/* of the folder's path, with '/' */
	struct tree_index index[SIDES];
	struct map kept;		/* names of conflict copies ->
					   struct tree_leaf, owned */
	struct buf attrs;		/* our side's .gitattributes, once read */
	int attrs_read;
	const char *name;		/* in ${up}; borrowed from its objects */
	size_t name_n;
};

struct tree_merge {
	struct tree_src src;
	const struct tree_merge_ops *ops;
	struct tree_merge_level *top;
	size_t depth;
	struct buf path;
	struct oid result;		/* of the root, when top is NULL */
	int has_result;
};

/* ---- tree_merge_leaf.c: three leaves of one path ---- */

/* tree_merge_equal(): equal in content whatever the executable bit, and, for
 * regular files, whatever the form (ops->same). */
int tree_merge_equal(const struct tree_merge_ops *ops,
		     const struct tree_leaf *a, const struct tree_leaf *b);

/* tree_merge_leaf(): what ${v} (mode 0: nothing) become: ${ret}, and 1 if both
 * versions have to be kept (then ${ret} is ours and *ret_why is set), else 0,
 * < 0 on failure. */
int tree_merge_leaf(struct tree_merge *m, const struct tree_leaf v[SIDES],
		    struct tree_leaf *ret, enum tree_clash *ret_why,
		    struct err *e);

/* ---- tree_merge_attr.c ---- */

/* tree_merge_attr(): what the attributes of our side say about the file at
 * ${m->path}, in the top level. */
int tree_merge_attr(struct tree_merge *m, enum attr_merge *ret, struct err *e);

/* ---- tree_merge_keep.c: the version that loses the path ---- */

/* tree_merge_keep(): find a place for ${loser} in the top level's folder and
 * tell the caller. */
int tree_merge_keep(struct tree_merge *m, const struct tree_conflict *c,
		    const struct tree_leaf *loser, struct err *e);
/* tree_merge_add_kept(): put the conflict copies of the top level into its
 * result. */
int tree_merge_add_kept(struct tree_merge *m, struct err *e);
void tree_merge_keep_release(struct tree_merge_level *l);

/* ---- tree_text.c ---- */

/*
 * tree_text_merge(): three versions of a text, merged line by line as git
 * does.  1 and the merged text in ${ret} (replaced); 0 if it cannot be done
 * without a conflict, or one of them is no text, or too large; HUB_ENOMEM.
 * ${both}: where lines clash both sides' are taken, ours first.
 */
int tree_text_merge(const struct buf v[SIDES], int both, struct buf *ret,
		    struct err *e);

#endif
