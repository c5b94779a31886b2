/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_stream_pipe.h - a byte stream over two pipes, inside os/win32/. */
#ifndef OS_WIN32_STREAM_PIPE_H
#define OS_WIN32_STREAM_PIPE_H

#include "os/os_stream.h"
#include "os/win32/os_win.h"

struct os_stream_pipe {
	struct os_stream stream;	/* first */
	HANDLE in, out;			/* NULL: closed */
	HANDLE aside;			/* one more to look at, or NULL */
	void (*aside_ready)(struct os_stream_pipe *s);
};

void os_stream_pipe_init(struct os_stream_pipe *s);
/* What struct os_stream_ops asks for. */
int os_stream_pipe_read(struct os_stream *s, void *p, size_t n, struct err *e);
int os_stream_pipe_write(struct os_stream *s, const void *p, size_t n,
			 struct err *e);
int os_stream_pipe_wait(struct os_stream *s, int what, int ms, struct err *e);
void os_stream_pipe_shut(struct os_stream *s);

#endif
