/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject_record.h - what was done, in order, for t/fault/power: one line each,
 * data after the line.  Inodes stand for open files, paths for names.
 *
 *	O ino mode path	opened for writing	W ino off n	then n bytes
 *	T ino n		cut to n		S ino path	fsync
 *	Y		syncfs			R from to	rename
 *	L from to	link			U path		unlink
 *	E a b		exchange
 *	M path		mkdir			X path		rmdir
 *	N path target	symlink			P mode path	chmod
 *	A		what stands before it is acknowledged (exit)
 */
#ifndef FAULT_INJECT_RECORD_H
#define FAULT_INJECT_RECORD_H

#include <stdarg.h>
#include <sys/stat.h>
#include "inject_point.h"

__attribute__((format(printf, 1, 2))) static void record(const char *fmt, ...)
{
	char line[2 * PATH_MAX + 64];
	int saved = errno, n;
	va_list ap;

	if (fault.record < 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	raw(SYS_write, fault.record, (long)line, n, 0);
	errno = saved;
}

static struct stat record_stat(int fd)
{
	struct stat st;

	memset(&st, 0, sizeof(st));
	raw(SYS_fstat, fd, (long)&st, 0, 0);
	return st;
}

static unsigned long record_ino(int fd)
{
	return (unsigned long)record_stat(fd).st_ino;
}

static void record_write(int fd, const void *p, size_t n, long off)
{
	if (fault.record < 0)
		return;
	if (off < 0)		/* at the file position, which has moved on */
		off = raw(SYS_lseek, fd, 0, SEEK_CUR, 0) - (long)n;
	record("W %lu %ld %zu\n", record_ino(fd), off, n);
	raw(SYS_write, fault.record, (long)p, (long)n, 0);
}

static void record_open(int fd, int flags, const char *full)
{
	if (fault.record < 0 || fd < 0)
		return;
	record("O %lu %o %s\n", record_ino(fd),
	       (unsigned)record_stat(fd).st_mode & 07777, full);
	if (flags & O_TRUNC)
		record("T %lu 0\n", record_ino(fd));
}

#endif
