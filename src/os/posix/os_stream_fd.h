/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_stream_fd.h - a byte stream over file descriptors, inside os/posix/. */
#ifndef OS_POSIX_STREAM_FD_H
#define OS_POSIX_STREAM_FD_H

#include "os/os_clock.h"
#include "os/os_stream.h"
#include "os/posix/os_internal.h"

struct os_stream_fd {
	struct os_stream stream;	/* first */
	int in, out;			/* -1: closed; may be the same */
	int aside;			/* one more to wake up for, -1: none */
	void (*aside_ready)(struct os_stream_fd *s);
};

/* os_stream_fd_init(): -1 and errno.  The descriptors are consumed only by
 * closing the stream. */
int os_stream_fd_init(struct os_stream_fd *s, int in, int out);
/* What struct os_stream_ops asks for. */
int os_stream_fd_read(struct os_stream *s, void *p, size_t n, struct err *e);
int os_stream_fd_write(struct os_stream *s, const void *p, size_t n,
		       struct err *e);
int os_stream_fd_wait(struct os_stream *s, int what, int ms, struct err *e);
void os_stream_fd_shut(struct os_stream *s);

#endif
