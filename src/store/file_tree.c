/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_tree.c - a recipe that grows, chunk by chunk (hubformat-recipe(5)).
 *
 * A node that is complete is stored at once and becomes an entry one level up,
 * so memory is one node for each level.  At the end the nodes that wait are
 * stored from the bottom to the top; the top is the node, or the single entry,
 * that stands alone in its level.
 */
#include <string.h>
#include "base/banned.h"
#include "store/file_internal.h"

void file_tree_init(struct file_tree *t, struct packer *p)
{
	unsigned i;

	t->p = p;
	memset(t->emitted, 0, sizeof(t->emitted));
	for (i = 0; i <= RECIPE_LEVEL_MAX; i++) {
		t->node[i].level = i;
		t->node[i].n = 0;
		t->node[i].size = 0;
	}
}

/* Store the node of one level and empty it. */
static int emit(struct file_tree *t, unsigned level, struct recipe_entry *ret,
		struct err *e)
{
	struct recipe_node *node = &t->node[level];
	size_t n = recipe_encode(t->bytes, node);
	int rc = packer_offer(t->p, PACK_RECIPE, t->bytes, n, ret->name, e);

	ret->size = node->size;
	node->n = 0;
	node->size = 0;
	t->emitted[level]++;
	return rc;
}

/* An entry into one level, and into those above if nodes get complete. */
static int push(struct file_tree *t, unsigned level,
		const struct recipe_entry *from, struct err *e)
{
	struct recipe_entry en = *from;
	struct recipe_node *node;
	int rc;

	for (; level <= RECIPE_LEVEL_MAX; level++) {
		node = &t->node[level];
		node->entry[node->n++] = en;
		node->size += en.size;
		if (!recipe_ends(en.name, node->n))
			return 0;
		rc = emit(t, level, &en, e);
		if (rc < 0)
			return rc;
	}
	return err_set(e, HUB_ELIMIT, "the file is too large for a recipe");
}

int file_tree_add(struct file_tree *t, const uint8_t name[32], uint64_t size,
		  struct err *e)
{
	struct recipe_entry en;

	memcpy(en.name, name, 32);
	en.size = size;
	return push(t, 0, &en, e);
}

/* Is there nothing above this level? */
static int is_last(const struct file_tree *t, unsigned level)
{
	while (++level <= RECIPE_LEVEL_MAX)
		if (t->node[level].n || t->emitted[level])
			return 0;
	return 1;
}

int file_tree_end(struct file_tree *t, uint8_t ret_top[32], struct err *e)
{
	struct recipe_node *node;
	struct recipe_entry en;
	unsigned level;
	int rc, alone;

	for (level = 0; level <= RECIPE_LEVEL_MAX; level++) {
		node = &t->node[level];
		alone = is_last(t, level) && !t->emitted[level];
		if (alone && level && node->n == 1) {
			memcpy(ret_top, node->entry[0].name, 32);
			return 0;
		}
		if (!node->n)
			continue;
		rc = emit(t, level, &en, e);
		if (rc < 0)
			return rc;
		if (alone) {
			memcpy(ret_top, en.name, 32);
			return 0;
		}
		if (level == RECIPE_LEVEL_MAX)
			break;
		rc = push(t, level + 1, &en, e);
		if (rc < 0)
			return rc;
	}
	return err_set(e, HUB_ELIMIT, "the file is too large for a recipe");
}
