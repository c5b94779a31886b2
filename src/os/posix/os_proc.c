/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_proc.c - run another program, collect what it says, bound its time.
 *
 * The child stays in our process group, so that a terminal's Ctrl-C reaches
 * it and it may ask for a passphrase there.  Once it has ended, output that
 * only its own children could still write is not waited for.
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
#include "os/os_clock.h"
#include "os/os_proc.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

#define OUT_MAX_DEFAULT (1 << 20)
#define PATIENCE_MS 2000	/* between SIGTERM and SIGKILL */

struct stream {
	int fd;			/* read end, -1 if none or at its end */
	struct buf *to;
};

struct run {
	const struct os_proc *p;
	struct stream out, errout;
	int out_w, errout_w;	/* write ends, -1 if not collected */
	pid_t pid;
	int ended, status;
	int rc;			/* why the child is being killed, or 0 */
	uint64_t deadline;	/* of os_mono_ms(), 0: none */
	uint64_t kill_at;	/* when SIGTERM has had its time, 0: not sent */
};

static int make_pipe(struct stream *s, struct buf *to, int *ret_w, struct err *e)
{
	int fd[2];

	if (!to)
		return 0;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_os(e, "create", "a pipe");
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	s->fd = fd[0];
	s->to = to;
	*ret_w = fd[1];
	return 0;
}

static int start(struct run *r, struct err *e)
{
	/* stdout without a buffer goes where our stderr is. */
	struct os_spawn sp = {
		.argv = r->p->argv, .env = r->p->env, .dir = r->p->dir,
		.in = -1, .out = r->out_w >= 0 ? r->out_w : 2,
		.errout = r->errout_w,
	};

	return os_spawn(&sp, &r->pid, e);
}

/* Begin to end the child, for the reason ; only the first one counts. */
static void stop(struct run *r, int rc)
{
	if (r->rc)
		return;
	r->rc = rc;
	if (!r->ended)
		kill(r->pid, SIGTERM);
	r->kill_at = os_mono_ms() + PATIENCE_MS;
}

/* Take what is there; 1 if something was. */
static int drain(struct run *r, struct stream *s)
{
	size_t max = r->p->out_max ? r->p->out_max : OUT_MAX_DEFAULT, k;
	char block[16384];
	ssize_t n;

	if (s->fd < 0)
		return 0;
	RETRY(n, sys.read(s->fd, block, sizeof(block)));
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		if (n < 0)
			stop(r, HUB_EIO);
		sys.close(s->fd);
		s->fd = -1;
		return 0;
	}
	k = (size_t)n;
	if (s->to->n + k > max) {
		k = max > s->to->n ? max - s->to->n : 0;
		stop(r, HUB_ELIMIT);
	}
	buf_add(s->to, block, k);
	if (buf_error(s->to))
		stop(r, HUB_ENOMEM);
	return 1;
}

static void reap(struct run *r)
{
	pid_t got;

	if (r->ended)
		return;
	do
		got = waitpid(r->pid, &r->status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got)
		r->ended = 1;
}

/* One wait for output or ; what came is taken. */
static void wait_some(struct run *r, int ms)
{
	struct pollfd f[2] = {
		{ .fd = r->out.fd, .events = POLLIN },
		{ .fd = r->errout.fd, .events = POLLIN },
	};

	/* A negative fd is passed over by poll(). */
	if (poll(f, 2, ms) > 0) {
		drain(r, &r->out);
		drain(r, &r->errout);
	}
}

static void check_time(struct run *r)
{
	uint64_t now = os_mono_ms();

	if (os_interrupted())
		stop(r, HUB_ECANCEL);
	if (r->deadline && now >= r->deadline)
		stop(r, HUB_EOFFLINE);
	if (r->kill_at && now >= r->kill_at && !r->ended)
		kill(r->pid, SIGKILL);
}

static void attend(struct run *r)
{
	int ms = 1;

	while (!r->ended) {
		check_time(r);
		/* With a pipe open its end wakes us; without one we look. */
		if (r->out.fd >= 0 || r->errout.fd >= 0) {
			wait_some(r, 50);
			ms = 1;
		} else {
			poll(NULL, 0, ms);
			ms = ms < 32 ? ms * 2 : 50;
		}
		reap(r);
	}
	/* A grandchild may write for ever: the limit ends that. */
	while (!r->rc && (drain(r, &r->out) || drain(r, &r->errout)))
		;
}

static int verdict(struct run *r, int *ret_status, struct err *e)
{
	const char *name = r->p->argv[0];

	switch (r->rc) {
	case 0:
		break;
	case HUB_ELIMIT:
		return err_set(e, r->rc, "'%s' wrote more than expected and was "
			       "stopped", name);
	case HUB_EOFFLINE:
		return err_set(e, r->rc, "'%s' did not end within %u ms and was "
			       "stopped", name, r->p->timeout_ms);
	case HUB_ECANCEL:
		return err_set(e, r->rc, "interrupted while '%s' ran", name);
	case HUB_ENOMEM:
		return err_nomem(e);
	default:
		return err_set(e, r->rc, "cannot read what '%s' writes", name);
	}
	if (WIFSIGNALED(r->status))
		*ret_status = 128 + WTERMSIG(r->status);
	else
		*ret_status = WEXITSTATUS(r->status);
	return 0;
}

int os_run(const struct os_proc *p, int *ret_status, struct err *e)
{
	struct run r = {
		.p = p, .out = { .fd = -1 }, .errout = { .fd = -1 },
		.out_w = -1, .errout_w = -1,
	};
	int rc;

	rc = make_pipe(&r.out, p->out, &r.out_w, e);
	if (!rc)
		rc = make_pipe(&r.errout, p->errout, &r.errout_w, e);
	if (!rc)
		rc = start(&r, e);
	/* Ours must close, or the end of the output would never show. */
	if (r.out_w >= 0)
		sys.close(r.out_w);
	if (r.errout_w >= 0)
		sys.close(r.errout_w);
	if (!rc) {
		if (p->timeout_ms)
			r.deadline = os_mono_ms() + p->timeout_ms;
		attend(&r);
		rc = verdict(&r, ret_status, e);
	}
	if (r.out.fd >= 0)
		sys.close(r.out.fd);
	if (r.errout.fd >= 0)
		sys.close(r.errout.fd);
	return rc;
}
