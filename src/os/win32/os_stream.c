/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_stream.c - byte streams over pipes.
 *
 * Anonymous pipes cannot be waited for: reading looks first, writing is made
 * not to block, and a wait is a row of short naps.  A write that does not fit
 * whole does nothing, so it is tried in pieces that do.
 */
#include <stdlib.h>
#include <string.h>
#include "os/os.h"
#include "os/os_clock.h"
#include "os/win32/os_stream_pipe.h"
#include "base/banned.h"

#define PIECE (32u << 10)
#define PIECE_LEAST 512u

static struct os_stream_pipe *of(struct os_stream *s)
{
	return (struct os_stream_pipe *)s;
}

int os_stream_pipe_read(struct os_stream *st, void *p, size_t n,
			struct err *e)
{
	struct os_stream_pipe *s = of(st);
	DWORD there = 0, got = 0;

	if (!s->in || !PeekNamedPipe(s->in, NULL, 0, NULL, &there, NULL))
		return err_set(e, HUB_EABSENT, "end of the stream");
	if (!there || !n)
		return 0;
	if (n > there)
		n = there;
	if (!ReadFile(s->in, p, (DWORD)n, &got, NULL)) {
		os_win_errno();
		return err_os(e, "read from", "a pipe");
	}
	return (int)got;
}

int os_stream_pipe_write(struct os_stream *st, const void *p, size_t n,
			 struct err *e)
{
	struct os_stream_pipe *s = of(st);
	DWORD done = 0;

	if (!s->out)
		return err_set(e, HUB_EOFFLINE, "the stream is closed");
	if (n > PIECE)
		n = PIECE;
	while (n) {
		if (!WriteFile(s->out, p, (DWORD)n, &done, NULL))
			return err_set(e, HUB_EOFFLINE,
				       "nobody reads the stream");
		if (done || n < PIECE_LEAST)
			break;
		n /= 2;
	}
	return (int)done;
}

int os_stream_pipe_wait(struct os_stream *st, int what, int ms, struct err *e)
{
	struct os_stream_pipe *s = of(st);
	uint64_t end = os_mono_ms() + (uint64_t)(ms < 0 ? 0 : ms);
	DWORD nap = 0, there;

	for (;; nap = nap < 8 ? nap + 1 : 8) {
		there = 0;
		if (s->aside)
			s->aside_ready(s);
		if (os_interrupted())
			return err_set(e, HUB_ECANCEL, "interrupted");
		if (what & OS_STREAM_READ &&
		    (!s->in || !PeekNamedPipe(s->in, NULL, 0, NULL, &there,
					      NULL) || there))
			return OS_STREAM_READ;
		/* Whether there is room only writing tells. */
		if (what & OS_STREAM_WRITE && nap)
			return OS_STREAM_WRITE;
		if (ms >= 0 && os_mono_ms() >= end)
			return 0;
		Sleep(nap);
	}
}

void os_stream_pipe_shut(struct os_stream *st)
{
	struct os_stream_pipe *s = of(st);

	if (s->out)
		CloseHandle(s->out);
	s->out = NULL;
}

static void pipe_close(struct os_stream *st)
{
	struct os_stream_pipe *s = of(st);

	os_stream_pipe_shut(st);
	if (s->in)
		CloseHandle(s->in);
	free(s);
}

static const struct os_stream_ops ops = {
	os_stream_pipe_read, os_stream_pipe_write, os_stream_pipe_wait,
	os_stream_pipe_shut, pipe_close,
};

void os_stream_pipe_init(struct os_stream_pipe *s)
{
	DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;

	s->stream.ops = &ops;
	SetNamedPipeHandleState(s->out, &mode, NULL, NULL);
}

int os_stream_std(struct os_stream **ret, struct err *e)
{
	struct os_stream_pipe *s = calloc(1, sizeof(*s));

	if (!s)
		return err_nomem(e);
	s->in = GetStdHandle(STD_INPUT_HANDLE);
	s->out = GetStdHandle(STD_OUTPUT_HANDLE);
	os_stream_pipe_init(s);
	*ret = &s->stream;
	return 0;
}

int os_stream_pair(struct os_stream **a, struct os_stream **b, struct err *e)
{
	struct os_stream_pipe *one = calloc(1, sizeof(*one));
	struct os_stream_pipe *two = calloc(1, sizeof(*two));

	if (!one || !two) {
		free(one);
		free(two);
		return err_nomem(e);
	}
	if (!CreatePipe(&one->in, &two->out, NULL, PIECE * 2) ||
	    !CreatePipe(&two->in, &one->out, NULL, PIECE * 2)) {
		os_win_errno();
		pipe_close(&one->stream);
		pipe_close(&two->stream);
		return err_os(e, "create", "a pipe");
	}
	os_stream_pipe_init(one);
	os_stream_pipe_init(two);
	*a = &one->stream;
	*b = &two->stream;
	return 0;
}
