/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_stream.c - byte streams over two file descriptors, which do not block.
 *
 * Whether a descriptor blocks is a property of what both it and its copies in
 * other processes stand for; so our own stdin and stdout get back what they had.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "os/os.h"
#include "os/posix/os_stream_fd.h"
#include "base/banned.h"

#define LATER(err) ((err) == EAGAIN || (err) == EWOULDBLOCK)

static struct os_stream_fd *of(struct os_stream *s)
{
	return (struct os_stream_fd *)s;
}

int os_stream_fd_read(struct os_stream *st, void *p, size_t n,
		      struct err *e)
{
	struct os_stream_fd *s = of(st);
	ssize_t k;

	if (s->in < 0 || !n)
		return n ? err_set(e, HUB_EABSENT, "end of the stream") : 0;
	RETRY(k, sys.read(s->in, p, n));
	if (k > 0)
		return (int)k;
	if (k < 0 && LATER(errno))
		return 0;
	if (!k || errno == ECONNRESET)
		return err_set(e, HUB_EABSENT, "end of the stream");
	return err_os(e, "read from", "a pipe");
}

int os_stream_fd_write(struct os_stream *st, const void *p, size_t n,
		       struct err *e)
{
	struct os_stream_fd *s = of(st);
	ssize_t k;

	if (s->out < 0)
		return err_set(e, HUB_EOFFLINE, "the stream is closed");
	RETRY(k, sys.write(s->out, p, n));
	if (k >= 0)
		return (int)k;
	if (LATER(errno))
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return err_set(e, HUB_EOFFLINE, "nobody reads the stream");
	return err_os(e, "write to", "a pipe");
}

/* One poll() of ours and of ; < 0: errno. */
static int poll_once(struct os_stream_fd *s, int what, int ms)
{
	struct pollfd f[3] = {
		{ .fd = what & OS_STREAM_READ ? s->in : -1, .events = POLLIN },
		{ .fd = what & OS_STREAM_WRITE ? s->out : -1,
		  .events = POLLOUT },
		{ .fd = s->aside, .events = POLLIN },
	};
	int got = 0;

	if (sys.poll(f, 3, ms) < 0)
		return -1;
	if (f[2].fd >= 0 && f[2].revents)
		s->aside_ready(s);
	if (f[0].fd >= 0 && f[0].revents)
		got |= OS_STREAM_READ;
	if (f[1].fd >= 0 && f[1].revents)
		got |= OS_STREAM_WRITE;
	return got;
}

int os_stream_fd_wait(struct os_stream *st, int what, int ms, struct err *e)
{
	struct os_stream_fd *s = of(st);
	uint64_t end = os_mono_ms() + (uint64_t)(ms < 0 ? 0 : ms), now;
	int got;

	/* What is closed is not waited for: reading it says so. */
	if ((what & OS_STREAM_READ && s->in < 0) ||
	    (what & OS_STREAM_WRITE && s->out < 0))
		return what;
	for (;;) {
		now = os_mono_ms();
		got = poll_once(s, what, ms < 0 ? -1 :
				now < end ? (int)(end - now) : 0);
		if (got < 0 && errno != EINTR)
			return err_os(e, "wait for", "a pipe");
		if (os_interrupted())
			return err_set(e, HUB_ECANCEL, "interrupted");
		if (got > 0)
			return got;
		if (ms >= 0 && os_mono_ms() >= end)
			return 0;
	}
}

void os_stream_fd_shut(struct os_stream *st)
{
	struct os_stream_fd *s = of(st);

	if (s->out < 0)
		return;
	if (s->out == s->in)
		shutdown(s->out, SHUT_WR);
	else
		sys.close(s->out);
	s->out = -1;
}

static void fd_close(struct os_stream *st)
{
	struct os_stream_fd *s = of(st);

	os_stream_fd_shut(st);
	if (s->in >= 0)
		sys.close(s->in);
	free(s);
}

static const struct os_stream_ops fd_ops = {
	os_stream_fd_read, os_stream_fd_write, os_stream_fd_wait,
	os_stream_fd_shut, fd_close,
};

int os_stream_fd_init(struct os_stream_fd *s, int in, int out)
{
	s->stream.ops = &fd_ops;
	s->in = in;
	s->out = out;
	s->aside = -1;
	if (fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK) < 0)
		return -1;
	return fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK);
}

/* ---- our own ---- */

struct own {
	struct os_stream_fd s;	/* first */
	int flags[2];
};

static void own_close(struct os_stream *st)
{
	struct own *o = (struct own *)st;

	fcntl(0, F_SETFL, o->flags[0]);
	if (o->s.out >= 0)
		fcntl(1, F_SETFL, o->flags[1]);
	free(o);
}

/* The number stays taken: no file of ours may become stdout. */
static void own_shut(struct os_stream *st)
{
	struct own *o = (struct own *)st;
	int fd;

	if (o->s.out < 0)
		return;
	fcntl(1, F_SETFL, o->flags[1]);
	o->s.out = -1;
	fd = os_open(AT_FDCWD, "/dev/null", O_WRONLY, 0);
	if (fd >= 0) {
		dup2(fd, 1);
		sys.close(fd);
	}
}

int os_stream_std(struct os_stream **ret, struct err *e)
{
	static const struct os_stream_ops ops = {
		os_stream_fd_read, os_stream_fd_write, os_stream_fd_wait,
		own_shut, own_close,
	};
	struct own *o = calloc(1, sizeof(*o));

	if (!o)
		return err_nomem(e);
	o->flags[0] = fcntl(0, F_GETFL);
	o->flags[1] = fcntl(1, F_GETFL);
	if (o->flags[0] < 0 || o->flags[1] < 0 ||
	    os_stream_fd_init(&o->s, 0, 1) < 0) {
		free(o);
		return err_os(e, "use", "standard input and output");
	}
	o->s.stream.ops = &ops;
	*ret = &o->s.stream;
	return 0;
}

/* ---- two ends ---- */

int os_stream_pair(struct os_stream **a, struct os_stream **b, struct err *e)
{
	struct os_stream_fd *one = calloc(1, sizeof(*one));
	struct os_stream_fd *two = calloc(1, sizeof(*two));
	int fd[2];

	if (!one || !two) {
		free(one);
		free(two);
		return err_nomem(e);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) {
		free(one);
		free(two);
		return err_os(e, "create", "a pair of sockets");
	}
	os_stream_fd_init(one, fd[0], fd[0]);
	os_stream_fd_init(two, fd[1], fd[1]);
	*a = &one->stream;
	*b = &two->stream;
	return 0;
}
