/* SPDX-License-Identifier: GPL-2.0-or-later */
/* farside_serve.c - requests of a session go to farside.c. */
#include "sync/farside_internal.h"

#include <stdlib.h>

static int look(struct farside *s, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = farside_look(s, r->head.p, r->head.n, &b, e);

	if (!rc)
		rc = session_req_answer(r, NULL, 0, 1, e);
	if (!rc)
		rc = session_req_write(r, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

struct fetch { struct session_req *r; int answered; };

/* What is wrong before the first byte is the answer, not its body's end. */
static int fetch_piece(void *arg, const void *p, size_t n, struct err *e)
{
	struct fetch *f = arg;
	int rc = f->answered ? 0 : session_req_answer(f->r, NULL, 0, 1, e);

	f->answered = 1;
	return rc < 0 ? rc : session_req_write(f->r, p, n, e);
}

static int fetch(struct farside *s, struct session_req *r, struct err *e)
{
	struct fetch f = { r, 0 };
	struct buf q = BUF_INIT;
	int rc = session_req_read_all(r, &q, HUBOPS_FETCH_MAX, e);

	if (!rc)
		rc = farside_fetch(s, q.p, q.n, fetch_piece, &f, e);
	buf_release(&q);
	return rc;
}

static int read_push(void *arg, void *p, size_t n, size_t *got, struct err *e)
{
	int rc = session_req_read(arg, p, n, e);

	*got = rc > 0 ? (size_t)rc : 0;
	return rc < 0 ? rc : 0;
}

static int put(struct farside *s, struct session_req *r, struct err *e)
{
	struct buf q = BUF_INIT;
	int rc = session_req_read_all(r, &q, HUBOPS_FILE_MAX, e);

	if (!rc)
		rc = farside_put(s, q.p, q.n, e);
	buf_release(&q);
	return rc;
}

static int get(struct farside *s, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = farside_get(s, r->head.p, r->head.n, &b, e);

	if (!rc)
		rc = session_req_answer(r, NULL, 0, 1, e);
	if (!rc)
		rc = session_req_write(r, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int verify(struct farside *s, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = farside_verify(s, r->head.p, r->head.n, &b, e);

	if (!rc)
		rc = session_req_answer(r, NULL, 0, 1, e);
	if (!rc)
		rc = session_req_write(r, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

static int question(struct farside *s, struct session_req *r,
		    int (*fn)(struct farside *s, const void *head, size_t n,
			      struct buf *ret, struct err *e),
		    struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = fn(s, r->head.p, r->head.n, &b, e);

	if (!rc)
		rc = session_req_answer(r, b.p, b.n, 0, e);
	buf_release(&b);
	return rc;
}

int farside_handle(struct farside *s, struct session_req *r, struct err *e)
{
	switch (r->op) {
	case HUBOPS_LOOK:
		return look(s, r, e);
	case HUBOPS_FETCH:
		return fetch(s, r, e);
	case HUBOPS_PUSH:
		return farside_push(s, r->head.p, r->head.n, read_push, r, e);
	case HUBOPS_FILE_PUT:
		return put(s, r, e);
	case HUBOPS_FILE_GET:
		return get(s, r, e);
	case HUBOPS_HAS:
		return question(s, r, farside_has, e);
	case HUBOPS_ENROL:
		return question(s, r, farside_enrol, e);
	case HUBOPS_REDEEM:
		return question(s, r, farside_redeem, e);
	case HUBOPS_VERIFY:
		return verify(s, r, e);
	case HUBOPS_COUNT:
		return question(s, r, farside_count, e);
	}
	return err_set(e, HUB_EVERSION, "this hub does not know request %d: "
		       "its hub program is older", r->op);
}
