/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listing.c - look into recorded states. */
#include "sync/listing.h"

#include <string.h>

#include "base/utf8.h"
#include "repo/tree_raw.h"
#include "sync/follow.h"
#include "sync/large.h"

struct list {
	struct workspace *ws;
	int (*fn)(void *arg, const struct listing_entry *en);
	void *arg;
	struct err *e;
};

int listing_open(struct workspace *ws, const char *at, struct when *when,
		 struct oid *tree, struct err *e)
{
	struct buf branch = BUF_INIT;
	struct oid tip;
	int rc = repo_head(ws->repo, &branch, &tip, e);

	if (!rc)
		rc = when_resolve(ws->repo, &tip, at, when, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &when->commit, tree, e);
	buf_release(&branch);
	return rc;
}

static int fail(int rc, const char *path, const char *what, struct err *e)
{
	struct buf show = BUF_INIT;

	utf8_show(&show, path, strlen(path));
	err_set(e, rc, "'%s' %s", show.p, what);
	buf_release(&show);
	return rc;
}

static int entry(void *arg, const char *path, size_t n,
		 const struct tree_leaf *leaf)
{
	struct list *l = arg;
	struct listing_entry en = { path, n, *leaf, 0, 0 };
	struct pointer ptr;
	enum obj_type type;
	int rc = 0;

	if (leaf->mode != MODE_TREE && leaf->mode != MODE_GITLINK)
		rc = repo_size(l->ws->repo, &leaf->id, &type, &en.size, l->e);
	if (!rc && en.size && en.size <= POINTER_MAX)
		rc = en.large = large_peek(l->ws->repo, leaf, &ptr, l->e);
	if (rc > 0)
		en.size = ptr.size;
	return rc < 0 ? rc : l->fn(l->arg, &en);
}

static int read_tree(struct list *l, const struct oid *id, struct buf *ret)
{
	const char *why;
	int rc = repo_read_as(l->ws->repo, id, OBJ_TREE, TREE_OBJECT_MAX, ret,
			      l->e);

	if (rc == HUB_EABSENT)
		return err_set(l->e, HUB_ECORRUPT, "tree %s is missing: `hub "
			       "verify` tells more", oid_hex(id));
	if (!rc) {
		rc = tree_raw_check(ret->p, ret->n, &why);
		if (rc < 0)
			err_set(l->e, rc, "tree %s: %s", oid_hex(id), why);
	}
	return rc;
}

/* What one folder holds. */
static int folder(struct list *l, const struct oid *id, const char *path)
{
	struct buf raw = BUF_INIT, full = BUF_INIT;
	struct tree_entry te;
	struct tree_leaf leaf;
	struct tree_raw t;
	int rc = oid_is_zero(id) ? 0 : read_tree(l, id, &raw);

	tree_raw_init(&t, raw.p, raw.n);
	while (!rc && tree_raw_next(&t, &te) > 0) {
		buf_reset(&full);
		if (*path)
			buf_addf(&full, "%s/", path);
		buf_add(&full, te.name, te.name_n);
		leaf.mode = te.mode;
		leaf.id = te.id;
		rc = buf_error(&full) ? err_nomem(l->e) :
			entry(l, full.p, full.n, &leaf);
	}
	buf_release(&raw);
	buf_release(&full);
	return rc;
}

/* The entry at ${path}; the root is a folder. */
static int find(struct workspace *ws, const struct oid *tree, const char *path,
		struct tree_leaf *ret, struct err *e)
{
	int rc = tree_find(ws->repo, tree, path, strlen(path), ret, e);

	return rc == HUB_EABSENT ? fail(rc, path, "was not there", e) : rc;
}

int listing_check(struct workspace *ws, const struct oid *tree,
		  const char *path, struct err *e)
{
	struct tree_leaf leaf;

	return find(ws, tree, path, &leaf, e);
}

int listing_run(struct workspace *ws, const struct oid *tree, const char *path,
		int deep, int (*fn)(void *arg, const struct listing_entry *en),
		void *arg, struct err *e)
{
	struct list l = { ws, fn, arg, e };
	size_t n = strlen(path);
	struct tree_leaf leaf;
	int rc = find(ws, tree, path, &leaf, e);

	if (rc < 0)
		return rc;
	if (leaf.mode != MODE_TREE)
		return entry(&l, path, n, &leaf);
	if (!deep)
		return folder(&l, &leaf.id, path);
	rc = tree_walk(ws->repo, tree, path, n, entry, &l, e);
	return rc == HUB_EABSENT ? 0 : rc;	/* an empty tree */
}

int listing_file(struct workspace *ws, const struct oid *tree,
		 const char *path,
		 int (*fn)(void *arg, const void *p, size_t n), void *arg,
		 struct err *e)
{
	struct buf data = BUF_INIT;
	struct tree_leaf leaf;
	struct pointer ptr;
	int rc = find(ws, tree, path, &leaf, e);

	if (rc < 0)
		return rc;
	if (leaf.mode == MODE_TREE)
		return fail(HUB_EUSAGE, *path ? path : ".", "is a folder: `hub "
			    "ls` lists it", e);
	if (leaf.mode == MODE_GITLINK)
		return fail(HUB_EUSAGE, path, "is a submodule: it has no content "
			    "here", e);
	rc = large_peek(ws->repo, &leaf, &ptr, e);
	if (rc > 0)
		return large_read(ws, &ptr, fn, arg, path, e);
	if (!rc)
		rc = repo_read_as(ws->repo, &leaf.id, OBJ_BLOB,
				  LISTING_FILE_MAX, &data, e);
	if (!rc && data.n)
		rc = fn(arg, data.p, data.n);
	buf_release(&data);
	return rc;
}
