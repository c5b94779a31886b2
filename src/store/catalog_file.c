/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog_file.c - one file of rows: opening, checking, looking up.
 *
 * Head and tail are checked when it is opened; each block of rows when it is
 * first touched, so that opening 500 MB costs nothing and nothing unchecked is
 * ever believed.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "store/catalog_internal.h"

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* Four lanes, multiplied and turned: every bit reaches the result. */
uint64_t catalog_sum(const void *p, size_t n)
{
	static const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h[4] = { k, k * 3, k * 5, k * 7 }, x, all;
	const uint8_t *q = p;
	int i;

	for (; n >= 32; n -= 32) {
		for (i = 0; i < 4; i++, q += 8) {
			memcpy(&x, q, 8);
			h[i] = (h[i] ^ x) * k;
			h[i] ^= h[i] >> 29;
		}
	}
	all = h[0] ^ (h[1] << 13 | h[1] >> 51) ^ (h[2] << 29 | h[2] >> 35) ^
	      (h[3] << 47 | h[3] >> 17);
	for (; n; n--, q++)
		all = (all ^ *q) * k;
	all ^= all >> 32;
	return all * k;
}

void catalog_row_get(struct segment_entry *ret, const uint8_t *p)
{
	uint32_t last = rd_be32(p + 44);

	memcpy(ret->at.name, p, 32);
	ret->pack = rd_be32(p + 32);
	ret->at.at = rd_be32(p + 36);
	ret->at.stored = rd_be32(p + 40);
	ret->at.plain = last >> 8;
	ret->at.codec = (uint8_t)(last >> 4 & 15);
	ret->at.type = (uint8_t)(last & 15);
}

void catalog_row_put(uint8_t *p, const struct segment_entry *en)
{
	_Static_assert(PACK_PLAIN_MAX < 1u << 24, "three bytes for the size");
	memcpy(p, en->at.name, 32);
	put_u32(p + 32, en->pack);
	put_u32(p + 36, en->at.at);
	put_u32(p + 40, en->at.stored);
	put_u32(p + 44, en->at.plain << 8 | (uint32_t)en->at.codec << 4 |
		en->at.type);
}

void catalog_pack_put(uint8_t *p, const struct segment_pack *pk)
{
	memcpy(p, pk->id, 32);
	p[32] = pk->klass;
	p[33] = pk->kind;
	p[34] = p[35] = 0;
	put_u32(p + 36, (uint32_t)(pk->named >> 32));
	put_u32(p + 40, (uint32_t)pk->named);
}

int64_t catalog_find_id(const uint8_t *p, size_t n, size_t size,
			const uint8_t id[32])
{
	size_t lo = 0, hi = n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = memcmp(p + mid * size, id, 32);
		if (c == 0)
			return (int64_t)mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

int catalog_is_dead(const struct catalog *c, const uint8_t id[32])
{
	return c->dead_n && catalog_find_id((const uint8_t *)c->dead, c->dead_n,
					    32, id) >= 0;
}

/* ---- open ---- */

static int damaged(const struct catalog_file *f, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "cache of the index: '%s' is damaged",
		       f->name);
}

/* The fan-out must lead into the rows, never down. */
static int check_fan(const struct catalog_file *f)
{
	uint64_t i, last = 0, n = (uint64_t)1 << f->bits;

	for (i = 0; i <= n; i++) {
		uint64_t at = rd_be32(f->fan + 4 * i);

		if (at < last || at > f->rows_n)
			return 0;
		last = at;
	}
	return last == f->rows_n && rd_be32(f->fan) == 0;
}

static int check(struct catalog_file *f, uint64_t rows, const uint8_t *want,
		 struct err *e)
{
	const uint8_t *p = f->map.p;
	uint64_t packs, blocks, fan, tail;
	uint8_t sum[HASH_SIZE];
	struct hash h;

	if (f->map.n < CATALOG_HEAD || memcmp(p, "VHrw\1", 5) ||
	    p[5] > CATALOG_BITS_MAX)
		return damaged(f, e);
	f->bits = p[5];
	f->rows_n = rd_be64(p + 8);
	packs = rd_be64(p + 16);
	if (f->rows_n != rows || rows > UINT32_MAX || packs > UINT32_MAX)
		return damaged(f, e);
	f->packs_n = (uint32_t)packs;
	blocks = (rows + CATALOG_BLOCK - 1) / CATALOG_BLOCK;
	fan = 4 * (((uint64_t)1 << f->bits) + 1);
	tail = CATALOG_HEAD + rows * CATALOG_ROW;
	if (f->map.n != tail + fan + packs * SEGMENT_PACK + blocks * 8)
		return damaged(f, e);
	hash_init(&h, NULL, 0);
	hash_add(&h, p, 24);
	hash_add(&h, p + tail, f->map.n - (size_t)tail);
	hash_end(&h, sum);
	if (memcmp(sum, p + 24, sizeof(sum)) ||
	    (want && memcmp(sum, want, sizeof(sum))))
		return damaged(f, e);
	f->check = p + 24;
	f->rows = p + CATALOG_HEAD;
	f->fan = p + tail;
	f->packs = f->fan + fan;
	f->sums = f->packs + packs * SEGMENT_PACK;
	if (!check_fan(f))
		return damaged(f, e);
	f->checked = calloc(blocks ? (size_t)blocks : 1, 1);
	return f->checked ? 0 : err_nomem(e);
}

int catalog_file_open(const char *dir, const char *name, uint64_t rows,
		      const uint8_t *want, struct catalog_file **ret,
		      struct err *e)
{
	struct catalog_file *f = calloc(1, sizeof(*f));
	struct buf path = BUF_INIT;
	int rc;

	if (!f)
		return err_nomem(e);
	memcpy(f->name, name, strlen(name) + 1);
	buf_addf(&path, "%s/%s", dir, name);
	if (buf_error(&path))
		rc = err_nomem(e);
	else
		rc = os_map_read(path.p, &f->map, e);
	if (rc == 0)
		rc = check(f, rows, want, e);
	buf_release(&path);
	if (rc < 0) {
		catalog_file_close(f);
		return rc == HUB_EABSENT ? HUB_ECORRUPT : rc;
	}
	os_map_random(&f->map);
	*ret = f;
	return 0;
}

void catalog_file_close(struct catalog_file *f)
{
	if (!f)
		return;
	os_map_drop(&f->map);
	free(f->checked);
	free(f->dead);
	free(f->sieve);
	free(f);
}

/* ---- look up ---- */

int catalog_file_block(struct catalog_file *f, uint64_t i, struct err *e)
{
	uint64_t b = i / CATALOG_BLOCK, first = b * CATALOG_BLOCK;
	uint64_t n = f->rows_n - first, k;
	struct segment_entry en;

	if (f->checked[b])
		return 0;
	if (n > CATALOG_BLOCK)
		n = CATALOG_BLOCK;
	if (catalog_sum(f->rows + first * CATALOG_ROW,
			(size_t)(n * CATALOG_ROW)) != rd_be64(f->sums + 8 * b))
		return damaged(f, e);
	for (k = first; k < first + n; k++) {
		catalog_row_get(&en, f->rows + k * CATALOG_ROW);
		if (en.pack >= f->packs_n)
			return damaged(f, e);
	}
	f->checked[b] = 1;
	return 0;
}

/* Names are evenly spread: where in the bucket should this one be? */
static uint64_t guess(const struct catalog_file *f, const uint8_t name[32],
		      uint64_t lo, uint64_t hi)
{
	uint64_t rest = rd_be64(name) << f->bits >> 32;

	return lo + ((hi - lo) * rest >> 32);
}

/* Narrow ${*lo} .. ${*hi} around the guess, in growing steps: 1 if the row at
 * ${*ret} is it. */
static int approach(struct catalog_file *f, const uint8_t name[32],
		    uint64_t *lo, uint64_t *hi, uint64_t *ret, struct err *e)
{
	uint64_t at = guess(f, name, *lo, *hi), step = 4;
	int c, rc, way = 0;

	while (*lo < *hi) {
		rc = catalog_file_block(f, at, e);
		if (rc < 0)
			return rc;
		*ret = at;
		c = memcmp(f->rows + at * CATALOG_ROW, name, 32);
		if (c == 0)
			return 1;
		if (c < 0)
			*lo = at + 1;
		else
			*hi = at;
		/* Turned round: it is between the last two. */
		if (way && way != (c < 0 ? 1 : -1))
			return 0;
		way = c < 0 ? 1 : -1;
		if (way > 0)
			at = *hi - *lo > step ? *lo + step : *hi - 1;
		else
			at = *hi - *lo > step ? *hi - step : *lo;
		step *= 2;
	}
	return 0;
}

static uint32_t bucket_of(const struct catalog_file *f, const uint8_t name[32])
{
	return f->bits ? rd_be32(name) >> (32 - f->bits) : 0;
}

void catalog_file_aim(const struct catalog_file *f, const uint8_t name[32])
{
	__builtin_prefetch(f->fan + 4 * (uint64_t)bucket_of(f, name));
}

void catalog_file_near(const struct catalog_file *f, const uint8_t name[32])
{
	uint64_t bucket = bucket_of(f, name);
	uint64_t lo = rd_be32(f->fan + 4 * bucket), hi = rd_be32(f->fan + 4 * bucket + 4);
	uint64_t at = guess(f, name, lo, hi);

	__builtin_prefetch(f->rows + at * CATALOG_ROW);
	__builtin_prefetch(f->checked + at / CATALOG_BLOCK);
}

int catalog_file_find(struct catalog_file *f, const uint8_t name[32],
		      struct catalog_at *ret, struct err *e)
{
	uint64_t bucket = bucket_of(f, name), at = 0;
	uint64_t lo = rd_be32(f->fan + 4 * bucket), hi = rd_be32(f->fan + 4 * bucket + 4);
	struct segment_entry en;
	int c, rc;

	if (f->sieve && !catalog_sieve_has(f, name))
		return 0;
	rc = approach(f, name, &lo, &hi, &at, e);
	while (rc == 0 && lo < hi) {
		at = lo + (hi - lo) / 2;
		rc = catalog_file_block(f, at, e);
		if (rc < 0)
			break;
		c = memcmp(f->rows + at * CATALOG_ROW, name, 32);
		if (c < 0)
			lo = at + 1;
		else if (c > 0)
			hi = at;
		else
			rc = 1;
	}
	if (rc == 0)
		catalog_sieve_miss(f);
	if (rc <= 0)
		return rc;
	catalog_row_get(&en, f->rows + at * CATALOG_ROW);
	if (f->dead && f->dead[en.pack])
		return 0;
	ret->at = en.at;
	ret->row = at;
	memcpy(ret->pack, f->packs + (size_t)en.pack * SEGMENT_PACK, 32);
	return 1;
}
