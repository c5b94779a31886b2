/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_loose.c - an object as a file of its own: objects/ab/cdef...
 *
 * A loose object is the zlib stream of "<type> <size>\0<content>".  What comes
 * in is the zlib stream of the content alone, as packs have it; instead of
 * compressing again, the header goes in front as one stored block:
 *
 *	78 01 | 00 LEN ~LEN header | <blocks of the content> | adler32 of both
 *
 * Order: temp file in the folder of the object, write, fsync, read-only,
 * rename; sink_loose_sync() then syncs the folders, each once.
 */
#include <libdeflate.h>

#include "base/hex.h"
#include "base/rd.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/sink_internal.h"

#define ADLER_BASE 65521
#define YOUNG_S 60

int sink_temp(struct buf *ret, const char *dir, const char *prefix,
	      struct err *e)
{
	uint8_t salt[8];

	os_random(salt, sizeof(salt));
	buf_reset(ret);
	buf_addf(ret, "%s/%s", dir, prefix);
	hex_add(ret, salt, sizeof(salt));
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* adler_join(): checksum of two strings from theirs; ${n}: the second's size. */
static uint32_t adler_join(uint32_t x, uint32_t y, uint64_t n)
{
	uint64_t a1 = x & 0xffff, a2 = y & 0xffff;
	uint64_t lo = a1 + a2 + ADLER_BASE - 1;
	uint64_t hi = (x >> 16) + (y >> 16) +
		      n % ADLER_BASE * (a1 + ADLER_BASE - 1);

	return (uint32_t)(hi % ADLER_BASE) << 16 | (uint32_t)(lo % ADLER_BASE);
}

/* compose(): the bytes of the file. */
static int compose(struct buf *out, const struct sink_item *it, struct err *e)
{
	const struct buf *d = &it->deflated;
	struct buf head = BUF_INIT;
	uint8_t block[7];
	uint32_t sum;

	if (d->n < 2 + 4 || (d->p[0] & 0x0f) != 8 || (d->p[1] & 0x20))
		BUG("not a zlib stream");
	buf_addf(&head, "%s %llu", repo_type_name(it->type),
		 (unsigned long long)it->size);
	buf_addch(&head, '\0');
	block[0] = 0x78;
	block[1] = 0x01;
	block[2] = 0;		/* stored, not the last */
	block[3] = (uint8_t)head.n;
	block[4] = 0;
	block[5] = (uint8_t)~head.n;
	block[6] = 0xff;
	sum = adler_join(libdeflate_adler32(1, head.p, head.n),
			 rd_be32((const uint8_t *)d->p + d->n - 4), it->size);
	buf_add(out, block, sizeof(block));
	buf_add(out, head.p, head.n);
	buf_add(out, d->p + 2, d->n - 6);
	buf_add_u32(out, sum);
	buf_release(&head);
	return buf_error(out) ? err_nomem(e) : 0;
}

static int write_new(const char *path, const struct buf *text, struct err *e)
{
	int fd = -1, rc, rc2;

	rc = os_create(path, 0, &fd, e);
	if (rc < 0)
		return rc;
	rc = os_write(fd, text->p, text->n, path, e);
	if (rc == 0)
		rc = os_protect(fd, path, e);
	if (rc == 0)
		rc = os_fsync(fd, path, e);
	rc2 = os_close(fd, path, rc < 0 ? NULL : e);
	return rc < 0 ? rc : rc2;
}

/* The folder's own name is made durable by sink_loose_sync(), with all of its
 * kind: also if it's young, as who made it may have been killed before that. */
static int make_folder(struct sink_loose *l, const char *dir, struct err *e)
{
	struct os_stat st;
	int rc = os_mkdir(dir, e);

	if (rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = os_stat(dir, &st, e);
		l->made |= !rc && st.mtime_ns / 1000000000 > os_now() - YOUNG_S;
		return rc;
	}
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = repo_mkdirs(l->r, dir, e);
	}
	l->made |= rc == 0;
	return rc;
}

int sink_loose_add(struct sink_loose *l, const struct sink_item *it,
		   struct err *e)
{
	struct buf dir = BUF_INIT, tmp = BUF_INIT, path = BUF_INIT;
	struct buf text = BUF_INIT;
	const char *hex = oid_hex(&it->id);
	int rc;

	buf_addf(&dir, "%sobjects/%.2s", l->r->commondir, hex);
	buf_addf(&path, "%s/%s", dir.p, hex + 2);
	if (buf_error(&dir) || buf_error(&path)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = compose(&text, it, e);
	if (rc == 0)
		rc = make_folder(l, dir.p, e);
	if (rc == 0)
		rc = sink_temp(&tmp, dir.p, "tmp_obj_", e);
	if (rc < 0)
		goto out;
	rc = write_new(tmp.p, &text, e);
	if (rc == 0)
		rc = os_rename(tmp.p, path.p, e);
	if (rc < 0)
		os_unlink(tmp.p, NULL);
	else
		l->touched[it->id.h[0] / 8] |= (uint8_t)(1 << it->id.h[0] % 8);
out:
	buf_release(&dir);
	buf_release(&tmp);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int sink_loose_sync(struct sink_loose *l, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc = 0;

	for (int i = 0; i < 256 && rc == 0; i++) {
		if (!(l->touched[i / 8] & 1 << i % 8))
			continue;
		buf_reset(&p);
		buf_addf(&p, "%sobjects/%02x/x", l->r->commondir, i);
		rc = buf_error(&p) ? err_nomem(e) : os_sync_parent(p.p, e);
	}
	buf_reset(&p);
	buf_addf(&p, "%sobjects/x", l->r->commondir);
	if (rc == 0 && l->made)
		rc = buf_error(&p) ? err_nomem(e) : os_sync_parent(p.p, e);
	buf_release(&p);
	return rc;
}
