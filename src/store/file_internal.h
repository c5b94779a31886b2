/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file_internal.h - for file*.c only. */
#ifndef STORE_FILE_INTERNAL_H
#define STORE_FILE_INTERNAL_H

#include "fmt/recipe.h"
#include "store/file.h"

/* ---- file_tree.c: a recipe that grows ---- */

/* One node for each level; entries go in at the bottom. */
struct file_tree {
	struct packer *p;
	uint64_t emitted[RECIPE_LEVEL_MAX + 1];	/* nodes stored so far */
	struct recipe_node node[RECIPE_LEVEL_MAX + 1];
	uint8_t bytes[RECIPE_NODE_MAX];
};

void file_tree_init(struct file_tree *t, struct packer *p);
/* file_tree_add(): the next chunk. */
int file_tree_add(struct file_tree *t, const uint8_t name[32], uint64_t size,
		  struct err *e);
/* file_tree_end(): store the rest; the name of the top. */
int file_tree_end(struct file_tree *t, uint8_t ret_top[32], struct err *e);

/* ---- file_walk.c: a recipe that is read ---- */

struct file_item {
	uint8_t name[32];
	unsigned type;		/* PACK_CHUNK or PACK_RECIPE */
	uint64_t at, size;	/* of the content: where, how much */
};

struct file_walk {
	const struct file_store *store;
	int depth;		/* of the frame that gives the next item */
	struct {
		struct recipe_node *node;	/* owned; kept for the next one */
		uint32_t i;
	} frame[RECIPE_LEVEL_MAX + 1];
	struct file_item item;	/* the item given last */
	uint64_t at;		/* where the next one begins */
	int root;		/* the root was not given yet */
	int top;		/* the root is what was given last */
	uint8_t bytes[RECIPE_NODE_MAX];
};

/* file_walk_init(): the first item is the recipe's top. */
void file_walk_init(struct file_walk *w, const struct file_store *store,
		    const struct pointer *ptr);
/* file_walk_next(): 1: w->item is the next one in order; 0: that was all.  What
 * is below a node comes only after file_walk_enter(). */
int file_walk_next(struct file_walk *w);
/* file_walk_enter(): read the node given last. */
int file_walk_enter(struct file_walk *w, struct err *e);
void file_walk_release(struct file_walk *w);

#endif
