/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys.h - the system-call table: the one throat through which os/posix/ talks
 * to the system.  Tests replace entries to make the N-th call fail (SQLite's
 * aSyscall is the model).  Only os/posix/ and unit tests include this.
 */
#ifndef OS_POSIX_SYS_H
#define OS_POSIX_SYS_H

#include <dirent.h>
#include <poll.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct sys_calls {
	int (*openat)(int dirfd, const char *path, int flags, unsigned mode);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *p, size_t n);
	ssize_t (*pread)(int fd, void *p, size_t n, off_t off);
	ssize_t (*write)(int fd, const void *p, size_t n);
	ssize_t (*pwrite)(int fd, const void *p, size_t n, off_t off);
	int (*fsync)(int fd);
	int (*syncfs)(int fd);		/* ENOSYS where there is none */
	int (*ftruncate)(int fd, off_t n);
	off_t (*lseek)(int fd, off_t off, int whence);
	int (*futimens)(int fd, const struct timespec ts[2]);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dirfd, const char *path, struct stat *st, int flags);
	int (*renameat)(int fd1, const char *from, int fd2, const char *to);
	/* Refuses an existing ; ENOSYS or EINVAL where it can't. */
	int (*renameat_new)(int fd1, const char *from, int fd2, const char *to);
	/* Both names exist and change places; ENOSYS or EINVAL likewise. */
	int (*renameat_swap)(int fd1, const char *from, int fd2, const char *to);
	int (*linkat)(int fd1, const char *from, int fd2, const char *to);
	int (*unlinkat)(int dirfd, const char *path, int flags);
	int (*mkdirat)(int dirfd, const char *path, unsigned mode);
	int (*symlinkat)(const char *target, int dirfd, const char *path);
	ssize_t (*readlinkat)(int dirfd, const char *path, char *p, size_t n);
	int (*fchmod)(int fd, unsigned mode);
	int (*flock)(int fd, int op);
	/* Take a read lease and give it back: EAGAIN while a writer has it. */
	int (*lease)(int fd);
	DIR *(*fdopendir)(int fd);
	struct dirent *(*readdir)(DIR *d);
	/* Share the blocks of ; fails where the file system can't. */
	int (*clone)(int to, int from);
	/* Copy at both file positions; ENOSYS where there is none. */
	ssize_t (*copy_range)(int from, int to, size_t n);
	int (*statvfs)(const char *path, struct statvfs *st);
	/* The whole file for reading; MAP_FAILED. */
	void *(*map)(int fd, size_t n);
	char *(*realpath)(const char *path, char *resolved);
	char *(*getcwd)(char *p, size_t n);
	int (*chdir)(const char *path);
	int (*pipe2)(int fd[2], int flags);
	int (*poll)(struct pollfd *fds, nfds_t n, int ms);
};

extern struct sys_calls sys;		/* what os/posix/ calls */
extern const struct sys_calls sys_real;	/* to put it back */

#endif
