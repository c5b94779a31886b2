/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink_pack_read.c - objects out of a pack that is not finished yet. */
#include "os/os_file.h"
#include "repo/sink_pack_internal.h"

/* by_offset(): the entry that starts there, or NULL. */
static const struct sink_entry *by_offset(const struct sink_pack *p,
					  uint64_t off)
{
	size_t lo = 0, hi = p->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (p->en[mid].off == off)
			return &p->en[mid];
		if (p->en[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

struct raw { int type; uint64_t size, back; size_t head; };

static int parse_head(const struct buf *b, struct raw *r)
{
	const uint8_t *s = (const uint8_t *)b->p;
	size_t i = 0;
	int shift = 4;

	if (b->n < 1)
		return HUB_ECORRUPT;
	r->type = s[0] >> 4 & 7;
	r->size = s[0] & 15;
	for (; s[i] & 0x80; shift += 7) {
		if (++i >= b->n || shift > 57)
			return HUB_ECORRUPT;
		r->size |= (uint64_t)(s[i] & 0x7f) << shift;
	}
	i++;
	r->back = 0;
	if (r->type == OFS_DELTA) {
		if (i >= b->n)
			return HUB_ECORRUPT;
		r->back = s[i] & 0x7f;
		while (s[i] & 0x80) {
			if (++i >= b->n || r->back > UINT64_MAX >> 9)
				return HUB_ECORRUPT;
			r->back = (r->back + 1) << 7 | (s[i] & 0x7f);
		}
		i++;
	}
	r->head = i;
	return 0;
}

/* read_entry(): the bytes of one entry as they stand in the pack. */
static int read_entry(struct sink_pack *p, const struct sink_entry *en,
		      struct buf *raw, struct raw *r, struct err *e)
{
	size_t i = (size_t)(en - p->en), got = 0;
	uint64_t end = i + 1 < p->n ? p->en[i + 1].off : sink_pack_end(p);
	size_t n = (size_t)(end - en->off);
	int rc;

	rc = sink_pack_flush(p, e);
	if (rc == 0 && p->rfd < 0)
		rc = os_open_read(p->path.p, &p->rfd, e);
	buf_reset(raw);
	if (rc == 0 && buf_grow(raw, n))
		rc = err_nomem(e);
	if (rc == 0)
		rc = os_pread(p->rfd, raw->p, n, en->off, &got, p->path.p, e);
	if (rc < 0)
		return rc;
	raw->n = got;
	if (got != n || parse_head(raw, r) < 0)
		return err_set(e, HUB_ECORRUPT, "'%s' does not hold what was "
			       "written to it", p->path.p);
	return 0;
}

/* read_at(): content of one entry; ${depth} bounds the chain of bases. */
static int read_at(struct sink_pack *p, const struct sink_entry *en, int depth,
		   enum obj_type *type, uint64_t max, struct buf *ret,
		   struct err *e)
{
	struct buf raw = BUF_INIT, base = BUF_INIT, delta = BUF_INIT;
	struct raw r = { 0 };
	int rc;

	rc = read_entry(p, en, &raw, &r, e);
	if (rc < 0)
		goto out;
	if (r.type != OFS_DELTA) {
		*type = (enum obj_type)r.type;
		rc = max && r.size > max
		     ? err_set(e, HUB_ELIMIT, "object of %llu bytes",
			       (unsigned long long)r.size)
		     : sink_inflate(raw.p + r.head, raw.n - r.head,
				    (size_t)r.size, ret, e);
		goto out;
	}
	rc = sink_inflate(raw.p + r.head, raw.n - r.head, (size_t)r.size,
			  &delta, e);
	if (rc < 0)
		goto out;
	en = depth > 0 ? by_offset(p, en->off - r.back) : NULL;
	rc = en ? read_at(p, en, depth - 1, type, 0, &base, e)
		: err_set(e, HUB_ECORRUPT, "'%s' has a delta without base",
			  p->path.p);
	if (rc == 0)
		rc = sink_delta_apply(&base, &delta, max, ret, e);
out:
	buf_release(&raw);
	buf_release(&base);
	buf_release(&delta);
	return rc;
}

int sink_pack_read(struct sink_pack *p, const struct oid *id,
		   enum obj_type *type, uint64_t max, struct buf *ret,
		   struct err *e)
{
	const struct sink_entry *en = sink_pack_find(p, id);
	struct oid got;
	int rc;

	if (!en)
		return HUB_EABSENT;
	rc = read_at(p, en, SINK_DEPTH_MAX, type, max, ret, e);
	if (rc < 0)
		return rc;
	if (repo_hash(*type, ret->p, ret->n, &got) < 0 || !oid_eq(&got, id))
		return err_set(e, HUB_ECORRUPT, "object %s was written to '%s' "
			       "and read back as %s: the disk or the memory is at "
			       "fault", oid_hex(id), p->path.p, oid_hex(&got));
	return 0;
}
