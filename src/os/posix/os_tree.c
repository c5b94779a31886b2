/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_tree.c - remove a whole folder, copy a whole file.
 *
 * os_rmtree() needs a bounded number of handles however deep the tree is: a
 * folder found DEPTH_MAX levels down is moved to the top and is met there
 * again.  Symlinks are removed, never followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

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
	int fd, rc, again = 0;

	rc = os_lstat(path, &st, e);
	if (rc < 0)
		return rc;
	if (st.type != OS_DIR)
		return os_unlink(path, e);
	fd = os_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_os(e, "open folder", path);
	rc = os_dir_wrap(fd, path, NULL, &w.at[0].d, e);
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

/* Copy from the positions where both handles stand, to the end. */
static int copy_bytes(int in, int out, const char *from, const char *to,
		      struct err *e)
{
	char block[65536];
	ssize_t k;
	size_t n;
	int rc;

	if (!sys.clone(out, in))
		return 0;
	do {
		RETRY(k, sys.copy_range(in, out, 1 << 30));
	} while (k > 0);
	/* 0 may also mean "not for this kind of file": read on in any case. */
	if (k < 0 && errno != ENOSYS && errno != EXDEV && errno != EINVAL &&
	    errno != EOPNOTSUPP && errno != EPERM)
		return err_os(e, "copy to", to);
	do {
		rc = os_read(in, block, sizeof(block), &n, from, e);
		if (!rc && n)
			rc = os_write(out, block, n, to, e);
	} while (!rc && n);
	return rc;
}

int os_copy_file(const char *from, const char *to, struct err *e)
{
	int in = -1, out = -1, rc, gone;
	struct os_stat st;

	rc = os_open_read(from, &in, e);
	if (rc < 0)
		return rc;
	rc = os_fstat(in, &st, from, e);
	if (rc < 0)
		goto out;
	out = os_open(AT_FDCWD, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
		      0600 | (st.mode & 0777));
	if (out < 0) {
		rc = errno == EEXIST
		     ? err_os_as(e, HUB_ECONFLICT, "create", to)
		     : err_os(e, "create", to);
		goto out;
	}
	rc = copy_bytes(in, out, from, to, e);
	if (!rc)
		rc = os_fsync(out, to, e);
	if (!rc) {
		rc = os_close(out, to, e);
		out = -1;
	}
	if (rc < 0)
		RETRY(gone, sys.unlinkat(AT_FDCWD, to, 0));
out:
	if (out >= 0)
		sys.close(out);
	sys.close(in);
	return rc;
}
