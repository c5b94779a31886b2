/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c - read trees: cursor, look-up, walk.  Every object is checked whole
 * (tree_raw_check()) before its first entry is used, so what follows may rely
 * on order and uniqueness.
 */
#include <stdlib.h>
#include <string.h>
#include "repo/tree_internal.h"
#include "base/banned.h"

const struct oid tree_empty_id = { {
	0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60,
	0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb, 0xee, 0x49, 0x04
} };

int tree_src_read(const struct tree_src *src, const struct oid *id,
		  enum obj_type type, uint64_t max, struct buf *ret,
		  struct err *e)
{
	int rc;

	if (src->s)
		rc = sink_read(src->s, id, type, max, ret, e);
	else
		rc = repo_read_as(src->r, id, type, max, ret, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "%s %s is missing from the "
			     "repository: fetch it from another copy",
			     type == OBJ_TREE ? "tree" : "blob", oid_hex(id));
	return rc;
}

int tree_src_text(const struct tree_src *src, const struct oid *id,
		  struct buf *ret, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = tree_src_read(src, id, OBJ_BLOB, MERGE_TEXT_MAX, ret, &why);

	/* The system's limits (EMFILE) must not look like a large file. */
	if (rc == HUB_ELIMIT && !why.os)
		return 0;
	if (rc < 0 && e)
		*e = why;
	return rc < 0 ? rc : 1;
}

static int load(const struct tree_src *src, const struct oid *id,
		struct buf *ret, struct err *e)
{
	const char *why;
	int rc;

	buf_reset(ret);
	if (oid_is_zero(id) || oid_eq(id, &tree_empty_id))
		return 0;
	rc = tree_src_read(src, id, OBJ_TREE, TREE_OBJECT_MAX, ret, e);
	if (rc < 0)
		return rc;
	rc = tree_raw_check(ret->p, ret->n, &why);
	if (rc < 0)
		return err_set(e, rc, "tree %s cannot be used: %s; see "
			       "`git fsck`", oid_hex(id), why);
	return 0;
}

int tree_cursor_open(struct tree_cursor *c, const struct tree_src *src,
		     const struct oid *id, struct err *e)
{
	int rc = load(src, id, &c->obj, e);

	c->id = *id;
	c->has = 0;
	if (rc < 0)
		return rc;
	tree_raw_init(&c->it, c->obj.p, c->obj.n);
	tree_cursor_next(c);
	return 0;
}

void tree_cursor_next(struct tree_cursor *c)
{
	c->has = tree_raw_next(&c->it, &c->en) > 0;
}

void tree_cursor_release(struct tree_cursor *c)
{
	buf_release(&c->obj);
	c->has = 0;
}

int tree_path_set(struct buf *path, size_t n, const char *name, size_t name_n,
		  int is_tree, struct err *e)
{
	buf_setlen(path, n);
	buf_add(path, name, name_n);
	if (buf_error(path))
		return err_nomem(e);
	if (path->n > PATH_LEN_MAX)
		return err_set(e, HUB_ELIMIT, "a path in the tree has more "
			       "than %d bytes: '%.60s...'", PATH_LEN_MAX,
			       path->p);
	if (is_tree)
		buf_addch(path, '/');
	return buf_error(path) ? err_nomem(e) : 0;
}

int tree_depth_check(size_t depth, const char *path, struct err *e)
{
	if (depth < TREE_DEPTH_MAX)
		return 0;
	return err_set(e, HUB_ELIMIT, "folders are nested more than %d deep: "
		       "'%.60s...'", TREE_DEPTH_MAX, path);
}

int tree_leaf_eq(const struct tree_leaf *a, const struct tree_leaf *b)
{
	return a->mode == b->mode && (!a->mode || oid_eq(&a->id, &b->id));
}

int tree_out_put(struct tree_out *o, const char *name, size_t n,
		 const struct tree_leaf *leaf, struct err *e)
{
	struct tree_entry en = { leaf->mode, name, n, leaf->id };
	int rc = tree_out_add(o, &en);

	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc < 0)
		return err_set(e, rc, "cannot put '%.*s' (mode %o) into a tree",
			       (int)(n < 100 ? n : 100), name,
			       (unsigned)leaf->mode);
	return 0;
}

int tree_out_store(const struct tree_out *o, struct sink *s, struct oid *ret,
		   struct err *e)
{
	if (o->b.n > TREE_OBJECT_MAX)
		return err_set(e, HUB_ELIMIT, "a folder has too many entries: "
			       "its tree has over %u bytes", TREE_OBJECT_MAX);
	return sink_put(s, OBJ_TREE, o->b.p, o->b.n, ret, e);
}

/* The entry called by the first ${n} bytes of ${name}, leaf or tree. */
static int find_in(struct tree_cursor *c, const char *name, size_t n,
		   struct tree_leaf *ret)
{
	for (; c->has; tree_cursor_next(c))
		if (!mem_cmp(c->en.name, c->en.name_n, name, n)) {
			ret->mode = c->en.mode;
			ret->id = c->en.id;
			return 0;
		}
	return HUB_EABSENT;
}

int tree_find(struct repo *r, const struct oid *root, const char *path,
	      size_t path_n, struct tree_leaf *ret, struct err *e)
{
	struct tree_src src = { r, NULL };
	struct tree_cursor c = TREE_CURSOR_INIT;
	struct tree_leaf at = { MODE_TREE, *root };
	size_t i = 0, n;
	int rc = 0;

	if (path_n > PATH_LEN_MAX)
		return err_set(e, HUB_ELIMIT, "path of more than %d bytes",
			       PATH_LEN_MAX);
	while (!rc && i < path_n) {
		const char *slash = memchr(path + i, '/', path_n - i);

		n = slash ? (size_t)(slash - path) - i : path_n - i;
		rc = at.mode == MODE_TREE ?
			tree_cursor_open(&c, &src, &at.id, e) : HUB_EABSENT;
		if (!rc)
			rc = find_in(&c, path + i, n, &at);
		i += n;
		if (!rc && slash && ++i == path_n)
			rc = HUB_EABSENT;	/* "a/" names nothing */
	}
	tree_cursor_release(&c);
	if (!rc)
		*ret = at;
	return rc;
}

/* ---- walk ---- */

struct level {
	struct level *up;
	struct tree_cursor c;
	size_t path_n;		/* of the folder's path, with its '/' */
};

struct walk {
	struct tree_src src;
	struct level *top;
	size_t depth;
	struct buf path;
};

static int push(struct walk *w, const struct oid *id, struct err *e)
{
	struct level *l;
	int rc = tree_depth_check(w->depth, w->path.p, e);

	if (rc < 0)
		return rc;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	buf_init(&l->c.obj);
	l->path_n = w->path.n;
	l->up = w->top;
	w->top = l;
	w->depth++;
	return tree_cursor_open(&l->c, &w->src, id, e);
}

static void pop(struct walk *w)
{
	struct level *l = w->top;

	w->top = l->up;
	w->depth--;
	tree_cursor_release(&l->c);
	free(l);
}

static int step(struct walk *w,
		int (*fn)(void *arg, const char *path, size_t n,
			  const struct tree_leaf *leaf),
		void *arg, struct err *e)
{
	struct level *l = w->top;
	struct tree_entry en = l->c.en;
	struct tree_leaf leaf = { en.mode, en.id };
	int rc;

	rc = tree_path_set(&w->path, l->path_n, en.name, en.name_n,
			   en.mode == MODE_TREE, e);
	if (rc < 0)
		return rc;
	tree_cursor_next(&l->c);
	if (en.mode == MODE_TREE)
		return push(w, &en.id, e);
	return fn(arg, w->path.p, w->path.n, &leaf);
}

int tree_walk(struct repo *r, const struct oid *root, const char *prefix,
	      size_t prefix_n,
	      int (*fn)(void *arg, const char *path, size_t n,
			const struct tree_leaf *leaf),
	      void *arg, struct err *e)
{
	struct walk w = { .src = { r, NULL }, .path = BUF_INIT };
	struct tree_leaf at;
	int rc;

	rc = tree_find(r, root, prefix, prefix_n, &at, e);
	if (rc < 0)
		return rc;
	rc = tree_path_set(&w.path, 0, prefix, prefix_n,
			   prefix_n && at.mode == MODE_TREE, e);
	if (!rc && at.mode != MODE_TREE)
		rc = fn(arg, w.path.p, w.path.n, &at);
	else if (!rc)
		rc = push(&w, &at.id, e);
	while (!rc && w.top) {
		if (w.top->c.has)
			rc = step(&w, fn, arg, e);
		else
			pop(&w);
	}
	while (w.top)
		pop(&w);
	buf_release(&w.path);
	return rc;
}
