/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_child.c - a program beside us, at the other end of two pipes. */
#include <stdlib.h>
#include <string.h>
#include "os/os.h"
#include "os/os_child.h"
#include "os/os_clock.h"
#include "os/win32/os_stream_pipe.h"
#include "base/banned.h"

#define PATIENCE_MS 2000
#define PIPE_SIZE (256 << 10)

struct os_child {
	struct os_stream_pipe s;	/* first */
	HANDLE process;
	int ended, status;
	int show;		/* stderr is passed on, too */
	char tail[OS_CHILD_TAIL + 1];
	size_t tail_n;
};

/* Take in what stderr has; 0 when there is none now. */
static int take_aside(struct os_child *c)
{
	char block[4096];
	DWORD n = 0;
	size_t over;

	if (!c->s.aside ||
	    !PeekNamedPipe(c->s.aside, NULL, 0, NULL, &n, NULL) || !n ||
	    !ReadFile(c->s.aside, block, sizeof(block), &n, NULL) || !n)
		return 0;
	if (c->tail_n + n > OS_CHILD_TAIL) {
		over = c->tail_n + n - OS_CHILD_TAIL;
		memmove(c->tail, c->tail + over, c->tail_n - over);
		c->tail_n -= over;
	}
	memcpy(c->tail + c->tail_n, block, n);
	c->tail_n += n;
	c->tail[c->tail_n] = 0;
	if (c->show)
		os_write_std(2, block, n);
	return 1;
}

static void aside_ready(struct os_stream_pipe *s)
{
	take_aside((struct os_child *)s);
}

static void drop(HANDLE *h)
{
	if (*h)
		CloseHandle(*h);
	*h = NULL;
}

/* The stream is part of the child: closing it alone frees nothing. */
static void child_close(struct os_stream *st)
{
	struct os_child *c = (struct os_child *)st;

	drop(&c->s.out);
	drop(&c->s.in);
}

static const struct os_stream_ops child_ops = {
	os_stream_pipe_read, os_stream_pipe_write, os_stream_pipe_wait,
	os_stream_pipe_shut, child_close,
};

int os_child_start(const struct os_child_arg *a, struct os_child **ret,
		   struct err *e)
{
	HANDLE in = NULL, out = NULL, err = NULL;
	struct os_child *c = calloc(1, sizeof(*c));
	struct os_win_spawn sp;
	int rc = 0;

	if (!c)
		return err_nomem(e);
	if (!CreatePipe(&in, &c->s.out, NULL, PIPE_SIZE) ||
	    !CreatePipe(&c->s.in, &out, NULL, PIPE_SIZE) ||
	    (a->errout && !CreatePipe(&c->s.aside, &err, NULL, 0))) {
		os_win_errno();
		rc = err_os(e, "create", "a pipe");
	}
	if (rc == 0) {
		sp = (struct os_win_spawn){ a->argv, a->env, a->dir, in, out,
					    err };
		rc = os_win_spawn(&sp, &c->process, e);
	}
	drop(&in);
	drop(&out);
	drop(&err);
	if (rc < 0) {
		c->ended = 1;
		os_child_free(c);
		return rc;
	}
	os_stream_pipe_init(&c->s);
	c->s.aside_ready = aside_ready;
	c->s.stream.ops = &child_ops;
	c->show = a->errout == OS_CHILD_SHOW;
	*ret = c;
	return 0;
}

struct os_stream *os_child_stream(struct os_child *c)
{
	return &c->s.stream;
}

const char *os_child_tail(struct os_child *c)
{
	return c->tail;
}

static int wait_end(struct os_child *c, unsigned ms, int stoppable)
{
	uint64_t end = os_mono_ms() + ms;

	while (WaitForSingleObject(c->process, take_aside(c) ? 0 : 10) ==
	       WAIT_TIMEOUT)
		if (os_mono_ms() >= end || (stoppable && os_interrupted()))
			return 0;
	while (take_aside(c))
		;
	return 1;
}

int os_child_end(struct os_child *c, unsigned grace_ms, int *ret_status,
		 struct err *e)
{
	DWORD status = 0;
	int rc = 0;

	child_close(&c->s.stream);
	if (!c->ended && !wait_end(c, grace_ms, 1)) {
		if (os_interrupted())
			rc = err_set(e, HUB_ECANCEL, "interrupted");
		TerminateProcess(c->process, 1);
		wait_end(c, PATIENCE_MS, 0);
	}
	if (!c->ended) {
		GetExitCodeProcess(c->process, &status);
		c->status = (int)(status & 0xff);
		c->ended = 1;
	}
	*ret_status = c->status;
	return rc;
}

void os_child_free(struct os_child *c)
{
	int status;

	if (!c)
		return;
	if (!c->ended)
		os_child_end(c, 0, &status, NULL);
	child_close(&c->s.stream);
	drop(&c->s.aside);
	drop(&c->process);
	free(c);
}
