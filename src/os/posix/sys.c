/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sys.c - the real system calls, and what stands in where one is missing. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#endif
#include "os/posix/sys.h"
#include "base/banned.h"

static int real_openat(int dirfd, const char *path, int flags, unsigned mode)
{
	return openat(dirfd, path, flags, (mode_t)mode);
}

static int real_mkdirat(int dirfd, const char *path, unsigned mode)
{
	return mkdirat(dirfd, path, (mode_t)mode);
}

static int real_fchmod(int fd, unsigned mode)
{
	return fchmod(fd, (mode_t)mode);
}

static int real_linkat(int fd1, const char *from, int fd2, const char *to)
{
	return linkat(fd1, from, fd2, to, 0);
}

static void *real_map(int fd, size_t n)
{
	return mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
}

#ifdef __linux__
static int real_syncfs(int fd)
{
	return syncfs(fd);
}

static int real_renameat_new(int fd1, const char *from, int fd2, const char *to)
{
	/* 1 is RENAME_NOREPLACE; the call, because musl has no wrapper. */
	return (int)syscall(SYS_renameat2, fd1, from, fd2, to, 1u);
}

static int real_renameat_swap(int fd1, const char *from, int fd2, const char *to)
{
	/* 2 is RENAME_EXCHANGE */
	return (int)syscall(SYS_renameat2, fd1, from, fd2, to, 2u);
}

static int real_lease(int fd)
{
	/* Who opens it for writing in between wakes us by a signal that is
	 * ignored unless asked for; the default one would end us. */
	if (fcntl(fd, F_SETSIG, SIGURG) < 0 ||
	    fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return -1;
	return fcntl(fd, F_SETLEASE, F_UNLCK);
}

static int real_clone(int to, int from)
{
	return ioctl(to, FICLONE, from);
}

static ssize_t real_copy_range(int from, int to, size_t n)
{
	return copy_file_range(from, NULL, to, NULL, n, 0);
}
#else
static int real_syncfs(int fd)
{
	errno = ENOSYS;
	return -1;
}

static int real_renameat_new(int fd1, const char *from, int fd2, const char *to)
{
	errno = ENOSYS;
	return -1;
}

static int real_renameat_swap(int fd1, const char *from, int fd2, const char *to)
{
	errno = ENOSYS;
	return -1;
}

static int real_lease(int fd)
{
	errno = ENOSYS;
	return -1;
}

static int real_clone(int to, int from)
{
	errno = ENOSYS;
	return -1;
}

static ssize_t real_copy_range(int from, int to, size_t n)
{
	errno = ENOSYS;
	return -1;
}
#endif

#define SYS_REAL { \
	.openat = real_openat, .close = close, .read = read, .pread = pread, \
	.write = write, .pwrite = pwrite, .fsync = fsync, \
	.syncfs = real_syncfs, .ftruncate = ftruncate, .lseek = lseek, \
	 .futimens = futimens, .fstat = fstat, \
	.fstatat = fstatat, .renameat = renameat, \
	.renameat_new = real_renameat_new, \
	.renameat_swap = real_renameat_swap, .linkat = real_linkat, \
	.unlinkat = unlinkat, .mkdirat = real_mkdirat, \
	.symlinkat = symlinkat, .readlinkat = readlinkat, \
	.fchmod = real_fchmod, .flock = flock, .lease = real_lease, .fdopendir = fdopendir, \
	.readdir = readdir, .clone = real_clone, \
	.copy_range = real_copy_range, .statvfs = statvfs, \
	.map = real_map, .realpath = realpath, .getcwd = getcwd, .chdir = chdir, \
	.pipe2 = pipe2, .poll = poll, \
}

const struct sys_calls sys_real = SYS_REAL;
struct sys_calls sys = SYS_REAL;
