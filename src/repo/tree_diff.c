/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree_diff.c - compare two trees.
 *
 * Two sorted entry streams are joined level by level.  An entry's key is its
 * name, a folder's its name and '/', so a leaf and a folder of one name are
 * two keys: a file that became a folder is a deletion at "a", whatever sorts
 * between ("a.b"), then additions at "a/...".  Because keys sort as the paths
 * of the leaves below them do, the output is in path order without buffering.
 */
#include <stdlib.h>
#include "repo/tree_internal.h"
#include "base/banned.h"

struct level {
	struct level *up;
	struct tree_cursor c[2];	/* old, new */
	size_t path_n;
};

struct diff {
	const struct tree_src *src;
	struct level *top;
	size_t depth;
	struct buf path;
	int (*fn)(void *arg, const char *path, size_t n,
		  const struct tree_leaf *o, const struct tree_leaf *n_);
	void *arg;
};

static int push(struct diff *d, const struct oid *old, const struct oid *new,
		struct err *e)
{
	struct level *l;
	int rc = tree_depth_check(d->depth, d->path.p, e);

	if (rc < 0)
		return rc;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	buf_init(&l->c[0].obj);
	buf_init(&l->c[1].obj);
	l->path_n = d->path.n;
	l->up = d->top;
	d->top = l;
	d->depth++;
	rc = tree_cursor_open(&l->c[0], d->src, old, e);
	if (!rc)
		rc = tree_cursor_open(&l->c[1], d->src, new, e);
	return rc;
}

static void pop(struct diff *d)
{
	struct level *l = d->top;

	d->top = l->up;
	d->depth--;
	tree_cursor_release(&l->c[0]);
	tree_cursor_release(&l->c[1]);
	free(l);
}

/* Deal with the smallest key of the top level, on one side or on both. */
static int step(struct diff *d, struct err *e)
{
	struct level *l = d->top;
	struct tree_leaf leaf[2] = { { 0 }, { 0 } };
	struct tree_entry en;
	int cmp, rc, i;

	cmp = !l->c[0].has ? 1 : !l->c[1].has ? -1 :
		tree_entry_cmp(&l->c[0].en, &l->c[1].en);
	en = l->c[cmp > 0].en;
	for (i = 0; i < 2; i++)
		if (i ? cmp >= 0 : cmp <= 0) {
			leaf[i].mode = l->c[i].en.mode;
			leaf[i].id = l->c[i].en.id;
			tree_cursor_next(&l->c[i]);
		}
	if (tree_leaf_eq(&leaf[0], &leaf[1]))
		return 0;
	rc = tree_path_set(&d->path, l->path_n, en.name, en.name_n,
			   en.mode == MODE_TREE, e);
	if (rc < 0)
		return rc;
	if (en.mode == MODE_TREE)
		return push(d, &leaf[0].id, &leaf[1].id, e);
	return d->fn(d->arg, d->path.p, d->path.n, &leaf[0], &leaf[1]);
}

int tree_diff_src(const struct tree_src *src, const struct oid *old_root,
		  const struct oid *new_root,
		  int (*fn)(void *arg, const char *path, size_t n,
			    const struct tree_leaf *o,
			    const struct tree_leaf *n_),
		  void *arg, struct err *e)
{
	struct diff d = { .src = src, .path = BUF_INIT, .fn = fn, .arg = arg };
	int rc;

	if (oid_eq(old_root, new_root))
		return 0;
	rc = push(&d, old_root, new_root, e);
	while (!rc && d.top) {
		if (d.top->c[0].has || d.top->c[1].has)
			rc = step(&d, e);
		else
			pop(&d);
	}
	while (d.top)
		pop(&d);
	buf_release(&d.path);
	return rc;
}

int tree_diff(struct repo *r, const struct oid *old_root,
	      const struct oid *new_root,
	      int (*fn)(void *arg, const char *path, size_t n,
			const struct tree_leaf *o, const struct tree_leaf *n_),
	      void *arg, struct err *e)
{
	struct tree_src src = { r, NULL };

	return tree_diff_src(&src, old_root, new_root, fn, arg, e);
}
