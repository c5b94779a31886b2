/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-place.h - the suite that every implementation of store/place.h must pass,
 * and a place in memory for tests.
 *
 *	place_suite(p, "folder")	p is empty, and is one of several handles
 *	place_suite_race(a, b)		two handles on the same empty place
 *	mem_place_new()			place_close() frees it
 */
#ifndef T_LIB_PLACE_H
#define T_LIB_PLACE_H

#include "os/os.h"
#include "store/place.h"
#include "tap.h"

/* ---- a place in memory ---- */

enum { MEM_STATE, MEM_PACK, MEM_SLOT, MEM_FORMAT, MEM_ASIDE };

struct mem_object {
	struct mem_object *next;
	int kind;
	uint8_t id[32];
	uint64_t seq;
	struct buf data;
};

struct mem_place {
	struct place place;	/* first */
	struct mem_object *all;
	int offline;		/* answers nothing */
	int fail_create;	/* the next states are not created: HUB_EIO */
	int lose;		/* states created that others get first */
	unsigned puts, gets;
};

static struct mem_object **mem_at(struct mem_place *m, int kind,
				  const void *id, size_t n, uint64_t seq)
{
	struct mem_object **o;

	for (o = &m->all; *o; o = &(*o)->next)
		if ((*o)->kind == kind && (*o)->seq == seq &&
		    !memcmp((*o)->id, id, n))
			break;
	return o;
}

/* mem_object(): what lies there, for tests that damage it; NULL. */
__attribute__((unused))
static struct mem_object *mem_object(struct place *p, int kind, const void *id,
				     size_t n, uint64_t seq)
{
	return *mem_at((struct mem_place *)p, kind, id, n, seq);
}

static int mem_look(struct mem_place *m, struct err *e)
{
	return m->offline ? err_set(e, HUB_EOFFLINE, "the memory is away") : 0;
}

static int mem_put(struct mem_place *m, int kind, const void *id, size_t n,
		   uint64_t seq, const void *p, size_t size)
{
	struct mem_object **at = mem_at(m, kind, id, n, seq), *o = *at;

	if (!o) {
		o = calloc(1, sizeof(*o));
		buf_init(&o->data);
		o->kind = kind;
		o->seq = seq;
		memcpy(o->id, id, n);
		o->next = m->all;
		m->all = o;
	}
	buf_reset(&o->data);
	buf_add(&o->data, p, size);
	return 0;
}

static int mem_get(struct mem_place *m, int kind, const void *id, size_t n,
		   uint64_t seq, struct buf *ret, struct err *e)
{
	struct mem_object *o = *mem_at(m, kind, id, n, seq);
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (!o)
		return err_set(e, HUB_EABSENT, "no such thing in memory");
	m->gets++;
	buf_add(ret, o->data.p, o->data.n);
	return 0;
}

static int mem_delete(struct mem_place *m, int kind, const void *id, size_t n,
		      uint64_t seq, struct err *e)
{
	struct mem_object **at = mem_at(m, kind, id, n, seq), *o = *at;
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (!o)
		return err_set(e, HUB_EABSENT, "no such thing in memory");
	*at = o->next;
	buf_release(&o->data);
	free(o);
	return 0;
}

static void mem_close(struct place *p)
{
	struct mem_place *m = (struct mem_place *)p;
	struct mem_object *o;

	while ((o = m->all)) {
		m->all = o->next;
		buf_release(&o->data);
		free(o);
	}
	free(m);
}

#define MEM struct mem_place *m = (struct mem_place *)p

static int mem_format_get(struct place *p, struct buf *ret, struct err *e)
{
	MEM;
	return mem_get(m, MEM_FORMAT, "", 0, 0, ret, e);
}

static int mem_format_put(struct place *p, const void *b, size_t n,
			  struct err *e)
{
	MEM;
	int rc = mem_look(m, e);

	if (rc == 0 && *mem_at(m, MEM_FORMAT, "", 0, 0))
		return err_set(e, HUB_ECONFLICT, "there is a format");
	return rc < 0 ? rc : mem_put(m, MEM_FORMAT, "", 0, 0, b, n);
}

static int mem_state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			    struct err *e)
{
	MEM;
	struct mem_object *o;
	uint64_t max = 0;
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	for (o = m->all; o; o = o->next)
		if (o->kind == MEM_STATE && o->seq > max)
			max = o->seq;
	*ret = max;
	return 0;
}

static int mem_state_get(struct place *p, uint64_t seq, struct buf *ret,
			 struct err *e)
{
	MEM;
	return mem_get(m, MEM_STATE, "", 0, seq, ret, e);
}

static int mem_state_create(struct place *p, uint64_t seq, const void *b,
			    size_t n, struct err *e)
{
	MEM;
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (n > PLACE_STATE_MAX)
		return err_set(e, HUB_ELIMIT, "too large a state");
	if (*mem_at(m, MEM_STATE, "", 0, seq))
		return err_set(e, HUB_ECONFLICT, "state exists");
	if (m->fail_create) {
		m->fail_create--;
		return err_set(e, HUB_EIO, "the memory is bad");
	}
	return mem_put(m, MEM_STATE, "", 0, seq, b, n);
}

static int mem_state_delete(struct place *p, uint64_t seq, struct err *e)
{
	MEM;
	return mem_delete(m, MEM_STATE, "", 0, seq, e);
}

static int mem_pack_put(struct place *p, const uint8_t id[32], const void *b,
			size_t n, enum place_put how, struct err *e)
{
	MEM;
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (n > PLACE_PACK_MAX)
		return err_set(e, HUB_ELIMIT, "too large a pack");
	if (how == PLACE_NEW && *mem_at(m, MEM_PACK, id, 32, 0))
		return 0;
	m->puts++;
	return mem_put(m, MEM_PACK, id, 32, 0, b, n);
}

static int mem_pack_get(struct place *p, const uint8_t id[32], uint64_t off,
			void *b, size_t n, struct err *e)
{
	MEM;
	struct mem_object *o = *mem_at(m, MEM_PACK, id, 32, 0);
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (!o)
		return err_set(e, HUB_EABSENT, "no such pack in memory");
	if (off > o->data.n || n > o->data.n - off)
		return err_set(e, HUB_ECORRUPT, "the pack is cut off");
	m->gets++;
	memcpy(b, o->data.p + off, n);
	return 0;
}

static int mem_pack_stat(struct place *p, const uint8_t id[32], uint64_t *ret,
			 struct err *e)
{
	MEM;
	struct mem_object *o = *mem_at(m, MEM_PACK, id, 32, 0);
	int rc = mem_look(m, e);

	if (rc < 0)
		return rc;
	if (!o)
		return err_set(e, HUB_EABSENT, "no such pack in memory");
	*ret = o->data.n;
	return 0;
}

static int mem_pack_each(struct place *p, place_pack_fn fn, void *arg,
			 struct err *e)
{
	MEM;
	struct mem_object *o;
	int rc = mem_look(m, e);

	for (o = m->all; o && rc >= 0; o = o->next)
		if (o->kind == MEM_PACK)
			rc = fn(arg, o->id, o->data.n, e);
	return rc < 0 ? rc : 0;
}

static int mem_pack_delete(struct place *p, const uint8_t id[32],
			   struct err *e)
{
	MEM;
	return mem_delete(m, MEM_PACK, id, 32, 0, e);
}

static int mem_slot_each(struct place *p, place_slot_fn fn, void *arg,
			 struct err *e)
{
	MEM;
	struct mem_object *o;
	int rc = mem_look(m, e);

	for (o = m->all; o && rc >= 0; o = o->next)
		if (o->kind == MEM_SLOT)
			rc = fn(arg, o->id, e);
	return rc < 0 ? rc : 0;
}

static int mem_slot_get(struct place *p, const uint8_t id[16],
			struct buf *ret, struct err *e)
{
	MEM;
	return mem_get(m, MEM_SLOT, id, 16, 0, ret, e);
}

static int mem_slot_put(struct place *p, const uint8_t id[16], const void *b,
			size_t n, struct err *e)
{
	MEM;
	int rc = mem_look(m, e);

	return rc < 0 ? rc : mem_put(m, MEM_SLOT, id, 16, 0, b, n);
}

static int mem_slot_delete(struct place *p, const uint8_t id[16],
			   struct err *e)
{
	MEM;
	return mem_delete(m, MEM_SLOT, id, 16, 0, e);
}

static int mem_flush(struct place *p, struct err *e)
{
	MEM;
	return mem_look(m, e);
}

static int mem_free_space(struct place *p, uint64_t *ret, struct err *e)
{
	*ret = UINT64_MAX;
	return 0;
}

static int mem_sweep(struct place *p, int64_t age_s, struct err *e)
{
	return 0;
}

/* What is put aside becomes another kind, with numbers from 1 on. */
static int mem_aside(struct place *p, enum place_what what, const uint8_t *id,
		     uint64_t seq, struct err *e)
{
	static const int kinds[] = { MEM_FORMAT, MEM_SLOT, MEM_STATE, MEM_PACK };
	static const size_t sizes[] = { 0, PLACE_SLOT_ID, 0, PLACE_PACK_ID };
	struct mem_object *o;
	uint64_t n = 1;
	int rc;
	MEM;

	rc = mem_look(m, e);
	if (rc < 0)
		return rc;
	o = *mem_at(m, kinds[what], id ? (const void *)id : "", sizes[what],
		    seq);
	if (!o && what != PLACE_STATE)
		return err_set(e, HUB_EABSENT, "nothing to put aside");
	while (*mem_at(m, MEM_ASIDE, "", 0, n))
		n++;
	if (o && (what != PLACE_STATE || o->data.n)) {
		o->kind = MEM_ASIDE;
		o->seq = n;
		memset(o->id, 0, sizeof(o->id));
	}
	return what == PLACE_STATE ? mem_put(m, MEM_STATE, "", 0, seq, "", 0)
				   : 0;
}

static const struct place_ops mem_ops = {
	mem_close, mem_format_get, mem_format_put, mem_state_newest,
	mem_state_get, mem_state_create, mem_state_delete, mem_pack_put,
	mem_pack_get, mem_pack_stat, mem_pack_each, mem_pack_delete,
	mem_slot_each, mem_slot_get, mem_slot_put, mem_slot_delete, mem_aside,
	mem_flush, mem_free_space, mem_sweep, NULL,
};

__attribute__((unused)) static struct place *mem_place_new(void)
{
	struct mem_place *m = calloc(1, sizeof(*m));

	m->place.ops = &mem_ops;
	m->place.name = "memory";
	return &m->place;
}

/* ---- the suite ---- */

struct suite_seen { int n; uint8_t last[32]; uint64_t bytes; };

static int suite_pack(void *arg, const uint8_t id[32], uint64_t size,
		      struct err *e)
{
	struct suite_seen *s = arg;

	s->n++;
	s->bytes += size;
	memcpy(s->last, id, 32);
	return 0;
}

static int suite_stop(void *arg, const uint8_t id[32], uint64_t size,
		      struct err *e)
{
	return err_set(e, HUB_ECANCEL, "stop");
}

static int suite_slot(void *arg, const uint8_t id[16], struct err *e)
{
	struct suite_seen *s = arg;

	s->n++;
	memcpy(s->last, id, 16);
	return 0;
}

static void suite_format(struct place *p)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	ok(p->ops->format_get(p, &b, &e) == HUB_EABSENT && b.n == 0,
	   "no format file yet");
	ok(p->ops->format_put(p, "abc\n", 4, &e) == 0, "format is put");
	ok(p->ops->format_put(p, "xyz\n", 4, &e) == HUB_ECONFLICT,
	   "... once only");
	ok(p->ops->format_get(p, &b, &e) == 0 && b.n == 4 &&
	   !memcmp(b.p, "abc\n", 4), "... and read");
	buf_release(&b);
}

static void suite_states(struct place *p)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	static char big[PLACE_STATE_MAX + 1];
	uint64_t n = 99, i;
	int rc = 0;

	ok(p->ops->state_newest(p, 0, &n, &e) == 0 && n == 0, "no state");
	n = 99;
	ok(p->ops->state_newest(p, 7, &n, &e) == 0 && n == 0,
	   "no state, with a hint");
	ok(p->ops->state_get(p, 1, &b, &e) == HUB_EABSENT && b.n == 0,
	   "state 1 is absent");
	ok(p->ops->state_create(p, 1, "one", 3, &e) == 0, "state 1 created");
	ok(p->ops->state_create(p, 1, "uno", 3, &e) == HUB_ECONFLICT,
	   "... once only");
	ok(p->ops->state_get(p, 1, &b, &e) == 0 && b.n == 3 &&
	   !memcmp(b.p, "one", 3), "... the first one stays");
	ok(p->ops->state_create(p, 2, big, PLACE_STATE_MAX, &e) == 0,
	   "the largest state");
	ok(p->ops->state_create(p, 3, big, PLACE_STATE_MAX + 1, &e) ==
	   HUB_ELIMIT, "a larger one is refused");
	ok(p->ops->state_newest(p, 1, &n, &e) == 0 && n == 2,
	   "... and not there");
	for (i = 3; i <= 40 && rc == 0; i++)
		rc = p->ops->state_create(p, i, &i, sizeof(i), &e);
	for (i = 0; rc == 0 && i <= 40; i++) {
		n = 0;
		rc = p->ops->state_newest(p, i, &n, &e);
		if (rc == 0 && n != 40)
			rc = -99;
	}
	ok(rc == 0, "the newest is found from every hint");
	ok(p->ops->state_newest(p, 41, &n, &e) == 0 && n == 40 &&
	   p->ops->state_newest(p, 1u << 30, &n, &e) == 0 && n == 40,
	   "... also from one that is not there");
	for (i = 1; i < 20 && rc == 0; i++)
		rc = p->ops->state_delete(p, i, &e);
	ok(rc == 0, "old states deleted");
	ok(p->ops->state_get(p, 5, &b, &e) == HUB_EABSENT, "... absent");
	ok(p->ops->state_delete(p, 5, &e) == HUB_EABSENT,
	   "... and cannot be deleted again");
	ok(p->ops->state_newest(p, 3, &n, &e) == 0 && n == 40 &&
	   p->ops->state_newest(p, 0, &n, &e) == 0 && n == 40,
	   "... the newest is found");
	for (i = 4094; i <= 4098 && rc == 0; i++)
		rc = p->ops->state_create(p, i, &i, sizeof(i), &e);
	ok(rc == 0 && p->ops->state_newest(p, 4094, &n, &e) == 0 && n == 4098 &&
	   p->ops->state_newest(p, 0, &n, &e) == 0 && n == 4098,
	   "states beyond 4096");
	buf_release(&b);
}

static void suite_packs(struct place *p)
{
	struct err e = ERR_INIT;
	struct suite_seen s = { 0, { 0 }, 0 };
	uint8_t id[32] = { 1, 2, 3 }, id2[32] = { 255, 9 };
	char data[5000], got[5000];
	uint64_t n = 0;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	ok(p->ops->pack_each(p, suite_pack, &s, &e) == 0 && s.n == 0,
	   "no packs");
	ok(p->ops->pack_stat(p, id, &n, &e) == HUB_EABSENT, "pack absent");
	ok(p->ops->pack_get(p, id, 0, got, 1, &e) == HUB_EABSENT,
	   "... it cannot be read");
	ok(p->ops->pack_delete(p, id, &e) == HUB_EABSENT, "... nor deleted");
	ok(p->ops->pack_put(p, id, data, 4096, PLACE_NEW, &e) == 0, "put");
	ok(p->ops->pack_put(p, id, data, 4096, PLACE_NEW, &e) == 0,
	   "... again");
	ok(p->ops->pack_stat(p, id, &n, &e) == 0 && n == 4096, "... size");
	rc = p->ops->pack_get(p, id, 0, got, 4096, &e);
	ok(rc == 0 && !memcmp(got, data, 4096), "... all of it");
	rc = p->ops->pack_get(p, id, 4000, got, 96, &e);
	ok(rc == 0 && !memcmp(got, data + 4000, 96), "... its end");
	ok(p->ops->pack_get(p, id, 4000, got, 97, &e) == HUB_ECORRUPT &&
	   p->ops->pack_get(p, id, 5000, got, 1, &e) == HUB_ECORRUPT,
	   "... beyond its end");
	ok(p->ops->flush(p, &e) == 0 && p->ops->flush(p, &e) == 0, "flush");
	data[0] ^= 1;
	ok(p->ops->pack_put(p, id, data, 4096, PLACE_NEW, &e) == 0 &&
	   p->ops->pack_get(p, id, 0, got, 1, &e) == 0 && got[0] != data[0],
	   "what is there is not put again");
	ok(p->ops->pack_put(p, id, data, 4096, PLACE_REPLACE, &e) == 0 &&
	   p->ops->pack_get(p, id, 0, got, 1, &e) == 0 && got[0] == data[0],
	   "... unless it must be");
	ok(p->ops->pack_put(p, id2, data, 5000, PLACE_NEW, &e) == 0, "two");
	ok(p->ops->pack_each(p, suite_pack, &s, &e) == 0 && s.n == 2 &&
	   s.bytes == 9096, "... are listed");
	ok(p->ops->pack_each(p, suite_stop, NULL, &e) == HUB_ECANCEL,
	   "... a listing can be ended");
	memset(&s, 0, sizeof(s));
	ok(p->ops->pack_delete(p, id, &e) == 0 &&
	   p->ops->pack_each(p, suite_pack, &s, &e) == 0 && s.n == 1 &&
	   !memcmp(s.last, id2, 32), "... one deleted");
	ok(p->ops->flush(p, &e) == 0, "flush after that");
}

/* After suite_packs() and suite_states(): pack 255,9 and state 4098 are there. */
static void suite_aside(struct place *p)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t id[32] = { 255, 9 };
	uint64_t n = 0;

	ok(p->ops->aside(p, PLACE_PACK, id, 0, &e) == 0 &&
	   p->ops->pack_stat(p, id, &n, &e) == HUB_EABSENT,
	   "a pack is put aside");
	ok(p->ops->aside(p, PLACE_PACK, id, 0, &e) == HUB_EABSENT,
	   "... only once");
	ok(p->ops->aside(p, PLACE_STATE, NULL, 4098, &e) == 0 &&
	   p->ops->state_get(p, 4098, &b, &e) == 0 && b.n == 0,
	   "a state is put aside: an empty one stays");
	ok(p->ops->aside(p, PLACE_STATE, NULL, 4098, &e) == 0, "... again");
	ok(p->ops->aside(p, PLACE_STATE, NULL, 4099, &e) == 0 &&
	   p->ops->state_newest(p, 4097, &n, &e) == 0 && n == 4099 &&
	   p->ops->state_create(p, 4099, "x", 1, &e) == HUB_ECONFLICT,
	   "one that is not there is taken by an empty one");
	buf_release(&b);
}

static void suite_slots(struct place *p)
{
	struct err e = ERR_INIT;
	struct suite_seen s = { 0, { 0 }, 0 };
	struct buf b = BUF_INIT;
	uint8_t id[16] = { 7, 7 };

	ok(p->ops->slot_each(p, suite_slot, &s, &e) == 0 && s.n == 0,
	   "no slots");
	ok(p->ops->slot_get(p, id, &b, &e) == HUB_EABSENT &&
	   p->ops->slot_delete(p, id, &e) == HUB_EABSENT, "slot absent");
	ok(p->ops->slot_put(p, id, "key", 3, &e) == 0 &&
	   p->ops->slot_get(p, id, &b, &e) == 0 && b.n == 3, "slot put");
	buf_reset(&b);
	ok(p->ops->slot_put(p, id, "other", 5, &e) == 0 &&
	   p->ops->slot_get(p, id, &b, &e) == 0 && b.n == 5 &&
	   !memcmp(b.p, "other", 5), "... and replaced");
	ok(p->ops->slot_each(p, suite_slot, &s, &e) == 0 && s.n == 1 &&
	   !memcmp(s.last, id, 16), "... listed");
	ok(p->ops->slot_delete(p, id, &e) == 0 &&
	   p->ops->slot_get(p, id, &b, &e) == HUB_EABSENT, "... deleted");
	buf_release(&b);
}

/* place_suite(): all of it, on an empty place. */
__attribute__((unused))
static void place_suite(struct place *p, const char *name)
{
	struct err e = ERR_INIT;
	uint64_t n = 0;

	printf("# %s\n", name);
	suite_format(p);
	suite_states(p);
	suite_packs(p);
	suite_slots(p);
	suite_aside(p);
	ok(p->ops->free_space(p, &n, &e) == 0 && n > 0, "free space");
	ok(p->ops->sweep(p, 0, &e) == 0, "sweep");
	ok(p->ops->state_newest(p, 0, &n, &e) == 0 && n == 4099,
	   "... takes nothing away");
}

#endif
