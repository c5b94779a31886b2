/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_merge.c - merge two trees that have a common base.
 *
 * Three sorted entry streams are joined level by level, leaves and folders as
 * different keys (as in tree_diff.c), so each name is two questions: what
 * becomes of the leaf, and what becomes of the folder.  Both may survive only
 * if one side has the leaf and the other the folder; then the folder keeps the
 * name and the leaf becomes a conflict copy.  That is decided when the leaf's
 * turn comes, by looking ahead, so that callbacks come in path order.
 *
 * Invariants:
 *   (1) a folder that is equal on two of three sides is not read;
 *   (2) a leaf that one side changed is in the result, at its path, merged, or
 *       as a conflict copy that ops->conflict() was told of; a gitlink that
 *       loses its path is only told;
 *   (3) the result depends on the three trees and the callbacks only.
 * Memory: for each level three old objects, one new one, the conflict copies.
 */
#include <stdlib.h>
#include <string.h>
#include "repo/tree_merge.h"
#include "base/banned.h"

static int push(struct tree_merge *m, const struct tree_leaf id[SIDES],
		const char *name, size_t name_n, struct err *e)
{
	struct tree_merge_level *l;
	int i, rc = tree_depth_check(m->depth, m->path.p, e);

	if (rc < 0)
		return rc;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	for (i = 0; i < SIDES; i++)
		buf_init(&l->c[i].obj);
	tree_out_init(&l->out);
	buf_init(&l->attrs);
	l->path_n = m->path.n;
	l->name = name;
	l->name_n = name_n;
	l->up = m->top;
	m->top = l;
	m->depth++;
	for (i = 0; !rc && i < SIDES; i++)
		rc = tree_cursor_open(&l->c[i], &m->src, &id[i].id, e);
	return rc;
}

static void pop(struct tree_merge *m)
{
	struct tree_merge_level *l = m->top;
	int i;

	m->top = l->up;
	m->depth--;
	tree_merge_keep_release(l);
	tree_out_release(&l->out);
	buf_release(&l->attrs);
	for (i = 0; i < SIDES; i++)
		tree_cursor_release(&l->c[i]);
	free(l);
}

/* Is there a folder ${name} further on in ${c}?  Between the places of leaf and
 * folder are only names that begin with ${name} and a byte before '/'. */
static int folder_ahead(const struct tree_cursor *c, const char *name,
			size_t n, struct tree_leaf *ret)
{
	struct tree_entry en = c->en, want = { MODE_TREE, name, n, { { 0 } } };
	struct tree_raw it = c->it;
	int has = c->has, cmp = 1;

	while (has && (cmp = tree_entry_cmp(&en, &want)) < 0)
		has = tree_raw_next(&it, &en) > 0;
	if (!has || cmp)
		return 0;
	ret->mode = MODE_TREE;
	ret->id = en.id;
	return 1;
}

static int survives(void *arg, const char *path, size_t n,
		    const struct tree_leaf *o, const struct tree_leaf *new)
{
	const struct tree_merge *m = arg;

	return new->mode && !(o->mode && tree_merge_equal(m->ops, o, new));
}

/* Will anything be left of a folder that one side deleted and the other has as
 * ${side}?  Answers what merging it would give, without doing it. */
static int folder_survives(struct tree_merge *m, const struct tree_leaf *base,
			   const struct tree_leaf *side, struct err *e)
{
	return tree_diff_src(&m->src, &base->id, &side->id, survives, m, e);
}

/*
 * The leaf that ${v} merged into wants the name: does the other side have a
 * folder there that survives?  1, and then ${v} holds the folders too.
 */
static int folder_wins(struct tree_merge *m, const char *name, size_t n,
		       struct tree_leaf v[SIDES], struct err *e)
{
	struct tree_merge_level *l = m->top;
	int side = v[OURS].mode ? THEIRS : OURS;
	struct tree_leaf base = { 0 };
	int rc;

	if (v[side].mode ||
	    !folder_ahead(&l->c[side], name, n, &v[side]))
		return 0;
	if (!v[BASE].mode && folder_ahead(&l->c[BASE], name, n, &base))
		v[BASE] = base;
	rc = folder_survives(m, &base, &v[side], e);
	return rc;
}

static int do_leaf(struct tree_merge *m, const struct tree_entry *at,
		   struct tree_leaf v[SIDES], struct err *e)
{
	struct tree_conflict c = { .why = CLASH_FOLDER };
	struct tree_leaf merged, loser;
	int clash, rc;

	clash = tree_merge_leaf(m, v, &merged, &c.why, e);
	if (clash < 0 || !merged.mode)
		return clash;
	loser = v[THEIRS];
	if (!clash) {
		c.why = CLASH_FOLDER;
		loser = merged;
		clash = folder_wins(m, at->name, at->name_n, v, e);
		if (clash > 0)
			merged.mode = 0;
	}
	if (clash < 0)
		return clash;
	if (merged.mode) {
		rc = tree_out_put(&m->top->out, at->name, at->name_n, &merged,
				  e);
		if (rc < 0)
			return rc;
	}
	if (!clash)
		return 0;
	c.path = m->path.p;
	c.path_n = m->path.n;
	c.base = v[BASE];
	c.ours = v[OURS];
	c.theirs = v[THEIRS];
	return tree_merge_keep(m, &c, &loser, e);
}

/* Put a merged folder into the top level.  Where a leaf has taken the name, the
 * folder has no leaf in it (folder_wins()): only hostile trees are like that. */
static int put_folder(struct tree_merge *m, const char *name, size_t n,
		      const struct tree_leaf *folder, struct err *e)
{
	struct tree_out *out = &m->top->out;

	if (!folder->mode || tree_out_has_leaf(out, name, n))
		return 0;
	return tree_out_put(out, name, n, folder, e);
}

/* Which side a folder comes from as it is; SIDES: it has to be merged. */
static int folder_from(const struct tree_leaf v[SIDES])
{
	if (tree_leaf_eq(&v[OURS], &v[THEIRS]) ||
	    tree_leaf_eq(&v[BASE], &v[THEIRS]))
		return OURS;
	return tree_leaf_eq(&v[BASE], &v[OURS]) ? THEIRS : SIDES;
}

static int do_folder(struct tree_merge *m, const struct tree_entry *at,
		     const struct tree_leaf v[SIDES], struct err *e)
{
	int from = folder_from(v);

	if (from == SIDES)
		return push(m, v, at->name, at->name_n, e);
	return put_folder(m, at->name, at->name_n, &v[from], e);
}

/* Deal with the smallest key of the top level. */
static int step(struct tree_merge *m, struct err *e)
{
	struct tree_merge_level *l = m->top;
	struct tree_leaf v[SIDES] = { { 0 }, { 0 }, { 0 } };
	struct tree_entry at = { .mode = 0 };
	int i, rc;

	for (i = 0; i < SIDES; i++)
		if (l->c[i].has && (!at.mode ||
				    tree_entry_cmp(&l->c[i].en, &at) < 0))
			at = l->c[i].en;
	for (i = 0; i < SIDES; i++)
		if (l->c[i].has && !tree_entry_cmp(&l->c[i].en, &at)) {
			v[i].mode = l->c[i].en.mode;
			v[i].id = l->c[i].en.id;
			tree_cursor_next(&l->c[i]);
		}
	rc = tree_path_set(&m->path, l->path_n, at.name, at.name_n,
			   at.mode == MODE_TREE, e);
	if (rc < 0)
		return rc;
	return at.mode == MODE_TREE ? do_folder(m, &at, v, e) :
		do_leaf(m, &at, v, e);
}

/* The top level is complete: store it unless one side has it, hand it up. */
static int finish(struct tree_merge *m, struct err *e)
{
	struct tree_merge_level *l = m->top;
	struct tree_leaf new = { 0 };
	const char *name = l->name;
	size_t name_n = l->name_n;
	int i, rc = tree_merge_add_kept(m, e);

	if (!rc && l->out.b.n) {
		for (i = OURS; i < SIDES; i++)
			if (!new.mode && !buf_cmp(&l->out.b, &l->c[i].obj)) {
				new.mode = MODE_TREE;
				new.id = l->c[i].id;
			}
		if (!new.mode)
			rc = tree_out_store(&l->out, m->src.s, &new.id, e);
		new.mode = MODE_TREE;
	}
	pop(m);
	if (rc < 0)
		return rc;
	if (m->top)
		return put_folder(m, name, name_n, &new, e);
	m->result = new.id;
	m->has_result = new.mode != 0;
	return 0;
}

/* A root as a folder; no root and the empty tree are one. */
static struct tree_leaf root_of(const struct oid *id)
{
	struct tree_leaf l = { 0 };

	if (!oid_is_zero(id) && !oid_eq(id, &tree_empty_id)) {
		l.mode = MODE_TREE;
		l.id = *id;
	}
	return l;
}

int tree_merge(struct repo *r, struct sink *s, const struct oid *base,
	       const struct oid *ours, const struct oid *theirs,
	       const struct tree_merge_ops *ops, struct oid *ret,
	       struct err *e)
{
	struct tree_merge m = { .src = { r, s }, .ops = ops, .path = BUF_INIT };
	struct tree_leaf v[SIDES];
	int from, rc = 0;

	v[BASE] = root_of(base);
	v[OURS] = root_of(ours);
	v[THEIRS] = root_of(theirs);
	from = folder_from(v);
	if (from == SIDES) {
		rc = push(&m, v, "", 0, e);
	} else {
		m.result = v[from].id;
		m.has_result = v[from].mode != 0;
	}
	while (!rc && m.top) {
		struct tree_cursor *c = m.top->c;

		if (c[BASE].has || c[OURS].has || c[THEIRS].has)
			rc = step(&m, e);
		else
			rc = finish(&m, e);
	}
	while (m.top)
		pop(&m);
	buf_release(&m.path);
	if (!rc && !m.has_result)
		rc = sink_put(s, OBJ_TREE, "", 0, &m.result, e);
	if (!rc)
		*ret = m.result;
	return rc;
}
