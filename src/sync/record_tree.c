/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_tree.c - HEAD + local changes.
 *
 * Where this disk is behind HEAD a change was made to something older, and so
 * was what git committed of such a path (META_ONTO): then it's a three-way merge
 * of whole trees, so that files and folders in each other's way are seen too.
 *
 *	base	HEAD as we left it, with all that is behind as in the base records
 *	ours	HEAD as we left it
 *	theirs	the base, with what git committed since, with the disk's changes
 */
#include "sync/record_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os_clock.h"
#include "sync/apply.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/follow.h"
#include "sync/replay.h"

struct behind {
	struct record *r;
	struct oid left;		/* tree of HEAD as we left it */
	struct tree_change *v;		/* paths owned */
	size_t n, alloc;
};

static int add_behind(void *arg, const void *p, size_t n)
{
	struct behind *b = arg;
	struct tree_change *c;
	char *path;

	if (b->n == b->alloc) {
		size_t want = b->alloc ? b->alloc * 2 : 64;

		c = realloc(b->v, want * sizeof(*c));
		if (!c)
			return err_nomem(b->r->e);
		b->v = c;
		b->alloc = want;
	}
	c = &b->v[b->n];
	path = malloc(n + 1);
	if (!path)
		return err_nomem(b->r->e);
	memcpy(path, p, n);
	path[n] = '\0';
	c->path = path;
	c->path_n = n;
	b->n++;
	return content_base(b->r->ws->state, p, n, &c->leaf, b->r->e);
}

static void free_behind(struct behind *b)
{
	while (b->n)
		free((char *)(uintptr_t)b->v[--b->n].path);
	free(b->v);
}

static int leaf_in(struct record *r, const struct oid *tree,
		   const struct tree_change *c, struct tree_leaf *ret)
{
	int rc = tree_find(r->ws->repo, tree, c->path, c->path_n, ret, r->e);

	if (rc == HUB_EABSENT || (!rc && ret->mode == MODE_TREE)) {
		err_clear(r->e);
		memset(ret, 0, sizeof(*ret));
		return 0;
	}
	return rc;
}

/* HEAD, with the base's version of all that is behind and git left alone. */
static int without_news(struct behind *b, struct oid *ret)
{
	struct record *r = b->r;
	struct tree_change *v = calloc(b->n ? b->n : 1, sizeof(*v));
	struct tree_leaf left, head;
	size_t i, n = 0;
	int rc = v ? 0 : err_nomem(r->e);

	for (i = 0; !rc && i < b->n; i++) {
		rc = leaf_in(r, &b->left, &b->v[i], &left);
		if (!rc)
			rc = leaf_in(r, &r->head_tree, &b->v[i], &head);
		if (!rc && compare_leaf_eq(&left, &head))
			v[n++] = b->v[i];
	}
	if (!rc)
		rc = tree_update(r->ws->repo, r->sink, &r->head_tree, v, n,
				 ret, r->e);
	free(v);
	return rc;
}

/* ${root} with every change. */
static int with_changes(struct record *r, const struct oid *root,
			struct oid *ret)
{
	struct tree_change *v = calloc(r->ch.n ? r->ch.n : 1, sizeof(*v));
	size_t i, n = 0;
	int rc;

	if (!v)
		return err_nomem(r->e);
	for (i = 0; i < r->ch.n; i++) {
		struct change *c = &r->ch.v[i];

		if (!record_is_change(c))
			continue;
		v[n].path = c->path;
		v[n].path_n = c->n;
		v[n++].leaf = c->disk;
	}
	rc = tree_update(r->ws->repo, r->sink, root, v, n, ret, r->e);
	free(v);
	return rc;
}

static int merge(struct behind *b, struct oid *ret)
{
	struct record *r = b->r;
	struct replay_merge m = { .ws = r->ws, .sink = r->sink,
				  .time = os_now(), .hub_time = os_now(),
				  .trailers = &r->trailers, .e = r->e };
	struct oid base, news, theirs;
	int rc = tree_update(r->ws->repo, r->sink, &b->left, b->v, b->n, &base,
			     r->e);

	if (!rc)
		rc = without_news(b, &news);
	if (!rc)
		rc = with_changes(r, &news, &theirs);
	return rc < 0 ? rc : replay_merge_trees(&m, &base, &b->left, &theirs,
						ret);
}

/* What the journal says was here.  A file where HEAD has a folder that could not
 * be written yet has no place in such a tree: then it says nothing. */
static void found_here(struct record *r)
{
	struct err *e = r->e;

	r->e = NULL;
	if (with_changes(r, &r->head_tree, &r->ch.tree) < 0)
		r->ch.tree = oid_zero;
	r->e = e;
}

int record_tree(struct record *r, struct oid *ret)
{
	struct behind b = { .r = r, .left = r->head_tree };
	int rc = state_set_each(r->ws->state, SET_BEHIND, add_behind, &b,
				r->e);

	if (!rc && !oid_is_zero(&r->onto))
		rc = follow_commit_tree(r->ws->repo, &r->onto, &b.left, r->e);
	if (!rc && !b.n) {
		rc = with_changes(r, &r->head_tree, ret);
		r->ch.tree = *ret;
	} else if (!rc) {
		rc = merge(&b, ret);
		found_here(r);
	}
	free_behind(&b);
	return rc;
}
