/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_pack.c - a pack that grows at its end (gitformat-pack(5)).
 *
 * Memory: 32 bytes per object, a hash table of 4 bytes per slot to find them
 * by name, and one write buffer.  Entries are never changed once appended, so
 * objects can be read back before the pack is finished.
 *
 * Order of sink_pack_finish(): last bytes, count into the header, checksum of
 * the whole file as it can be read back, fsync; index, fsync; both read-only;
 * rename the pack, then the index (which is what makes it visible), fsync of
 * the folder.  Temp files are called tmp_*, which git removes when old.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/map.h"
#include "crypt/hash.h"
#include "os/os_file.h"
#include "repo/sink_pack_internal.h"

#define OUT_MAX (512u << 10)
#define HEAD_SIZE 12
#define OBJECTS_MAX (1u << 31)
#define ENTRY_HEAD_MAX 32
int sink_pack_flush(struct sink_pack *p, struct err *e)
{
	int rc;

	rc = os_write(p->fd, p->out.p, p->out.n, p->path.p, e);
	if (rc < 0)
		return rc;
	p->written += p->out.n;
	buf_reset(&p->out);
	return 0;
}

int sink_pack_open(struct repo *r, struct sink_pack **ret, struct err *e)
{
	struct sink_pack *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return err_nomem(e);
	p->r = r;
	p->fd = p->rfd = -1;
	buf_init(&p->dir);
	buf_init(&p->path);
	buf_init(&p->out);
	rc = repo_path(&p->dir, r->commondir, "objects/pack", e);
	if (rc == 0)
		rc = repo_mkdirs(r, p->dir.p, e);
	if (rc == 0)
		rc = sink_temp(&p->path, p->dir.p, "tmp_pack_", e);
	if (rc == 0)
		rc = os_create(p->path.p, 0, &p->fd, e);
	if (rc < 0) {
		sink_pack_abort(p);
		return rc;
	}
	buf_add(&p->out, "PACK\0\0\0\2\0\0\0\0", HEAD_SIZE);
	*ret = p;
	return 0;
}

static void pack_free(struct sink_pack *p)
{
	os_close(p->fd, p->path.p, NULL);
	os_close(p->rfd, p->path.p, NULL);
	buf_release(&p->dir);
	buf_release(&p->path);
	buf_release(&p->out);
	free(p->en);
	free(p->slots);
	free(p);
}

void sink_pack_abort(struct sink_pack *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		os_unlink(p->path.p, NULL);
	pack_free(p);
}

/* ---- finding an entry ---- */

static size_t slot_of(const struct sink_pack *p, const uint8_t *id)
{
	uint64_t h;

	/* names are hashes already, but of content that others choose */
	memcpy(&h, id, sizeof(h));
	h = (h ^ map_seed) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 20) & (p->slots_n - 1);
}

const struct sink_entry *sink_pack_find(const struct sink_pack *p,
					const struct oid *id)
{
	size_t i;

	if (p->slots_n == 0)
		return NULL;
	for (i = slot_of(p, id->h); p->slots[i]; i = (i + 1) & (p->slots_n - 1))
		if (!memcmp(p->en[p->slots[i] - 1].id, id->h, OID_SIZE))
			return &p->en[p->slots[i] - 1];
	return NULL;
}

static void link_entry(struct sink_pack *p, size_t n)
{
	size_t i = slot_of(p, p->en[n].id);

	while (p->slots[i])
		i = (i + 1) & (p->slots_n - 1);
	p->slots[i] = (uint32_t)n + 1;
}

/* make_room(): for one more entry and its slot. */
static int make_room(struct sink_pack *p)
{
	size_t a;
	void *m;

	if (p->n == p->alloc) {
		a = p->alloc ? p->alloc * 2 : 1024;
		m = realloc(p->en, a * sizeof(*p->en));
		if (!m)
			return HUB_ENOMEM;
		p->en = m;
		p->alloc = a;
	}
	if ((p->n + 1) * 4 <= p->slots_n * 3)
		return 0;
	a = p->slots_n ? p->slots_n * 2 : 2048;
	m = calloc(a, sizeof(*p->slots));
	if (!m)
		return HUB_ENOMEM;
	free(p->slots);
	p->slots = m;
	p->slots_n = a;
	for (size_t i = 0; i < p->n; i++)
		link_entry(p, i);
	return 0;
}

int sink_pack_has(const struct sink_pack *p, const struct oid *id)
{
	return sink_pack_find(p, id) != NULL;
}

/* ---- adding ---- */

/* entry_head(): type and size; for a delta the way back to its base. */
static size_t entry_head(uint8_t out[ENTRY_HEAD_MAX], int type, uint64_t size,
			 uint64_t back)
{
	uint8_t rev[10];
	size_t n = 0, k = 0;

	out[n] = (uint8_t)(type << 4 | (size & 15));
	for (size >>= 4; size; size >>= 7) {
		out[n++] |= 0x80;
		out[n] = size & 0x7f;
	}
	n++;
	if (type != OFS_DELTA)
		return n;
	rev[k++] = back & 0x7f;
	while (back >>= 7)
		rev[k++] = (uint8_t)(0x80 | (--back & 0x7f));
	while (k)
		out[n++] = rev[--k];
	return n;
}

int sink_pack_add(struct sink_pack *p, const struct sink_item *it,
		  struct err *e)
{
	const struct sink_entry *base = NULL;
	struct sink_entry *en;
	uint8_t head[ENTRY_HEAD_MAX];
	uint64_t at = sink_pack_end(p);
	size_t n;
	int rc;

	if (!oid_is_zero(&it->base)) {
		base = sink_pack_find(p, &it->base);
		if (!base)
			return HUB_EABSENT;
	}
	if (p->n >= OBJECTS_MAX)
		return err_set(e, HUB_ELIMIT, "over %u objects in one pack",
			       OBJECTS_MAX);
	n = entry_head(head, base ? OFS_DELTA : (int)it->type, it->inflated,
		       base ? at - base->off : 0);
	if (make_room(p) < 0)
		return err_nomem(e);
	buf_add(&p->out, head, n);
	if (it->deflated.n < OUT_MAX) {
		buf_add(&p->out, it->deflated.p, it->deflated.n);
		if (buf_error(&p->out))
			return err_nomem(e);
	}
	rc = p->out.n < OUT_MAX && it->deflated.n < OUT_MAX ? 0 : sink_pack_flush(p, e);
	if (rc == 0 && it->deflated.n >= OUT_MAX) {
		rc = os_write(p->fd, it->deflated.p, it->deflated.n, p->path.p,
			      e);
		p->written += it->deflated.n;
	}
	if (rc < 0)
		return rc;
	en = &p->en[p->n];
	memcpy(en->id, it->id.h, OID_SIZE);
	en->off = at;
	en->crc = libdeflate_crc32(libdeflate_crc32(0, head, n),
				   it->deflated.p, it->deflated.n);
	link_entry(p, p->n++);
	return 0;
}

/* ---- the end ---- */

/* seal(): count into the header, checksum to the end, fsync. */
static int seal(struct sink_pack *p, uint8_t sum[20], struct err *e)
{
	struct sha1 *s = sha1_new();
	struct buf count = BUF_INIT;
	uint64_t at = 0;
	size_t got = 0;
	int rc;

	buf_add_u32(&count, (uint32_t)p->n);
	if (!s || buf_error(&count) || buf_grow(&p->out, OUT_MAX)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = sink_pack_flush(p, e);
	if (rc == 0)
		rc = os_pwrite(p->fd, count.p, 4, 8, p->path.p, e);
	if (rc == 0 && p->rfd < 0)
		rc = os_open_read(p->path.p, &p->rfd, e);
	for (; rc == 0 && at < p->written; at += got) {
		rc = os_pread(p->rfd, p->out.p, OUT_MAX, at, &got, p->path.p, e);
		if (rc == 0 && got == 0)
			rc = err_set(e, HUB_EIO, "'%s' is shorter than what was "
				     "written to it", p->path.p);
		sha1_add(s, p->out.p, got);
	}
	if (rc < 0)
		goto out;
	sha1_end(s, sum);
	rc = os_write(p->fd, sum, 20, p->path.p, e);
	if (rc == 0)
		rc = os_protect(p->fd, p->path.p, e);
	if (rc == 0)
		rc = os_fsync(p->fd, p->path.p, e);
out:
	sha1_free(s);
	buf_release(&count);
	return rc;
}

/* place(): rename pack and index to their final names. */
static int place(struct sink_pack *p, const char *idx, const char *hex,
		 struct err *e)
{
	struct buf to = BUF_INIT;
	int rc;

	buf_addf(&to, "%s/pack-%s.pack", p->dir.p, hex);
	rc = buf_error(&to) ? err_nomem(e) : os_rename(p->path.p, to.p, e);
	if (rc < 0)
		goto out;
	buf_setlen(&to, to.n - 4);
	buf_addstr(&to, "idx");
	rc = os_rename(idx, to.p, e);
	if (rc == 0)
		rc = os_sync_parent(to.p, e);
out:
	buf_release(&to);
	return rc;
}

int sink_pack_finish(struct sink_pack *p, struct sink_stats *st, struct err *e)
{
	struct buf idx = BUF_INIT;
	uint8_t sum[20];
	char hex[41];
	int rc;

	rc = seal(p, sum, e);
	if (rc == 0)
		rc = sink_temp(&idx, p->dir.p, "tmp_idx_", e);
	if (rc == 0)
		rc = sink_idx_write(idx.p, p->en, p->n, sum, e);
	if (rc == 0) {
		rc = os_close(p->fd, p->path.p, e);
		p->fd = -1;
	}
	if (rc == 0) {
		hex_encode(hex, sum, 20);
		rc = place(p, idx.p, hex, e);
	}
	if (rc == 0) {
		memcpy(st->pack, hex, sizeof(st->pack));
		st->bytes = p->written + 20;
	} else {
		os_unlink(p->path.p, NULL);
		if (idx.n)
			os_unlink(idx.p, NULL);
	}
	buf_release(&idx);
	pack_free(p);
	return rc;
}
