/* SPDX-License-Identifier: GPL-2.0-or-later */
/* restore_plan.c - which paths restoring changes.  Writes nothing. */
#include "sync/restore.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "sync/compare.h"

int restore_covers(const char *const *paths, size_t paths_n, const char *path,
		   size_t n)
{
	size_t i;

	for (i = 0; i < paths_n; i++) {
		size_t k = strlen(paths[i]);

		if (!k || (n >= k && !memcmp(path, paths[i], k) &&
			   (n == k || path[k] == '/')))
			return 1;
	}
	return 0;
}

static int add(struct restore *r, const char *path, size_t n,
	       const struct tree_leaf *now, const struct tree_leaf *then)
{
	struct restore_item *it;

	if (then->mode && !path_ok(path, n)) {
		r->refused++;
		return 0;
	}
	if (r->n == r->alloc) {
		size_t want = r->alloc ? r->alloc * 2 : 64;

		it = realloc(r->v, want * sizeof(*it));
		if (!it)
			return HUB_ENOMEM;
		r->v = it;
		r->alloc = want;
	}
	it = &r->v[r->n];
	it->path = malloc(n + 1);
	if (!it->path)
		return HUB_ENOMEM;
	memcpy(it->path, path, n);
	it->path[n] = '\0';
	it->n = n;
	it->now = *now;
	it->then = *then;
	r->n++;
	return 0;
}

static int cmp_items(const void *x, const void *y)
{
	const struct restore_item *a = x, *b = y;

	return mem_cmp(a->path, a->n, b->path, b->n);
}

static void free_item(struct restore_item *it)
{
	free(it->path);
	memset(it, 0, sizeof(*it));
}

void restore_release(struct restore *r)
{
	while (r->n)
		free_item(&r->v[--r->n]);
	free(r->v);
	memset(r, 0, sizeof(*r));
}

/* Sorted and unique (paths may overlap), and counted. */
static void settle(struct restore *r)
{
	size_t i, k = 0;

	if (r->n > 1)
		qsort(r->v, r->n, sizeof(*r->v), cmp_items);
	r->written = r->removed = 0;
	for (i = 0; i < r->n; i++) {
		if (k && !cmp_items(&r->v[k - 1], &r->v[i])) {
			free_item(&r->v[i]);
			continue;
		}
		if (r->v[i].then.mode)
			r->written++;
		else
			r->removed++;
		r->v[k++] = r->v[i];
	}
	r->n = k;
}

struct plan {
	struct repo *repo;
	struct restore *ret;
	struct buf path;		/* the folder being compared, with '/' */
	size_t folder_n;
	struct err *e;
};

static int on_leaf(void *arg, const char *path, size_t n,
		   const struct tree_leaf *now, const struct tree_leaf *then)
{
	struct plan *p = arg;
	int rc;

	buf_setlen(&p->path, p->folder_n);
	buf_add(&p->path, path, n);
	rc = buf_error(&p->path) ? HUB_ENOMEM :
		add(p->ret, p->path.p, p->path.n, now, then);
	return rc ? err_nomem(p->e) : 0;
}

static int find(struct plan *p, const struct oid *root, const char *path,
		size_t n, struct tree_leaf *ret)
{
	int rc = tree_find(p->repo, root, path, n, ret, p->e);

	if (rc != HUB_EABSENT)
		return rc;
	memset(ret, 0, sizeof(*ret));
	return 0;
}

/* Nothing but folders may stand above a path that comes back. */
static int check_above(struct plan *p, const struct oid *now, const char *path)
{
	struct buf show = BUF_INIT;
	struct tree_leaf leaf;
	const char *s;
	int rc = 0;

	for (s = strchr(path, '/'); !rc && s; s = strchr(s + 1, '/')) {
		rc = find(p, now, path, (size_t)(s - path), &leaf);
		if (rc || !leaf.mode || leaf.mode == MODE_TREE)
			continue;
		utf8_show(&show, path, (size_t)(s - path));
		rc = err_set(p->e, HUB_ECONFLICT, "'%s' is a file now: restore "
			     "it, then its whole folder comes back", show.p);
		buf_release(&show);
	}
	return rc;
}

static int not_there(struct plan *p, const char *path)
{
	struct buf show = BUF_INIT, when = BUF_INIT;

	utf8_show(&show, path, strlen(path));
	when_show(&when, &p->ret->when);
	err_set(p->e, HUB_EABSENT, "'%s' was not there at %s: `hub log` with "
		"this path shows when it was", show.p, when.p);
	buf_release(&show);
	buf_release(&when);
	return HUB_EABSENT;
}

static int plan_path(struct plan *p, const char *path, const struct oid *now,
		     const struct oid *then)
{
	static const struct tree_leaf none = { .mode = 0 };
	struct tree_leaf a = { .mode = MODE_TREE, .id = *now };
	struct tree_leaf b = { .mode = MODE_TREE, .id = *then };
	size_t n = strlen(path);
	int rc = 0;

	if (n)
		rc = find(p, now, path, n, &a);
	if (n && !rc)
		rc = find(p, then, path, n, &b);
	if (!rc && !b.mode)
		rc = not_there(p, path);
	if (!rc)
		rc = check_above(p, now, path);
	if (rc < 0 || compare_leaf_eq(&a, &b))
		return rc;
	if (b.mode != MODE_TREE || (a.mode && a.mode != MODE_TREE))
		rc = add(p->ret, path, n, a.mode == MODE_TREE ? &none : &a,
			 b.mode == MODE_TREE ? &none : &b);
	if (rc)
		return err_nomem(p->e);
	if (a.mode != MODE_TREE && b.mode != MODE_TREE)
		return 0;
	buf_reset(&p->path);
	buf_addstr(&p->path, path);
	if (n)
		buf_addch(&p->path, '/');
	p->folder_n = p->path.n;
	return tree_diff(p->repo, a.mode == MODE_TREE ? &a.id : &oid_zero,
			 b.mode == MODE_TREE ? &b.id : &oid_zero, on_leaf, p,
			 p->e);
}

int restore_plan(struct repo *r, const char *const *paths, size_t paths_n,
		 const struct oid *now, const struct oid *then,
		 struct restore *ret, struct err *e)
{
	struct plan p = { .repo = r, .ret = ret, .path = BUF_INIT, .e = e };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < paths_n; i++)
		rc = plan_path(&p, paths[i], now, then);
	settle(ret);
	buf_release(&p.path);
	return rc;
}

/* ---- what is on disk and not recorded ---- */

static struct restore_item *item_of(struct restore *r, size_t upto,
				    const struct change *c)
{
	struct restore_item key = { .path = c->path, .n = c->n };

	return upto ? bsearch(&key, r->v, upto, sizeof(key), cmp_items) : NULL;
}

int restore_plan_disk(struct workspace *ws, const char *const *paths,
		      size_t paths_n, const struct oid *then,
		      struct restore *ret, struct err *e)
{
	struct changes ch = CHANGES_INIT;
	size_t i, k = 0, upto = ret->n;
	int rc = compare_run(ws, NULL, &ch, e);

	for (i = 0; !rc && i < ch.n; i++) {
		struct change *c = &ch.v[i];
		struct restore_item *it = item_of(ret, upto, c);
		struct tree_leaf want;

		if (!restore_covers(paths, paths_n, c->path, c->n))
			continue;
		rc = tree_find(ws->repo, then, c->path, c->n, &want, e);
		if (rc == HUB_EABSENT || (!rc && want.mode == MODE_TREE)) {
			memset(&want, 0, sizeof(want));
			rc = 0;
		}
		if (!rc && it)
			it->now = c->disk;
		else if (!rc && !compare_leaf_eq(&c->disk, &want) &&
			 add(ret, c->path, c->n, &c->disk, &want))
			rc = err_nomem(e);
	}
	for (i = 0; i < ret->n; i++) {
		if (compare_leaf_eq(&ret->v[i].now, &ret->v[i].then))
			free_item(&ret->v[i]);
		else
			ret->v[k++] = ret->v[i];
	}
	ret->n = k;
	settle(ret);
	changes_release(&ch);
	return rc;
}
