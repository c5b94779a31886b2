/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_path.c - files and folders by path, for paths that the user or we chose.
 * What is made of these lies in src/os/: durable replacement, whole trees.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

static int stat_path(const char *path, int flags, struct os_stat *ret,
		     struct err *e)
{
	struct stat st;
	int rc;

	RETRY(rc, sys.fstatat(AT_FDCWD, path, &st, flags));
	if (rc < 0)
		return err_os(e, "examine", path);
	os_stat_fill(ret, &st);
	return 0;
}

int os_stat(const char *path, struct os_stat *ret, struct err *e)
{
	return stat_path(path, 0, ret, e);
}

int os_lstat(const char *path, struct os_stat *ret, struct err *e)
{
	return stat_path(path, AT_SYMLINK_NOFOLLOW, ret, e);
}

int os_mkdir(const char *path, struct err *e)
{
	int rc;

	RETRY(rc, sys.mkdirat(AT_FDCWD, path, 0777));
	if (!rc) {
		os_share_folder(path);
		return 0;
	}
	if (errno == EEXIST)
		return err_os_as(e, HUB_ECONFLICT, "create folder", path);
	return err_os(e, "create folder", path);
}

int os_unlink(const char *path, struct err *e)
{
	int rc;

	RETRY(rc, sys.unlinkat(AT_FDCWD, path, 0));
	return rc < 0 ? err_os(e, "remove", path) : 0;
}

int os_rmdir(const char *path, struct err *e)
{
	int rc;

	RETRY(rc, sys.unlinkat(AT_FDCWD, path, AT_REMOVEDIR));
	if (rc < 0 && (errno == EEXIST || errno == ENOTEMPTY))
		return err_os_as(e, HUB_ECONFLICT, "remove folder", path);
	return rc < 0 ? err_os(e, "remove folder", path) : 0;
}

int os_rename(const char *from, const char *to, struct err *e)
{
	int rc;

	RETRY(rc, sys.renameat(AT_FDCWD, from, AT_FDCWD, to));
	if (rc < 0 && (errno == EEXIST || errno == ENOTEMPTY))
		return err_os_as(e, HUB_ECONFLICT, "rename to", to);
	return rc < 0 ? err_os(e, "rename to", to) : 0;
}

/* Does this errno say that the file system cannot do such a thing at all? */
static int unsupported(int err)
{
	return err == EINVAL || err == ENOSYS || err == EOPNOTSUPP ||
	       err == ENOTSUP;
}

static int no_links(int err)
{
	return unsupported(err) || err == EPERM || err == EMLINK;
}

/* Link, then unlink; if the second fails, as before. */
static int move_by_link(int fd1, const char *from, int fd2, const char *to)
{
	int rc, undo, err;

	RETRY(rc, sys.linkat(fd1, from, fd2, to));
	if (rc < 0)
		return rc;
	RETRY(rc, sys.unlinkat(fd1, from, 0));
	if (rc < 0) {
		err = errno;
		RETRY(undo, sys.unlinkat(fd2, to, 0));
		/* Not a code for which the caller would try something else. */
		errno = err == EPERM ? EACCES : err;
	}
	return rc;
}

int os_rename_new_at(int fd1, const char *from, int fd2, const char *to,
		     int strict)
{
	struct stat st;
	int rc;

	RETRY(rc, sys.renameat_new(fd1, from, fd2, to));
	if (!rc || !unsupported(errno))
		return rc;
	rc = move_by_link(fd1, from, fd2, to);
	if (!rc || !no_links(errno))
		return rc;
	if (strict) {
		errno = EOPNOTSUPP;
		return -1;
	}
	RETRY(rc, sys.fstatat(fd2, to, &st, AT_SYMLINK_NOFOLLOW));
	if (!rc) {
		errno = EEXIST;
		return -1;
	}
	if (errno != ENOENT)
		return -1;
	RETRY(rc, sys.renameat(fd1, from, fd2, to));
	return rc;
}

int os_link_new(const char *from, const char *to, struct err *e)
{
	int rc;

	RETRY(rc, sys.linkat(AT_FDCWD, from, AT_FDCWD, to));
	if (rc < 0 && no_links(errno))
		rc = os_rename_new_at(AT_FDCWD, from, AT_FDCWD, to, 1);
	if (!rc)
		return 0;
	if (errno == EEXIST)
		return err_os_as(e, HUB_ECONFLICT, "create", to);
	return err_os(e, "create", to);
}

int os_sync_dir_fd(int fd)
{
	int rc;

	RETRY(rc, sys.fsync(fd));
	if (rc < 0 && (errno == EINVAL || errno == EOPNOTSUPP ||
		       errno == ENOSYS))
		rc = 0;
	return rc;
}

int os_sync_parent(const char *path, struct err *e)
{
	struct buf dir = BUF_INIT;
	int fd = -1, rc = 0;

	os_parent(path, &dir);
	if (buf_error(&dir)) {
		rc = err_nomem(e);
		goto out;
	}
	fd = os_open(AT_FDCWD, dir.p, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || os_sync_dir_fd(fd) < 0)
		rc = err_os(e, "sync folder", dir.p);
out:
	if (fd >= 0)
		sys.close(fd);
	buf_release(&dir);
	return rc;
}

int os_has_syncfs(void)
{
#ifdef __linux__
	return 1;
#else
	return 0;
#endif
}

int os_syncfs(const char *path, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	int rc;

	if (fd < 0)
		return err_os(e, "open", path);
	RETRY(rc, sys.syncfs(fd));
	if (rc < 0 && errno == ENOSYS)
		rc = err_set(e, HUB_EUSAGE, "this system has no syncfs");
	else if (rc < 0)
		rc = err_os(e, "sync the file system of", path);
	sys.close(fd);
	return rc;
}

int os_disk_free(const char *path, uint64_t *ret, struct err *e)
{
	struct statvfs st;
	int rc;

	RETRY(rc, sys.statvfs(path, &st));
	if (rc < 0)
		return err_os(e, "examine the disk of", path);
	*ret = (uint64_t)st.f_bavail * st.f_frsize;
	return 0;
}

int os_realpath(const char *path, struct buf *ret)
{
	char *real = sys.realpath(path, NULL);

	if (!real)
		return -1;
	buf_addstr(ret, real);
	free(real);
	return 0;
}

int os_cwd(struct buf *ret, struct err *e)
{
	char p[PATH_MAX];

	if (!sys.getcwd(p, sizeof(p)))
		return err_os(e, "find", "the current folder");
	buf_addstr(ret, p);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int os_chdir(const char *path, struct err *e)
{
	return sys.chdir(path) < 0 ? err_os(e, "enter folder", path) : 0;
}
