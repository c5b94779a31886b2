/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * served.c - a place over a session: each operation is one request.
 *
 * Requests are answered in order, so the answers to packs that were put come
 * before that to any later request: call() takes them on the way.
 */
#include <stdlib.h>
#include <string.h>
#include "base/rd.h"
#include "remote/served_internal.h"
#include "base/banned.h"

struct served *served_of(struct place *p)
{
	return (struct served *)p;
}

/* The answer to the oldest pack that was put. */
static int settle_one(struct served *s, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = session_answer(s->s, NULL, &why);

	if (s->puts)
		s->puts--;
	if (rc < 0 && !s->why.rc)
		s->why = why;
	return session_broken(s->s) ? err_set(e, rc, "%s", why.msg) : 0;
}

int served_settle(struct served *s, unsigned left, struct err *e)
{
	int rc = 0;

	while (rc == 0 && s->puts > left)
		rc = settle_one(s, e);
	while (rc == 0 && s->puts && session_ready(s->s))
		rc = settle_one(s, e);
	return rc;
}

int served_failed(struct served *s, struct err *e)
{
	int rc = s->why.rc;

	if (rc < 0)
		err_set(e, rc, "%s", s->why.msg);
	err_clear(&s->why);
	return rc;
}

int served_send(struct served *s, int op, const struct placewire *w,
		const void *body, size_t n, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	placewire_encode(&b, op, w);
	rc = buf_error(&b) ? err_nomem(e) :
		session_request(s->s, op, b.p, b.n, body != NULL, e);
	buf_release(&b);
	if (rc == 0 && body)
		rc = session_body(s->s, body, n, e);
	if (rc == 0 && body)
		rc = session_body_end(s->s, e);
	return rc;
}

/* A request, and its answer: ${max} bytes appended to ${ret}, NULL: none. */
static int call(struct served *s, int op, const struct placewire *w,
		const void *body, size_t n, struct buf *ret, size_t max,
		struct err *e)
{
	size_t was = ret ? ret->n : 0;
	int rc = served_want_drop(s, e);

	if (rc == 0)
		rc = served_send(s, op, w, body, n, e);
	if (rc == 0)
		rc = served_settle(s, 0, e);
	if (rc == 0) {
		rc = session_answer(s->s, ret, e);
		if (rc < 0 && !session_broken(s->s))
			err_in(e, "at '%s'", s->place.name);
	}
	if (rc == 0 && ret && ret->n - was > max) {
		buf_setlen(ret, was);
		rc = err_set(e, HUB_ECORRUPT, "'%s' sends more than was asked "
			     "for", s->place.name);
	}
	return rc;
}

static int call_u64(struct served *s, int op, const struct placewire *w,
		    uint64_t *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	struct rd r;
	uint64_t v;
	int rc = call(s, op, w, NULL, 0, &b, 8, e);

	rd_init(&r, b.p, b.n);
	v = rd_u64(&r);
	if (rc == 0 && rd_end(&r) < 0)
		rc = err_set(e, HUB_ECORRUPT, "'%s' answers with no number",
			     s->place.name);
	if (rc == 0)
		*ret = v;
	buf_release(&b);
	return rc;
}

static void served_close(struct place *p)
{
	struct served *s = served_of(p);

	if (!session_broken(s->s) && served_want_drop(s, NULL) == 0)
		served_settle(s, 0, NULL);
	if (s->done)
		s->done(s->done_arg);
	served_release(s);
	served_overview_release(s);
	free(s->name);
	free(s);
}

/* ---- format, states ---- */

static const struct placewire none;

static int format_get(struct place *p, struct buf *ret, struct err *e)
{
	if (served_overview_format(served_of(p), ret))
		return buf_error(ret) ? err_nomem(e) : 0;
	return call(served_of(p), PLACEWIRE_FORMAT_GET, &none, NULL, 0, ret,
		    PLACE_FORMAT_MAX, e);
}

static int format_put(struct place *p, const void *bytes, size_t n,
		      struct err *e)
{
	served_overview_drop(served_of(p));
	return call(served_of(p), PLACEWIRE_FORMAT_PUT, &none, bytes, n, NULL,
		    0, e);
}

static int state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			struct err *e)
{
	struct placewire w = { .seq = hint };

	if (served_overview_newest(served_of(p), hint, ret))
		return 0;
	return call_u64(served_of(p), PLACEWIRE_STATE_NEWEST, &w, ret, e);
}

static int state_get(struct place *p, uint64_t seq, struct buf *ret,
		     struct err *e)
{
	struct placewire w = { .seq = seq };

	if (served_overview_state(served_of(p), seq, ret))
		return buf_error(ret) ? err_nomem(e) : 0;
	return call(served_of(p), PLACEWIRE_STATE_GET, &w, NULL, 0, ret,
		    PLACE_STATE_MAX, e);
}

static int state_create(struct place *p, uint64_t seq, const void *bytes,
			size_t n, struct err *e)
{
	struct placewire w = { .seq = seq };

	if (n > PLACE_STATE_MAX)
		return err_set(e, HUB_ELIMIT, "a state of %zu bytes", n);
	return call(served_of(p), PLACEWIRE_STATE_CREATE, &w, bytes, n, NULL,
		    0, e);
}

static int state_delete(struct place *p, uint64_t seq, struct err *e)
{
	struct placewire w = { .seq = seq };

	served_overview_drop(served_of(p));
	return call(served_of(p), PLACEWIRE_STATE_DELETE, &w, NULL, 0, NULL, 0,
		    e);
}

/* ---- packs; put and get: served_pack.c ---- */

static struct placewire of_pack(const uint8_t id[PLACE_PACK_ID])
{
	struct placewire w = { .flags = 0 };

	memcpy(w.id, id, PLACE_PACK_ID);
	return w;
}

static int pack_stat(struct place *p, const uint8_t id[PLACE_PACK_ID],
		     uint64_t *ret_size, struct err *e)
{
	struct placewire w = of_pack(id);

	return call_u64(served_of(p), PLACEWIRE_PACK_STAT, &w, ret_size, e);
}

static int pack_delete(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       struct err *e)
{
	struct placewire w = of_pack(id);

	served_forget(served_of(p));
	return call(served_of(p), PLACEWIRE_PACK_DELETE, &w, NULL, 0, NULL, 0,
		    e);
}

/* All of the listing first: ${fn} may ask the place for something else. */
static int pack_each(struct place *p, place_pack_fn fn, void *arg,
		     struct err *e)
{
	struct served *s = served_of(p);
	struct buf b = BUF_INIT;
	char block[16384];
	struct rd r;
	int rc = call(s, PLACEWIRE_PACK_EACH, &none, NULL, 0, NULL, 0, e);

	while (rc == 0) {
		rc = session_read(s->s, block, sizeof(block), e);
		if (rc <= 0)
			break;
		buf_add(&b, block, (size_t)rc);
		rc = buf_error(&b) ? err_nomem(e) : b.n <= SERVED_LIST_MAX ? 0 :
			err_set(e, HUB_ELIMIT, "'%s' lists too many packs",
				s->place.name);
	}
	if (rc == 0 && b.n % (PLACE_PACK_ID + 8))
		rc = err_set(e, HUB_ECORRUPT, "'%s' sends half a listing",
			     s->place.name);
	rd_init(&r, b.p, b.n);
	while (rc == 0 && r.n) {
		struct span id = rd_bytes(&r, PLACE_PACK_ID);

		rc = fn(arg, id.p, rd_u64(&r), e);
	}
	buf_release(&b);
	return rc;
}

/* ---- slots ---- */

static struct placewire of_slot(const uint8_t id[PLACE_SLOT_ID])
{
	struct placewire w = { .flags = 0 };

	memcpy(w.id, id, PLACE_SLOT_ID);
	return w;
}

static int slot_each(struct place *p, place_slot_fn fn, void *arg,
		     struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int rc;

	if (served_overview_slots(served_of(p), fn, arg, &rc, e))
		return rc;
	rc = call(served_of(p), PLACEWIRE_SLOT_EACH, &none, NULL, 0, &b,
		  FRAME_ANSWER_MAX, e);
	if (rc == 0 && b.n % PLACE_SLOT_ID)
		rc = err_set(e, HUB_ECORRUPT, "'%s' sends half a listing",
			     p->name);
	for (i = 0; rc == 0 && i < b.n; i += PLACE_SLOT_ID)
		rc = fn(arg, (const uint8_t *)b.p + i, e);
	buf_release(&b);
	return rc;
}

static int slot_get(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    struct buf *ret, struct err *e)
{
	struct placewire w = of_slot(id);

	if (served_overview_slot(served_of(p), id, ret))
		return buf_error(ret) ? err_nomem(e) : 0;
	return call(served_of(p), PLACEWIRE_SLOT_GET, &w, NULL, 0, ret,
		    PLACE_SLOT_MAX, e);
}

static int slot_put(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    const void *bytes, size_t n, struct err *e)
{
	struct placewire w = of_slot(id);

	if (n > PLACE_SLOT_MAX)
		return err_set(e, HUB_ELIMIT, "a key slot of %zu bytes", n);
	served_overview_drop(served_of(p));
	return call(served_of(p), PLACEWIRE_SLOT_PUT, &w, bytes, n, NULL, 0,
		    e);
}

static int slot_delete(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		       struct err *e)
{
	struct placewire w = of_slot(id);

	served_overview_drop(served_of(p));
	return call(served_of(p), PLACEWIRE_SLOT_DELETE, &w, NULL, 0, NULL, 0,
		    e);
}

/* ---- the rest ---- */

static int put_aside(struct place *p, enum place_what what, const uint8_t *id,
		     uint64_t seq, struct err *e)
{
	struct placewire w = { .seq = seq, .flags = what };

	served_forget(served_of(p));
	served_overview_drop(served_of(p));
	if (id)
		memcpy(w.id, id, what == PLACE_SLOT ? PLACE_SLOT_ID :
		       PLACE_PACK_ID);
	return call(served_of(p), PLACEWIRE_ASIDE, &w, NULL, 0, NULL, 0, e);
}

static int flush(struct place *p, struct err *e)
{
	struct served *s = served_of(p);
	int rc = call(s, PLACEWIRE_FLUSH, &none, NULL, 0, NULL, 0, e);
	int why = s->why.rc;

	/* A pack that is not there is worse than a flush that failed. */
	if (why < 0)
		rc = served_failed(s, e);
	return rc;
}

static int free_space(struct place *p, uint64_t *ret, struct err *e)
{
	return call_u64(served_of(p), PLACEWIRE_FREE_SPACE, &none, ret, e);
}

static int sweep(struct place *p, int64_t age_s, struct err *e)
{
	struct placewire w = { .seq = age_s > 0 ? (uint64_t)age_s : 0 };

	return call(served_of(p), PLACEWIRE_SWEEP, &w, NULL, 0, NULL, 0, e);
}

static const struct place_ops ops = {
	.close = served_close,
	.format_get = format_get,
	.format_put = format_put,
	.state_newest = state_newest,
	.state_get = state_get,
	.state_create = state_create,
	.state_delete = state_delete,
	.pack_put = served_pack_put,
	.pack_get = served_pack_get,
	.pack_want = served_want,
	.pack_stat = pack_stat,
	.pack_each = pack_each,
	.pack_delete = pack_delete,
	.slot_each = slot_each,
	.slot_get = slot_get,
	.slot_put = slot_put,
	.slot_delete = slot_delete,
	.aside = put_aside,
	.flush = flush,
	.free_space = free_space,
	.sweep = sweep,
};

/* ---- which ---- */

int served_place(struct session *s, const char *name, struct place **ret,
		 struct err *e)
{
	struct served *v = calloc(1, sizeof(*v));
	size_t n = strlen(name) + 1;

	if (v)
		v->name = malloc(n);
	if (!v || !v->name) {
		free(v);
		return err_nomem(e);
	}
	memcpy(v->name, name, n);
	buf_init(&v->over.format);
	buf_init(&v->over.state);
	buf_init(&v->over.slots);
	v->place.ops = &ops;
	v->place.name = v->name;
	v->s = s;
	*ret = &v->place;
	return 0;
}

void served_when_closed(struct place *p, void (*fn)(void *arg), void *arg)
{
	served_of(p)->done = fn;
	served_of(p)->done_arg = arg;
}

int served_select(struct session *s, const uint8_t hub[32], unsigned how,
		  struct err *e)
{
	struct placewire w = { .flags = how };
	struct buf b = BUF_INIT;
	int rc;

	memcpy(w.id, hub, 32);
	placewire_encode(&b, PLACEWIRE_SELECT, &w);
	rc = buf_error(&b) ? err_nomem(e) :
		session_call(s, PLACEWIRE_SELECT, b.p, b.n, NULL, e);
	buf_release(&b);
	return rc;
}

int served_hubs(struct session *s, served_fn fn, void *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int rc = session_call(s, PLACEWIRE_HUBS, NULL, 0, &b, e);

	if (rc == 0 && b.n % 32)
		rc = err_set(e, HUB_ECORRUPT, "half a list of hubs came");
	for (i = 0; rc == 0 && i < b.n; i += 32)
		rc = fn(arg, (const uint8_t *)b.p + i, e);
	buf_release(&b);
	return rc;
}
