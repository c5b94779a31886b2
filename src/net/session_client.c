/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_client.c - the side that asks. */
#include <string.h>
#include "net/session_internal.h"
#include "os/os.h"
#include "base/banned.h"

#define PATIENCE_MS (5 * 60 * 1000)

/* What the far side says about itself is not about us. */
static int near_code(int rc)
{
	switch (rc) {
	case HUB_ECANCEL:
		return HUB_EOFFLINE;
	case HUB_ENOMEM:
	case HUB_EBUG:
		return HUB_EIO;
	default:
		return rc;
	}
}

static int hello(struct session *s, const struct frame_hello *mine,
		 struct err *e)
{
	struct frame_hello h = *mine;
	struct buf b = BUF_INIT;
	int rc;

	h.version = FRAME_VERSION;
	h.in_flight = SESSION_FLIGHT;
	frame_hello_encode(&b, &h);
	s->theirs.in_flight = 1;
	rc = buf_error(&b) ? err_nomem(e) :
		session_request(s, FRAME_OP_HELLO, b.p, b.n, 0, e);
	buf_reset(&b);
	if (rc == 0)
		rc = session_answer(s, &b, e);
	if (rc == 0) {
		rc = frame_hello_decode(b.p, b.n, &s->theirs);
		if (rc == 0 && s->theirs.version > FRAME_VERSION)
			rc = HUB_EVERSION;
		if (rc == HUB_EVERSION)
			err_set(e, rc, "the other side speaks only a newer "
				"protocol");
		else if (rc < 0 || s->theirs.kind != mine->kind)
			rc = session_nonsense(s, "its HELLO", e);
	}
	buf_release(&b);
	return rc;
}

int session_open(struct os_stream *st, const struct frame_hello *mine,
		 session_gone_fn gone, void *arg, struct session **ret,
		 struct err *e)
{
	struct session *s = NULL;
	struct err spare = ERR_INIT;
	int rc;

	if (!e)
		e = &spare;
	rc = session_start(st, SESSION_IN_CLIENT, &s, e);
	if (rc < 0)
		return rc;
	s->gone = gone;
	s->gone_arg = arg;
	/* A person may be typing a passphrase. */
	if (os_tty(0) && os_tty(2))
		s->times.silent_ms = PATIENCE_MS;
	rc = hello(s, mine, e);
	s->times = session_times();
	if (rc < 0) {
		session_stop(s);
		return rc;
	}
	*ret = s;
	return 0;
}

const struct frame_hello *session_hello(const struct session *s)
{
	return &s->theirs;
}

void session_close(struct session *s)
{
	static const struct frame bye = { .type = FRAME_BYE };
	struct err e = ERR_INIT;

	if (!s)
		return;
	/* Not waited for: the stream's end says the same. */
	if (!s->broken && !s->sending && session_send(s, &bye, &e) == 0) {
		s->times.silent_ms = 1000;
		session_push(s, 0, &e);
	}
	session_stop(s);
}

int session_idle(struct session *s)
{
	struct err e = ERR_INIT;

	if (s->broken || s->pending || s->sending || s->reading)
		return 0;
	return session_quiet(s, &e);
}

unsigned session_pending(const struct session *s)
{
	return s->pending;
}

unsigned session_room(const struct session *s)
{
	unsigned max = s->theirs.in_flight < SESSION_FLIGHT ?
		s->theirs.in_flight : SESSION_FLIGHT;

	return s->pending < max ? max - s->pending : 0;
}

int session_request(struct session *s, int op, const void *head, size_t n,
		    int body, struct err *e)
{
	struct frame f = {
		.type = FRAME_REQUEST, .op = op, .flags = body ? FRAME_BODY : 0,
		.data = { head, n },
	};
	struct err spare = ERR_INIT;
	int rc;

	if (s->sending || !session_room(s))
		return err_set(e, HUB_EBUG, "a request that may not be sent "
			       "now");
	if (n > FRAME_DATA_MAX)
		return err_set(e, HUB_ELIMIT, "a request of %zu bytes", n);
	rc = session_send(s, &f, e ? e : &spare);
	if (rc == 0) {
		s->pending++;
		s->sending = body;
	}
	return rc;
}

int session_body(struct session *s, const void *p, size_t n, struct err *e)
{
	struct err spare = ERR_INIT;

	if (!s->sending)
		return err_set(e, HUB_EBUG, "no body is being sent");
	return session_send_data(s, p, n, e ? e : &spare);
}

static int end(struct session *s, int status, const char *text, struct err *e)
{
	struct frame f = {
		.type = FRAME_END, .status = status,
		.data = { (const uint8_t *)text, strlen(text) },
	};
	struct err spare = ERR_INIT;

	if (!s->sending)
		return err_set(e, HUB_EBUG, "no body is being sent");
	s->sending = 0;
	return session_send(s, &f, e ? e : &spare);
}

int session_body_end(struct session *s, struct err *e)
{
	return end(s, 0, "", e);
}

int session_body_abort(struct session *s, int why, struct err *e)
{
	return end(s, why, "given up by the client", e);
}

int session_flush(struct session *s, struct err *e)
{
	struct err spare = ERR_INIT;

	return session_push(s, 0, e ? e : &spare);
}

int session_ready(struct session *s)
{
	struct frame f;

	if (s->broken || s->in_n - s->in_at > FRAME_HEAD)
		return 1;
	return frame_parse(s->in + s->in_at, s->in_n - s->in_at, &f) != 0 ||
		os_stream_wait(s->st, OS_STREAM_READ, 0, NULL) != 0;
}

/* The head's pieces and the ANSWER that ends it. */
static int answer(struct session *s, struct buf *head, struct frame *f,
		  struct err *e)
{
	size_t n = 0;
	int rc;

	for (;;) {
		rc = session_next(s, f, e);
		if (rc == HUB_EABSENT) {
			err_set(e, HUB_EOFFLINE, "the other side ended without "
				"an answer");
			return session_break(s, e);
		}
		if (rc < 0)
			return rc;
		if (f->type != FRAME_PIECE && f->type != FRAME_ANSWER)
			return session_nonsense(s, "no answer", e);
		if (f->status)
			return 0;
		n += f->data.n;
		if (n > FRAME_ANSWER_MAX || (n && !head))
			return session_nonsense(s, "too long an answer", e);
		if (head)
			buf_add(head, f->data.p, f->data.n);
		if (f->type == FRAME_ANSWER)
			return head && buf_error(head) ? err_nomem(e) : 0;
	}
}

int session_answer(struct session *s, struct buf *head, struct err *e)
{
	struct err spare = ERR_INIT;
	struct frame f;
	int rc;

	if (!e)
		e = &spare;
	if (!s->pending)
		return err_set(e, HUB_EBUG, "nothing was asked");
	rc = session_skip(s, e);
	if (rc == 0)
		rc = answer(s, head, &f, e);
	if (rc < 0)
		return rc;
	s->pending--;
	s->reading = f.flags & FRAME_BODY;
	if (!f.status)
		return 0;
	return err_set(e, near_code(f.status), "%.*s", (int)f.data.n,
		       f.data.n ? (const char *)f.data.p : "");
}

int session_read(struct session *s, void *p, size_t n, struct err *e)
{
	struct err spare = ERR_INIT;
	int rc;

	if (!e)
		e = &spare;
	rc = session_take(s, p, n, e);
	if (rc < 0 && !s->broken)
		rc = e->rc = near_code(rc);
	return rc;
}

int session_read_full(struct session *s, void *p, size_t n, struct err *e)
{
	size_t done = 0;
	int k;

	while (done < n) {
		k = session_read(s, (char *)p + done, n - done, e);
		if (k < 0)
			return k;
		if (!k)
			return err_set(e, HUB_ECORRUPT, "the other side sent "
				       "%zu bytes of %zu", done, n);
		done += (size_t)k;
	}
	return 0;
}

int session_call(struct session *s, int op, const void *head, size_t n,
		 struct buf *ret, struct err *e)
{
	int rc;

	if (s->pending)
		return err_set(e, HUB_EBUG, "answers are still to be taken");
	rc = session_request(s, op, head, n, 0, e);
	return rc < 0 ? rc : session_answer(s, ret, e);
}
