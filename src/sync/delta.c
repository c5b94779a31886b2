/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delta.c - lists of what differs.  Writes nothing. */
#include "sync/delta.h"

#include <stdlib.h>
#include <string.h>

#include "repo/history.h"
#include "sync/compare.h"

struct collect {
	struct delta *d;
	const char *const *paths;
	size_t paths_n;
	struct err *e;
};

static struct delta_item *add(struct delta *d, const char *path, size_t n)
{
	struct delta_item *it;

	if (d->n == d->alloc) {
		size_t want = d->alloc ? d->alloc * 2 : 64;

		it = realloc(d->v, want * sizeof(*it));
		if (!it)
			return NULL;
		d->v = it;
		d->alloc = want;
	}
	it = &d->v[d->n];
	memset(it, 0, sizeof(*it));
	it->path = malloc(n + 1);
	if (!it->path)
		return NULL;
	memcpy(it->path, path, n);
	it->path[n] = '\0';
	it->n = n;
	d->n++;
	return it;
}

static int on_leaf(void *arg, const char *path, size_t n,
		   const struct tree_leaf *from, const struct tree_leaf *to)
{
	struct collect *c = arg;
	struct delta_item *it;

	if (!history_path_in(c->paths, c->paths_n, path, n))
		return 0;
	it = add(c->d, path, n);
	if (!it)
		return err_nomem(c->e);
	it->from = *from;
	it->to = *to;
	return 0;
}

int delta_trees(struct repo *r, const struct oid *from, const struct oid *to,
		const char *const *paths, size_t paths_n, struct delta *ret,
		struct err *e)
{
	struct collect c = { ret, paths, paths_n, e };

	return tree_diff(r, from, to, on_leaf, &c, e);
}

static int cmp_items(const void *x, const void *y)
{
	const struct delta_item *a = x, *b = y;

	return mem_cmp(a->path, a->n, b->path, b->n);
}

static int from_leaf(struct workspace *ws, const struct oid *from,
		     const struct change *c, struct tree_leaf *ret,
		     struct err *e)
{
	int rc = tree_find(ws->repo, from, c->path, c->n, ret, e);

	if (rc == HUB_EABSENT || (!rc && ret->mode == MODE_TREE)) {
		memset(ret, 0, sizeof(*ret));
		rc = 0;
	}
	return rc;
}

/* One difference between disk and base into the list; the first ${sorted}
 * items are the trees'. */
static int overlay(struct workspace *ws, const struct oid *from,
		   const struct change *c, size_t sorted, struct delta *d,
		   struct err *e)
{
	struct delta_item key = { .path = c->path, .n = c->n }, *it = NULL;
	struct tree_leaf leaf;
	int rc;

	if (sorted)
		it = bsearch(&key, d->v, sorted, sizeof(key), cmp_items);
	if (!it) {
		rc = from_leaf(ws, from, c, &leaf, e);
		if (rc < 0)
			return rc;
		it = add(d, c->path, c->n);
		if (!it)
			return err_nomem(e);
		it->from = leaf;
	}
	it->to = c->disk;
	it->on_disk = c->disk.mode != 0;
	return 0;
}

/* What is the same after all goes; the rest is sorted. */
static void settle(struct delta *d)
{
	size_t i, k = 0;

	for (i = 0; i < d->n; i++) {
		if (compare_leaf_eq(&d->v[i].from, &d->v[i].to))
			free(d->v[i].path);
		else
			d->v[k++] = d->v[i];
	}
	d->n = k;
	if (k > 1)
		qsort(d->v, k, sizeof(*d->v), cmp_items);
}

int delta_disk(struct workspace *ws, const struct oid *from,
	       const struct oid *head, const char *const *paths,
	       size_t paths_n, struct delta *ret, struct err *e)
{
	struct changes ch = CHANGES_INIT;
	size_t i, sorted;
	int rc = delta_trees(ws->repo, from, head, paths, paths_n, ret, e);

	sorted = ret->n;
	if (!rc)
		rc = compare_run(ws, NULL, &ch, e);
	for (i = 0; !rc && i < ch.n; i++)
		if (history_path_in(paths, paths_n, ch.v[i].path, ch.v[i].n))
			rc = overlay(ws, from, &ch.v[i], sorted, ret, e);
	settle(ret);
	changes_release(&ch);
	return rc;
}

void delta_release(struct delta *d)
{
	while (d->n)
		free(d->v[--d->n].path);
	free(d->v);
	memset(d, 0, sizeof(*d));
}

static int is_regular(uint32_t mode)
{
	return mode == MODE_FILE || mode == MODE_EXEC;
}

const char *delta_word(const struct delta_item *it)
{
	if (!it->from.mode)
		return "added";
	if (!it->to.mode)
		return "deleted";
	if (is_regular(it->from.mode) != is_regular(it->to.mode) ||
	    (!is_regular(it->from.mode) && it->from.mode != it->to.mode))
		return "type";
	return oid_eq(&it->from.id, &it->to.id) ? "mode" : "changed";
}
