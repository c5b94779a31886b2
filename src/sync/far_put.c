/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_put.c - what a workspace puts into a far hub, and asks of it besides. */
#include "sync/far_internal.h"

#include <stdlib.h>
#include <string.h>

#include "repo/packout.h"
#include "sync/fetch_internal.h"

#define PIECE (64u << 10)

struct push { struct session *s; struct workspace *ws; uint64_t sent; };

static int send_piece(void *arg, const void *p, size_t n, struct err *e)
{
	struct push *x = arg;
	int rc = session_body(x->s, p, n, e);

	x->sent += n;
	return rc < 0 ? rc : workspace_progress(x->ws, "sending", x->sent, 0,
						e);
}

static int known_tips(struct workspace *ws, struct far *f,
		      struct fetch_tips *t, struct err *e)
{
	size_t i;

	for (i = 0; i < f->refs_n; i++)
		if (repo_has_quick(ws->repo, &f->refs[i].id) &&
		    fetch_tips_add(t, &f->refs[i].id))
			return err_nomem(e);
	return 0;
}

static int send(struct push *x, const char *name, const struct oid *old,
		const struct oid *tip, const struct fetch_tips *have,
		struct packout_stats *st, struct err *e)
{
	struct buf head = BUF_INIT;
	int rc2, rc = hubops_push_encode(&head, name, old, tip,
					 x->ws->dev.name, "hub sync");

	if (rc < 0)
		err_set(e, rc, "'%s' is no name that can be sent", name);
	else if (buf_error(&head))
		rc = err_nomem(e);
	if (!rc)
		rc = session_request(x->s, HUBOPS_PUSH, head.p, head.n, 1, e);
	buf_release(&head);
	if (rc < 0)
		return rc;
	rc = packout_write(x->ws->repo, tip, 1, have->v, have->n, send_piece,
			   x, st, e);
	if (session_broken(x->s))
		return rc < 0 ? rc : HUB_EOFFLINE;
	rc2 = rc ? session_body_abort(x->s, HUB_ECANCEL, NULL) :
		session_body_end(x->s, e);
	if (!rc2)	/* what stopped us here says more than its answer */
		rc2 = session_answer(x->s, NULL, rc ? NULL : e);
	return rc ? rc : rc2;
}

int far_push(struct workspace *ws, struct hub *h, const char *name,
	     const struct oid *old, const struct oid *tip, uint64_t *objects,
	     uint64_t *bytes, struct err *e)
{
	struct far *f = h->far;
	struct push x = { f->s, ws, 0 };
	struct fetch_tips have = { NULL, 0, 0 };
	struct packout_stats st = { 0, 0, 0 };
	int rc = known_tips(ws, f, &have, e);

	if (!rc)
		rc = send(&x, name, old, tip, &have, &st, e);
	if (!rc) {
		*objects += st.objects;
		*bytes += st.bytes;
		rc = far_refs_set(f, name, strlen(name), tip, e);
	}
	if (!rc)
		rc = far_cache_refs(f, e);
	free(have.v);
	return rc;
}

int far_put(struct hub *h, enum hubops_kind kind, const char *name,
	    const void *p, size_t n, struct err *e)
{
	struct buf q = BUF_INIT;
	int rc;

	hubops_put_encode(&q, kind, name, p, n);
	rc = buf_error(&q) ? err_nomem(e) :
		session_request(h->far->s, HUBOPS_FILE_PUT, NULL, 0, 1, e);
	if (!rc)
		rc = session_body(h->far->s, q.p, q.n, e);
	if (!rc)
		rc = session_body_end(h->far->s, e);
	if (!rc)
		rc = session_answer(h->far->s, NULL, e);
	if (!rc)
		rc = far_cache_file(h->far, kind, name, p, n, e);
	buf_release(&q);
	return rc;
}

int far_get(struct hub *h, enum hubops_kind kind, const char *name,
	    struct buf *ret, struct err *e)
{
	struct session *s = h->far->s;
	struct buf q = BUF_INIT;
	int rc;

	hubops_get_encode(&q, kind, name);
	rc = buf_error(&q) ? err_nomem(e) :
		session_request(s, HUBOPS_FILE_GET, q.p, q.n, 0, e);
	if (!rc)
		rc = session_answer(s, NULL, e);
	if (!rc)
		rc = far_body(s, ret, HUBOPS_FILE_MAX, e);
	buf_release(&q);
	return rc;
}

int far_has(struct hub *h, const struct oid *id, struct err *e)
{
	struct buf ret = BUF_INIT;
	int rc = session_call(h->far->s, HUBOPS_HAS, id->h, OID_SIZE, &ret, e);

	if (!rc && ret.n != 1)
		rc = err_set(e, HUB_ECORRUPT, "the hub '%s' answered nonsense",
			     h->far->url.p);
	else if (!rc)
		rc = ret.p[0] == 1;
	buf_release(&ret);
	return rc;
}

int far_count(struct hub *h, const struct oid *tip, const struct oid *have,
	      uint64_t *ret, struct err *e)
{
	uint8_t q[2 * OID_SIZE];
	struct buf b = BUF_INIT;
	struct rd r;
	int rc;

	memcpy(q, tip->h, OID_SIZE);
	memcpy(q + OID_SIZE, have->h, OID_SIZE);
	rc = session_call(h->far->s, HUBOPS_COUNT, q, sizeof(q), &b, e);
	rd_init(&r, b.p, b.n);
	*ret = rd_u64(&r);
	if (!rc && rd_end(&r))
		rc = err_set(e, HUB_ECORRUPT, "the hub '%s' answered nonsense",
			     h->far->url.p);
	buf_release(&b);
	return rc;
}
