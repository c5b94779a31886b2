/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpmsg_reply.c - the answers of sftp, from bytes that a box sent.
 *
 * A packet is read whole or not at all: nothing may be missing, and nothing
 * stand behind.  One liberty, as all clients take it: a STATUS may end after its
 * number.  Listings are walked once here, so that sftpmsg_next() cannot fail.
 */
#include <string.h>
#include "fmt/sftpmsg.h"
#include "base/banned.h"

#define S_IFMT_BITS 0170000u
#define S_DIR 0040000u
#define S_FILE 0100000u
#define ATTRS_EXTENDED 0x80000000u
#define ATTRS_KNOWN (ATTRS_EXTENDED | 15u)
#define STATVFS_N 11

int sftpmsg_length(const uint8_t p[SFTPMSG_HEAD], uint32_t *ret)
{
	struct rd r;

	rd_init(&r, p, SFTPMSG_HEAD);
	*ret = rd_u32(&r);
	return *ret < 5 || *ret > SFTPMSG_PACKET_MAX ? HUB_ECORRUPT : 0;
}

static struct span string(struct rd *r)
{
	return rd_bytes(r, rd_u32(r));
}

static int is(struct span s, const char *word)
{
	return s.n == strlen(word) && !memcmp(s.p, word, s.n);
}

/* What the pair of an extension's name and value is to us. */
static unsigned offer(struct span name, struct span value)
{
	if (is(name, SFTPMSG_X_POSIX_RENAME) && is(value, "1"))
		return SFTPMSG_CAN_POSIX_RENAME;
	if (is(name, SFTPMSG_X_STATVFS) && is(value, "2"))
		return SFTPMSG_CAN_STATVFS;
	if (is(name, SFTPMSG_X_FSYNC) && is(value, "1"))
		return SFTPMSG_CAN_FSYNC;
	if (is(name, SFTPMSG_X_HARDLINK) && is(value, "1"))
		return SFTPMSG_CAN_HARDLINK;
	return 0;
}

int sftpmsg_hello(const void *p, size_t n, unsigned *ret_can, struct err *e)
{
	struct span name, value;
	unsigned can = 0;
	uint32_t version;
	struct rd r;
	uint8_t type;

	rd_init(&r, p, n);
	type = rd_u8(&r);
	version = rd_u32(&r);
	if (r.failed || type != SFTPMSG_HELLO)
		return err_set(e, HUB_ECORRUPT, "an sftp greeting of type %u",
			       type);
	if (version != SFTPMSG_VERSION)
		return err_set(e, HUB_EVERSION, "sftp version %u: hub speaks "
			       "%d", version, SFTPMSG_VERSION);
	while (!r.failed && r.n) {
		name = string(&r);
		value = string(&r);
		if (!r.failed)
			can |= offer(name, value);
	}
	if (rd_end(&r) < 0)
		return err_set(e, HUB_ECORRUPT, "an sftp greeting that is cut "
			       "off");
	*ret_can = can;
	return 0;
}

static void attrs(struct rd *r, struct sftpmsg_attrs *a)
{
	uint32_t i, pairs;

	memset(a, 0, sizeof(*a));
	a->flags = rd_u32(r);
	if (a->flags & ~ATTRS_KNOWN)
		r->failed = 1;
	if (a->flags & SFTPMSG_HAS_SIZE)
		a->size = rd_u64(r);
	if (a->flags & SFTPMSG_HAS_IDS)
		rd_u64(r);
	if (a->flags & SFTPMSG_HAS_PERM)
		a->perm = rd_u32(r);
	if (a->flags & SFTPMSG_HAS_TIMES) {
		rd_u32(r);
		a->mtime = rd_u32(r);
	}
	pairs = a->flags & ATTRS_EXTENDED ? rd_u32(r) : 0;
	for (i = 0; i < pairs && !r->failed; i++) {
		string(r);
		string(r);
	}
	a->flags &= ~ATTRS_EXTENDED;
}

/* One entry of a listing. */
static void entry(struct rd *r, struct sftpmsg_name *ret)
{
	ret->name = string(r);
	string(r);		/* as "ls -l" shows it: for people */
	attrs(r, &ret->attrs);
}

static int name_ok(struct span s)
{
	return s.p && s.n && s.n <= SFTPMSG_NAME_MAX &&
	       !memchr(s.p, '/', s.n) && !memchr(s.p, 0, s.n);
}

static int names(struct sftpmsg_reply *ret, struct rd *r, struct err *e)
{
	struct sftpmsg_name en;
	uint32_t i;

	ret->names = rd_u32(r);
	ret->rest = *r;
	for (i = 0; i < ret->names && !r->failed; i++) {
		entry(r, &en);
		if (!r->failed && !name_ok(en.name))
			return err_set(e, HUB_ECORRUPT, "an sftp listing with "
				       "a name that none can have: '%.*s'",
				       (int)(en.name.n < 80 ? en.name.n : 80),
				       (const char *)en.name.p);
	}
	return 0;
}

static int body(struct sftpmsg_reply *ret, struct rd *r, struct err *e)
{
	int rc = 0;

	switch (ret->type) {
	case SFTPMSG_STATUS:
		ret->status = rd_u32(r);
		if (r->n) {
			ret->text = string(r);
			string(r);	/* its language */
		}
		return 0;
	case SFTPMSG_HANDLE:
		ret->data = string(r);
		if (!ret->data.n || ret->data.n > SFTPMSG_HANDLE_MAX)
			r->failed = 1;
		return 0;
	case SFTPMSG_BYTES:
		ret->data = string(r);
		return 0;
	case SFTPMSG_NAME:
		rc = names(ret, r, e);
		return rc;
	case SFTPMSG_ATTRS:
		attrs(r, &ret->attrs);
		return 0;
	case SFTPMSG_EXTENDED_REPLY:
		ret->data = rd_bytes(r, r->n);
		return 0;
	default:
		return err_set(e, HUB_ECORRUPT, "an sftp answer of type %u",
			       (unsigned)ret->type);
	}
}

int sftpmsg_reply(struct sftpmsg_reply *ret, const void *p, size_t n,
		  struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	ret->type = rd_u8(&r);
	ret->id = rd_u32(&r);
	rc = body(ret, &r, e);
	if (rc == 0 && rd_end(&r) < 0)
		rc = err_set(e, HUB_ECORRUPT, "an sftp answer of type %u that "
			     "is cut off, or too long", (unsigned)ret->type);
	return rc;
}

int sftpmsg_next(struct sftpmsg_reply *r, struct sftpmsg_name *ret)
{
	if (!r->names)
		return 0;
	r->names--;
	entry(&r->rest, ret);
	return 1;
}

int sftpmsg_free(struct span data, uint64_t *ret)
{
	uint64_t v[STATVFS_N], unit, n;
	struct rd r;
	int i;

	rd_init(&r, data.p, data.n);
	for (i = 0; i < STATVFS_N; i++)
		v[i] = rd_u64(&r);
	if (rd_end(&r) < 0)
		return HUB_ECORRUPT;
	unit = v[1] ? v[1] : v[0];	/* f_frsize, f_bsize */
	n = v[4];			/* f_bavail */
	*ret = unit && n > UINT64_MAX / unit ? UINT64_MAX : n * unit;
	return 0;
}

int sftpmsg_is_dir(const struct sftpmsg_attrs *a)
{
	return (a->flags & SFTPMSG_HAS_PERM) &&
	       (a->perm & S_IFMT_BITS) == S_DIR;
}

int sftpmsg_is_file(const struct sftpmsg_attrs *a)
{
	return (a->flags & SFTPMSG_HAS_PERM) &&
	       (a->perm & S_IFMT_BITS) == S_FILE;
}
