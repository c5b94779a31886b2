/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recipe.c - encode and decode nodes of recipes, hubformat-recipe(5).
 *
 * Where a node ends is a function of the names in it, so that a small change
 * of a huge file changes one node of each level.  The least number of entries
 * keeps the tree low where all names are alike (a file of zeros).
 */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/recipe.h"

#define VERSION 1

int recipe_ends(const uint8_t name[32], uint32_t n)
{
	return n == RECIPE_ENTRIES_MAX ||
	       (n >= RECIPE_ENTRIES_MIN && !(name[31] & 127));
}

/* May the ${i}-th entry (from 0) of ${r} stand there? */
static int entry_ok(const struct recipe_node *r, uint32_t i)
{
	const struct recipe_entry *en = &r->entry[i];

	if (!en->size || en->size > (r->level ? RECIPE_SIZE_MAX :
				     RECIPE_CHUNK_MAX))
		return 0;
	return i + 1 == r->n || !recipe_ends(en->name, i + 1);
}

size_t recipe_encode(uint8_t out[RECIPE_NODE_MAX], const struct recipe_node *r)
{
	uint8_t *p = out;
	uint32_t i;
	int s;

	if (r->level > RECIPE_LEVEL_MAX || !r->n || r->n > RECIPE_ENTRIES_MAX)
		BUG("recipe node of level %u with %u entries", r->level, r->n);
	*p++ = VERSION;
	*p++ = (uint8_t)r->level;
	*p++ = RECIPE_PROFILE >> 8;
	*p++ = RECIPE_PROFILE & 255;
	for (s = 24; s >= 0; s -= 8)
		*p++ = (uint8_t)(r->n >> s);
	for (i = 0; i < r->n; i++) {
		if (!entry_ok(r, i))
			BUG("recipe node: entry %u", i);
		memcpy(p, r->entry[i].name, 32);
		p += 32;
		for (s = 56; s >= 0; s -= 8)
			*p++ = (uint8_t)(r->entry[i].size >> s);
	}
	return (size_t)(p - out);
}

int recipe_decode(struct recipe_node *ret, const void *p, size_t n,
		  struct err *e)
{
	unsigned version, profile;
	struct rd r;
	uint32_t i;

	ret->n = 0;
	ret->size = 0;
	rd_init(&r, p, n);
	version = rd_u8(&r);
	ret->level = rd_u8(&r);
	profile = rd_u16(&r);
	if (r.failed)
		return err_set(e, HUB_ECORRUPT, "recipe: cut off");
	if (version != VERSION || profile != RECIPE_PROFILE)
		return err_set(e, HUB_EVERSION, "recipe of version %u, profile "
			       "%u; this program knows %d and %d: use a newer "
			       "hub", version, profile, VERSION, RECIPE_PROFILE);
	ret->n = rd_u32(&r);
	if (ret->level > RECIPE_LEVEL_MAX || !ret->n ||
	    ret->n > RECIPE_ENTRIES_MAX || r.n != ret->n * RECIPE_ENTRY)
		goto bad;
	for (i = 0; i < ret->n; i++) {
		rd_copy(&r, ret->entry[i].name, 32);
		ret->entry[i].size = rd_u64(&r);
		if (!entry_ok(ret, i) ||
		    ret->entry[i].size > RECIPE_SIZE_MAX - ret->size)
			goto bad;
		ret->size += ret->entry[i].size;
	}
	if (rd_end(&r) == 0)
		return 0;
bad:
	ret->n = 0;
	ret->size = 0;
	return err_set(e, HUB_ECORRUPT, "recipe: a node is damaged");
}
