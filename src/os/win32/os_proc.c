/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_proc.c - run another program, collect what it says, bound its time.
 */
#include <stdlib.h>
#include <string.h>
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_proc.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

#define OUT_MAX_DEFAULT (1 << 20)
#define POLL_MS 10

struct stream {
	HANDLE r, w;		/* our end, the child's; NULL if there is none */
	struct buf *to;
};

struct run {
	const struct os_proc *p;
	struct stream out, errout;
	HANDLE in, process;
	int rc;			/* why the child was stopped, or 0 */
};

static int make_pipe(struct stream *s, struct buf *to)
{
	if (!to)
		return 0;
	s->to = to;
	if (!CreatePipe(&s->r, &s->w, NULL, 65536))
		return os_win_errno();
	return 0;
}

static int start(struct run *r, struct err *e)
{
	struct os_win_spawn sp = {
		.argv = r->p->argv, .env = r->p->env, .dir = r->p->dir,
		.in = r->in, .out = r->out.w, .errout = r->errout.w,
	};

	return os_win_spawn(&sp, &r->process, e);
}

static void stop(struct run *r, int rc)
{
	if (r->rc)
		return;
	r->rc = rc;
	TerminateProcess(r->process, 1);
}

/* Take what is there; 1 if something was. */
static int drain(struct run *r, struct stream *s)
{
	size_t max = r->p->out_max ? r->p->out_max : OUT_MAX_DEFAULT, k;
	char block[16384];
	DWORD n = 0;

	if (!s->r || !PeekNamedPipe(s->r, NULL, 0, NULL, &n, NULL) || !n ||
	    !ReadFile(s->r, block, sizeof(block), &n, NULL) || !n)
		return 0;
	k = n;
	if (s->to->n + k > max) {
		k = max > s->to->n ? max - s->to->n : 0;
		stop(r, HUB_ELIMIT);
	}
	buf_add(s->to, block, k);
	if (buf_error(s->to))
		stop(r, HUB_ENOMEM);
	return 1;
}

static void attend(struct run *r)
{
	uint64_t deadline = r->p->timeout_ms ? os_mono_ms() + r->p->timeout_ms : 0;
	DWORD ended = WAIT_TIMEOUT;

	while (ended == WAIT_TIMEOUT) {
		int some = drain(r, &r->out) | drain(r, &r->errout);

		ended = WaitForSingleObject(r->process, some ? 0 : POLL_MS);
		if (os_interrupted())
			stop(r, HUB_ECANCEL);
		if (deadline && os_mono_ms() >= deadline && ended == WAIT_TIMEOUT)
			stop(r, HUB_EOFFLINE);
	}
	while (!r->rc && (drain(r, &r->out) || drain(r, &r->errout)))
		;
}

static int verdict(const struct run *r, int *ret_status, struct err *e)
{
	const char *name = r->p->argv[0];
	DWORD status = 0;

	switch (r->rc) {
	case 0:
		GetExitCodeProcess(r->process, &status);
		*ret_status = (int)(status & 0xff);
		return 0;
	case HUB_ELIMIT:
		return err_set(e, r->rc, "'%s' wrote more than expected and was "
			       "stopped", name);
	case HUB_EOFFLINE:
		return err_set(e, r->rc, "'%s' did not end within %u ms and was "
			       "stopped", name, r->p->timeout_ms);
	case HUB_ECANCEL:
		return err_set(e, r->rc, "interrupted while '%s' ran", name);
	default:
		return err_nomem(e);
	}
}

static void drop(HANDLE *h)
{
	if (*h && *h != INVALID_HANDLE_VALUE)
		CloseHandle(*h);
	*h = NULL;
}

int os_run(const struct os_proc *p, int *ret_status, struct err *e)
{
	struct run r = { .p = p };
	int rc;

	r.in = CreateFileW(L"NUL", GENERIC_READ, OS_WIN_SHARE, NULL, OPEN_EXISTING,
			   0, NULL);
	if (make_pipe(&r.out, p->out) < 0 || make_pipe(&r.errout, p->errout) < 0) {
		rc = err_os(e, "create", "a pipe");
		goto out;
	}
	rc = start(&r, e);
	drop(&r.out.w);
	drop(&r.errout.w);
	if (rc < 0)
		goto out;
	attend(&r);
	rc = verdict(&r, ret_status, e);
out:
	drop(&r.out.r);
	drop(&r.out.w);
	drop(&r.errout.r);
	drop(&r.errout.w);
	drop(&r.in);
	drop(&r.process);
	return rc;
}
