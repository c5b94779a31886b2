/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export.c - write a recorded state into a new folder.  Symlinks are never
 * followed there, so a hostile tree cannot lead out of it.
 */
#include "sync/export.h"

#include <string.h>

#include "base/path.h"
#include "os/os_file.h"
#include "sync/listing.h"
#include "sync/wdir.h"

struct export {
	struct workspace *ws;
	struct wdir dirs;
	struct oid tree;
	struct export_result *ret;
	struct err *e;
};

/* HUB_ECONFLICT unless there is nothing there. */
static int make_dir(const char *dir, struct err *e)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	int rc = os_mkdirs(dir, e);

	if (!rc)
		rc = os_dir_open(dir, &d, e);
	if (!rc)
		rc = os_dir_next(d, &name, &type, e);
	os_dir_close(d);
	return rc > 0 ? err_set(e, HUB_ECONFLICT, "'%s' is not empty: give a "
				"new folder", dir) : rc;
}

struct to { struct export *x; int fd; const char *path; struct buf *link; };

static int put(void *arg, const void *p, size_t n)
{
	struct to *t = arg;

	t->x->ret->bytes += n;
	if (!t->link)
		return os_write(t->fd, p, n, t->path, t->x->e);
	buf_add(t->link, p, n);
	return 0;
}

static int put_link(struct export *x, const struct listing_entry *en,
		    struct os_dir *d, const char *name)
{
	struct buf target = BUF_INIT;
	struct to t = { x, -1, en->path, &target };
	int rc = listing_file(x->ws, &x->tree, en->path, put, &t, x->e);

	if (!rc && buf_error(&target))
		rc = err_nomem(x->e);
	if (!rc && (!target.n || memchr(target.p, 0, target.n)))
		x->ret->left_out++;
	else if (!rc)
		rc = os_dir_symlink(d, target.p, name, x->e);
	buf_release(&target);
	return rc;
}

static int put_file(struct export *x, const struct listing_entry *en,
		    struct os_dir *d, const char *name)
{
	struct to t = { x, -1, en->path, NULL };
	int rc = os_dir_create(d, name, en->leaf.mode == MODE_EXEC, &t.fd,
			       x->e), rc2;

	if (rc < 0)
		return rc;
	rc = listing_file(x->ws, &x->tree, en->path, put, &t, x->e);
	rc2 = os_close(t.fd, en->path, rc ? NULL : x->e);
	if (!rc)
		rc = rc2;
	if (rc < 0)
		os_dir_unlink(d, name, NULL);
	return rc < 0 ? err_in(x->e, "'%s'", en->path) : 0;
}

static int one(void *arg, const struct listing_entry *en)
{
	struct export *x = arg;
	struct os_dir *d;
	const char *name;
	int rc;

	if (en->leaf.mode == MODE_GITLINK || !path_ok(en->path, en->n)) {
		x->ret->left_out++;
		return 0;
	}
	rc = wdir_get(&x->dirs, en->path, en->n, 1, &d, &name, x->e);
	if (!rc)
		rc = en->leaf.mode == MODE_LINK ? put_link(x, en, d, name) :
			put_file(x, en, d, name);
	if (!rc && !(++x->ret->files & 255))
		rc = workspace_progress(x->ws, "exporting", x->ret->files, 0,
					x->e);
	return rc;
}

int export_run(struct workspace *ws, const char *const *paths, size_t n,
	       const char *at, const char *dir, struct export_result *ret,
	       struct err *e)
{
	struct export x = { .ws = ws, .ret = ret, .e = e };
	struct when when;
	size_t i;
	int rc = listing_open(ws, at, &when, &x.tree, e);

	memset(ret, 0, sizeof(*ret));
	buf_init(&x.dirs.path);
	for (i = 0; !rc && i < n; i++)	/* before anything is made */
		rc = listing_check(ws, &x.tree, paths[i], e);
	if (!rc)
		rc = make_dir(dir, e);
	if (!rc)
		rc = wdir_open(&x.dirs, dir, e);
	for (i = 0; !rc && i < n; i++)
		rc = listing_run(ws, &x.tree, paths[i], 1, one, &x, e);
	if (!rc && os_has_syncfs())
		rc = os_syncfs(dir, e);
	wdir_close(&x.dirs);
	return rc;
}
