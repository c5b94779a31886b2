/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment_make.c - building index segments from their parts, and two into one.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "fmt/segment.h"

#define GONE UINT32_MAX		/* no index in the new list of packs */

static int too_large(struct err *e)
{
	return err_set(e, HUB_ELIMIT, "index segment over %u bytes",
		       SEGMENT_MAX);
}

static int finish(struct buf *out, size_t start, struct err *e)
{
	if (buf_error(out))
		return err_nomem(e);
	if (out->n - start <= SEGMENT_MAX)
		return 0;
	buf_setlen(out, start);
	return too_large(e);
}

static void add_pack(struct buf *out, const struct segment_pack *p)
{
	buf_add(out, p->id, 32);
	buf_add_u8(out, p->klass);
	buf_add_u8(out, p->kind);
	buf_add_u16(out, 0);
	buf_add_u64(out, p->named);
}

static void add_drop(struct buf *out, const struct segment_drop *d)
{
	buf_add(out, d->id, 32);
	buf_add_u64(out, d->time);
}

static void add_entry(struct buf *out, const struct segment_entry *en,
		      uint32_t pack)
{
	buf_add(out, en->at.name, 32);
	buf_add_u32(out, pack);
	buf_add_u32(out, en->at.at);
	buf_add_u32(out, en->at.stored);
	buf_add_u32(out, en->at.plain);
	buf_add_u8(out, en->at.codec);
	buf_add_u8(out, en->at.type);
	buf_add_u16(out, 0);
}

/* The count at ${at} becomes ${n}. */
static void set_count(struct buf *out, size_t at, uint32_t n)
{
	if (buf_error(out))
		return;
	out->p[at] = (char)(n >> 24);
	out->p[at + 1] = (char)(n >> 16);
	out->p[at + 2] = (char)(n >> 8);
	out->p[at + 3] = (char)n;
}

/* ---- from parts ---- */

/* What is sorted: where it stood, beside its key. */
struct sorted {
	const uint8_t *key;
	uint32_t i;
};

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int c = memcmp(x->key, y->key, 32);

	return c ? c : x->i < y->i ? -1 : x->i > y->i;
}

static struct sorted *sort(const void *p, size_t n, size_t size, size_t key_at)
{
	struct sorted *s = calloc(n ? n : 1, sizeof(*s));
	size_t i;

	for (i = 0; s && i < n; i++) {
		s[i].key = (const uint8_t *)p + i * size + key_at;
		s[i].i = (uint32_t)i;
	}
	if (s)
		qsort(s, n, sizeof(*s), by_key);
	return s;
}

static int same_key(const struct sorted *s, size_t a, size_t b)
{
	return !memcmp(s[a].key, s[b].key, 32);
}

/* The packs, each once; ${map} leads from the index given to the new one. */
static uint32_t put_packs(struct buf *out, const struct segment_pack *packs,
			  const struct sorted *s, size_t n, uint32_t *map)
{
	struct segment_pack p;
	uint32_t count = 0;
	size_t i, k;

	for (i = 0; i < n; i = k) {
		p = packs[s[i].i];
		for (k = i; k < n && same_key(s, i, k); k++) {
			if (packs[s[k].i].named < p.named)
				p.named = packs[s[k].i].named;
			map[s[k].i] = count;
		}
		add_pack(out, &p);
		count++;
	}
	return count;
}

static int is_named(const struct sorted *packs, size_t n, const uint8_t id[32])
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (memcmp(packs[mid].key, id, 32) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && !memcmp(packs[lo].key, id, 32);
}

static uint32_t put_drops(struct buf *out, const struct segment_drop *drops,
			  const struct sorted *s, size_t n,
			  const struct sorted *packs, size_t packs_n)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((i + 1 < n && same_key(s, i, i + 1)) ||
		    is_named(packs, packs_n, s[i].key))
			continue;
		add_drop(out, &drops[s[i].i]);
		count++;
	}
	return count;
}

static uint32_t put_entries(struct buf *out,
			    const struct segment_entry *entries,
			    const struct sorted *s, size_t n,
			    const uint32_t *map)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i + 1 < n && same_key(s, i, i + 1))
			continue;
		add_entry(out, &entries[s[i].i], map[entries[s[i].i].pack]);
		count++;
	}
	return count;
}

int segment_encode(struct buf *out, struct segment_pack *packs, size_t packs_n,
		   struct segment_drop *drops, size_t drops_n,
		   struct segment_entry *entries, size_t entries_n,
		   struct err *e)
{
	struct sorted *ps = NULL, *ds = NULL, *es = NULL;
	uint32_t *map = NULL;
	size_t at, start = out->n;
	int rc = 0;

	if (packs_n > SEGMENT_MAX / SEGMENT_PACK ||
	    drops_n > SEGMENT_MAX / SEGMENT_DROP ||
	    entries_n > SEGMENT_MAX / SEGMENT_ENTRY)
		return too_large(e);
	ps = sort(packs, packs_n, sizeof(*packs), 0);
	ds = sort(drops, drops_n, sizeof(*drops), 0);
	es = sort(entries, entries_n, sizeof(*entries),
		  offsetof(struct segment_entry, at.name));
	map = calloc(packs_n ? packs_n : 1, sizeof(*map));
	if (!ps || !ds || !es || !map) {
		rc = err_nomem(e);
		goto out;
	}
	buf_add_u32(out, 1u << 24);
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, put_packs(out, packs, ps, packs_n, map));
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, put_drops(out, drops, ds, drops_n, ps, packs_n));
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, put_entries(out, entries, es, entries_n, map));
	rc = finish(out, start, e);
out:
	free(ps);
	free(ds);
	free(es);
	free(map);
	return rc;
}

/* ---- two into one ---- */

/* The next of two sorted lists: < 0 from a, > 0 from b, 0 from both. */
static int next_of(const uint8_t *a, uint32_t i, uint32_t an,
		   const uint8_t *b, uint32_t k, uint32_t bn, size_t size)
{
	if (i == an)
		return 1;
	if (k == bn)
		return -1;
	return memcmp(a + (size_t)i * size, b + (size_t)k * size, 32);
}

static uint32_t merge_packs(struct buf *out, const struct segment *a,
			    const struct segment *b, uint32_t *map_a,
			    uint32_t *map_b)
{
	struct segment_pack p, q;
	uint32_t i = 0, k = 0, n = 0;
	int c;

	while (i < a->packs_n || k < b->packs_n) {
		c = next_of(a->packs, i, a->packs_n, b->packs, k, b->packs_n,
			    SEGMENT_PACK);
		if (c < 0) {
			segment_pack(a, i, &p);
			if (segment_find_drop(b, p.id) >= 0) {
				map_a[i++] = GONE;
				continue;
			}
			map_a[i++] = n;
		} else {
			segment_pack(b, k, &p);
			map_b[k++] = n;
			if (c == 0) {
				segment_pack(a, i, &q);
				map_a[i++] = n;
				if (q.named < p.named)
					p.named = q.named;
			}
		}
		add_pack(out, &p);
		n++;
	}
	return n;
}

static uint32_t merge_drops(struct buf *out, const struct segment *a,
			    const struct segment *b, uint64_t forget)
{
	struct segment_drop d;
	uint32_t i = 0, k = 0, n = 0;
	int c;

	while (i < a->drops_n || k < b->drops_n) {
		c = next_of(a->drops, i, a->drops_n, b->drops, k, b->drops_n,
			    SEGMENT_DROP);
		if (c < 0) {
			segment_drop(a, i++, &d);
			if (segment_find_pack(b, d.id) >= 0)
				continue;
		} else {
			segment_drop(b, k++, &d);
			i += c == 0;
		}
		if (d.time < forget)
			continue;
		add_drop(out, &d);
		n++;
	}
	return n;
}

static uint32_t merge_entries(struct buf *out, const struct segment *a,
			      const struct segment *b, const uint32_t *map_a,
			      const uint32_t *map_b)
{
	struct segment_entry en;
	uint32_t i = 0, k = 0, n = 0, pack;
	int c;

	while (i < a->entries_n || k < b->entries_n) {
		c = next_of(a->entries, i, a->entries_n, b->entries, k,
			    b->entries_n, SEGMENT_ENTRY);
		if (c < 0) {
			segment_entry(a, i++, &en);
			pack = map_a[en.pack];
			if (pack == GONE)
				continue;
		} else {
			segment_entry(b, k++, &en);
			pack = map_b[en.pack];
			i += c == 0;
		}
		add_entry(out, &en, pack);
		n++;
	}
	return n;
}

int segment_merge(struct buf *out, const struct segment *older,
		  const struct segment *newer, uint64_t forget, struct err *e)
{
	uint32_t *map_a = calloc(older->packs_n + 1, sizeof(*map_a));
	uint32_t *map_b = calloc(newer->packs_n + 1, sizeof(*map_b));
	size_t at, start = out->n;
	int rc = 0;

	if (!map_a || !map_b) {
		rc = err_nomem(e);
		goto out;
	}
	buf_add_u32(out, 1u << 24);
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, merge_packs(out, older, newer, map_a, map_b));
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, merge_drops(out, older, newer, forget));
	at = out->n;
	buf_add_u32(out, 0);
	set_count(out, at, merge_entries(out, older, newer, map_a, map_b));
	rc = finish(out, start, e);
out:
	free(map_a);
	free(map_b);
	return rc;
}
