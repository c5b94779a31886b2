/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_merge_keep.c - conflict copies: a second name, in the same folder, for
 * the version that loses the path.
 *
 * A name is free if the merged folder will have nothing there.  That is asked
 * of the three old folders, not of the half-made new one, because the name may
 * sort before or after the entry at hand.  Where the answer would take a merge
 * of its own, the name counts as taken: the next attempt costs nothing.
 * The copies wait in the level and are sorted in when it is complete.
 */
#include <stdlib.h>
#include <string.h>
#include "repo/tree_merge.h"
#include "base/banned.h"

#define ATTEMPTS_MAX 100

static int index_make(struct tree_index *x, const struct tree_cursor *c,
		      struct err *e)
{
	struct tree_entry en;
	struct tree_raw it;
	size_t n = 0;

	if (x->made)
		return 0;
	for (tree_raw_init(&it, c->obj.p, c->obj.n);
	     tree_raw_next(&it, &en) > 0;)
		n++;
	x->off = calloc(n ? n : 1, sizeof(*x->off));
	if (!x->off)
		return err_nomem(e);
	tree_raw_init(&it, c->obj.p, c->obj.n);
	for (x->n = 0; x->n < n; x->n++) {
		x->off[x->n] = (uint32_t)(c->obj.n - it.n);
		if (tree_raw_next(&it, &en) <= 0)
			break;
	}
	x->made = 1;
	return 0;
}

/* The entry ${name}, leaf or folder as ${mode} says; mode 0 if none. */
static struct tree_leaf index_get(const struct tree_index *x,
				  const struct tree_cursor *c, uint32_t mode,
				  const char *name, size_t n)
{
	struct tree_entry en, want = { mode, name, n, { { 0 } } };
	struct tree_leaf none = { 0 };
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct tree_raw it;
		int cmp;

		tree_raw_init(&it, c->obj.p + x->off[mid],
			      c->obj.n - x->off[mid]);
		if (tree_raw_next(&it, &en) <= 0)
			break;
		cmp = tree_entry_cmp(&en, &want);
		if (!cmp)
			return (struct tree_leaf){ en.mode, en.id };
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return none;
}

enum { FREE, SAME, TAKEN };

/* What is, or will be, at ${name} in the merged folder, as seen by ${loser}? */
static int name_state(struct tree_merge *m, const char *name, size_t n,
		      const struct tree_leaf *loser)
{
	struct tree_merge_level *l = m->top;
	struct tree_leaf v[SIDES], will;
	struct map_slot *slot;
	int i;

	slot = map_get(&l->kept, name, n);
	if (slot)
		return tree_merge_equal(m->ops, slot->value, loser) ?
			SAME : TAKEN;
	for (i = 0; i < SIDES; i++) {
		v[i] = index_get(&l->index[i], &l->c[i], MODE_FILE, name, n);
		if (i != BASE && index_get(&l->index[i], &l->c[i], MODE_TREE,
					   name, n).mode)
			return TAKEN;
	}
	if (tree_leaf_eq(&v[OURS], &v[THEIRS]) ||
	    tree_leaf_eq(&v[BASE], &v[THEIRS]))
		will = v[OURS];
	else if (tree_leaf_eq(&v[BASE], &v[OURS]))
		will = v[THEIRS];
	else
		return TAKEN;
	if (!will.mode)
		return FREE;
	return tree_merge_equal(m->ops, &will, loser) ? SAME : TAKEN;
}

/* A name must stay in the folder and fit. */
static int check_name(const struct tree_merge_level *l,
		      const struct tree_conflict *c, const struct buf *path,
		      struct err *e)
{
	if (buf_error(path))
		return err_nomem(e);
	if (path->n > PATH_LEN_MAX)
		return err_set(e, HUB_ELIMIT, "no room for the name of a "
			       "conflict copy of '%.100s...': shorten the path",
			       c->path);
	if (path->n <= l->path_n || memcmp(path->p, c->path, l->path_n) ||
	    !path_component_ok(path->p + l->path_n, path->n - l->path_n))
		return err_set(e, HUB_EBUG, "'%.200s' is no name for a "
			       "conflict copy of '%.200s'", path->p, c->path);
	return 0;
}

static int add_kept(struct tree_merge_level *l, const char *name, size_t n,
		    const struct tree_leaf *loser, struct err *e)
{
	struct tree_leaf *copy = malloc(sizeof(*copy));

	if (!copy)
		return err_nomem(e);
	*copy = *loser;
	if (map_put(&l->kept, name, n, copy) < 0) {
		free(copy);
		return err_nomem(e);
	}
	return 0;
}

/* Ask for names until one will do. */
static int choose(struct tree_merge *m, const struct tree_conflict *c,
		  const struct tree_leaf *loser, struct buf *path,
		  struct err *e)
{
	struct tree_merge_level *l = m->top;
	const char *name;
	size_t n;
	int i, state, rc;

	for (i = 0; i < ATTEMPTS_MAX; i++) {
		buf_reset(path);
		rc = m->ops->conflict_name(m->ops->arg, c, loser, i, path, e);
		if (!rc)
			rc = check_name(l, c, path, e);
		if (rc)
			return rc;
		name = path->p + l->path_n;
		n = path->n - l->path_n;
		state = name_state(m, name, n, loser);
		if (state == FREE)
			return add_kept(l, name, n, loser, e);
		if (state == SAME)
			return 0;
	}
	return err_set(e, HUB_EBUG, "no free name for a conflict copy of "
		       "'%.200s' after %d attempts", c->path, ATTEMPTS_MAX);
}

int tree_merge_keep(struct tree_merge *m, const struct tree_conflict *c,
		    const struct tree_leaf *loser, struct err *e)
{
	struct tree_merge_level *l = m->top;
	struct buf path = BUF_INIT;
	int i, rc = 0;

	for (i = 0; !rc && i < SIDES; i++)
		rc = index_make(&l->index[i], &l->c[i], e);
	/* A gitlink has no content of its own that could stand elsewhere. */
	if (!rc && loser->mode != MODE_GITLINK)
		rc = choose(m, c, loser, &path, e);
	if (!rc)
		rc = m->ops->conflict(m->ops->arg, c, path.p, path.n, e);
	buf_release(&path);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	const struct map_slot *x = *(struct map_slot *const *)a;
	const struct map_slot *y = *(struct map_slot *const *)b;

	return mem_cmp(x->key, x->n, y->key, y->n);
}

/* Join the entries of ${old} with ${n} sorted copies into ${new}. */
static int join(const struct tree_out *old, struct map_slot **copy, size_t n,
		struct tree_out *new, struct err *e)
{
	struct tree_entry en, first;
	struct tree_raw it;
	size_t i = 0;
	int has, rc = 0;

	tree_raw_init(&it, old->b.p, old->b.n);
	has = tree_raw_next(&it, &en) > 0;
	while (!rc && (has || i < n)) {
		int cmp = 1;

		if (i < n) {
			first.mode = MODE_FILE;
			first.name = copy[i]->key;
			first.name_n = copy[i]->n;
			cmp = has ? tree_entry_cmp(&first, &en) : -1;
		}
		if (cmp > 0) {
			struct tree_leaf leaf = { en.mode, en.id };

			rc = tree_out_put(new, en.name, en.name_n, &leaf, e);
			has = tree_raw_next(&it, &en) > 0;
		} else {
			rc = tree_out_put(new, copy[i]->key, copy[i]->n,
					  copy[i]->value, e);
			i++;
		}
	}
	return rc;
}

int tree_merge_add_kept(struct tree_merge *m, struct err *e)
{
	struct tree_merge_level *l = m->top;
	struct map_slot **copy, *slot;
	struct tree_out new;
	size_t n = 0, pos = 0;
	int rc;

	if (!l->kept.count)
		return 0;
	copy = calloc(l->kept.count, sizeof(*copy));
	if (!copy)
		return err_nomem(e);
	while ((slot = map_next(&l->kept, &pos)))
		copy[n++] = slot;
	qsort(copy, n, sizeof(*copy), by_name);
	tree_out_init(&new);
	rc = join(&l->out, copy, n, &new, e);
	free(copy);
	tree_out_release(rc ? &new : &l->out);
	if (!rc)
		l->out = new;
	return rc;
}

void tree_merge_keep_release(struct tree_merge_level *l)
{
	struct map_slot *slot;
	size_t pos = 0;
	int i;

	while ((slot = map_next(&l->kept, &pos)))
		free(slot->value);
	map_release(&l->kept);
	for (i = 0; i < SIDES; i++)
		free(l->index[i].off);
}
