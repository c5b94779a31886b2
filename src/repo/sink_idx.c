/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_idx.c - the index of a pack, version 2 (gitformat-pack(5)):
 *
 *	"\377tOc", 2 | fan-out 256 x u32 | ids n x 20 | crc32 n x u32 |
 *	offsets n x u32 (top bit set: number in the next table) |
 *	offsets over 2^31 m x u64 | SHA-1 of the pack | SHA-1 of all before
 */
#include <stdlib.h>

#include "crypt/hash.h"
#include "os/os_file.h"
#include "repo/sink_internal.h"

#define FLUSH_AT (256u << 10)
#define BIG_OFFSET (UINT64_C(1) << 31)

struct out {
	int fd;
	const char *path;
	struct sha1 *sum;
	struct buf b;
	struct err *e;
	int rc;			/* sticky */
};

static void flush(struct out *o)
{
	if (o->rc == 0 && buf_error(&o->b))
		o->rc = err_nomem(o->e);
	if (o->rc < 0)
		return;
	sha1_add(o->sum, o->b.p, o->b.n);
	o->rc = os_write(o->fd, o->b.p, o->b.n, o->path, o->e);
	buf_reset(&o->b);
}

static void room(struct out *o)
{
	if (o->b.n >= FLUSH_AT)
		flush(o);
}

static int by_id(const void *a, const void *b)
{
	const struct sink_entry *x = a, *y = b;

	return memcmp(x->id, y->id, OID_SIZE);
}

static void fan_out(struct out *o, const struct sink_entry *en, size_t n)
{
	size_t i = 0;

	for (int c = 0; c < 256; c++) {
		while (i < n && en[i].id[0] <= c)
			i++;
		buf_add_u32(&o->b, (uint32_t)i);
	}
}

static void tables(struct out *o, const struct sink_entry *en, size_t n)
{
	uint32_t big = 0;

	for (size_t i = 0; i < n; i++, room(o))
		buf_add(&o->b, en[i].id, OID_SIZE);
	for (size_t i = 0; i < n; i++, room(o))
		buf_add_u32(&o->b, en[i].crc);
	for (size_t i = 0; i < n; i++, room(o))
		buf_add_u32(&o->b, en[i].off < BIG_OFFSET ? (uint32_t)en[i].off
				   : (uint32_t)BIG_OFFSET | big++);
	for (size_t i = 0; big && i < n; i++, room(o))
		if (en[i].off >= BIG_OFFSET)
			buf_add_u64(&o->b, en[i].off);
}

int sink_idx_write(const char *path, struct sink_entry *en, size_t n,
		   const uint8_t pack_sum[20], struct err *e)
{
	struct out o = { .fd = -1, .path = path, .b = BUF_INIT, .e = e };
	uint8_t sum[20];
	int rc;

	o.sum = sha1_new();
	if (!o.sum) {
		o.rc = err_nomem(e);
		goto out;
	}
	o.rc = os_create(path, 0, &o.fd, e);
	qsort(en, n, sizeof(*en), by_id);
	buf_add(&o.b, "\377tOc\0\0\0\2", 8);
	fan_out(&o, en, n);
	tables(&o, en, n);
	buf_add(&o.b, pack_sum, 20);
	flush(&o);
	if (o.rc < 0)
		goto out;
	sha1_end(o.sum, sum);
	o.rc = os_write(o.fd, sum, 20, path, e);
	if (o.rc == 0)
		o.rc = os_protect(o.fd, path, e);
	if (o.rc == 0)
		o.rc = os_fsync(o.fd, path, e);
out:
	rc = os_close(o.fd, path, o.rc < 0 ? NULL : e);
	sha1_free(o.sum);
	buf_release(&o.b);
	return o.rc < 0 ? o.rc : rc;
}
