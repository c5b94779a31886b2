/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_walk.c - walk over a recipe, front to back, without holding more than one
 * node of each level.  Every node is checked to be what the entry above it
 * says: its level, the bytes below it.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "store/file_internal.h"

void file_walk_init(struct file_walk *w, const struct file_store *store,
		    const struct pointer *ptr)
{
	memset(w, 0, sizeof(*w));
	w->store = store;
	w->depth = -1;
	w->root = 1;
	memcpy(w->item.name, ptr->recipe, 32);
	w->item.type = PACK_RECIPE;
	w->item.size = ptr->size;
}

void file_walk_release(struct file_walk *w)
{
	size_t i;

	for (i = 0; i <= RECIPE_LEVEL_MAX; i++)
		free(w->frame[i].node);
	memset(w, 0, sizeof(*w));
}

int file_walk_next(struct file_walk *w)
{
	const struct recipe_node *node;
	const struct recipe_entry *en;

	w->top = w->root;
	if (w->root) {
		w->root = 0;
		w->at = w->item.size;
		return 1;
	}
	while (w->depth >= 0 &&
	       w->frame[w->depth].i == w->frame[w->depth].node->n)
		w->depth--;
	if (w->depth < 0)
		return 0;
	node = w->frame[w->depth].node;
	en = &node->entry[w->frame[w->depth].i++];
	memcpy(w->item.name, en->name, 32);
	w->item.type = node->level ? PACK_RECIPE : PACK_CHUNK;
	w->item.at = w->at;
	w->item.size = en->size;
	w->at += en->size;
	return 1;
}

static int bad(const struct file_walk *w, struct err *e, const char *why)
{
	char hex[65];

	hex_encode(hex, w->item.name, 32);
	return err_set(e, HUB_ECORRUPT, "recipe %s: %s", hex, why);
}

int file_walk_enter(struct file_walk *w, struct err *e)
{
	struct file_want want = { .type = PACK_RECIPE, .out = w->bytes };
	struct recipe_node *node;
	int rc;

	if (w->item.type != PACK_RECIPE || w->depth == RECIPE_LEVEL_MAX)
		BUG("no node to enter");
	memcpy(want.name, w->item.name, 32);
	rc = w->store->read(w->store->arg, &want, 1, e);
	if (rc < 0)
		return rc;
	node = w->frame[w->depth + 1].node;
	if (!node)
		node = malloc(sizeof(*node));
	if (!node)
		return err_nomem(e);
	w->frame[w->depth + 1].node = node;
	rc = recipe_decode(node, w->bytes, want.n, e);
	if (rc < 0)
		return rc;
	if (node->size != w->item.size)
		return bad(w, e, "its node has another size than is said above");
	if (w->top ? node->level && node->n < 2 :
		     node->level + 1 != w->frame[w->depth].node->level)
		return bad(w, e, "its node has a wrong level");
	w->frame[++w->depth].i = 0;
	w->at = w->item.at;
	return 0;
}

int file_each(const struct file_store *store, const struct pointer *ptr,
	      int (*fn)(void *arg, const uint8_t name[32], unsigned type,
			uint64_t size, struct err *e),
	      void *arg, struct err *e)
{
	struct file_walk *w = malloc(sizeof(*w));
	int rc = 0;

	if (!w)
		return err_nomem(e);
	file_walk_init(w, store, ptr);
	while (rc >= 0 && file_walk_next(w)) {
		rc = fn(arg, w->item.name, w->item.type, w->item.size, e);
		if (rc == 0 && w->item.type == PACK_RECIPE)
			rc = file_walk_enter(w, e);
	}
	file_walk_release(w);
	free(w);
	return rc < 0 ? rc : 0;
}
