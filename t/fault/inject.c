/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject.c - a library to preload (LD_PRELOAD) that makes the N-th call which
 * changes or reads the disk fail, be done by half, or be the last one: of hub,
 * libgit2 and SQLite alike.
 *
 *	HUB_FAULT=N:MODE	kill-before, kill-after, torn (half of a write,
 *				then killed), short (half of a write), EIO,
 *				ENOSPC, EDQUOT, EMFILE, EACCES, EINTR; with '+'
 *				that call and all later ones that it applies to
 *	HUB_FAULT_STATE=FILE	the counter, shared by all processes
 *	HUB_FAULT_ROOT=DIR	only what lies below counts
 *	HUB_FAULT_CLASS=change	what counts: change (default), read, all
 *	HUB_FAULT_LOG=FILE	one line a call: number, name, flags, what called it,
 *				path
 *	HUB_FAULT_RECORD=FILE	what was done, with data (inject_record.h)
 *	HUB_FAULT_PROG=hub	the only program to touch
 *	HUB_FAULT_RIVAL=CMD	for the shell, once: before the first rename to a
 *	HUB_FAULT_RIVAL_AT=PART	name with PART in it
 *	HUB_FAULT_NOSYNC=1	fsync is counted but not done: faster
 */
/* Both names of each call are made here: neither may stand for the other. */
#undef _FILE_OFFSET_BITS

#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "inject_record.h"

#define REAL(name) \
	static __typeof__(name) *real; \
	if (!real) \
		real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define FDS 4096
static unsigned char written[FDS];	/* opened for writing */

/* ---- open ---- */

static int writes(int flags)
{
	return (flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY;
}

static int open_point(const char *name, int dirfd, const char *path, int flags,
		      char full[PATH_MAX])
{
	if (!path_full(full, dirfd, path))
		return GO;
	if (!writes(flags))
		return point(name, F_READ | F_FD | F_INTR, full);
	return point(name, F_CHANGE | F_FD | F_INTR |
		     (flags & O_CREAT ? F_ROOM : 0), full);
}

static int open_done(int fd, int flags, const char *full)
{
	if (fd >= 0 && fd < FDS)
		written[fd] = fault.on && full[0] && writes(flags);
	if (fd >= 0 && fault.on && full[0] && writes(flags))
		record_open(fd, flags, full);
	point_end();
	return fd;
}

#define MODE_OF(flags, mode) do { \
	va_list ap; \
	va_start(ap, flags); \
	mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
	va_end(ap); \
} while (0)

#define OPEN(fn) \
int fn(const char *path, int flags, ...) \
{ \
	char full[PATH_MAX] = ""; \
	mode_t mode; \
	REAL(fn); \
	MODE_OF(flags, mode); \
	if (open_point("open", AT_FDCWD, path, flags, full) < 0) \
		return -1; \
	return open_done(real(path, flags, mode), flags, full); \
}
OPEN(open)
OPEN(open64)

#define OPENAT(fn) \
int fn(int dirfd, const char *path, int flags, ...) \
{ \
	char full[PATH_MAX] = ""; \
	mode_t mode; \
	REAL(fn); \
	MODE_OF(flags, mode); \
	if (open_point("openat", dirfd, path, flags, full) < 0) \
		return -1; \
	return open_done(real(dirfd, path, flags, mode), flags, full); \
}
OPENAT(openat)
OPENAT(openat64)

/* What programs built with _FORTIFY_SOURCE call instead. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int dirfd, const char *path, int flags)
{
	return openat(dirfd, path, flags);
}
int __openat64_2(int dirfd, const char *path, int flags)
{
	return openat64(dirfd, path, flags);
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
	return open64(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int close(int fd)
{
	char full[PATH_MAX];
	int rc;
	REAL(close);

	if (fd >= 0 && fd < FDS && written[fd] &&
	    path_full(full, fd, NULL)) {
		written[fd] = 0;
		if (point("close", F_CHANGE | F_ROOM, full) < 0) {
			int saved = errno;

			real(fd);	/* the descriptor is gone all the same */
			errno = saved;
			return -1;
		}
	}
	rc = real(fd);
	point_end();
	return rc;
}

/* ---- data ---- */

#define WRITE(fn, proto, args, off) \
ssize_t fn proto \
{ \
	char full[PATH_MAX]; \
	int what = GO; \
	ssize_t r; \
	REAL(fn); \
	if (path_full(full, fd, NULL)) \
		what = point("write", F_CHANGE | F_ROOM | F_DATA | F_INTR, \
			     full); \
	if (what < 0) \
		return -1; \
	if (what == HALF && n > 1) \
		n /= 2; \
	r = real args; \
	if (fault.on && r > 0 && fault.record >= 0 && \
	    path_full(full, fd, NULL)) \
		record_write(fd, p, (size_t)r, off); \
	point_end(); \
	return r; \
}
WRITE(write, (int fd, const void *p, size_t n), (fd, p, n), -1)
WRITE(pwrite, (int fd, const void *p, size_t n, off_t off), (fd, p, n, off), off)
WRITE(pwrite64, (int fd, const void *p, size_t n, off_t off), (fd, p, n, off), off)

/* One call a piece, which is what the caller must be ready for. */
ssize_t writev(int fd, const struct iovec *v, int n)
{
	char full[PATH_MAX];
	int i;
	REAL(writev);

	if (!path_full(full, fd, NULL))
		return real(fd, v, n);
	for (i = 0; i < n; i++)
		if (v[i].iov_len)
			return write(fd, v[i].iov_base, v[i].iov_len);
	return 0;
}

#define READ_FLAGS (F_READ | F_INTR)

#define READ(fn, proto, args) \
ssize_t fn proto \
{ \
	char full[PATH_MAX]; \
	ssize_t r; \
	REAL(fn); \
	if (path_full(full, fd, NULL) && point("read", READ_FLAGS, full) < 0) \
		return -1; \
	r = real args; \
	point_end(); \
	return r; \
}
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __pread_chk(int fd, void *p, size_t n, off_t off, size_t room);
ssize_t __pread64_chk(int fd, void *p, size_t n, off_t off, size_t room);
READ(read, (int fd, void *p, size_t n), (fd, p, n))
READ(pread, (int fd, void *p, size_t n, off_t off), (fd, p, n, off))
READ(pread64, (int fd, void *p, size_t n, off_t off), (fd, p, n, off))
READ(__read_chk, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
READ(__pread_chk, (int fd, void *p, size_t n, off_t off, size_t room),
     (fd, p, n, off, room))
READ(__pread64_chk, (int fd, void *p, size_t n, off_t off, size_t room),
     (fd, p, n, off, room))

/* ---- calls on a descriptor ---- */

#define BY_FD(fn, label, proto, args, flags, skip, note) \
int fn proto \
{ \
	char full[PATH_MAX]; \
	int r, ours = path_full(full, fd, NULL); \
	REAL(fn); \
	if (ours && point(label, flags, full) < 0) \
		return -1; \
	r = skip ? 0 : real args; \
	if (ours && !r) \
		note; \
	point_end(); \
	return r; \
}
#define SYNCED record("S %lu %s\n", record_ino(fd), full)
#define NOSYNC fault.nosync
#define SYNC_FLAGS (F_CHANGE | F_ROOM | F_INTR)
BY_FD(fsync, "fsync", (int fd), (fd), SYNC_FLAGS, NOSYNC, SYNCED)
BY_FD(fdatasync, "fsync", (int fd), (fd), SYNC_FLAGS, NOSYNC, SYNCED)
BY_FD(syncfs, "syncfs", (int fd), (fd), SYNC_FLAGS, NOSYNC, record("Y\n"))
#define CUT record("T %lu %ld\n", record_ino(fd), (long)n)
BY_FD(ftruncate, "ftruncate", (int fd, off_t n), (fd, n), F_CHANGE | F_ROOM, 0, CUT)
BY_FD(ftruncate64, "ftruncate", (int fd, off_t n), (fd, n), F_CHANGE | F_ROOM, 0, CUT)
BY_FD(fchmod, "fchmod", (int fd, mode_t m), (fd, m), F_CHANGE, 0,
      record("P %o %s\n", (unsigned)m, full))
BY_FD(futimens, "futimens", (int fd, const struct timespec t[2]), (fd, t), F_CHANGE, 0, (void)0)
BY_FD(fstat, "fstat", (int fd, struct stat *st), (fd, st), F_READ, 0, (void)0)
BY_FD(fstat64, "fstat", (int fd, struct stat64 *st), (fd, st), F_READ, 0, (void)0)

/* It says how it failed by its value. */
int posix_fallocate64(int fd, off_t off, off_t n)
{
	char full[PATH_MAX];
	int r;
	REAL(posix_fallocate64);

	if (path_full(full, fd, NULL) &&
	    point("fallocate", F_CHANGE | F_ROOM, full) < 0)
		return errno;
	r = real(fd, off, n);
	point_end();
	return r;
}

int posix_fallocate(int fd, off_t off, off_t n)
{
	return posix_fallocate64(fd, off, n);
}

void sync(void)
{
	REAL(sync);

	if (!fault.nosync)
		real();
	record("Y\n");
}

/* ---- calls by name ---- */

#define BY_NAME(fn, label, proto, args, dirfd, path, flags, note) \
int fn proto \
{ \
	char full[PATH_MAX]; \
	int r, ours = path_full(full, dirfd, path); \
	REAL(fn); \
	if (ours && point(label, flags, full) < 0) \
		return -1; \
	r = real args; \
	if (ours && !r) \
		note; \
	point_end(); \
	return r; \
}
#define NEW (F_CHANGE | F_ROOM)
#define GONE(flags) record("%c %s\n", (flags) & AT_REMOVEDIR ? 'X' : 'U', full)
BY_NAME(unlink, "unlink", (const char *p), (p), AT_FDCWD, p, F_CHANGE, GONE(0))
BY_NAME(rmdir, "rmdir", (const char *p), (p), AT_FDCWD, p, F_CHANGE, GONE(AT_REMOVEDIR))
BY_NAME(unlinkat, "unlink", (int d, const char *p, int fl), (d, p, fl), d, p, F_CHANGE, GONE(fl))
#define MADE record("M %s\n", full)
BY_NAME(mkdir, "mkdir", (const char *p, mode_t m), (p, m), AT_FDCWD, p, NEW, MADE)
BY_NAME(mkdirat, "mkdir", (int d, const char *p, mode_t m), (d, p, m), d, p, NEW, MADE)
#define LINKED record("N %s %s\n", full, to)
BY_NAME(symlink, "symlink", (const char *to, const char *p), (to, p), AT_FDCWD, p, NEW, LINKED)
BY_NAME(symlinkat, "symlink", (const char *to, int d, const char *p), (to, d, p), d, p, NEW, LINKED)
#define CHMOD record("P %o %s\n", (unsigned)m, full)
BY_NAME(chmod, "chmod", (const char *p, mode_t m), (p, m), AT_FDCWD, p, F_CHANGE, CHMOD)
BY_NAME(fchmodat, "chmod", (int d, const char *p, mode_t m, int fl), (d, p, m, fl), d, p,
	F_CHANGE, CHMOD)
BY_NAME(utimensat, "utimens", (int d, const char *p, const struct timespec t[2], int fl),
	(d, p, t, fl), d, p, F_CHANGE, (void)0)
BY_NAME(utimes, "utimens", (const char *p, const struct timeval t[2]), (p, t), AT_FDCWD, p,
	F_CHANGE, (void)0)

BY_NAME(stat, "stat", (const char *p, struct stat *st), (p, st), AT_FDCWD, p, F_READ, (void)0)
BY_NAME(lstat, "stat", (const char *p, struct stat *st), (p, st), AT_FDCWD, p, F_READ, (void)0)
BY_NAME(stat64, "stat", (const char *p, struct stat64 *st), (p, st), AT_FDCWD, p, F_READ, (void)0)
BY_NAME(lstat64, "stat", (const char *p, struct stat64 *st), (p, st), AT_FDCWD, p, F_READ, (void)0)
BY_NAME(fstatat, "stat", (int d, const char *p, struct stat *st, int fl), (d, p, st, fl), d, p,
	F_READ, (void)0)
BY_NAME(fstatat64, "stat", (int d, const char *p, struct stat64 *st, int fl), (d, p, st, fl), d,
	p, F_READ, (void)0)
BY_NAME(access, "access", (const char *p, int m), (p, m), AT_FDCWD, p, F_READ, (void)0)

ssize_t readlinkat(int d, const char *p, char *out, size_t n)
{
	char full[PATH_MAX];
	REAL(readlinkat);

	if (path_full(full, d, p) && point("readlink", F_READ, full) < 0)
		return -1;
	return real(d, p, out, n);
}

/* ---- two names ---- */

#define TWO_NAMES(fn, label, mark, proto, args, d1, d2) \
int fn proto \
{ \
	char one[PATH_MAX], full[PATH_MAX]; \
	int r, ours = path_full(one, d1, from) + path_full(full, d2, to) == 2; \
	REAL(fn); \
	if (ours) \
		rival(full); \
	if (ours && point(label, NEW, full) < 0) \
		return -1; \
	r = real args; \
	if (ours && !r) \
		record("%s %s %s\n", mark, one, full); \
	point_end(); \
	return r; \
}
TWO_NAMES(rename, "rename", "R", (const char *from, const char *to), (from, to), AT_FDCWD,
	  AT_FDCWD)
TWO_NAMES(renameat, "rename", "R", (int d1, const char *from, int d2, const char *to),
	  (d1, from, d2, to), d1, d2)
TWO_NAMES(renameat2, "rename", fl & 2 ? "E" : "R",
	  (int d1, const char *from, int d2, const char *to, unsigned fl),
	  (d1, from, d2, to, fl), d1, d2)
TWO_NAMES(link, "link", "L", (const char *from, const char *to), (from, to), AT_FDCWD, AT_FDCWD)
TWO_NAMES(linkat, "link", "L", (int d1, const char *from, int d2, const char *to, int fl),
	  (d1, from, d2, to, fl), d1, d2)

/* ---- folders ---- */

DIR *opendir(const char *path)
{
	char full[PATH_MAX];
	REAL(opendir);

	if (path_full(full, AT_FDCWD, path) &&
	    point("opendir", F_READ | F_FD, full) < 0)
		return NULL;
	return real(path);
}

#define READDIR(fn, type) \
struct type *fn(DIR *d) \
{ \
	char full[PATH_MAX]; \
	REAL(fn); \
	if (path_full(full, dirfd(d), NULL) && \
	    point("readdir", F_READ, full) < 0) \
		return NULL; \
	return real(d); \
}
READDIR(readdir, dirent)
READDIR(readdir64, dirent64)

/* ---- what has no wrapper everywhere ---- */

/* Only what src/os/posix/ calls by number; the rest passes. */
long syscall(long nr, ...)
{
	long a[6];
	va_list ap;
	int i;
	REAL(syscall);

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_renameat2 && fault.on)
		return renameat2((int)a[0], (const char *)a[1], (int)a[2],
				 (const char *)a[3], (unsigned)a[4]);
	return real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t copy_file_range(int from, off64_t *o1, int fd, off64_t *o2, size_t n,
			unsigned flags)
{
	char full[PATH_MAX];
	ssize_t r;
	REAL(copy_file_range);

	if (!path_full(full, fd, NULL))
		return real(from, o1, fd, o2, n, flags);
	if (fault.record >= 0) {	/* no data to see: copied by hand */
		errno = ENOSYS;
		return -1;
	}
	if (point("write", F_CHANGE | F_ROOM | F_DATA, full) < 0)
		return -1;
	r = real(from, o1, fd, o2, n, flags);
	point_end();
	return r;
}
