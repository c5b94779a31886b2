/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.c - reading index segments, and the segment list.  Building and
 * merging them: segment_make.c.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/segment.h"

#define VERSION 1

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "index segment: bad %s", what);
}

/* Version and the three bytes behind it. */
static int head(struct rd *r, const char *what, struct err *e)
{
	uint8_t version = rd_u8(r);
	struct span zero = rd_bytes(r, 3);

	if (r->failed)
		return err_set(e, HUB_ECORRUPT, "%s: cut off", what);
	if (version != VERSION)
		return err_set(e, HUB_EVERSION, "%s of version %u: a newer hub "
			       "wrote it", what, (unsigned)version);
	if (zero.p[0] | zero.p[1] | zero.p[2])
		return err_set(e, HUB_ECORRUPT, "%s: bad head", what);
	return 0;
}

/* A counted array of records of ${size} bytes that ascend by their first 32. */
static int table(struct rd *r, size_t size, const uint8_t **ret, uint32_t *ret_n,
		 const char *what, struct err *e)
{
	uint32_t n = rd_u32(r), i;
	struct span s;

	if (r->failed || n > r->n / size)
		return bad(e, what);
	s = rd_bytes(r, n * size);
	for (i = 1; i < n; i++)
		if (memcmp(s.p + (i - 1) * size, s.p + i * size, 32) >= 0)
			return bad(e, what);
	*ret = s.p;
	*ret_n = n;
	return 0;
}

static int check_packs(const struct segment *s, struct err *e)
{
	struct segment_pack p;
	uint32_t i;

	for (i = 0; i < s->packs_n; i++) {
		segment_pack(s, i, &p);
		if (!pack_class_ok(p.klass) ||
		    (p.kind != PACK_DATA && p.kind != PACK_META) ||
		    s->packs[i * SEGMENT_PACK + 34] ||
		    s->packs[i * SEGMENT_PACK + 35])
			return bad(e, "pack");
	}
	for (i = 0; i < s->drops_n; i++)
		if (segment_find_pack(s, s->drops + i * SEGMENT_DROP) >= 0)
			return bad(e, "drop of a pack that it names");
	return 0;
}

static int check_entries(const struct segment *s, struct err *e)
{
	struct segment_entry en;
	uint32_t i;

	for (i = 0; i < s->entries_n; i++) {
		const uint8_t *p = s->entries + (size_t)i * SEGMENT_ENTRY;
		const uint8_t *pk;
		uint64_t size;

		segment_entry(s, i, &en);
		if (p[50] || p[51] || en.pack >= s->packs_n)
			return bad(e, "entry");
		pk = s->packs + (size_t)en.pack * SEGMENT_PACK;
		size = (uint64_t)1 << pk[32];
		if (pack_entry_check(&en.at, (enum pack_kind)pk[33]) < 0 ||
		    en.at.at < PACK_HEAD ||
		    (uint64_t)en.at.at + en.at.stored > size)
			return bad(e, "entry");
	}
	return 0;
}

int segment_open(struct segment *ret, const void *p, size_t n, struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (n > SEGMENT_MAX)
		return bad(e, "size");
	rd_init(&r, p, n);
	rc = head(&r, "index segment", e);
	if (rc == 0)
		rc = table(&r, SEGMENT_PACK, &ret->packs, &ret->packs_n,
			   "list of packs", e);
	if (rc == 0)
		rc = table(&r, SEGMENT_DROP, &ret->drops, &ret->drops_n,
			   "list of drops", e);
	if (rc == 0)
		rc = table(&r, SEGMENT_ENTRY, &ret->entries, &ret->entries_n,
			   "list of entries", e);
	if (rc == 0 && rd_end(&r) < 0)
		rc = bad(e, "end");
	if (rc == 0)
		rc = check_packs(ret, e);
	if (rc == 0)
		rc = check_entries(ret, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

void segment_pack(const struct segment *s, uint32_t i, struct segment_pack *ret)
{
	const uint8_t *p = s->packs + (size_t)i * SEGMENT_PACK;

	memcpy(ret->id, p, 32);
	ret->klass = p[32];
	ret->kind = p[33];
	ret->named = rd_be64(p + 36);
}

void segment_drop(const struct segment *s, uint32_t i, struct segment_drop *ret)
{
	const uint8_t *p = s->drops + (size_t)i * SEGMENT_DROP;

	memcpy(ret->id, p, 32);
	ret->time = rd_be64(p + 32);
}

void segment_entry(const struct segment *s, uint32_t i,
		   struct segment_entry *ret)
{
	const uint8_t *p = s->entries + (size_t)i * SEGMENT_ENTRY;

	memcpy(ret->at.name, p, 32);
	ret->pack = rd_be32(p + 32);
	ret->at.at = rd_be32(p + 36);
	ret->at.stored = rd_be32(p + 40);
	ret->at.plain = rd_be32(p + 44);
	ret->at.codec = p[48];
	ret->at.type = p[49];
}

static int64_t find(const uint8_t *p, size_t n, size_t size,
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

int64_t segment_find(const struct segment *s, const uint8_t name[32])
{
	return find(s->entries, s->entries_n, SEGMENT_ENTRY, name);
}

int64_t segment_find_pack(const struct segment *s, const uint8_t id[32])
{
	return find(s->packs, s->packs_n, SEGMENT_PACK, id);
}

int64_t segment_find_drop(const struct segment *s, const uint8_t id[32])
{
	return find(s->drops, s->drops_n, SEGMENT_DROP, id);
}

/* ---- the list ---- */

void segment_ref_add(struct buf *out, const struct segment_ref *r)
{
	buf_add(out, r->name, 32);
	buf_add(out, r->pack, 32);
	buf_add_u32(out, r->entries);
	buf_add_u32(out, r->bytes);
}

void segment_ref_get(struct segment_ref *ret, const uint8_t p[SEGMENT_REF])
{
	memcpy(ret->name, p, 32);
	memcpy(ret->pack, p + 32, 32);
	ret->entries = rd_be32(p + 64);
	ret->bytes = rd_be32(p + 68);
}

void segment_list_encode(struct buf *out, const struct segment_ref *refs,
			 size_t n)
{
	size_t i;

	if (n > SEGMENT_REFS_MAX)
		BUG("a list of %zu segments", n);
	buf_add_u32(out, (uint32_t)VERSION << 24);
	buf_add_u32(out, (uint32_t)n);
	for (i = 0; i < n; i++)
		segment_ref_add(out, &refs[i]);
}

int segment_list_decode(struct segment_ref **ret, size_t *ret_n, const void *p,
			size_t n, struct err *e)
{
	struct segment_ref *all;
	struct span s;
	struct rd r;
	uint32_t count, i;
	int rc;

	*ret = NULL;
	*ret_n = 0;
	rd_init(&r, p, n);
	rc = head(&r, "segment list", e);
	if (rc < 0)
		return rc;
	count = rd_u32(&r);
	if (r.failed || count > SEGMENT_REFS_MAX ||
	    r.n != (size_t)count * SEGMENT_REF)
		return err_set(e, HUB_ECORRUPT, "segment list: bad size");
	all = calloc(count ? count : 1, sizeof(*all));
	if (!all)
		return err_nomem(e);
	for (i = 0; i < count; i++) {
		s = rd_bytes(&r, SEGMENT_REF);
		segment_ref_get(&all[i], s.p);
		if (all[i].bytes < SEGMENT_EMPTY ||
		    all[i].bytes > SEGMENT_MAX ||
		    all[i].entries > all[i].bytes / SEGMENT_ENTRY) {
			free(all);
			return err_set(e, HUB_ECORRUPT, "segment list: bad "
				       "segment");
		}
	}
	*ret = all;
	*ret_n = count;
	return 0;
}
