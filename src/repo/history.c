/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.c - walk commits, newest first, and pick those that touched paths.
 *
 * Our own walk and not libgit2's, which for a topological order reads the whole
 * history before it gives the first commit: `hub log` shows the last ten of
 * 100,000.  Commits wait in a heap by time; a commit enters it when a child of
 * it has been dealt with.
 *
 * For each commit that waits, what it has at every component of every path is
 * kept ("a", "a/b", "a/b/c").  A parent is compared from the top down, and what
 * is equal is copied, not read: most commits change another folder.
 */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "repo/history.h"
#include "repo/tree_internal.h"
#include "base/banned.h"

struct item {
	struct commit c;
	uint64_t seq;		/* order of entering the heap */
	struct tree_leaf *at;	/* components of all paths, one after another */
};

struct walk {
	struct repo *r;
	const struct history_query *q;
	size_t at_n;		/* components in all; 0: no filter */
	struct item **heap;
	size_t heap_n, heap_alloc;
	uint64_t seq;
	struct map seen;
};

static size_t components(const char *path)
{
	size_t n = 1;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

int history_path_in(const char *const *paths, size_t paths_n,
		    const char *path, size_t n)
{
	size_t i;

	for (i = 0; i < paths_n; i++) {
		size_t k = strlen(paths[i]);

		if (!k || (k <= n && !memcmp(paths[i], path, k) &&
			   (k == n || path[k] == '/')))
			return 1;
	}
	return !paths_n;
}

/* ---- items ---- */

static void item_free(struct item *it)
{
	if (!it)
		return;
	commit_release(&it->c);
	free(it->at);
	free(it);
}

/* The components of one path; ${like}: the same of a child commit, or NULL. */
static int path_at(struct walk *w, const struct oid *tree, const char *path,
		   const struct tree_leaf *like, struct tree_leaf *ret,
		   struct err *e)
{
	struct tree_leaf at = { MODE_TREE, *tree };
	size_t i, n, count = components(path);
	int rc;

	for (i = 0; i < count; i++, path += n + 1) {
		n = strcspn(path, "/");
		rc = at.mode != MODE_TREE ? HUB_EABSENT :
			tree_find(w->r, &at.id, path, n, &at, e);
		if (rc == HUB_EABSENT)
			memset(&at, 0, sizeof(at));
		else if (rc < 0)
			return rc;
		ret[i] = at;
		if (like && tree_leaf_eq(&ret[i], &like[i])) {
			memcpy(ret + i, like + i, (count - i) * sizeof(*ret));
			return 0;
		}
	}
	return 0;
}

static int item_at(struct walk *w, struct item *it, const struct item *like,
		   struct err *e)
{
	size_t i, k = 0;
	int rc = 0;

	it->at = calloc(w->at_n, sizeof(*it->at));
	if (!it->at)
		return err_nomem(e);
	if (like && oid_eq(&it->c.tree, &like->c.tree)) {
		memcpy(it->at, like->at, w->at_n * sizeof(*it->at));
		return 0;
	}
	for (i = 0; !rc && i < w->q->paths_n; i++) {
		rc = path_at(w, &it->c.tree, w->q->paths[i],
			     like ? like->at + k : NULL, it->at + k, e);
		k += components(w->q->paths[i]);
	}
	return rc;
}

/* A commit with all that is compared; ${like}: a child of it, or NULL. */
static int item_open(struct walk *w, const struct oid *id,
		     const struct item *like, struct item **ret,
		     struct err *e)
{
	static const struct commit empty = COMMIT_INIT;
	struct item *it = calloc(1, sizeof(*it));
	int rc;

	if (!it)
		return err_nomem(e);
	it->c = empty;
	rc = commit_read(w->r, id, &it->c, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "the history ends at commit %s, "
			     "which is missing; in a shallow clone run "
			     "`git fetch --unshallow`", oid_hex(id));
	if (!rc && w->at_n)
		rc = item_at(w, it, like, e);
	if (rc < 0)
		item_free(it);
	else
		*ret = it;
	return rc;
}

/* Do two commits have the same at the end of every path? */
static int item_same(const struct walk *w, const struct item *a,
		     const struct item *b)
{
	size_t i, k = 0;

	for (i = 0; i < w->q->paths_n; i++) {
		k += components(w->q->paths[i]);
		if (!tree_leaf_eq(&a->at[k - 1], &b->at[k - 1]))
			return 0;
	}
	return 1;
}

/* Has it nothing at all of the paths? */
static int item_empty(const struct walk *w, const struct item *it)
{
	size_t i, k = 0;

	for (i = 0; i < w->q->paths_n; i++) {
		k += components(w->q->paths[i]);
		if (it->at[k - 1].mode)
			return 0;
	}
	return 1;
}

/* ---- the heap: newest on top, then the one that waits longest ---- */

static int before(const struct item *a, const struct item *b)
{
	if (a->c.time != b->c.time)
		return a->c.time > b->c.time;
	return a->seq < b->seq;
}

/* Takes ${it} over, also on failure; a commit that was there is dropped. */
static int heap_put(struct walk *w, struct item *it, struct err *e)
{
	size_t i = w->heap_n, up;

	if (map_get(&w->seen, it->c.id.h, OID_SIZE)) {
		item_free(it);
		return 0;
	}
	if (w->heap_n == w->heap_alloc) {
		size_t n = w->heap_alloc * 2 + 16;
		struct item **p = realloc(w->heap, n * sizeof(*p));

		if (!p) {
			item_free(it);
			return err_nomem(e);
		}
		w->heap = p;
		w->heap_alloc = n;
	}
	if (map_put(&w->seen, it->c.id.h, OID_SIZE, NULL) < 0) {
		item_free(it);
		return err_nomem(e);
	}
	it->seq = w->seq++;
	w->heap_n++;
	for (; i && before(it, w->heap[up = (i - 1) / 2]); i = up)
		w->heap[i] = w->heap[up];
	w->heap[i] = it;
	return 0;
}

static struct item *heap_take(struct walk *w)
{
	struct item *top = w->heap[0], *last = w->heap[--w->heap_n];
	size_t i = 0, k;

	while ((k = 2 * i + 1) < w->heap_n) {
		if (k + 1 < w->heap_n && before(w->heap[k + 1], w->heap[k]))
			k++;
		if (!before(w->heap[k], last))
			break;
		w->heap[i] = w->heap[k];
		i = k;
	}
	w->heap[i] = last;
	return top;
}

/* ---- one commit ---- */

struct counter { const struct history_query *q; uint64_t n; };

static int count_leaf(void *arg, const char *path, size_t n,
		      const struct tree_leaf *o, const struct tree_leaf *new)
{
	struct counter *c = arg;

	c->n += (unsigned)history_path_in(c->q->paths, c->q->paths_n, path, n);
	return 0;
}

/*
 * Put the parents that are to be followed into the heap.  1 if the commit
 * counts, 0 if not.  ${ret_tree}: the first parent's tree, zero if none.
 */
static int follow(struct walk *w, const struct item *it,
		  struct oid *ret_tree, struct err *e)
{
	struct item **p, *same = NULL;
	size_t i, n = it->c.parents_n;
	int rc = 0;

	*ret_tree = oid_zero;
	p = calloc(n ? n : 1, sizeof(*p));
	if (!p)
		return err_nomem(e);
	for (i = 0; !rc && !same && i < n; i++) {
		rc = item_open(w, &it->c.parents[i], it, &p[i], e);
		if (!rc && !i)
			*ret_tree = p[0]->c.tree;
		if (!rc && w->at_n && item_same(w, it, p[i]))
			same = p[i];
	}
	for (i = 0; i < n; i++) {
		if (rc || (same && p[i] != same))
			item_free(p[i]);
		else
			rc = heap_put(w, p[i], e);
	}
	free(p);
	if (rc < 0)
		return rc;
	return !same && (n || !w->at_n || !item_empty(w, it));
}

static int one(struct walk *w, const struct item *it, uint64_t *shown,
	       int (*fn)(void *arg, const struct history_entry *en),
	       void *arg, struct err *e)
{
	struct history_entry en = { .commit = &it->c,
				    .at = { MODE_TREE, it->c.tree } };
	struct counter c = { w->q, 0 };
	struct oid parent;
	int rc;

	rc = follow(w, it, &parent, e);
	if (rc <= 0)
		return rc;
	rc = 0;
	if (w->q->count_changes)
		rc = tree_diff(w->r, &parent, &it->c.tree, count_leaf, &c, e);
	if (rc < 0)
		return rc;
	en.changed = c.n;
	if (w->at_n)
		en.at = it->at[components(w->q->paths[0]) - 1];
	++*shown;
	return fn(arg, &en);
}

int history_log(struct repo *r, const struct oid *tip,
		const struct history_query *q,
		int (*fn)(void *arg, const struct history_entry *en),
		void *arg, struct err *e)
{
	struct walk w = { .r = r, .q = q, .seen = MAP_INIT };
	struct item *it = NULL;
	uint64_t shown = 0;
	size_t i;
	int rc;

	for (i = 0; i < q->paths_n; i++)
		w.at_n += components(q->paths[i]);
	for (i = 0; i < q->paths_n; i++)
		if (!*q->paths[i])
			w.at_n = 0;
	rc = item_open(&w, tip, NULL, &it, e);
	if (!rc)
		rc = heap_put(&w, it, e);
	while (!rc && w.heap_n && (!q->limit || shown < q->limit)) {
		it = heap_take(&w);
		rc = one(&w, it, &shown, fn, arg, e);
		item_free(it);
	}
	while (w.heap_n)
		item_free(w.heap[--w.heap_n]);
	free(w.heap);
	map_release(&w.seen);
	return rc;
}

struct versions {
	int (*fn)(void *arg, const struct commit *c,
		  const struct tree_leaf *at);
	void *arg;
};

static int on_version(void *arg, const struct history_entry *en)
{
	struct versions *v = arg;

	return v->fn(v->arg, en->commit, &en->at);
}

int history_file_versions(struct repo *r, const struct oid *tip,
			  const char *path, uint64_t limit,
			  int (*fn)(void *arg, const struct commit *c,
				    const struct tree_leaf *at),
			  void *arg, struct err *e)
{
	struct history_query q = { .paths = &path, .paths_n = 1,
				   .limit = limit };
	struct versions v = { fn, arg };

	return history_log(r, tip, &q, on_version, &v, e);
}
