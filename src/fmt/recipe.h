/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recipe.h - the nodes of a recipe, the tree of chunk names that a large file
 * is made of (hubformat-recipe(5)).
 *
 *	offset	size
 *	0	1	version, 1
 *	1	1	level: 0 has chunks below, n has nodes of level n - 1
 *	2	2	profile of the chunker, 1
 *	4	4	number of entries, 1..1024
 *	8	40 each	name 32, bytes of content below 8
 */
#ifndef FMT_RECIPE_H
#define FMT_RECIPE_H

#include "base/buf.h"

#define RECIPE_HEAD 8u
#define RECIPE_ENTRY 40u
#define RECIPE_ENTRIES_MIN 32u	/* before an entry may end a node */
#define RECIPE_ENTRIES_MAX 1024u
#define RECIPE_LEVEL_MAX 6
#define RECIPE_NODE_MAX (RECIPE_HEAD + RECIPE_ENTRIES_MAX * RECIPE_ENTRY)
#define RECIPE_PROFILE 1
#define RECIPE_SIZE_MAX ((uint64_t)1 << 60)
#define RECIPE_CHUNK_MAX (1u << 20)

struct recipe_entry {
	uint8_t name[32];
	uint64_t size;
};

struct recipe_node {
	unsigned level;
	uint32_t n;
	uint64_t size;		/* sum of all below; set by recipe_decode() */
	struct recipe_entry entry[RECIPE_ENTRIES_MAX];
};

/* recipe_ends(): does a node end with this entry, its ${n}-th (from 1)? */
int recipe_ends(const uint8_t name[32], uint32_t n);
/* recipe_encode(): bytes written to ${out}.  BUG() for what does not decode. */
size_t recipe_encode(uint8_t out[RECIPE_NODE_MAX], const struct recipe_node *r);
/* recipe_decode(): HUB_ECORRUPT, HUB_EVERSION (version or profile). */
int recipe_decode(struct recipe_node *ret, const void *p, size_t n,
		  struct err *e);

#endif
