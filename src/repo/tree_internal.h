/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_internal.h - what the files of tree*.c share.
 *
 * Walks keep their folders in a linked list of levels on the heap, newest
 * first, never on the C stack: the depth is the tree's, which is foreign.
 */
#ifndef REPO_TREE_INTERNAL_H
#define REPO_TREE_INTERNAL_H

#include "repo/tree.h"
#include "repo/tree_raw.h"

/* Where trees and blobs are read: through the sink while there is one, so that
 * what was just put is seen. */
struct tree_src {
	struct repo *r;
	struct sink *s;		/* NULL: committed objects only */
};

/* git's empty tree, which a repository need not hold. */
extern const struct oid tree_empty_id;

/* tree_src_read(): as sink_read(), but what is named and not there is
 * HUB_ECORRUPT: HUB_EABSENT is kept for "no such path". */
int tree_src_read(const struct tree_src *src, const struct oid *id,
		  enum obj_type type, uint64_t max, struct buf *ret,
		  struct err *e);

/* tree_src_text(): a blob that may be a text: 1; 0 if it has more than
 * MERGE_TEXT_MAX bytes; < 0 on failure. */
int tree_src_text(const struct tree_src *src, const struct oid *id,
		  struct buf *ret, struct err *e);

enum tree_text { TREE_TEXT, TREE_BINARY, TREE_LARGE };

/* tree_text_kind(): is this to be treated line by line?  Binary: a NUL in the
 * first 8,000 bytes, as git has it; large: over MERGE_TEXT_MAX bytes or
 * MERGE_LINES_MAX lines. */
enum tree_text tree_text_kind(const void *p, size_t n);

/* A tree object, checked, and a place in it. */
struct tree_cursor {
	struct oid id;		/* zero: there is no such tree, has is 0 */
	struct buf obj;
	struct tree_raw it;
	struct tree_entry en;	/* valid while ${has} */
	int has;
};
#define TREE_CURSOR_INIT { .obj = BUF_INIT }

/* tree_cursor_open(): at the first entry; ${id} zero is an empty tree. */
int tree_cursor_open(struct tree_cursor *c, const struct tree_src *src,
		     const struct oid *id, struct err *e);
void tree_cursor_next(struct tree_cursor *c);
void tree_cursor_release(struct tree_cursor *c);

/* tree_path_set(): make ${path} its first ${n} bytes, ${name}, and a '/' if
 * ${is_tree}; HUB_ELIMIT over PATH_LEN_MAX. */
int tree_path_set(struct buf *path, size_t n, const char *name, size_t name_n,
		  int is_tree, struct err *e);

/* tree_depth_check(): may a level be put below ${depth} others? */
int tree_depth_check(size_t depth, const char *path, struct err *e);

int tree_leaf_eq(const struct tree_leaf *a, const struct tree_leaf *b);

/* tree_out_put(): tree_out_add() with a message. */
int tree_out_put(struct tree_out *o, const char *name, size_t n,
		 const struct tree_leaf *leaf, struct err *e);
/* tree_out_store(): put the object into the sink. */
int tree_out_store(const struct tree_out *o, struct sink *s, struct oid *ret,
		   struct err *e);

/* tree_diff_src(): tree_diff() that sees what is in the sink. */
int tree_diff_src(const struct tree_src *src, const struct oid *old_root,
		  const struct oid *new_root,
		  int (*fn)(void *arg, const char *path, size_t n,
			    const struct tree_leaf *o,
			    const struct tree_leaf *n_),
		  void *arg, struct err *e);

#endif
