/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.h - make the N-th system call fail, for unit tests of os/posix/.
 *
 *	fault_arm(3, EIO, 0);
 *	rc = os_replace(...);
 *	hit = fault_end();
 *
 * Every call through the table counts.  FAULT_TEAR: a write does half of its
 * work first, and the call after it fails (a disk that becomes full).
 * FAULT_STAY: all later calls fail too (a disk that is gone).
 */
#ifndef T_FAULT_H
#define T_FAULT_H

#include <errno.h>
#include <sys/mman.h>
#include "os/posix/sys.h"

enum { FAULT_STAY = 1, FAULT_TEAR = 2 };

static struct {
	int at, err, how;
	int calls;
	const char *hit;	/* name of the first call that failed, or NULL */
	int torn;
} fault;

static int fault_now(const char *name)
{
	fault.calls++;
	if (fault.calls != fault.at && !fault.torn &&
	    !(fault.hit && fault.how & FAULT_STAY))
		return 0;
	if (!fault.hit)
		fault.hit = name;
	fault.torn = 0;
	errno = fault.err;
	return 1;
}

/* The tearing write itself succeeds, half; what follows fails. */
static int fault_tears(void)
{
	if (!(fault.how & FAULT_TEAR) || fault.calls + 1 != fault.at)
		return 0;
	fault.calls++;
	fault.torn = 1;
	return 1;
}

#define FAULT_CALL(type, bad, name, params, args) \
	static type fault_##name params \
	{ return fault_now(#name) ? (bad) : sys_real.name args; }

FAULT_CALL(int, -1, openat, (int d, const char *p, int f, unsigned m), (d, p, f, m))
FAULT_CALL(ssize_t, -1, read, (int fd, void *p, size_t n), (fd, p, n))
FAULT_CALL(ssize_t, -1, pread, (int fd, void *p, size_t n, off_t o), (fd, p, n, o))
FAULT_CALL(int, -1, fsync, (int fd), (fd))
FAULT_CALL(int, -1, syncfs, (int fd), (fd))
FAULT_CALL(int, -1, ftruncate, (int fd, off_t n), (fd, n))
FAULT_CALL(int, -1, fstat, (int fd, struct stat *st), (fd, st))
FAULT_CALL(int, -1, fstatat, (int d, const char *p, struct stat *st, int f), (d, p, st, f))
FAULT_CALL(int, -1, renameat, (int a, const char *p, int b, const char *q), (a, p, b, q))
FAULT_CALL(int, -1, renameat_new, (int a, const char *p, int b, const char *q), (a, p, b, q))
FAULT_CALL(int, -1, renameat_swap, (int a, const char *p, int b, const char *q), (a, p, b, q))
FAULT_CALL(int, -1, linkat, (int a, const char *p, int b, const char *q), (a, p, b, q))
FAULT_CALL(int, -1, unlinkat, (int d, const char *p, int f), (d, p, f))
FAULT_CALL(int, -1, mkdirat, (int d, const char *p, unsigned m), (d, p, m))
FAULT_CALL(int, -1, symlinkat, (const char *t, int d, const char *p), (t, d, p))
FAULT_CALL(ssize_t, -1, readlinkat, (int d, const char *p, char *b, size_t n), (d, p, b, n))
FAULT_CALL(int, -1, fchmod, (int fd, unsigned m), (fd, m))
FAULT_CALL(int, -1, flock, (int fd, int op), (fd, op))
FAULT_CALL(int, -1, lease, (int fd), (fd))
FAULT_CALL(DIR *, NULL, fdopendir, (int fd), (fd))
FAULT_CALL(struct dirent *, NULL, readdir, (DIR *d), (d))
FAULT_CALL(int, -1, clone, (int a, int b), (a, b))
FAULT_CALL(ssize_t, -1, copy_range, (int a, int b, size_t n), (a, b, n))
FAULT_CALL(void *, MAP_FAILED, map, (int fd, size_t n), (fd, n))

/* A failing close has closed all the same, as on Linux. */
static int fault_close(int fd)
{
	int bad = fault_now("close"), err = errno;

	sys_real.close(fd);
	errno = err;
	return bad ? -1 : 0;
}

static ssize_t fault_write(int fd, const void *p, size_t n)
{
	if (n > 1 && fault_tears())
		return sys_real.write(fd, p, n / 2);
	return fault_now("write") ? -1 : sys_real.write(fd, p, n);
}

static ssize_t fault_pwrite(int fd, const void *p, size_t n, off_t o)
{
	if (n > 1 && fault_tears())
		return sys_real.pwrite(fd, p, n / 2, o);
	return fault_now("pwrite") ? -1 : sys_real.pwrite(fd, p, n, o);
}

/* fault_arm(): from now on the ${at}-th call fails with ${err}; 0: none does,
 * they are only counted. */
__attribute__((unused)) static void fault_arm(int at, int err, int how)
{
	fault.at = at;
	fault.err = err;
	fault.how = how;
	fault.calls = 0;
	fault.hit = NULL;
	fault.torn = 0;
#define FAULT_SET(name) sys.name = fault_##name
	FAULT_SET(openat), FAULT_SET(close), FAULT_SET(read), FAULT_SET(pread);
	FAULT_SET(write), FAULT_SET(pwrite), FAULT_SET(fsync);
	FAULT_SET(syncfs), FAULT_SET(ftruncate), FAULT_SET(fstat);
	FAULT_SET(fstatat), FAULT_SET(renameat), FAULT_SET(renameat_new);
	FAULT_SET(renameat_swap);
	FAULT_SET(linkat), FAULT_SET(unlinkat), FAULT_SET(mkdirat);
	FAULT_SET(symlinkat), FAULT_SET(readlinkat), FAULT_SET(fchmod);
	FAULT_SET(lease);
	FAULT_SET(flock), FAULT_SET(fdopendir), FAULT_SET(readdir);
	FAULT_SET(clone), FAULT_SET(copy_range), FAULT_SET(map);
}

/* fault_end(): the real calls again.  The name of what failed, or NULL. */
__attribute__((unused)) static const char *fault_end(void)
{
	sys = sys_real;
	return fault.hit;
}

#endif
