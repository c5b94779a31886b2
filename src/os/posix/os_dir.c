/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_dir.c - folders by handle.
 *
 * Every name is looked up in an open folder and is one component, so nothing
 * that another program swaps into a workspace (a symlink for a folder, say)
 * can lead us out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

static int dir_new(int fd, const char *base, const char *name,
		   struct os_dir **ret, struct err *e)
{
	size_t n = strlen(base), m = name ? strlen(name) + 1 : 0;
	struct os_dir *d = malloc(sizeof(*d));
	char *path = malloc(n + m + 1);

	if (!d || !path) {
		free(d);
		free(path);
		sys.close(fd);
		return err_nomem(e);
	}
	memcpy(path, base, n);
	if (m) {
		path[n] = '/';
		memcpy(path + n + 1, name, m - 1);
	}
	path[n + m] = 0;
	d->fd = fd;
	d->d = NULL;
	d->ended = 0;
	d->path = path;
	*ret = d;
	return 0;
}

int os_dir_open(const char *path, struct os_dir **ret, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return err_os(e, "open folder", path);
	return dir_new(fd, path, NULL, ret, e);
}

int os_dir_open_real(const char *path, struct os_dir **ret, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd < 0)
		return err_os(e, "open folder", path);
	return dir_new(fd, path, NULL, ret, e);
}

int os_dir_at(struct os_dir *d, const char *name, struct os_dir **ret,
	      struct err *e)
{
	int fd = -1, rc;

	if (os_name_ok(name))
		fd = os_open(d->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0) {
		rc = err_os_in(e, "open folder", d->path, name);
		if (errno == ELOOP) {
			rc = HUB_EABSENT;
			if (e)
				e->rc = rc;
		}
		return rc;
	}
	return dir_new(fd, d->path, name, ret, e);
}

void os_dir_close(struct os_dir *d)
{
	if (!d)
		return;
	if (d->d)
		closedir(d->d);
	else
		sys.close(d->fd);
	free(d->path);
	free(d);
}

static enum os_type entry_type(const struct dirent *de)
{
	switch (de->d_type) {
	case DT_REG:
		return OS_REG;
	case DT_DIR:
		return OS_DIR;
	case DT_LNK:
		return OS_LNK;
	case DT_UNKNOWN:
		return OS_UNKNOWN;
	default:
		return OS_OTHER;
	}
}

int os_dir_next(struct os_dir *d, const char **name, enum os_type *type,
		struct err *e)
{
	struct dirent *de;

	if (!d->d) {
		d->d = sys.fdopendir(d->fd);
		if (!d->d)
			return err_os(e, "list folder", d->path);
	}
	if (d->ended)
		rewinddir(d->d);
	d->ended = 0;
	for (;;) {
		errno = 0;
		de = sys.readdir(d->d);
		if (!de)
			break;
		if (de->d_name[0] == '.' && (!de->d_name[1] ||
		    (de->d_name[1] == '.' && !de->d_name[2])))
			continue;
		*name = de->d_name;
		*type = entry_type(de);
		return 1;
	}
	if (errno)
		return err_os(e, "list folder", d->path);
	d->ended = 1;
	return 0;
}

int os_dir_stat(struct os_dir *d, const char *name, struct os_stat *ret,
		struct err *e)
{
	struct stat st;
	int rc = -1;

	if (os_name_ok(name))
		RETRY(rc, sys.fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW));
	if (rc < 0)
		return err_os_in(e, "examine", d->path, name);
	os_stat_fill(ret, &st);
	return 0;
}

int os_dir_open_file(struct os_dir *d, const char *name, int *ret_fd,
		     struct err *e)
{
	struct stat st;
	int fd = -1, rc = 0, got;

	if (os_name_ok(name))
		fd = os_open(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
			     O_NOCTTY, 0);
	if (fd < 0) {
		rc = err_os_in(e, "open", d->path, name);
		if (errno == ELOOP || errno == EMLINK) {
			rc = HUB_EABSENT;
			if (e)
				e->rc = rc;
		}
		return rc;
	}
	RETRY(got, sys.fstat(fd, &st));
	if (got < 0) {
		rc = err_os_in(e, "examine", d->path, name);
	} else if (!S_ISREG(st.st_mode)) {
		rc = err_set(e, HUB_EIO, "cannot read '%s/%s': not a regular "
			     "file", d->path, name);
		if (e)
			e->os = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
	}
	if (rc < 0)
		sys.close(fd);
	else
		*ret_fd = fd;
	return rc;
}

int os_dir_readlink(struct os_dir *d, const char *name, struct buf *ret,
		    struct err *e)
{
	size_t room = 256, was = ret->n;
	ssize_t k = -1;

	for (;; room *= 4) {
		if (buf_grow(ret, room))
			return err_nomem(e);
		if (os_name_ok(name))
			RETRY(k, sys.readlinkat(d->fd, name, ret->p + was, room));
		if (k < 0) {
			ret->p[was] = 0;
			return err_os_in(e, "read symlink", d->path, name);
		}
		if ((size_t)k < room)
			break;
		if (room > 1 << 20) {
			ret->p[was] = 0;
			errno = ENAMETOOLONG;
			return err_os_in(e, "read symlink", d->path, name);
		}
	}
	ret->n = was + (size_t)k;
	ret->p[ret->n] = 0;
	return 0;
}

/* EEXIST (and ENOTEMPTY of rmdir) is a conflict; anything else by the table. */
static int fail_new(struct err *e, const char *doing, struct os_dir *d,
		    const char *name)
{
	int rc = err_os_in(e, doing, d->path, name);

	if (errno == EEXIST || errno == ENOTEMPTY) {
		rc = HUB_ECONFLICT;
		if (e)
			e->rc = rc;
	}
	return rc;
}

int os_dir_create_mode(struct os_dir *d, const char *name, int exec, int secret,
		       int *ret_fd, struct err *e)
{
	int fd = -1;

	if (os_name_ok(name))
		fd = os_open(d->fd, name, O_WRONLY | O_CREAT | O_EXCL |
			     O_NOFOLLOW, (exec ? 0777u : 0666u) &
			     (secret ? 0700u : 0777u));
	if (fd < 0)
		return fail_new(e, "create", d, name);
	if (!secret)
		os_share_file_in(fd, d->path, name);
	if (secret == OS_GROUP && sys.fchmod(fd, 0640) < 0) {
		int rc = fail_new(e, "set the mode of", d, name);

		sys.close(fd);
		sys.unlinkat(d->fd, name, 0);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int os_dir_create(struct os_dir *d, const char *name, int exec, int *ret_fd,
		  struct err *e)
{
	return os_dir_create_mode(d, name, exec, 0, ret_fd, e);
}

int os_dir_symlink(struct os_dir *d, const char *target, const char *name,
		   struct err *e)
{
	int rc = -1;

	if (os_name_ok(name))
		RETRY(rc, sys.symlinkat(target, d->fd, name));
	return rc < 0 ? fail_new(e, "create symlink", d, name) : 0;
}

int os_dir_rename(struct os_dir *d, const char *from, const char *to,
		  struct err *e)
{
	return os_dir_rename_to(d, from, d, to, e);
}

int os_dir_rename_new(struct os_dir *d, const char *from, const char *to,
		      struct err *e)
{
	return os_dir_rename_new_to(d, from, d, to, e);
}

int os_dir_rename_new_to(struct os_dir *d, const char *from, struct os_dir *d2,
			 const char *to, struct err *e)
{
	int rc = -1;

	if (os_name_ok(from) && os_name_ok(to))
		rc = os_rename_new_at(d->fd, from, d2->fd, to, 0);
	return rc < 0 ? fail_new(e, "rename to", d2, to) : 0;
}

int os_dir_exchange(struct os_dir *d, const char *a, struct os_dir *d2,
		    const char *b, struct err *e)
{
	int rc = -1;

	if (os_name_ok(a) && os_name_ok(b))
		RETRY(rc, sys.renameat_swap(d->fd, a, d2->fd, b));
	if (rc < 0 && (errno == ENOSYS || errno == EINVAL ||
		       errno == EOPNOTSUPP || errno == ENOTSUP)) {
		err_os_in(e, "exchange", d2->path, b);
		if (e)
			e->rc = HUB_EUSAGE;
		return HUB_EUSAGE;
	}
	return rc < 0 ? err_os_in(e, "exchange", d2->path, b) : 0;
}

int os_dir_rename_to(struct os_dir *d, const char *from, struct os_dir *d2,
		     const char *to, struct err *e)
{
	int rc = -1;

	if (os_name_ok(from) && os_name_ok(to))
		RETRY(rc, sys.renameat(d->fd, from, d2->fd, to));
	return rc < 0 ? err_os_in(e, "rename to", d2->path, to) : 0;
}

int os_dir_unlink(struct os_dir *d, const char *name, struct err *e)
{
	int rc = -1;

	if (os_name_ok(name))
		RETRY(rc, sys.unlinkat(d->fd, name, 0));
	return rc < 0 ? err_os_in(e, "remove", d->path, name) : 0;
}

int os_dir_mkdir(struct os_dir *d, const char *name, struct err *e)
{
	int rc = -1;

	if (os_name_ok(name))
		RETRY(rc, sys.mkdirat(d->fd, name, 0777));
	return rc < 0 ? fail_new(e, "create folder", d, name) : 0;
}

int os_dir_rmdir(struct os_dir *d, const char *name, struct err *e)
{
	int rc = -1;

	if (os_name_ok(name))
		RETRY(rc, sys.unlinkat(d->fd, name, AT_REMOVEDIR));
	return rc < 0 ? fail_new(e, "remove folder", d, name) : 0;
}

int os_dir_chmod_exec(struct os_dir *d, const char *name, int exec,
		      struct err *e)
{
	struct stat st;
	unsigned mode;
	int fd = -1, rc;

	rc = os_dir_open_file(d, name, &fd, e);
	if (rc < 0)
		return rc;
	RETRY(rc, sys.fstat(fd, &st));
	if (!rc) {
		mode = st.st_mode & 07777;
		/* Whoever may read may execute, as 0777 & ~umask would give;
		 * a file that was made private stays so. */
		if (exec)
			mode |= 0100 | ((mode & 0444) >> 2 & ~os_umask());
		else
			mode &= ~0111u;
		RETRY(rc, sys.fchmod(fd, mode));
	}
	if (rc < 0)
		rc = err_os_in(e, "change the mode of", d->path, name);
	sys.close(fd);
	return rc;
}

int os_dir_sync(struct os_dir *d, struct err *e)
{
	return os_sync_dir_fd(d->fd) < 0 ? err_os(e, "sync folder", d->path) : 0;
}
