/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_delta.c - git's delta format (gitformat-pack(5)): sizes of base and
 * result, then copies from the base and literal bytes.
 *
 * Making one: the base's 16-byte blocks are put into a table by hash, first one
 * wins; the new content is looked up at every byte, a hit is extended both
 * ways.  Copies below COPY_MIN bytes are not worth it: their 4 to 7 bytes do
 * not compress, the text they stand for does, to a fifth.  Linear in time.
 */
#include <stdlib.h>

#include "repo/sink_internal.h"

#define BLOCK 16
#define COPY_MIN 32
#define COPY_MAX 0xffff
#define LITERAL_MAX 127
#define OP_MAX 8		/* bytes of the longest copy operation */

/* ---- making ---- */

static uint32_t block_hash(const uint8_t *p)
{
	uint64_t a, b;

	memcpy(&a, p, 8);
	memcpy(&b, p + 8, 8);
	a = (a * UINT64_C(0x9e3779b97f4a7c15)) ^
	    (b + 0x7f4a7c15) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return (uint32_t)(a >> 32 ^ a >> 47);
}

/* index_base(): table of offset + 1 of each block; 0: none. */
static int index_base(struct sink_content *b)
{
	size_t blocks = b->n / BLOCK, n = 64;

	while (n < blocks)
		n *= 2;
	b->index = calloc(n, sizeof(*b->index));
	if (!b->index)
		return HUB_ENOMEM;
	b->index_n = n;
	for (size_t i = blocks; i-- > 0; )
		b->index[block_hash(b->p + i * BLOCK) & (n - 1)] =
			(uint32_t)(i * BLOCK + 1);
	return 0;
}

/* same(): number of equal bytes at ${p} and ${q}, at most ${max}. */
static size_t same(const uint8_t *p, const uint8_t *q, size_t max)
{
	uint64_t x, y;
	size_t n = 0;

	for (; n + 8 <= max; n += 8) {
		memcpy(&x, p + n, 8);
		memcpy(&y, q + n, 8);
		if (x != y)
			break;
	}
	while (n < max && p[n] == q[n])
		n++;
	return n;
}

static void add_size(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_addch(b, (char)(v | 0x80));
	buf_addch(b, (char)v);
}

static void add_literals(struct buf *b, const uint8_t *p, size_t n)
{
	size_t k;

	for (; n; p += k, n -= k) {
		k = n < LITERAL_MAX ? n : LITERAL_MAX;
		buf_addch(b, (char)k);
		buf_add(b, p, k);
	}
}

static void add_copy(struct buf *b, size_t off, size_t len)
{
	uint8_t op[OP_MAX];
	size_t n, k;

	for (; len; off += n, len -= n) {
		n = len < COPY_MAX ? len : COPY_MAX;
		op[0] = 0x80;
		k = 1;
		for (int i = 0; i < 4; i++)
			if (off >> 8 * i & 0xff) {
				op[0] |= (uint8_t)(1 << i);
				op[k++] = (uint8_t)(off >> 8 * i);
			}
		for (int i = 0; i < 2; i++)
			if (n >> 8 * i & 0xff) {
				op[0] |= (uint8_t)(0x10 << i);
				op[k++] = (uint8_t)(n >> 8 * i);
			}
		buf_add(b, op, k);
	}
}

struct match { size_t back, len, from; };

/* match_at(): the copy that covers p[at]; 0 if there is none worth it. */
static int match_at(const struct sink_content *b, const uint8_t *p, size_t n,
		    size_t at, size_t done, struct match *m)
{
	size_t c = b->index[block_hash(p + at) & (b->index_n - 1)], back = 0;

	if (!c--)
		return 0;
	m->len = same(p + at, b->p + c, n - at < b->n - c ? n - at : b->n - c);
	if (m->len < BLOCK)
		return 0;
	while (back < at - done && back < c &&
	       p[at - back - 1] == b->p[c - back - 1])
		back++;
	m->back = back;
	m->len += back;
	m->from = c - back;
	return m->len >= COPY_MIN;
}

int sink_delta_make(struct sink_content *base, const void *content, size_t n,
		    size_t max, struct buf *ret)
{
	const uint8_t *p = content;
	size_t at = 0, done = 0;
	struct match m;

	if (base->n > UINT32_MAX - BLOCK)
		return 0;
	if (!base->index && index_base(base) < 0)
		return HUB_ENOMEM;
	buf_reset(ret);
	add_size(ret, base->n);
	add_size(ret, n);
	while (at + BLOCK <= n) {
		if (ret->n + (at - done) > max)
			return 0;
		if (!match_at(base, p, n, at, done, &m)) {
			at++;
			continue;
		}
		add_literals(ret, p + done, at - m.back - done);
		add_copy(ret, m.from, m.len);
		done = at = at - m.back + m.len;
	}
	if (ret->n + (n - done) > max)
		return 0;
	add_literals(ret, p + done, n - done);
	if (buf_error(ret))
		return HUB_ENOMEM;
	return ret->n <= max;
}

/* ---- applying ---- */

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

int sink_delta_makes(const struct sink_content *base, const struct buf *delta,
		     const void *content, size_t n)
{
	struct cur c = { (const uint8_t *)delta->p,
			 (const uint8_t *)delta->p + delta->n };
	const uint8_t *p = content, *from;
	uint64_t base_n, size, off, len, at = 0;

	if (size_of(&c, &base_n) < 0 || size_of(&c, &size) < 0 ||
	    base_n != base->n || size != n)
		return 0;
	for (; c.p < c.end; at += len) {
		uint8_t op = *c.p++;

		if (op & 0x80) {
			if (copy_op(&c, op, &off, &len) < 0 || off > base->n ||
			    len > base->n - off)
				return 0;
			from = base->p + off;
		} else {
			len = op;
			if (op == 0 || op > c.end - c.p)
				return 0;
			from = c.p;
			c.p += op;
		}
		if (len > n - at || memcmp(p + at, from, (size_t)len) != 0)
			return 0;
	}
	return at == n;
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
