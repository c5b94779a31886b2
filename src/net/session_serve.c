/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session_serve.c - the side that answers, one request after the other.
 *
 * Answers leave when nothing more is there to be read, so that those of many
 * small requests go together.
 */
#include <string.h>
#include "net/session_internal.h"
#include "base/banned.h"

static int send_answer(struct session *s, int status, const void *p, size_t n,
		       int body, struct err *e)
{
	struct frame f = {
		.type = FRAME_PIECE, .data = { p, FRAME_DATA_MAX },
	};
	int rc = 0;

	if (n > FRAME_ANSWER_MAX)
		return err_set(e, HUB_EBUG, "an answer of %zu bytes", n);
	for (; n > FRAME_DATA_MAX && rc == 0; n -= FRAME_DATA_MAX) {
		rc = session_send(s, &f, e);
		f.data.p += FRAME_DATA_MAX;
	}
	f.type = FRAME_ANSWER;
	f.status = status;
	f.flags = body ? FRAME_BODY : 0;
	f.data.n = n;
	return rc < 0 ? rc : session_send(s, &f, e);
}

/* ---- for handlers ---- */

int session_req_read(struct session_req *r, void *p, size_t n, struct err *e)
{
	struct err spare = ERR_INIT;

	return session_take(r->s, p, n, e ? e : &spare);
}

int session_req_read_all(struct session_req *r, struct buf *ret, size_t max,
			 struct err *e)
{
	size_t was = ret->n;
	char block[16384];
	int k;

	while ((k = session_req_read(r, block, sizeof(block), e)) > 0) {
		if (ret->n - was + (size_t)k > max)
			return err_set(e, HUB_ELIMIT, "more than %zu bytes "
				       "were sent", max);
		buf_add(ret, block, (size_t)k);
		if (buf_error(ret))
			return err_nomem(e);
	}
	return k;
}

int session_req_answer(struct session_req *r, const void *head, size_t n,
		       int body, struct err *e)
{
	struct err spare = ERR_INIT;

	if (r->answered)
		return err_set(e, HUB_EBUG, "answered twice");
	r->answered = 1;
	r->sending = body;
	return send_answer(r->s, 0, head, n, body, e ? e : &spare);
}

int session_req_write(struct session_req *r, const void *p, size_t n,
		      struct err *e)
{
	struct err spare = ERR_INIT;

	if (!r->sending)
		return err_set(e, HUB_EBUG, "no body is being sent");
	return session_send_data(r->s, p, n, e ? e : &spare);
}

int session_req_gone(const struct session_req *r)
{
	return r->s->broken != 0;
}

/* ---- the loop ---- */

/* What the handler did not say is said for it. */
static int finish(struct session_req *r, int rc, const struct err *why,
		  struct err *e)
{
	struct frame end = { .type = FRAME_END, .status = rc };

	if (r->s->broken)
		return session_dead(r->s, e);
	end.data = (struct span){ (const uint8_t *)why->msg,
				  rc < 0 ? strlen(why->msg) : 0 };
	if (!r->answered)
		rc = send_answer(r->s, rc, end.data.p, end.data.n, 0, e);
	else if (r->sending)
		rc = session_send(r->s, &end, e);
	else
		rc = 0;
	/* A body that nobody wanted is read all the same. */
	return rc < 0 ? rc : session_skip(r->s, e);
}

static int greet(const struct session_server *o, struct session_req *r,
		 struct err *e)
{
	struct frame_hello theirs, ours = { 0 };
	struct buf b = BUF_INIT;
	int rc = frame_hello_decode(r->head.p, r->head.n, &theirs);

	if (rc < 0)
		return err_set(e, rc, "a HELLO of no known form");
	ours.version = theirs.version < FRAME_VERSION ? theirs.version :
		FRAME_VERSION;
	ours.in_flight = SESSION_FLIGHT;
	rc = o->hello(o->ctx, &theirs, &ours, e);
	if (rc < 0)
		return rc;
	frame_hello_encode(&b, &ours);
	rc = buf_error(&b) ? err_nomem(e) :
		session_req_answer(r, b.p, b.n, 0, e);
	buf_release(&b);
	return rc;
}

/* One request; *greeted: HELLO was answered. */
static int request(struct session *s, const struct session_server *o,
		   const struct frame *f, int *greeted, struct err *e)
{
	struct session_req r = { .op = f->op, .s = s };
	struct err why = ERR_INIT;
	int rc;

	if (f->type != FRAME_REQUEST || (f->op == FRAME_OP_HELLO) == *greeted)
		return session_nonsense(s, "no request", e);
	buf_reset(&s->head);
	buf_add(&s->head, f->data.p, f->data.n);
	if (buf_error(&s->head))
		return err_nomem(e);
	r.head = buf_span(&s->head);
	r.body = s->reading = f->flags & FRAME_BODY;
	if (*greeted) {
		rc = o->handle(o->ctx, &r, &why);
	} else {
		rc = greet(o, &r, &why);
		*greeted = rc == 0;
	}
	return finish(&r, rc, &why, e);
}

static int serve(struct session *s, const struct session_server *o,
		 struct err *e)
{
	struct frame f;
	int greeted = 0, rc;

	for (;;) {
		s->idle = 1;
		rc = session_next(s, &f, e);
		s->idle = 0;
		if (rc == HUB_EABSENT)
			return 0;
		if (rc == 0 && f.type == FRAME_BYE)
			break;
		if (rc == 0)
			rc = request(s, o, &f, &greeted, e);
		if (rc < 0)
			return rc;
	}
	return session_push(s, 0, e);
}

int session_serve(struct os_stream *st, const struct session_server *o,
		  struct err *e)
{
	struct err spare = ERR_INIT;
	struct session *s = NULL;
	int rc;

	if (!e)
		e = &spare;
	rc = session_start(st, SESSION_IN_SERVER, &s, e);
	if (rc < 0)
		return rc;
	rc = serve(s, o, e);
	session_stop(s);
	return rc;
}
