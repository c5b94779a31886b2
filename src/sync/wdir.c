/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wdir.c - a cached chain of open folders. */
#include "sync/wdir.h"

#include <string.h>

int wdir_open(struct wdir *w, const char *root, struct err *e)
{
	memset(w, 0, sizeof(*w));
	buf_init(&w->path);
	return os_dir_open(root, &w->dir[0], e);
}

static void close_from(struct wdir *w, int depth)
{
	os_dir_close(w->deep);
	w->deep = NULL;
	while (w->depth > depth) {
		os_dir_close(w->dir[w->depth]);
		w->dir[w->depth--] = NULL;
	}
	buf_setlen(&w->path, w->end[depth]);
}

void wdir_close(struct wdir *w)
{
	close_from(w, 0);
	os_dir_close(w->dir[0]);
	w->dir[0] = NULL;
	buf_release(&w->path);
}

/* One step down: the folder named path[at, at+k) in ${parent}. */
static int step(struct os_dir *parent, const char *path, size_t at, size_t k,
		int create, struct os_dir **ret, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc;

	buf_add(&name, path + at, k);
	if (buf_error(&name)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = os_dir_at(parent, name.p, ret, e);
	if (rc != HUB_EABSENT || !create)
		goto out;
	rc = os_dir_mkdir(parent, name.p, e);
	if (rc == HUB_ECONFLICT)
		err_set(e, rc, "'%.*s' is in the way: it is no folder",
			(int)(at + k), path);
	if (!rc)
		rc = os_dir_at(parent, name.p, ret, e);
out:
	buf_release(&name);
	return rc;
}

/* How many of the open folders lie on the way to path[0, n)? */
static int shared(const struct wdir *w, const char *path, size_t n)
{
	int d = w->depth;

	while (d > 0 && (w->end[d] > n || memcmp(w->path.p, path, w->end[d])))
		d--;
	return d;
}

static int push(struct wdir *w, struct os_dir *d, const char *path, size_t at,
		size_t k)
{
	if (w->depth == WDIR_OPEN_MAX) {
		os_dir_close(w->deep);
		w->deep = d;
		return 0;
	}
	w->dir[++w->depth] = d;
	buf_add(&w->path, path + at, k);
	buf_addch(&w->path, '/');
	w->end[w->depth] = w->path.n;
	return buf_error(&w->path);
}

int wdir_get(struct wdir *w, const char *path, size_t n, int create,
	     struct os_dir **dir, const char **name, struct err *e)
{
	const char *slash;
	size_t at;

	close_from(w, shared(w, path, n));
	at = w->end[w->depth];
	while ((slash = memchr(path + at, '/', n - at))) {
		size_t k = (size_t)(slash - (path + at));
		struct os_dir *parent = w->deep ? w->deep : w->dir[w->depth];
		struct os_dir *next = NULL;
		int rc = step(parent, path, at, k, create, &next, e);

		if (rc < 0)
			return rc;
		if (push(w, next, path, at, k))
			return err_nomem(e);
		at += k + 1;
	}
	*dir = w->deep ? w->deep : w->dir[w->depth];
	*name = path + at;
	return 0;
}

/* Length of the folder part of ${path} without its '/'; 0 in the root. */
static size_t parent_len(const char *path, size_t n)
{
	while (n && path[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

int wdir_prune(struct wdir *w, const char *path, size_t n, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc = 0;

	while (!rc && (n = parent_len(path, n)) > 0) {
		struct os_dir *d;
		const char *name;

		buf_reset(&p);
		buf_add(&p, path, n);
		if (buf_error(&p)) {
			rc = err_nomem(e);
			break;
		}
		rc = wdir_get(w, p.p, p.n, 0, &d, &name, e);
		if (!rc)
			rc = os_dir_rmdir(d, name, e);
		if (rc == HUB_EABSENT) {	/* gone: those above may stay */
			err_clear(e);
			rc = 0;
		}
	}
	buf_release(&p);
	if (rc == HUB_ECONFLICT) {
		err_clear(e);		/* not empty: fine */
		rc = 0;
	}
	return rc;
}

int wdir_sync(struct wdir *w, const char *path, size_t n, struct err *e)
{
	struct os_dir *d;
	const char *name;
	int i, rc = wdir_get(w, path, n, 0, &d, &name, e);

	if (rc == HUB_EABSENT) {	/* pruned: what is left is above */
		err_clear(e);
		rc = 0;
	} else if (!rc && w->deep) {
		rc = os_dir_sync(w->deep, e);
	}
	for (i = w->depth; !rc && i >= 0; i--)
		rc = os_dir_sync(w->dir[i], e);
	return rc;
}
