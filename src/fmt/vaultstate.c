/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vaultstate.c - encode and decode the states of a vault. */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/vaultstate.h"

#define VERSION 1
#define SUITE 1

static const uint8_t magic[4] = { 'V', 'H', 's', 't' };
static const uint8_t zero[32];

static int class_ok(unsigned klass)
{
	return klass == 12 || klass == 14 || klass == 16;
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "state of a vault: bad %s", what);
}

/* ---- head ---- */

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void vaultstate_head_encode(uint8_t out[VAULTSTATE_HEAD],
			    const struct vaultstate_head *h)
{
	if (!class_ok(h->klass) || !h->seq || !h->epoch)
		BUG("head of a state: class %u, seq %llu", h->klass,
		    (unsigned long long)h->seq);
	memcpy(out, magic, 4);
	out[4] = VERSION;
	out[5] = SUITE;
	out[6] = (uint8_t)h->klass;
	out[7] = 0;
	put_u32(out + 8, h->epoch);
	put_u32(out + 12, (1u << h->klass) - VAULTSTATE_HEAD);
	put_u32(out + 16, (uint32_t)(h->seq >> 32));
	put_u32(out + 20, (uint32_t)h->seq);
	memcpy(out + 24, h->previous, 32);
	memcpy(out + 56, h->commit, 32);
	memcpy(out + 88, h->nonce, 24);
}

static int head_check(const struct vaultstate_head *h, uint32_t box,
		      uint8_t flags, size_t n, struct err *e)
{
	if (!class_ok(h->klass) || flags || n != (size_t)1 << h->klass ||
	    box != n - VAULTSTATE_HEAD)
		return bad(e, "size");
	if (!h->epoch || !h->seq)
		return bad(e, "number");
	if ((h->seq == 1) != !memcmp(h->previous, zero, 32))
		return bad(e, "previous");
	return 0;
}

int vaultstate_head_decode(struct vaultstate_head *ret, const void *p, size_t n,
			   struct err *e)
{
	struct vaultstate_head h;
	struct span m;
	struct rd r;
	uint8_t version, suite, flags;
	uint32_t box;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	m = rd_bytes(&r, 4);
	version = rd_u8(&r);
	suite = rd_u8(&r);
	h.klass = rd_u8(&r);
	flags = rd_u8(&r);
	h.epoch = rd_u32(&r);
	box = rd_u32(&r);
	h.seq = rd_u64(&r);
	rd_copy(&r, h.previous, 32);
	rd_copy(&r, h.commit, 32);
	rd_copy(&r, h.nonce, 24);
	if (r.failed || memcmp(m.p, magic, 4))
		return bad(e, "head");
	if (version != VERSION || suite != SUITE)
		return err_set(e, HUB_EVERSION, "state of version %u, suite "
			       "%u: a newer hub wrote it",
			       (unsigned)version, (unsigned)suite);
	rc = head_check(&h, box, flags, n, e);
	if (rc == 0)
		*ret = h;
	return rc;
}

/* ---- body ---- */

static void put_obj(struct buf *out, const struct vaultstate_obj *o)
{
	buf_add_u8(out, o->has != 0);
	buf_add(out, o->has ? o->name : zero, 32);
	buf_add(out, o->has ? o->pack : zero, 32);
}

void vaultstate_body_encode(struct buf *out, const struct vaultstate *s)
{
	size_t i;

	if (s->vector_n > VAULTSTATE_VECTOR_MAX || s->chain.n < 1 ||
	    s->recent_n > VAULTSTATE_RECENT_MAX || s->kind < 1 || s->kind > 4 ||
	    s->inline_n > VAULTSTATE_INLINE_MAX || !s->device_seq)
		BUG("state that nobody could read");
	buf_add_u64(out, s->time);
	buf_add_u8(out, (uint8_t)s->kind);
	buf_add(out, s->device, 16);
	buf_add_u64(out, s->device_seq);
	cert_chain_encode(out, &s->chain);
	buf_add_u16(out, s->vector_n);
	for (i = 0; i < s->vector_n; i++) {
		buf_add(out, s->vector[i].device, 16);
		buf_add_u64(out, s->vector[i].n);
	}
	put_obj(out, &s->refs);
	buf_add_u64(out, s->settled_packs);
	buf_add_u64(out, s->settled_bytes);
	buf_add_u8(out, s->recent_n);
	for (i = 0; i < s->recent_n; i++)
		segment_ref_add(out, &s->recent[i]);
	put_obj(out, &s->list);
	buf_add_u32(out, s->inline_n);
	buf_add(out, s->inline_segment, s->inline_n);
}

void vaultstate_signed(struct buf *out, const struct vaultstate_head *h,
		       const uint8_t hub[32], const uint8_t place[32],
		       const void *body, size_t n)
{
	buf_add_u32(out, h->epoch);
	buf_add_u64(out, h->seq);
	buf_add(out, h->previous, 32);
	buf_add(out, hub, 32);
	buf_add(out, place, 32);
	buf_add(out, body, n);
}

/* The smallest class whose box holds ${n} plain bytes; 0 if none does. */
static unsigned class_for(size_t n)
{
	unsigned c;

	for (c = 12; c <= 16; c += 2)
		if (n <= (1u << c) - VAULTSTATE_HEAD - VAULTSTATE_TAG)
			return c;
	return 0;
}

int vaultstate_plain(struct buf *b, struct vaultstate_head *h,
		     const uint8_t sig[64], struct err *e)
{
	size_t want;

	buf_add(b, sig, 64);
	if (buf_error(b))
		return err_nomem(e);
	h->klass = class_for(b->n);
	if (!h->klass)
		return err_set(e, HUB_ELIMIT, "a state of %zu bytes", b->n);
	want = (1u << h->klass) - VAULTSTATE_HEAD - VAULTSTATE_TAG - b->n;
	if (buf_grow(b, want) < 0)
		return err_nomem(e);
	while (want) {
		size_t k = want < 32 ? want : 32;

		buf_add(b, zero, k);
		want -= k;
	}
	return 0;
}

void vaultstate_ad(uint8_t ad[VAULTSTATE_AD + 64], const uint8_t *head,
		   const uint8_t hub[32], const uint8_t place[32])
{
	memcpy(ad, head, VAULTSTATE_AD);
	memcpy(ad + VAULTSTATE_AD, hub, 32);
	memcpy(ad + VAULTSTATE_AD + 32, place, 32);
}

static int get_obj(struct rd *r, struct vaultstate_obj *o)
{
	uint8_t has = rd_u8(r);

	rd_copy(r, o->name, 32);
	rd_copy(r, o->pack, 32);
	o->has = has;
	return has > 1 || (!has && (memcmp(o->name, zero, 32) ||
				    memcmp(o->pack, zero, 32)))
		? HUB_ECORRUPT : 0;
}

static int get_vector(struct rd *r, struct vaultstate *s, struct err *e)
{
	size_t i;

	s->vector_n = rd_u16(r);
	if (s->vector_n > VAULTSTATE_VECTOR_MAX)
		return bad(e, "change vector");
	for (i = 0; i < s->vector_n; i++) {
		rd_copy(r, s->vector[i].device, 16);
		s->vector[i].n = rd_u64(r);
		if (!s->vector[i].n || (i && memcmp(s->vector[i - 1].device,
						    s->vector[i].device, 16) >= 0))
			return bad(e, "change vector");
	}
	return r->failed ? bad(e, "change vector") : 0;
}

static int get_recent(struct rd *r, struct vaultstate *s, struct err *e)
{
	struct span p;
	size_t i;

	s->recent_n = rd_u8(r);
	if (s->recent_n > VAULTSTATE_RECENT_MAX)
		return bad(e, "number of segments");
	for (i = 0; i < s->recent_n; i++) {
		p = rd_bytes(r, SEGMENT_REF);
		if (!p.p)
			return bad(e, "segment");
		segment_ref_get(&s->recent[i], p.p);
		if (s->recent[i].bytes < SEGMENT_EMPTY ||
		    s->recent[i].bytes > SEGMENT_MAX ||
		    s->recent[i].entries > s->recent[i].bytes / SEGMENT_ENTRY)
			return bad(e, "segment");
	}
	return 0;
}

static int get_inline(struct rd *r, struct vaultstate *s, struct err *e)
{
	struct segment seg;

	s->inline_n = rd_u32(r);
	if (r->failed || s->inline_n > VAULTSTATE_INLINE_MAX)
		return bad(e, "size of the index");
	rd_copy(r, s->inline_segment, s->inline_n);
	if (r->failed)
		return bad(e, "index");
	return s->inline_n ? segment_open(&seg, s->inline_segment, s->inline_n, e)
			   : 0;
}

/* What follows the signature must be zeros. */
static int get_padding(struct rd *r)
{
	struct span s = rd_bytes(r, r->n);
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i])
			return HUB_ECORRUPT;
	return 0;
}

static int get_body(struct rd *r, struct vaultstate *s, struct err *e)
{
	unsigned kind;
	int rc;

	s->time = rd_u64(r);
	kind = rd_u8(r);
	s->kind = (enum vaultstate_kind)kind;
	rd_copy(r, s->device, 16);
	s->device_seq = rd_u64(r);
	if (r->failed || kind < 1 || kind > 4 || !s->device_seq)
		return bad(e, "kind or device");
	rc = cert_chain_decode(&s->chain, r, e);
	if (rc == 0 && s->chain.n < 1)
		rc = bad(e, "chain of certificates");
	if (rc == 0)
		rc = get_vector(r, s, e);
	if (rc == 0 && get_obj(r, &s->refs) < 0)
		rc = bad(e, "refs");
	s->settled_packs = rd_u64(r);
	s->settled_bytes = rd_u64(r);
	if (rc == 0)
		rc = get_recent(r, s, e);
	if (rc == 0 && get_obj(r, &s->list) < 0)
		rc = bad(e, "segment list");
	if (rc == 0)
		rc = get_inline(r, s, e);
	return rc;
}

int vaultstate_body_decode(struct vaultstate *ret, unsigned klass,
			   const void *p, size_t n, size_t *ret_body,
			   struct err *e)
{
	size_t used;
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = get_body(&r, ret, e);
	*ret_body = n - r.n;
	rd_copy(&r, ret->sig, 64);
	used = n - r.n;
	if (rc == 0 && (r.failed || get_padding(&r) < 0 ||
			class_for(used) != klass ||
			n != (1u << klass) - VAULTSTATE_HEAD - VAULTSTATE_TAG))
		rc = bad(e, "end");
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

/* ---- change vectors ---- */

int vaultstate_join(struct vaultstate *s, const struct vaultstate_vec *v,
		    size_t n, struct err *e)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (!v[i].n)
			continue;
		for (k = 0; k < s->vector_n; k++)
			if (memcmp(s->vector[k].device, v[i].device, 16) >= 0)
				break;
		if (k < s->vector_n &&
		    !memcmp(s->vector[k].device, v[i].device, 16)) {
			if (s->vector[k].n < v[i].n)
				s->vector[k].n = v[i].n;
			continue;
		}
		if (s->vector_n == VAULTSTATE_VECTOR_MAX)
			return err_set(e, HUB_ELIMIT, "more than %d devices",
				       VAULTSTATE_VECTOR_MAX);
		memmove(&s->vector[k + 1], &s->vector[k],
			(s->vector_n - k) * sizeof(*s->vector));
		s->vector[k] = v[i];
		s->vector_n++;
	}
	return 0;
}

int vaultstate_covers(const struct vaultstate_vec *a, size_t a_n,
		      const struct vaultstate_vec *b, size_t b_n)
{
	size_t i, k = 0;

	for (i = 0; i < b_n; i++) {
		while (k < a_n && memcmp(a[k].device, b[i].device, 16) < 0)
			k++;
		if (k == a_n || memcmp(a[k].device, b[i].device, 16) ||
		    a[k].n < b[i].n)
			return 0;
	}
	return 1;
}
