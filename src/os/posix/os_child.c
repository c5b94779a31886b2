/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_child.c - a program beside us, at the other end of two pipes.
 *
 * It stays in our process group, as those of os_run() do: a terminal's Ctrl-C
 * reaches it, and it may ask for a passphrase there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "os/os.h"
#include "os/os_child.h"
#include "os/posix/os_stream_fd.h"
#include "base/banned.h"

#define PATIENCE_MS 2000	/* between SIGTERM and SIGKILL */
#define PIPE_WANTED (256 << 10)	/* more in flight than the usual 64 KiB */

struct os_child {
	struct os_stream_fd s;	/* first */
	pid_t pid;
	int ended, status;
	int show;		/* stderr is passed on, too */
	char tail[OS_CHILD_TAIL + 1];
	size_t tail_n;
};

/* Take in what stderr has; 0 when there is none now. */
static int take_aside(struct os_child *c)
{
	char block[4096];
	size_t n, over;
	ssize_t k;

	if (c->s.aside < 0)
		return 0;
	RETRY(k, sys.read(c->s.aside, block, sizeof(block)));
	if (k < 0 && errno == EAGAIN)
		return 0;
	if (k <= 0) {
		sys.close(c->s.aside);
		c->s.aside = -1;
		return 0;
	}
	n = (size_t)k;
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

static void aside_ready(struct os_stream_fd *s)
{
	take_aside((struct os_child *)s);
}

/* The stream is part of the child: closing it alone frees nothing. */
static void child_close(struct os_stream *st)
{
	struct os_child *c = (struct os_child *)st;

	os_stream_fd_shut(st);
	if (c->s.in >= 0)
		sys.close(c->s.in);
	c->s.in = -1;
}

static const struct os_stream_ops child_ops = {
	os_stream_fd_read, os_stream_fd_write, os_stream_fd_wait,
	os_stream_fd_shut, child_close,
};

static int open_pipe(int fd[2], struct err *e)
{
	if (sys.pipe2(fd, O_CLOEXEC) < 0)
		return err_os(e, "create", "a pipe");
#ifdef F_SETPIPE_SZ
	fcntl(fd[0], F_SETPIPE_SZ, PIPE_WANTED);
#endif
	return 0;
}

static void close_both(int fd[2])
{
	if (fd[0] >= 0)
		sys.close(fd[0]);
	if (fd[1] >= 0)
		sys.close(fd[1]);
	fd[0] = fd[1] = -1;
}

static int start(struct os_child *c, const struct os_child_arg *a, int in[2],
		 int out[2], int aside[2], struct err *e)
{
	struct os_spawn sp = {
		.argv = a->argv, .env = a->env, .dir = a->dir,
		.in = in[0], .out = out[1], .errout = aside[1],
	};
	int rc = os_spawn(&sp, &c->pid, e);

	if (rc < 0)
		return rc;
	os_stream_fd_init(&c->s, out[0], in[1]);
	c->s.aside = aside[0];
	c->s.aside_ready = aside_ready;
	if (aside[0] >= 0)
		fcntl(aside[0], F_SETFL, O_NONBLOCK);
	out[0] = in[1] = aside[0] = -1;
	return 0;
}

int os_child_start(const struct os_child_arg *a, struct os_child **ret,
		   struct err *e)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, aside[2] = { -1, -1 };
	struct os_child *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return err_nomem(e);
	rc = open_pipe(in, e);
	if (rc == 0)
		rc = open_pipe(out, e);
	if (rc == 0 && a->errout)
		rc = open_pipe(aside, e);
	if (rc == 0)
		rc = start(c, a, in, out, aside, e);
	close_both(in);
	close_both(out);
	close_both(aside);
	if (rc < 0) {
		free(c);
		return rc;
	}
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

static int reap(struct os_child *c)
{
	pid_t got;

	if (c->ended)
		return 1;
	do
		got = waitpid(c->pid, &c->status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got)
		c->ended = 1;
	return c->ended;
}

/* Until it ended or  have gone; its last words are taken in. */
static int wait_end(struct os_child *c, unsigned ms, int stoppable)
{
	uint64_t end = os_mono_ms() + ms;
	int nap = 1;

	while (!reap(c)) {
		if (os_mono_ms() >= end || (stoppable && os_interrupted()))
			return 0;
		if (!take_aside(c)) {
			sys.poll(NULL, 0, nap);
			nap = nap < 16 ? nap * 2 : 20;
		}
	}
	while (take_aside(c))
		;
	return 1;
}

int os_child_end(struct os_child *c, unsigned grace_ms, int *ret_status,
		 struct err *e)
{
	int rc = 0;

	child_close(&c->s.stream);
	if (!wait_end(c, grace_ms, 1)) {
		if (os_interrupted())
			rc = err_set(e, HUB_ECANCEL, "interrupted");
		kill(c->pid, SIGTERM);
		if (!wait_end(c, PATIENCE_MS, 0)) {
			kill(c->pid, SIGKILL);
			wait_end(c, PATIENCE_MS, 0);
		}
	}
	if (WIFSIGNALED(c->status))
		*ret_status = 128 + WTERMSIG(c->status);
	else
		*ret_status = WEXITSTATUS(c->status);
	return rc;
}

void os_child_free(struct os_child *c)
{
	int status;

	if (!c)
		return;
	if (!c->ended)
		os_child_end(c, 0, &status, NULL);
	if (c->s.aside >= 0)
		sys.close(c->s.aside);
	free(c);
}
