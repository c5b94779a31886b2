/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_staged.c - what a person has put into git's index and nowhere else.
 *
 * Such a path waits, alone: HEAD moves on, the index entry and the disk stay.
 * The base record stays too and is BEHIND, so what follows is merged with what
 * it was made from; a `git commit` of the entry, which by itself would take the
 * hub's version back, is noticed by follow.c and merged by record.c.
 */
#include "sync/apply_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "sync/compare.h"
#include "sync/follow.h"

int apply_staged(struct index *x, const char *path, size_t n,
		 const struct tree_leaf *base, const struct tree_leaf *want)
{
	struct index_entry en;
	int got;

	memset(&en, 0, sizeof(en));
	got = index_get(x, path, n, &en);
	if (got == HUB_ECONFLICT)
		return 1;
	if (got < 0)
		memset(&en, 0, sizeof(en));
	return !compare_leaf_eq(&en.leaf, want) &&
		!compare_leaf_eq(&en.leaf, base);
}

int apply_staged_marked(struct index *x, const char *path, size_t n)
{
	struct index_entry en;

	return !index_get(x, path, n, &en) && en.skip;
}

static int put_leaf(void *arg, const char *path, size_t n,
		    const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct apply *a = arg;

	(void)o;
	if (!path_ok(path, n))
		return 0;
	return index_put(a->index, path, n, leaf, NULL, a->e);
}

static int cmp_change(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	return mem_cmp(a->path, a->n, b->path, b->n);
}

/* Recorded just now: whatever was staged, the disk had the newest. */
static int is_recorded(const struct changes *ch, const struct apply_op *op)
{
	struct change key = { .path = op->path, .n = op->n };
	const struct change *c;

	if (!ch || !ch->n)
		return 0;
	c = bsearch(&key, ch->v, ch->n, sizeof(key), cmp_change);
	return c && !c->waits;
}

int apply_staged_mark(struct apply *a, const struct oid *from,
		      const struct changes *recorded)
{
	struct oid tree;
	size_t i;
	int rc;

	if (index_missing(a->index)) {
		rc = follow_commit_tree(a->ws->repo, from, &tree, a->e);
		return rc ? rc : tree_diff(a->ws->repo, &oid_zero, &tree,
					   put_leaf, a, a->e);
	}
	for (i = 0; i < a->n; i++) {
		struct apply_op *op = &a->ops[i];

		op->staged = apply_staged(a->index, op->path, op->n, &op->base,
					  &op->want) &&
			!is_recorded(recorded, op);
	}
	return 0;
}
