/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_lock.c - a lock that dies with its holder (flock), and who else writes.
 *
 * The lock is on the open file, and a file can be removed and made again
 * while we wait: after taking it we check that the name still leads to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

struct os_lock {
	int fd;
};

/* 1 if  leads to the open file , 0 if not, -1 if unknown. */
static int same_file(int fd, const char *path)
{
	struct stat a, b;
	int rc;

	RETRY(rc, sys.fstat(fd, &a));
	if (rc < 0)
		return -1;
	RETRY(rc, sys.fstatat(AT_FDCWD, path, &b, 0));
	if (rc < 0)
		return errno == ENOENT ? 0 : -1;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Open and lock: 0 and the handle, or a code. */
static int take(const char *path, int *ret_fd, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOCTTY, 0666);
	int rc;

	if (fd < 0)
		return err_os(e, "open the lock", path);
	RETRY(rc, sys.flock(fd, LOCK_EX | LOCK_NB));
	if (rc < 0) {
		rc = errno == EWOULDBLOCK
		     ? err_set(e, HUB_EBUSY, "'%s' is locked by another "
			       "process", path)
		     : err_os(e, "lock", path);
		sys.close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

int os_lock_take(const char *path, struct os_lock **ret, struct err *e)
{
	struct os_lock *l;
	int fd = -1, rc, same;

	do {
		rc = take(path, &fd, e);
		if (rc < 0)
			return rc;
		same = same_file(fd, path);
		if (same < 0)
			rc = err_os(e, "examine the lock", path);
		if (same <= 0)
			sys.close(fd);
	} while (!same);
	if (rc < 0)
		return rc;
	l = malloc(sizeof(*l));
	if (!l) {
		sys.close(fd);
		return err_nomem(e);
	}
	l->fd = fd;
	*ret = l;
	return 0;
}

void os_lock_drop(struct os_lock *l)
{
	if (!l)
		return;
	sys.close(l->fd);
	free(l);
}

int os_being_written(int fd)
{
	if (sys.lease(fd) == 0)
		return 0;
	return errno == EAGAIN ? 1 : -1;
}
