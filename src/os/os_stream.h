/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_stream.h - bytes in both directions: a child's pipes, our own stdin and
 * stdout, two ends in one process (tests).  Nothing here blocks but
 * os_stream_wait() and the two functions that say so, so that one thread can
 * read while it cannot write.
 *
 * One thread reads at a time, and one writes.
 */
#ifndef OS_OS_STREAM_H
#define OS_OS_STREAM_H

#include "base/buf.h"

enum { OS_STREAM_READ = 1, OS_STREAM_WRITE = 2 };

struct os_stream;

struct os_stream_ops {
	int (*read)(struct os_stream *s, void *p, size_t n, struct err *e);
	int (*write)(struct os_stream *s, const void *p, size_t n,
		     struct err *e);
	int (*wait)(struct os_stream *s, int what, int ms, struct err *e);
	void (*shut)(struct os_stream *s);
	void (*close)(struct os_stream *s);
};

/* An implementation has this as its first member. */
struct os_stream {
	const struct os_stream_ops *ops;
};

/* os_stream_read(): up to ${n} bytes that are there: their number, 0 if none
 * are now, HUB_EABSENT at the end, HUB_EIO. */
int os_stream_read(struct os_stream *s, void *p, size_t n, struct err *e);
/* os_stream_write(): as much as fits now: a number of bytes, 0 if none does;
 * HUB_EOFFLINE when nobody reads any more, HUB_EIO. */
int os_stream_write(struct os_stream *s, const void *p, size_t n,
		    struct err *e);
/* os_stream_wait(): until one of ${what} (OS_STREAM_*) can be done, or has
 * failed: which ones; 0 after ${ms} (-1: for ever); HUB_ECANCEL when a signal
 * asks us to stop. */
int os_stream_wait(struct os_stream *s, int what, int ms, struct err *e);
/* os_stream_shut(): no more is written; the other side sees the end. */
void os_stream_shut(struct os_stream *s);
/* os_stream_close(): NULL is fine. */
void os_stream_close(struct os_stream *s);

/* These block.  HUB_EOFFLINE when nothing moves for ${ms} (0: any time), or
 * the other side ended. */
int os_stream_read_full(struct os_stream *s, void *p, size_t n, unsigned ms,
			struct err *e);
/* Does not read meanwhile: only where the other side takes what it is sent. */
int os_stream_write_full(struct os_stream *s, const void *p, size_t n,
			 unsigned ms, struct err *e);

/* os_stream_std(): our own stdin and stdout, from now on for this alone. */
int os_stream_std(struct os_stream **ret, struct err *e);
/* os_stream_pair(): two ends in this process. */
int os_stream_pair(struct os_stream **a, struct os_stream **b, struct err *e);

#endif
