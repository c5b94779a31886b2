/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_raw.h - the bytes of a git tree object.  Pure: no I/O.
 *
 * A tree is a row of entries, nothing before, between or after them:
 *
 *	mode	octal digits without a leading zero
 *	' '
 *	name	1..PATH_LEN_MAX bytes, neither '/' nor NUL
 *	NUL
 *	id	20 bytes, not all zero
 *
 * A tree is well formed if and only if
 *   (1) each entry is as above, and its mode is 40000, 100644, 100755, 100664
 *       (written by git before 2005-05; read as 100644, as git does), 120000
 *       or 160000;
 *   (2) entries ascend strictly in tree_entry_cmp() order;
 *   (3) no name is both a folder's and a leaf's.  Such two need not be
 *       neighbours: "a.b" sorts between the leaf "a" and the folder "a".
 * Names that no tree of ours may hold ("..", ".git") are well formed: whoever
 * writes to a disk asks path_component_ok().
 */
#ifndef REPO_TREE_RAW_H
#define REPO_TREE_RAW_H

#include "base/buf.h"
#include "base/oid.h"
#include "base/path.h"

struct tree_entry {
	uint32_t mode;		/* one of MODE_* of tree.h */
	const char *name;	/* borrowed from the object; no NUL counts on it */
	size_t name_n;
	struct oid id;
};

/* tree_entry_cmp(): git's order: names as bytes, a folder's as if it ended
 * with '/'.  So 0 means: same name and both or neither a folder. */
int tree_entry_cmp(const struct tree_entry *a, const struct tree_entry *b);

/* Reads one entry after the other. */
struct tree_raw {
	const uint8_t *p;	/* what is left; borrowed */
	size_t n;
};

void tree_raw_init(struct tree_raw *t, const void *p, size_t n);

/* tree_raw_next(): 1 and the next entry, 0 at the end, HUB_ECORRUPT, or
 * HUB_ELIMIT for a name that is too long.  Checks (1) only: (2) and (3) are
 * tree_raw_check()'s. */
int tree_raw_next(struct tree_raw *t, struct tree_entry *ret);

/* tree_raw_check(): is this whole object well formed?  0, HUB_ECORRUPT or
 * HUB_ELIMIT; ${why} (may be NULL) then says what is wrong, in a few words. */
int tree_raw_check(const void *p, size_t n, const char **why);

/* Which leaves so far are a prefix of what may still come: enough to see (3)
 * in one pass.  All of them are prefixes of one name, so lengths suffice. */
struct tree_leaves {
	size_t off;		/* of that name in the object */
	size_t n;		/* its length so far valid */
	uint8_t is[PATH_LEN_MAX + 1];	/* is[k]: its first k bytes are a leaf */
};

/* Writes a tree; cannot write one that is not well formed. */
struct tree_out {
	struct buf b;		/* the object so far */
	struct tree_leaves leaves;
	size_t last;		/* offset of the last name */
	size_t last_n;		/* 0: no entry yet */
	int last_is_tree;
};

void tree_out_init(struct tree_out *o);
void tree_out_release(struct tree_out *o);

/* tree_out_add(): append an entry.  HUB_EBUG if it would break (1) to (3): the
 * caller merges by tree_entry_cmp(); HUB_ELIMIT for a name that is too long;
 * HUB_ENOMEM.  The object is unchanged then. */
int tree_out_add(struct tree_out *o, const struct tree_entry *en);

/* tree_out_has_leaf(): was a leaf ${name} added?  Answers for the place where
 * the folder ${name} would be added now, not for any name at any time. */
int tree_out_has_leaf(const struct tree_out *o, const char *name, size_t n);

#endif
