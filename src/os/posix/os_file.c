/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_file.c - file handles: open, read, write, close.
 *
 * Calls that a signal interrupted are made again, short reads and writes are
 * continued: callers see all or an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

/* Linux transfers at most so much in one call anyway. */
#define IO_MAX ((size_t)0x7ffff000)

int os_open(int dirfd, const char *path, int flags, unsigned mode)
{
	int fd;

	RETRY(fd, sys.openat(dirfd, path, flags | O_CLOEXEC, mode));
	return fd;
}

static int64_t ns(const struct timespec *t)
{
	/* Far-off times (a broken clock wrote them) are clamped. */
	if (t->tv_sec > INT64_MAX / 1000000000 - 1)
		return INT64_MAX;
	if (t->tv_sec < INT64_MIN / 1000000000 + 1)
		return INT64_MIN;
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

void os_stat_fill(struct os_stat *ret, const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		ret->type = OS_REG;
		break;
	case S_IFDIR:
		ret->type = OS_DIR;
		break;
	case S_IFLNK:
		ret->type = OS_LNK;
		break;
	default:
		ret->type = OS_OTHER;
	}
	ret->exec = !!(st->st_mode & S_IXUSR);
	ret->size = (uint64_t)st->st_size;
#ifdef __APPLE__
	ret->mtime_ns = ns(&st->st_mtimespec);
	ret->ctime_ns = ns(&st->st_ctimespec);
#else
	ret->mtime_ns = ns(&st->st_mtim);
	ret->ctime_ns = ns(&st->st_ctim);
#endif
	ret->dev = (uint64_t)st->st_dev;
	ret->ino = (uint64_t)st->st_ino;
	ret->nlink = (uint32_t)st->st_nlink;
	ret->uid = (uint32_t)st->st_uid;
	ret->gid = (uint32_t)st->st_gid;
	ret->mode = (uint32_t)st->st_mode;
}

int os_open_read(const char *path, int *ret_fd, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0);

	if (fd < 0)
		return err_os(e, "open", path);
	*ret_fd = fd;
	return 0;
}

int os_create(const char *path, int secret, int *ret_fd, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY,
			 secret ? 0600 : 0666);

	if (fd < 0)
		return err_os(e, "create", path);
	if (!secret)
		os_share_file(fd, path);
	*ret_fd = fd;
	return 0;
}

int os_open_append(const char *path, int *ret_fd, struct err *e)
{
	int fd = os_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY,
			 0666);

	if (fd < 0)
		return err_os(e, "open", path);
	os_share_file(fd, path);
	*ret_fd = fd;
	return 0;
}

int os_protect(int fd, const char *what, struct err *e)
{
	int rc;

	RETRY(rc, sys.fchmod(fd, 0444 & ~os_umask()));
	if (rc == 0)
		os_share_file(fd, what);
	return rc < 0 ? err_os(e, "protect", what) : 0;
}

int os_read(int fd, void *p, size_t n, size_t *ret_n, const char *what,
	    struct err *e)
{
	size_t done = 0, want;
	ssize_t k;

	*ret_n = 0;
	while (done < n) {
		want = n - done < IO_MAX ? n - done : IO_MAX;
		RETRY(k, sys.read(fd, (char *)p + done, want));
		if (k < 0)
			return err_os(e, "read", what);
		if (!k)
			break;
		done += (size_t)k;
	}
	*ret_n = done;
	return 0;
}

int os_pread(int fd, void *p, size_t n, uint64_t off, size_t *ret_n,
	     const char *what, struct err *e)
{
	size_t done = 0, want;
	ssize_t k;

	*ret_n = 0;
	while (done < n) {
		want = n - done < IO_MAX ? n - done : IO_MAX;
		RETRY(k, sys.pread(fd, (char *)p + done, want,
				   (off_t)(off + done)));
		if (k < 0)
			return err_os(e, "read", what);
		if (!k)
			break;
		done += (size_t)k;
	}
	*ret_n = done;
	return 0;
}

/* A write that takes nothing would loop for ever: the disk is full. */
static int none_written(const char *what, struct err *e)
{
	errno = ENOSPC;
	return err_os(e, "write", what);
}

int os_write(int fd, const void *p, size_t n, const char *what, struct err *e)
{
	size_t done = 0, want;
	ssize_t k;

	while (done < n) {
		want = n - done < IO_MAX ? n - done : IO_MAX;
		RETRY(k, sys.write(fd, (const char *)p + done, want));
		if (k < 0)
			return err_os(e, "write", what);
		if (!k)
			return none_written(what, e);
		done += (size_t)k;
	}
	return 0;
}

int os_pwrite(int fd, const void *p, size_t n, uint64_t off, const char *what,
	      struct err *e)
{
	size_t done = 0, want;
	ssize_t k;

	while (done < n) {
		want = n - done < IO_MAX ? n - done : IO_MAX;
		RETRY(k, sys.pwrite(fd, (const char *)p + done, want,
				    (off_t)(off + done)));
		if (k < 0)
			return err_os(e, "write", what);
		if (!k)
			return none_written(what, e);
		done += (size_t)k;
	}
	return 0;
}

int os_fstat(int fd, struct os_stat *ret, const char *what, struct err *e)
{
	struct stat st;
	int rc;

	RETRY(rc, sys.fstat(fd, &st));
	if (rc < 0)
		return err_os(e, "examine", what);
	os_stat_fill(ret, &st);
	return 0;
}

int os_fsync(int fd, const char *what, struct err *e)
{
	int rc;

	RETRY(rc, sys.fsync(fd));
	return rc < 0 ? err_os(e, "sync", what) : 0;
}

int os_truncate(int fd, uint64_t n, const char *what, struct err *e)
{
	int rc;

	RETRY(rc, sys.ftruncate(fd, (off_t)n));
	return rc < 0 ? err_os(e, "cut", what) : 0;
}

uint64_t os_next_data(int fd, uint64_t off)
{
#ifdef SEEK_DATA
	off_t at = sys.lseek(fd, (off_t)off, SEEK_DATA);

	if (at >= 0)
		return (uint64_t)at;
	if (errno == ENXIO)
		return UINT64_MAX;
#endif
	return off;
}

int os_set_mtime(int fd, int64_t mtime_ns, const char *what, struct err *e)
{
	struct timespec ts[2];
	int rc;

	ts[0].tv_sec = 0;
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = (time_t)(mtime_ns / 1000000000);
	ts[1].tv_nsec = (long)(mtime_ns % 1000000000);
	RETRY(rc, sys.futimens(fd, ts));
	return rc < 0 ? err_os(e, "set the time of", what) : 0;
}

int os_close(int fd, const char *what, struct err *e)
{
	if (fd < 0)
		return 0;
	/* Not retried: after EINTR the handle is gone, or somebody else's. */
	if (sys.close(fd) < 0 && errno != EINTR)
		return err_os(e, "close", what);
	return 0;
}
