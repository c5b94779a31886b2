/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_delta.c - git's delta format (gitformat-pack(5)): sizes of base and
 * result, then copies from the base and literal bytes.
 */
#include "repo/sink_internal.h"

struct cur { const uint8_t *p, *end; };

/* size_of(): little-endian, 7 bits a byte; -1 if it does not end. */
static int size_of(struct cur *c, uint64_t *ret)
{
	uint64_t v = 0;

	for (int shift = 0; c->p < c->end && shift < 63; shift += 7) {
		v |= (uint64_t)(*c->p & 0x7f) << shift;
		if (!(*c->p++ & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -1;
}

/* copy_op(): offset and length that follow the byte ${op}. */
static int copy_op(struct cur *c, uint8_t op, uint64_t *off, uint64_t *len)
{
	uint64_t v[2] = { 0, 0 };

	for (int i = 0; i < 7; i++) {
		if (!(op & 1 << i))
			continue;
		if (c->p == c->end)
			return -1;
		v[i / 4] |= (uint64_t)*c->p++ << 8 * (i % 4);
	}
	*off = v[0];
	*len = v[1] ? v[1] : 0x10000;
	return 0;
}

static int apply(struct cur *c, const struct buf *base, uint64_t size,
		 struct buf *ret)
{
	uint64_t off, len;
	uint8_t op;

	while (c->p < c->end) {
		op = *c->p++;
		if (op & 0x80) {
			if (copy_op(c, op, &off, &len) < 0 || off > base->n ||
			    len > base->n - off || len > size - ret->n)
				return -1;
			buf_add(ret, base->p + off, (size_t)len);
		} else {
			if (op == 0 || op > c->end - c->p || op > size - ret->n)
				return -1;
			buf_add(ret, c->p, op);
			c->p += op;
		}
	}
	return ret->n == size ? 0 : -1;
}

int sink_delta_apply(const struct buf *base, const struct buf *delta,
		     uint64_t max, struct buf *ret, struct err *e)
{
	struct cur c = { (const uint8_t *)delta->p,
			 (const uint8_t *)delta->p + delta->n };
	uint64_t from, size;

	buf_reset(ret);
	if (size_of(&c, &from) < 0 || size_of(&c, &size) < 0 || from != base->n)
		return err_set(e, HUB_ECORRUPT, "a delta does not fit its base");
	if (max && size > max)
		return err_set(e, HUB_ELIMIT, "object of %llu bytes",
			       (unsigned long long)size);
	/* a copy of 7 bytes makes at most 16 MiB */
	if (size / (UINT64_C(16) << 20) > delta->n)
		return err_set(e, HUB_ECORRUPT, "a delta lies about its size");
	if (buf_grow(ret, (size_t)size))
		return err_nomem(e);
	if (apply(&c, base, size, ret) < 0)
		return err_set(e, HUB_ECORRUPT, "a delta is damaged");
	return 0;
}
