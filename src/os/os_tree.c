/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_tree.c - a whole file, folders with their parents, a whole tree.
 *
 * os_rmtree() needs a bounded number of handles however deep the tree is: a
 * folder found DEPTH_MAX levels down is moved to the top and is met there
 * again.  Symlinks are removed, never followed.
 */
#include <stdio.h>
#include <string.h>
#include "os/os.h"
#include "os/os_common.h"
#include "base/banned.h"

/* Read to the end; more than  bytes is HUB_ELIMIT. */
static int read_all(int fd, const char *path, size_t max, size_t guess,
		    struct buf *ret, struct err *e)
{
	size_t was = ret->n, room = guess + 1, k;
	int rc;

	for (;;) {
		if (buf_grow(ret, room))
			return err_nomem(e);
		rc = os_read(fd, ret->p + ret->n, room, &k, path, e);
		if (rc < 0)
			return rc;
		ret->n += k;
		if (ret->n - was > max)
			return err_set(e, HUB_ELIMIT, "'%s' has more than %zu "
				       "bytes", path, max);
		if (k < room)
			break;
		/* It grew, or is one of /proc that has no size. */
		room = 16384;
	}
	ret->p[ret->n] = 0;
	return 0;
}

int os_read_file(const char *path, size_t max, struct buf *ret, struct err *e)
{
	size_t was = ret->n;
	struct os_stat st;
	int fd = -1, rc;

	rc = os_open_read(path, &fd, e);
	if (rc == HUB_ELIMIT) {		/* too many are open: no word about it */
		rc = HUB_EIO;
		if (e)
			e->rc = rc;
	}
	if (rc < 0)
		return rc;
	rc = os_fstat(fd, &st, path, e);
	if (!rc && st.size > max)
		rc = err_set(e, HUB_ELIMIT, "'%s' has more than %zu bytes",
			     path, max);
	if (!rc)
		rc = read_all(fd, path, max, (size_t)st.size, ret, e);
	os_close(fd, path, NULL);
	if (rc < 0 && ret->n > was)
		buf_setlen(ret, was);
	return rc;
}

static int is_folder(const char *path)
{
	struct os_stat st;

	return !os_stat(path, &st, NULL) && st.type == OS_DIR;
}

int os_mkdirs(const char *path, struct err *e)
{
	size_t n = strlen(path), i;
	struct buf b = BUF_INIT;
	int rc = 0;

	if (is_folder(path))
		return 0;
	for (i = 1; i <= n && !rc; i++) {
		if ((path[i] != '/' && path[i]) || path[i - 1] == '/')
			continue;
		buf_reset(&b);
		buf_add(&b, path, i);
		if (buf_error(&b)) {
			rc = err_nomem(e);
			break;
		}
		if (is_folder(b.p))
			continue;
		rc = os_mkdir(b.p, e);
		if (!rc)
			rc = os_sync_parent(b.p, e);
		else if (rc == HUB_ECONFLICT && is_folder(b.p))
			rc = 0;		/* another process was faster */
	}
	buf_release(&b);
	return rc;
}

#define DEPTH_MAX 48

struct level {
	struct os_dir *d;
	char name[256];		/* its name in the level above */
};

struct walk {
	struct level at[DEPTH_MAX];
	int depth;		/* levels in use */
};

/* Make the folder  the next level, or move it up if that is too deep. */
static int descend(struct walk *w, const char *name, struct err *e)
{
	struct level *l = &w->at[w->depth - 1];
	char up[32];
	uint64_t salt;
	int rc;

	if (w->depth == DEPTH_MAX) {
		os_random(&salt, sizeof(salt));
		snprintf(up, sizeof(up), ".rm-%016llx",
			 (unsigned long long)salt);
		return os_dir_rename_to(l->d, name, w->at[0].d, up, e);
	}
	rc = os_dir_at(l->d, name, &w->at[w->depth].d, e);
	if (rc < 0)
		return rc;
	snprintf(w->at[w->depth].name, sizeof(w->at[w->depth].name), "%s", name);
	w->depth++;
	return 0;
}

/* Remove what is in the deepest level until a folder is met or all is gone. */
static int step(struct walk *w, struct err *e)
{
	struct level *l = &w->at[w->depth - 1];
	struct os_stat st;
	enum os_type type;
	const char *name;
	char copy[256];
	int rc;

	while ((rc = os_dir_next(l->d, &name, &type, e)) > 0) {
		snprintf(copy, sizeof(copy), "%s", name);
		if (type == OS_UNKNOWN) {
			rc = os_dir_stat(l->d, copy, &st, e);
			if (rc == HUB_EABSENT)
				continue;
			if (rc < 0)
				return rc;
			type = st.type;
		}
		if (type == OS_DIR)
			return descend(w, copy, e);
		rc = os_dir_unlink(l->d, copy, e);
		if (rc < 0 && rc != HUB_EABSENT)
			return rc;
	}
	if (rc < 0 || w->depth == 1)
		return rc < 0 ? rc : 1;
	rc = os_dir_rmdir(w->at[w->depth - 2].d, l->name, e);
	if (rc == HUB_EABSENT)
		rc = 0;
	if (rc < 0)
		return rc;
	os_dir_close(l->d);
	w->depth--;
	return 0;
}

int os_rmtree(const char *path, struct err *e)
{
	struct walk w = { .depth = 0 };
	struct os_stat st;
	int rc, again = 0;

	rc = os_lstat(path, &st, e);
	if (rc < 0)
		return rc;
	if (st.type != OS_DIR)
		return os_unlink(path, e);
	rc = os_dir_open_real(path, &w.at[0].d, e);
	if (rc < 0)
		return rc;
	w.depth = 1;
	do {
		do
			rc = step(&w, e);
		while (!rc);
		if (rc < 0)
			break;
		/* What was moved up, or listed late, is still there. */
		rc = os_rmdir(path, e);
	} while (rc == HUB_ECONFLICT && ++again < 1000);
	while (w.depth)
		os_dir_close(w.at[--w.depth].d);
	return rc;
}
