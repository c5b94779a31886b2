/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mend.c - every file of objects is read: a loose object must be what its name
 * says, a pack what the checksum at its end says, an index that of its pack.
 */
#include "repo/mend.h"

#include <stdlib.h>
#include <string.h>
#include <libdeflate.h>

#include "base/hex.h"
#include "crypt/hash.h"
#include "os/os_file.h"
#include "repo/repo_internal.h"
#include "repo/sink.h"

#define PIECE 65536u
#define LOOSE_MAX (1u << 30)	/* bytes, deflated or not */
#define IDX_NAMES (8 + 256 * 4)
#define IDX_MAX (1u << 30)

/* ---- loose objects ---- */

/* ${used} of ${in_n} bytes were inflated to ${out}: is that the object ${id}? */
static int is_named(struct sha1 *s, const uint8_t *out, size_t n, size_t used,
		    size_t in_n, const uint8_t id[20])
{
	uint8_t sum[20];

	sha1_add(s, out, n);
	sha1_end(s, sum);
	return used == in_n && !memcmp(sum, id, 20);
}

/* Is the zlib stream ${in}, all of it, the object ${id}?  0, HUB_ECORRUPT,
 * HUB_ELIMIT, HUB_ENOMEM. */
static int is_object(const struct buf *in, const uint8_t id[20])
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	struct sha1 *s = sha1_new();
	uint64_t room = 4 * (uint64_t)in->n + PIECE;
	enum libdeflate_result z;
	size_t used = 0, n = 0;
	uint8_t *out = NULL;
	int rc = d && s ? HUB_ELIMIT : HUB_ENOMEM;

	for (; rc == HUB_ELIMIT && room <= LOOSE_MAX; room *= 4) {
		free(out);
		out = malloc((size_t)room);
		if (!out) {
			rc = HUB_ENOMEM;
			break;
		}
		z = libdeflate_zlib_decompress_ex(d, in->p, in->n, out,
						  (size_t)room, &used, &n);
		if (z != LIBDEFLATE_INSUFFICIENT_SPACE)
			rc = z == LIBDEFLATE_SUCCESS &&
				is_named(s, out, n, used, in->n, id) ?
				0 : HUB_ECORRUPT;
	}
	libdeflate_free_decompressor(d);
	sha1_free(s);
	free(out);
	return rc;
}

/* One that is larger than we can look at is left to git fsck. */
static int loose(const char *path, const uint8_t id[20], struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = os_read_file(path, LOOSE_MAX, &b, e);

	if (!rc)
		rc = is_object(&b, id);
	buf_release(&b);
	return rc == HUB_ELIMIT ? 0 : rc == HUB_ENOMEM ? err_nomem(e) : rc;
}

/* ---- packs ---- */

/* 0: the file ends with the SHA-1 of all before. */
static int pack_sum(const char *path, struct err *e)
{
	uint8_t *p = malloc(PIECE), sum[20], tail[20];
	struct sha1 *s = sha1_new();
	struct os_stat st;
	uint64_t at = 0;
	size_t n = 0, want;
	int fd = -1, rc = p && s ? os_open_read(path, &fd, e) : err_nomem(e);

	if (!rc)
		rc = os_fstat(fd, &st, path, e);
	if (!rc && st.size < 32)
		rc = HUB_ECORRUPT;
	while (!rc && at < st.size - 20) {
		want = st.size - 20 - at < PIECE ?
			(size_t)(st.size - 20 - at) : PIECE;
		rc = os_pread(fd, p, want, at, &n, path, e);
		if (!rc && (n != want || (!at && memcmp(p, "PACK", 4))))
			rc = HUB_ECORRUPT;
		if (!rc)
			sha1_add(s, p, n);
		at += want;
	}
	if (!rc)
		rc = os_pread(fd, tail, 20, st.size - 20, &n, path, e);
	if (!rc) {
		sha1_end(s, sum);
		rc = n != 20 || memcmp(sum, tail, 20) ? HUB_ECORRUPT : 0;
	}
	os_close(fd, path, NULL);
	sha1_free(s);
	free(p);
	return rc;
}

/* What the disk does not give is not known to be damaged: git fsck tells of it. */
static int unread(int rc, const struct err *why, struct err *e)
{
	return rc == HUB_EIO ? 0 : err_set(e, rc, "%s", why->msg);
}

static int one_pack(const char *stem, mend_fn fn, void *arg, struct err *e)
{
	struct buf p = BUF_INIT;
	struct err why = ERR_INIT;
	int rc;

	buf_addf(&p, "%s.pack", stem);
	rc = buf_error(&p) ? err_nomem(e) : pack_sum(p.p, &why);
	if (rc == HUB_ECORRUPT || rc == HUB_EABSENT) {
		rc = fn(arg, MEND_PACK, stem, e);
		goto out;
	}
	if (rc) {
		rc = unread(rc, &why, e);
		goto out;
	}
	buf_reset(&p);
	buf_addf(&p, "%s.idx", stem);
	rc = buf_error(&p) ? err_nomem(e) : repo_damage_pack(p.p, &why);
	if (rc == HUB_ECORRUPT || rc == HUB_EABSENT)
		rc = fn(arg, MEND_IDX, stem, e);
	else if (rc < 0)
		rc = unread(rc, &why, e);
out:
	buf_release(&p);
	return rc;
}

/* ---- all of them ---- */

struct each { mend_fn fn; void *arg; struct buf path; struct map stems; };

static int one_loose(struct each *c, const char *dir, const char *name,
		     struct err *e)
{
	struct err why = ERR_INIT;
	char hex[41];
	uint8_t id[20];
	int rc;

	if (strlen(name) != 38)
		return 0;
	memcpy(hex, dir, 2);
	memcpy(hex + 2, name, 39);
	if (hex_decode(id, 20, hex, 40) < 0)
		return 0;
	rc = loose(c->path.p, id, &why);
	if (rc == HUB_ECORRUPT)
		return c->fn(c->arg, MEND_LOOSE, c->path.p, e);
	if (rc == HUB_EABSENT)		/* packed meanwhile */
		return 0;
	return rc < 0 ? unread(rc, &why, e) : 0;
}

static int note_pack(struct each *c, const char *name, struct err *e)
{
	size_t n = strlen(name), cut;

	cut = n > 5 && !strcmp(name + n - 5, ".pack") ? 5 :
		n > 4 && !strcmp(name + n - 4, ".idx") ? 4 : 0;
	if (!cut || strncmp(name, "pack-", 5))
		return 0;
	return map_put(&c->stems, c->path.p, c->path.n - cut, c) ?
		err_nomem(e) : 0;
}

static int one_dir(struct each *c, const char *objects, const char *dir,
		   struct err *e)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	size_t n;
	int rc;

	buf_reset(&c->path);
	buf_addf(&c->path, "%s/%s", objects, dir);
	n = c->path.n;
	rc = buf_error(&c->path) ? err_nomem(e) :
		os_dir_open(c->path.p, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, e)) > 0) {
		buf_setlen(&c->path, n);
		buf_addf(&c->path, "/%s", name);
		rc = buf_error(&c->path) ? err_nomem(e) :
			dir[0] == 'p' ? note_pack(c, name, e) :
			one_loose(c, dir, name, e);
	}
	os_dir_close(d);
	return rc;
}

int mend_each(const char *objects, mend_fn fn, void *arg, struct err *e)
{
	struct each c = { fn, arg, BUF_INIT, MAP_INIT };
	struct map_slot *s;
	struct buf stem = BUF_INIT;
	char dir[3] = "00";
	size_t pos = 0;
	int i, rc = one_dir(&c, objects, "pack", e);

	while (!rc && (s = map_next(&c.stems, &pos))) {
		buf_reset(&stem);
		buf_add(&stem, s->key, s->n);
		rc = buf_error(&stem) ? err_nomem(e) :
			one_pack(stem.p, fn, arg, e);
	}
	for (i = 0; !rc && i < 256; i++) {
		uint8_t b = (uint8_t)i;

		hex_encode(dir, &b, 1);
		rc = one_dir(&c, objects, dir, e);
	}
	map_release(&c.stems);
	buf_release(&c.path);
	buf_release(&stem);
	return rc;
}

/* ---- what is whole in a damaged pack ---- */

int mend_salvage(struct repo *from, const char *idx, struct repo *scratch,
		 uint64_t *ret, char name[64], struct err *e)
{
	struct sink_stats st = { .objects = 0 };
	struct buf all = BUF_INIT, b = BUF_INIT;
	struct sink *s = NULL;
	enum obj_type type;
	struct oid id, got;
	size_t i, n = 0;
	int rc = os_read_file(idx, IDX_MAX, &all, e);

	*ret = 0;
	name[0] = '\0';
	if (!rc && (all.n < IDX_NAMES || memcmp(all.p, "\377tOc\0\0\0\2", 8)))
		rc = err_set(e, HUB_ECORRUPT, "'%s' is no index", idx);
	if (!rc)
		n = (all.n - IDX_NAMES) / 28;	/* more than there are names:
						   the rest is not found */
	if (!rc)
		rc = sink_open(scratch, SINK_PACK, &s, e);
	for (i = 0; !rc && i < n; i++) {
		memcpy(id.h, all.p + IDX_NAMES + 20 * i, OID_SIZE);
		rc = repo_read(from, &id, &type, 0, &b, NULL);
		if (!rc)
			rc = sink_put(s, type, b.p, b.n, &got, e);
		else if (rc == HUB_ENOMEM)
			err_nomem(e);
		else
			rc = 0;
	}
	if (!rc) {
		rc = sink_commit(s, &st, e);
		s = NULL;
	}
	sink_abort(s);
	if (!rc && st.objects) {
		*ret = st.objects;
		memcpy(name, "pack-", 5);
		memcpy(name + 5, st.pack, sizeof(st.pack));
	}
	buf_release(&all);
	buf_release(&b);
	return rc;
}

/* Put ${n} bytes that stand at ${to} over those of ${p}, which stand at ${at}. */
static void lay_over(uint8_t *p, size_t p_n, uint64_t at, const void *over,
		     size_t n, uint64_t to)
{
	const uint8_t *o = over;
	size_t i;

	for (i = 0; i < n; i++)
		if (to + i >= at && to + i < at + p_n)
			p[to + i - at] = o[i];
}

/* The pack with both ends as its index wants them.  Every object is verified as
 * it is read. */
static int copy_pack(int in, uint64_t size, int out, const struct buf *idx,
		     const char *what, struct err *e)
{
	uint8_t head[12] = { 'P', 'A', 'C', 'K', 0, 0, 0, 2 };
	uint8_t *p = malloc(PIECE);
	uint64_t at = 0;
	size_t n = 1;
	int rc = p ? 0 : err_nomem(e);

	memcpy(head + 8, idx->p + IDX_NAMES - 4, 4);
	while (!rc && at < size) {
		rc = os_pread(in, p, PIECE, at, &n, what, e);
		if (rc || !n)
			break;
		lay_over(p, n, at, head, sizeof(head), 0);
		lay_over(p, n, at, idx->p + idx->n - 40, 20, size - 20);
		rc = os_write(out, p, n, what, e);
		at += n;
	}
	free(p);
	return rc;
}

int mend_copy(const char *stem, const char *to, struct err *e)
{
	struct buf from = BUF_INIT, path = BUF_INIT, idx = BUF_INIT;
	struct os_stat st;
	int in = -1, out = -1, rc, closed;

	buf_addf(&from, "%s.idx", stem);
	buf_addf(&path, "%s.idx", to);
	rc = buf_error(&from) || buf_error(&path) ? err_nomem(e) :
		os_copy_file(from.p, path.p, e);
	if (!rc)
		rc = os_read_file(from.p, IDX_MAX, &idx, e);
	if (!rc && idx.n < IDX_NAMES + 40)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is no index", from.p);
	buf_setlen(&from, from.n - 4);
	buf_setlen(&path, path.n - 4);
	buf_addstr(&from, ".pack");
	buf_addstr(&path, ".pack");
	if (!rc)
		rc = buf_error(&from) || buf_error(&path) ? err_nomem(e) :
			os_open_read(from.p, &in, e);
	if (!rc)
		rc = os_fstat(in, &st, from.p, e);
	if (!rc && st.size < 32)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is no pack", from.p);
	if (!rc)
		rc = os_create(path.p, 0, &out, e);
	if (!rc)
		rc = copy_pack(in, st.size, out, &idx, path.p, e);
	os_close(in, from.p, NULL);
	closed = os_close(out, path.p, rc ? NULL : e);
	rc = rc ? rc : closed;
	buf_release(&from);
	buf_release(&path);
	buf_release(&idx);
	return rc;
}
