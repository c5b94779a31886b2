/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve_place.c - requests to a place: each is one operation of a folder.
 *
 * The client is trusted with its own vault and with nothing else: ids become
 * hexadecimal names, sizes are bounded, a pack must have the id of its bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "crypt/hash.h"
#include "fmt/placewire.h"
#include "serve/serve_internal.h"
#include "base/banned.h"

#define GET_PIECE (256u << 10)
#define SWEEP_AGE 3600

/* ---- bodies, numbers ---- */

static int answer_u64(struct session_req *r, uint64_t v, int body,
		      struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_add_u64(&b, v);
	rc = buf_error(&b) ? err_nomem(e) :
		session_req_answer(r, b.p, b.n, body, e);
	buf_release(&b);
	return rc;
}

static int answer_bytes(struct session_req *r, int rc, struct buf *b,
			struct err *e)
{
	if (rc == 0 && buf_error(b))
		rc = err_nomem(e);
	return rc < 0 ? rc : session_req_answer(r, b->p, b->n, 0, e);
}

static int op_format(struct place *p, struct session_req *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	if (r->op == PLACEWIRE_FORMAT_GET) {
		rc = p->ops->format_get(p, &b, e);
		rc = answer_bytes(r, rc, &b, e);
	} else {
		rc = session_req_read_all(r, &b, PLACE_FORMAT_MAX, e);
		if (rc == 0)
			rc = p->ops->format_put(p, b.p, b.n, e);
	}
	buf_release(&b);
	return rc;
}

static int op_state(struct place *p, struct session_req *r,
		    const struct placewire *w, struct err *e)
{
	struct buf b = BUF_INIT;
	uint64_t v = 0;
	int rc;

	switch (r->op) {
	case PLACEWIRE_STATE_NEWEST:
		rc = p->ops->state_newest(p, w->seq, &v, e);
		if (rc == 0)
			rc = answer_u64(r, v, 0, e);
		break;
	case PLACEWIRE_STATE_GET:
		rc = p->ops->state_get(p, w->seq, &b, e);
		rc = answer_bytes(r, rc, &b, e);
		break;
	case PLACEWIRE_STATE_CREATE:
		rc = session_req_read_all(r, &b, PLACE_STATE_MAX, e);
		if (rc == 0)
			rc = p->ops->state_create(p, w->seq, b.p, b.n, e);
		break;
	default:
		rc = p->ops->state_delete(p, w->seq, e);
	}
	buf_release(&b);
	return rc;
}

/* ---- packs ---- */

static int is_pack(const struct buf *b, const uint8_t id[32])
{
	uint8_t hash[HASH_SIZE];

	hash_tree(hash, b->p, b->n);
	return !memcmp(hash, id, 32);
}

static int pack_put(struct serve *s, struct session_req *r,
		    const struct placewire *w, struct err *e)
{
	struct place *p = s->place;
	struct buf b = BUF_INIT;
	int rc = session_req_read_all(r, &b, PLACE_PACK_MAX, e);

	if (rc == 0 && !s->conf->unchecked && !is_pack(&b, w->id))
		rc = err_set(e, HUB_ECORRUPT, "the bytes that came are not "
			     "those of the pack: it was not stored");
	if (rc == 0)
		rc = p->ops->pack_put(p, w->id, b.p, b.n, w->flags ?
				      PLACE_REPLACE : PLACE_NEW, e);
	buf_release(&b);
	return rc;
}

static int pack_get(struct place *p, struct session_req *r,
		    const struct placewire *w, struct err *e)
{
	uint64_t size = 0, off = w->off;
	size_t left = w->n, k;
	uint8_t *block = NULL;
	int rc = p->ops->pack_stat(p, w->id, &size, e);

	if (rc == 0)
		rc = answer_u64(r, size, 1, e);
	if (rc < 0)
		return rc;
	if (off >= size)
		left = 0;
	else if (left > size - off)
		left = (size_t)(size - off);
	block = malloc(left < GET_PIECE ? left + 1 : GET_PIECE);
	if (!block)
		return err_nomem(e);
	for (; left && rc == 0; left -= k, off += k) {
		k = left < GET_PIECE ? left : GET_PIECE;
		rc = p->ops->pack_get(p, w->id, off, block, k, e);
		if (rc == 0)
			rc = session_req_write(r, block, k, e);
	}
	free(block);
	return rc;
}

static int one_pack(void *arg, const uint8_t id[PLACE_PACK_ID], uint64_t size,
		    struct err *e)
{
	struct session_req *r = arg;
	uint8_t line[PLACE_PACK_ID + 8];
	int i;

	memcpy(line, id, PLACE_PACK_ID);
	for (i = 0; i < 8; i++)
		line[PLACE_PACK_ID + i] = (uint8_t)(size >> (56 - 8 * i));
	return session_req_write(r, line, sizeof(line), e);
}

static int pack_each(struct place *p, struct session_req *r, struct err *e)
{
	int rc = session_req_answer(r, NULL, 0, 1, e);

	return rc < 0 ? rc : p->ops->pack_each(p, one_pack, r, e);
}

static int op_pack(struct serve *s, struct session_req *r,
		   const struct placewire *w, struct err *e)
{
	struct place *p = s->place;
	uint64_t size = 0;
	int rc;

	switch (r->op) {
	case PLACEWIRE_PACK_PUT:
		return pack_put(s, r, w, e);
	case PLACEWIRE_PACK_GET:
		return pack_get(p, r, w, e);
	case PLACEWIRE_PACK_EACH:
		return pack_each(p, r, e);
	case PLACEWIRE_PACK_STAT:
		rc = p->ops->pack_stat(p, w->id, &size, e);
		return rc < 0 ? rc : answer_u64(r, size, 0, e);
	default:
		return p->ops->pack_delete(p, w->id, e);
	}
}

/* ---- slots ---- */

static int one_slot(void *arg, const uint8_t id[PLACE_SLOT_ID], struct err *e)
{
	struct buf *b = arg;

	buf_add(b, id, PLACE_SLOT_ID);
	return b->n > FRAME_ANSWER_MAX ? err_set(e, HUB_ELIMIT,
		"too many key slots") : 0;
}

/* Another one under this name stays, where nothing is replaced. */
static int slot_free(struct serve *s, const struct placewire *w,
		     const struct buf *b, struct err *e)
{
	struct buf was = BUF_INIT;
	int rc = s->place->ops->slot_get(s->place, w->id, &was, e);

	if (rc == HUB_EABSENT)
		rc = 0;
	else if (rc == 0 && (was.n != b->n || memcmp(was.p, b->p, b->n)))
		rc = err_set(e, HUB_EDENIED, "'%s' is append-only: a key slot "
			     "is not replaced there", s->path.p);
	buf_release(&was);
	return rc;
}

static int op_slot(struct serve *s, struct session_req *r,
		   const struct placewire *w, struct err *e)
{
	struct place *p = s->place;
	struct buf b = BUF_INIT;
	int rc;

	switch (r->op) {
	case PLACEWIRE_SLOT_EACH:
		rc = p->ops->slot_each(p, one_slot, &b, e);
		rc = answer_bytes(r, rc, &b, e);
		break;
	case PLACEWIRE_SLOT_GET:
		rc = p->ops->slot_get(p, w->id, &b, e);
		rc = answer_bytes(r, rc, &b, e);
		break;
	case PLACEWIRE_SLOT_PUT:
		rc = session_req_read_all(r, &b, PLACE_SLOT_MAX, e);
		if (rc == 0 && s->conf->append_only)
			rc = slot_free(s, w, &b, e);
		if (rc == 0)
			rc = p->ops->slot_put(p, w->id, b.p, b.n, e);
		break;
	default:
		rc = p->ops->slot_delete(p, w->id, e);
	}
	buf_release(&b);
	return rc;
}

/* ---- all ---- */

static int reads(int op)
{
	switch (op) {
	case PLACEWIRE_SELECT:
	case PLACEWIRE_HUBS:
	case PLACEWIRE_FORMAT_GET:
	case PLACEWIRE_STATE_NEWEST:
	case PLACEWIRE_STATE_GET:
	case PLACEWIRE_PACK_GET:
	case PLACEWIRE_PACK_STAT:
	case PLACEWIRE_PACK_EACH:
	case PLACEWIRE_SLOT_EACH:
	case PLACEWIRE_SLOT_GET:
	case PLACEWIRE_FLUSH:
	case PLACEWIRE_FREE_SPACE:
	case PLACEWIRE_OVERVIEW:
		return 1;
	default:
		return 0;
	}
}

static int takes_away(const struct session_req *r, const struct placewire *w)
{
	switch (r->op) {
	case PLACEWIRE_STATE_DELETE:
	case PLACEWIRE_PACK_DELETE:
	case PLACEWIRE_SLOT_DELETE:
	case PLACEWIRE_ASIDE:
		return 1;
	case PLACEWIRE_PACK_PUT:
		return w->flags != 0;
	default:
		return 0;
	}
}

static int allowed(const struct serve *s, const struct session_req *r,
		   const struct placewire *w, struct err *e)
{
	if (s->conf->read_only && !reads(r->op))
		return err_set(e, HUB_EDENIED, "'%s' is served for reading "
			       "only", s->path.p);
	if (s->conf->append_only && takes_away(r, w))
		return err_set(e, HUB_EDENIED, "'%s' is append-only: nothing "
			       "is taken away or replaced there", s->path.p);
	return serve_role_place(s, reads(r->op), takes_away(r, w) ||
				r->op == PLACEWIRE_FORMAT_PUT ||
				r->op == PLACEWIRE_SLOT_PUT, e);
}

int serve_place_handle(struct serve *s, struct session_req *r, struct err *e)
{
	struct place *p = s->place;
	struct placewire w;
	uint64_t v = 0;
	int rc = placewire_decode(r->op, r->head.p, r->head.n, &w);

	if (rc < 0)
		return err_set(e, rc, "request %d to a place is of no known "
			       "form", r->op);
	rc = allowed(s, r, &w, e);
	if (rc < 0)
		return rc;
	if (r->op == PLACEWIRE_SELECT)
		return serve_vault_select(s, &w, e);
	if (r->op == PLACEWIRE_HUBS)
		return serve_vault_hubs(s, r, e);
	if (!p)
		return err_set(e, HUB_EABSENT, "no vault was selected");
	switch (r->op) {
	case PLACEWIRE_FORMAT_GET:
	case PLACEWIRE_FORMAT_PUT:
		return op_format(p, r, e);
	case PLACEWIRE_ASIDE:
		return p->ops->aside(p, w.flags, w.id, w.seq, e);
	case PLACEWIRE_OVERVIEW:
		return serve_overview(s, r, e);
	case PLACEWIRE_FLUSH:
		return p->ops->flush(p, e);
	case PLACEWIRE_SWEEP:
		/* What another session is putting is not swept. */
		return p->ops->sweep(p, w.seq < SWEEP_AGE ? SWEEP_AGE :
				     (int64_t)(w.seq & INT64_MAX), e);
	case PLACEWIRE_FREE_SPACE:
		rc = p->ops->free_space(p, &v, e);
		return rc < 0 ? rc : answer_u64(r, v, 0, e);
	}
	if (r->op < PLACEWIRE_PACK_PUT)
		return op_state(p, r, &w, e);
	return r->op < PLACEWIRE_SLOT_EACH ? op_pack(s, r, &w, e) :
		op_slot(s, r, &w, e);
}
