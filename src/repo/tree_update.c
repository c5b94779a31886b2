/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_update.c - change paths of a tree.
 *
 * One pass: at each level the entries of the old folder are joined with the
 * groups of its changes.  A group is one change of a leaf, "a", or all changes
 * below one folder, "a/...".  In memcmp order of full paths groups are
 * contiguous, and their keys ("a", "a/") come in git's order of entries
 * although "a.b" stands between the two groups of the name "a".
 *
 * Invariants:
 *   (1) folders without a change below them are neither read nor written;
 *   (2) a folder that ends up as it was keeps its object, byte for byte;
 *   (3) what is written is well formed (tree_out_add()) and has no name that
 *       path_component_ok() refuses, unless it was there before.
 * Memory: for each level one old object and one new one.
 */
#include <stdlib.h>
#include <string.h>
#include "repo/tree_internal.h"
#include "base/banned.h"

struct level {
	struct level *up;
	struct tree_cursor c;		/* the old folder */
	struct tree_out out;		/* the new one so far */
	size_t start, pos, end;		/* its changes; from pos on not done */
	size_t path_n;			/* what their paths have in common */
	int changed;
	const char *name;		/* in ${up}; borrowed from a change */
	size_t name_n;
};

struct update {
	struct tree_src src;
	const struct tree_change *ch;
	struct level *top;
	size_t depth;
	struct oid result;		/* of the root, when top is NULL */
	int has_result;
};

/* A group of changes in the top level. */
struct group {
	struct tree_entry key;		/* mode: MODE_TREE or MODE_FILE */
	size_t end;			/* index after its last change */
};

static int check_changes(const struct tree_change *ch, size_t n,
			 struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct tree_change *c = &ch[i];

		if (i && mem_cmp(ch[i - 1].path, ch[i - 1].path_n,
				 c->path, c->path_n) >= 0)
			return err_set(e, HUB_EBUG, "tree_update: changes are "
				       "not sorted at '%.100s'", c->path);
		if (c->path_n > PATH_LEN_MAX)
			return err_set(e, HUB_ELIMIT, "path of more than %d "
				       "bytes: '%.60s...'", PATH_LEN_MAX,
				       c->path);
		if (!c->leaf.mode)
			continue;
		if (!path_ok(c->path, c->path_n))
			return err_set(e, HUB_EDENIED, "no tree may hold the "
				       "path '%.200s'", c->path);
		if (c->leaf.mode == MODE_TREE || oid_is_zero(&c->leaf.id))
			return err_set(e, HUB_EBUG, "tree_update: '%.100s' is "
				       "no leaf", c->path);
	}
	return 0;
}

static int push(struct update *u, const struct oid *old, size_t start,
		size_t end, const char *name, size_t name_n, struct err *e)
{
	const struct tree_change *c = &u->ch[start];
	struct level *l;
	int rc = tree_depth_check(u->depth, c->path, e);

	if (rc < 0)
		return rc;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	buf_init(&l->c.obj);
	tree_out_init(&l->out);
	l->start = l->pos = start;
	l->end = end;
	l->name = name;
	l->name_n = name_n;
	l->path_n = u->top ? (size_t)(name - c->path) + name_n + 1 : 0;
	l->up = u->top;
	u->top = l;
	u->depth++;
	return tree_cursor_open(&l->c, &u->src, old, e);
}

static void pop(struct update *u)
{
	struct level *l = u->top;

	u->top = l->up;
	u->depth--;
	tree_cursor_release(&l->c);
	tree_out_release(&l->out);
	free(l);
}

static void group_at_pos(const struct update *u, struct group *g)
{
	const struct level *l = u->top;
	const struct tree_change *c = &u->ch[l->pos];
	const char *name = c->path + l->path_n, *slash;
	size_t n = c->path_n - l->path_n;

	slash = n ? memchr(name, '/', n) : NULL;
	g->key.mode = slash ? MODE_TREE : MODE_FILE;
	g->key.name = name;
	g->key.name_n = slash ? (size_t)(slash - name) : n;
	g->end = l->pos + 1;
	if (!slash)
		return;
	n = (size_t)(slash - c->path) + 1;
	while (g->end < l->end && u->ch[g->end].path_n >= n &&
	       !memcmp(u->ch[g->end].path + l->path_n, name, n - l->path_n))
		g->end++;
}

static int group_adds(const struct update *u, const struct group *g)
{
	size_t i;

	for (i = u->top->pos; i < g->end; i++)
		if (u->ch[i].leaf.mode)
			return 1;
	return 0;
}

/* Does a change of the top level put a leaf at ${name}? */
static int adds_leaf(const struct update *u, const char *name, size_t n)
{
	const struct level *l = u->top;
	size_t lo = l->start, hi = l->end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct tree_change *c = &u->ch[mid];
		int cmp = mem_cmp(c->path + l->path_n, c->path_n - l->path_n,
				  name, n);

		if (!cmp)
			return c->leaf.mode != 0;
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

/* An entry that no group names: kept, unless it is a folder that a new leaf
 * replaces. */
static int keep_old(struct update *u, struct err *e)
{
	struct level *l = u->top;
	struct tree_leaf leaf = { l->c.en.mode, l->c.en.id };
	const char *name = l->c.en.name;
	size_t n = l->c.en.name_n;

	tree_cursor_next(&l->c);
	if (leaf.mode == MODE_TREE && adds_leaf(u, name, n)) {
		l->changed = 1;
		return 0;
	}
	return tree_out_put(&l->out, name, n, &leaf, e);
}

/* A changed leaf; ${old} is the leaf there, or mode 0. */
static int do_leaf(struct update *u, const struct group *g,
		   const struct tree_leaf *old, struct err *e)
{
	struct level *l = u->top;
	const struct tree_leaf *new = &u->ch[l->pos].leaf;

	l->pos = g->end;
	if (!tree_leaf_eq(old, new))
		l->changed = 1;
	if (!new->mode)
		return 0;
	return tree_out_put(&l->out, g->key.name, g->key.name_n, new, e);
}

/* Changes below a folder; ${old} is the folder there, or mode 0. */
static int do_folder(struct update *u, const struct group *g,
		     const struct tree_leaf *old, struct err *e)
{
	struct level *l = u->top;
	size_t start = l->pos;
	int adds = group_adds(u, g);
	int leaf = tree_out_has_leaf(&l->out, g->key.name, g->key.name_n);

	l->pos = g->end;
	if (adds && leaf)
		return err_set(e, HUB_EBUG, "tree_update: '%.100s' is added "
			       "below a file that stays", u->ch[start].path);
	if (leaf || (!adds && !old->mode)) {
		l->changed |= old->mode != 0;
		return 0;
	}
	return push(u, &old->id, start, g->end, g->key.name, g->key.name_n, e);
}

static int step(struct update *u, struct err *e)
{
	struct level *l = u->top;
	struct tree_leaf old = { 0 };
	struct group g;
	int cmp = -1;

	if (l->pos < l->end) {
		group_at_pos(u, &g);
		cmp = l->c.has ? tree_entry_cmp(&l->c.en, &g.key) : 1;
	}
	if (cmp < 0)
		return keep_old(u, e);
	if (cmp == 0) {
		old.mode = l->c.en.mode;
		old.id = l->c.en.id;
		tree_cursor_next(&l->c);
	}
	return g.key.mode == MODE_TREE ? do_folder(u, &g, &old, e) :
		do_leaf(u, &g, &old, e);
}

/* The top level is complete: store it if it is new, hand it to its parent. */
static int finish(struct update *u, struct err *e)
{
	struct level *l = u->top, *up = l->up;
	struct tree_leaf new = { MODE_TREE, l->c.id };
	int has_old = !oid_is_zero(&l->c.id);
	int has_new = l->changed ? l->out.b.n > 0 : has_old;
	int rc = 0;

	if (l->changed && has_new)
		rc = tree_out_store(&l->out, u->src.s, &new.id, e);
	if (!rc && up) {
		up->changed |= l->changed;
		if (has_new)
			rc = tree_out_put(&up->out, l->name, l->name_n,
					  &new, e);
	} else if (!rc) {
		u->result = new.id;
		u->has_result = has_new;
	}
	pop(u);
	return rc;
}

int tree_update(struct repo *r, struct sink *s, const struct oid *root,
		const struct tree_change *changes, size_t n,
		struct oid *ret, struct err *e)
{
	struct update u = { .src = { r, s }, .ch = changes, .result = *root };
	int rc;

	rc = check_changes(changes, n, e);
	if (!rc && !n)
		u.has_result = !oid_is_zero(root);
	else if (!rc)
		rc = push(&u, root, 0, n, "", 0, e);
	while (!rc && u.top) {
		if (u.top->c.has || u.top->pos < u.top->end)
			rc = step(&u, e);
		else
			rc = finish(&u, e);
	}
	while (u.top)
		pop(&u);
	if (!rc && !u.has_result)
		rc = sink_put(s, OBJ_TREE, "", 0, &u.result, e);
	if (!rc)
		*ret = u.result;
	return rc;
}
