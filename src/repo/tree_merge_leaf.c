/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_merge_leaf.c - merge three versions of one leaf.
 *
 * Content and executable bit of regular files are merged apart.  What counts
 * as a change is content: a new mode, or another form of equal content
 * (pointer and blob), never beats a deletion or another kind of file.
 */
#include <string.h>
#include "repo/tree_merge.h"
#include "base/banned.h"

static int is_file(const struct tree_leaf *l)
{
	return l->mode == MODE_FILE || l->mode == MODE_EXEC;
}

static int same_kind(const struct tree_leaf *a, const struct tree_leaf *b)
{
	return is_file(a) ? is_file(b) : a->mode == b->mode;
}

int tree_merge_equal(const struct tree_merge_ops *ops,
		     const struct tree_leaf *a, const struct tree_leaf *b)
{
	if (!same_kind(a, b))
		return 0;
	if (!a->mode || oid_eq(&a->id, &b->id))
		return 1;
	return is_file(a) && ops->same && ops->same(ops->arg, a, b) > 0;
}

/* The executable bit of a file that both sides have. */
static uint32_t merged_mode(const struct tree_leaf v[SIDES])
{
	uint32_t base = is_file(&v[BASE]) ? v[BASE].mode : MODE_FILE;

	return v[OURS].mode == base ? v[THEIRS].mode : v[OURS].mode;
}

/* Merge the lines of three files into a new blob: 1, 0 if they clash, < 0.
 * Without a base it is as if that were empty. */
static int merge_text(struct tree_merge *m, const struct tree_leaf v[SIDES],
		      int both, struct oid *ret, struct err *e)
{
	struct buf text[SIDES] = { BUF_INIT, BUF_INIT, BUF_INIT };
	struct buf merged = BUF_INIT;
	int i, rc = 1;

	for (i = 0; rc > 0 && i < SIDES; i++)
		if (is_file(&v[i]))
			rc = tree_src_text(&m->src, &v[i].id, &text[i], e);
	if (rc > 0)
		rc = tree_text_merge(text, both, &merged, e);
	for (i = 0; i < SIDES; i++)
		buf_release(&text[i]);
	if (rc > 0) {
		int put = sink_put(m->src.s, OBJ_BLOB, merged.p, merged.n, ret,
				   e);

		rc = put < 0 ? put : 1;
	}
	buf_release(&merged);
	return rc;
}

/* Both sides have something else: as the attributes say.  Without a base lines
 * are not merged, unless those of both are wanted. */
static int merge_content(struct tree_merge *m, const struct tree_leaf v[SIDES],
			 struct oid *ret, struct err *e)
{
	enum attr_merge how = ATTR_MERGE_LINES;
	int rc = tree_merge_attr(m, &how, e);

	if (rc < 0 || how == ATTR_MERGE_NEVER ||
	    (how == ATTR_MERGE_LINES && !is_file(&v[BASE])))
		return rc;
	return merge_text(m, v, how == ATTR_MERGE_UNION, ret, e);
}

/* Two files with a base or without; results as tree_merge_leaf(). */
static int merge_files(struct tree_merge *m, const struct tree_leaf v[SIDES],
		       struct tree_leaf *ret, enum tree_clash *ret_why,
		       struct err *e)
{
	const struct tree_leaf *b = &v[BASE], *o = &v[OURS], *t = &v[THEIRS];
	int rc = 1;

	/* Of two forms of equal content, the one that is not the base's. */
	if (tree_merge_equal(m->ops, o, t))
		*ret = is_file(b) && oid_eq(&b->id, &o->id) ? *t : *o;
	else if (tree_merge_equal(m->ops, b, o))
		*ret = *t;
	else if (tree_merge_equal(m->ops, b, t))
		*ret = *o;
	else
		rc = merge_content(m, v, &ret->id, e);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		ret->mode = merged_mode(v);
		return 0;
	}
	*ret = *o;
	*ret_why = CLASH_CONTENT;
	return 1;
}

int tree_merge_leaf(struct tree_merge *m, const struct tree_leaf v[SIDES],
		    struct tree_leaf *ret, enum tree_clash *ret_why,
		    struct err *e)
{
	const struct tree_leaf *b = &v[BASE], *o = &v[OURS], *t = &v[THEIRS];

	*ret = *o;
	if (tree_leaf_eq(o, t) || tree_leaf_eq(b, t))
		return 0;
	if (!tree_leaf_eq(b, o) && is_file(o) && is_file(t))
		return merge_files(m, v, ret, ret_why, e);
	/* One side has nothing or another kind of file: content decides. */
	if (tree_merge_equal(m->ops, b, o)) {
		*ret = *t;
		return 0;
	}
	if (tree_merge_equal(m->ops, b, t))
		return 0;
	if (!o->mode || !t->mode) {
		*ret = o->mode ? *o : *t;
		return 0;
	}
	*ret_why = same_kind(o, t) ? CLASH_CONTENT : CLASH_KIND;
	return 1;
}
