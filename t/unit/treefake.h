/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * treefake.h - repository and sink in memory, for tests of tree*.c: quick, and
 * they count.  Defines what tree*.c calls, so the linker takes these.  Objects
 * put into the sink are not seen by repo_read_as() until fake_commit().
 */
#ifndef T_TREEFAKE_H
#define T_TREEFAKE_H

#include "base/map.h"
#include "repo/tree_internal.h"
#include "tap.h"

struct repo { struct map objs; int reads; };
struct sink { struct repo *r; struct map objs; int puts; };

struct fake_obj { enum obj_type type; size_t n; char p[]; };

/* Any function of the bytes will do for a name. */
static void fake_hash(enum obj_type type, const void *p, size_t n,
		      struct oid *ret)
{
	uint64_t a = 1469598103934665603u + (unsigned)type, b = n;
	const uint8_t *s = p;
	size_t i;

	for (i = 0; i < n; i++) {
		a = (a ^ s[i]) * 1099511628211u;
		b = (b + s[i]) * 6364136223846793005u + (a >> 29);
	}
	memset(ret, 0x77, sizeof(*ret));
	memcpy(ret->h, &a, 8);
	memcpy(ret->h + 8, &b, 8);
	if (type == OBJ_TREE && !n)
		*ret = tree_empty_id;
}

static int fake_get(const struct map *m, const struct oid *id,
		    enum obj_type type, uint64_t max, struct buf *ret,
		    struct err *e)
{
	struct map_slot *slot = map_get(m, id->h, OID_SIZE);
	struct fake_obj *o;

	if (!slot)
		return err_set(e, HUB_EABSENT, "no %s", oid_hex(id));
	o = slot->value;
	if (o->type != type)
		return err_set(e, HUB_ECORRUPT, "other type");
	if (max && o->n > max)
		return err_set(e, HUB_ELIMIT, "too large");
	buf_reset(ret);
	buf_add(ret, o->p, o->n);
	return 0;
}

int repo_read_as(struct repo *r, const struct oid *id, enum obj_type type,
		 uint64_t max, struct buf *ret, struct err *e)
{
	r->reads++;
	return fake_get(&r->objs, id, type, max, ret, e);
}

int sink_read(struct sink *s, const struct oid *id, enum obj_type type,
	      uint64_t max, struct buf *ret, struct err *e)
{
	if (map_get(&s->objs, id->h, OID_SIZE))
		return fake_get(&s->objs, id, type, max, ret, e);
	return repo_read_as(s->r, id, type, max, ret, e);
}

static void fake_store(struct map *m, enum obj_type type, const void *p,
		       size_t n, const struct oid *id)
{
	struct fake_obj *o = malloc(sizeof(*o) + n);

	if (!o)
		abort();
	o->type = type;
	o->n = n;
	memcpy(o->p, p, n);
	if (map_put(m, id->h, OID_SIZE, o) < 0)
		abort();
}

int sink_put(struct sink *s, enum obj_type type, const void *p, size_t n,
	     struct oid *id, struct err *e)
{
	fake_hash(type, p, n, id);
	s->puts++;
	if (!map_get(&s->objs, id->h, OID_SIZE) &&
	    !map_get(&s->r->objs, id->h, OID_SIZE))
		fake_store(&s->objs, type, p, n, id);
	return 0;
}

/* fake_commit(): what is in the sink becomes visible in the repository. */
static void fake_commit(struct sink *s)
{
	struct map_slot *slot;
	size_t pos = 0;

	while ((slot = map_next(&s->objs, &pos)))
		if (map_put(&s->r->objs, slot->key, slot->n, slot->value) < 0)
			abort();
	map_release(&s->objs);
}

__attribute__((unused)) static void fake_release(struct repo *r)
{
	struct map_slot *slot;
	size_t pos = 0;

	while ((slot = map_next(&r->objs, &pos)))
		free(slot->value);
	map_release(&r->objs);
}

#endif
