/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-fmt-sftpmsg.c - sftp's packets: every vector, made and read. */
#include <inttypes.h>
#include "fmt/sftpmsg.h"
#include "vec.h"

static const struct span handle = { (const uint8_t *)"\0\1\2\3", 4 };
static const struct span none = { NULL, 0 };

static struct span span(const char *s)
{
	struct span r = { (const uint8_t *)s, strlen(s) };

	return r;
}

/* The request that a vector has by its name. */
static void make(const char *name, struct buf *b)
{
#define IS(s) (!strcmp(name, "sftpmsg/ask-" s))
	if (IS("init"))
		sftpmsg_init(b);
	else if (IS("lstat"))
		sftpmsg_path(b, SFTPMSG_LSTAT, 1, "/a/b");
	else if (IS("stat"))
		sftpmsg_path(b, SFTPMSG_STAT, 2, "/");
	else if (IS("opendir"))
		sftpmsg_path(b, SFTPMSG_OPENDIR, UINT32_MAX, "/d\xc3\xa9");
	else if (IS("remove"))
		sftpmsg_path(b, SFTPMSG_REMOVE, 4, "f");
	else if (IS("rmdir"))
		sftpmsg_path(b, SFTPMSG_RMDIR, 5, "d");
	else if (IS("close"))
		sftpmsg_handle(b, SFTPMSG_CLOSE, 6, handle);
	else if (IS("readdir"))
		sftpmsg_handle(b, SFTPMSG_READDIR, 7, handle);
	else if (IS("open-read"))
		sftpmsg_open(b, 8, "/f", SFTPMSG_FOR_READ, 0);
	else if (IS("open-new"))
		sftpmsg_open(b, 9, "/f", SFTPMSG_FOR_WRITE | SFTPMSG_CREATE |
			     SFTPMSG_EXCLUSIVE, 0444);
	else if (IS("mkdir"))
		sftpmsg_mkdir(b, 10, "/d", 0777);
	else if (IS("rename"))
		sftpmsg_rename(b, 11, "/a", "/b");
	else if (IS("read"))
		sftpmsg_read(b, 12, handle, 0x123456789a, 32768);
	else if (IS("write"))
		sftpmsg_write(b, 13, handle, (uint64_t)1 << 40, "hello", 6);
	else if (IS("write-nothing"))
		sftpmsg_write(b, 13, handle, 0, "", 0);
	else if (IS("fsync"))
		sftpmsg_extended(b, 14, SFTPMSG_X_FSYNC, handle, none);
	else if (IS("posix-rename"))
		sftpmsg_extended(b, 15, SFTPMSG_X_POSIX_RENAME, span("/a"),
				 span("/b"));
	else if (IS("hardlink"))
		sftpmsg_extended(b, 17, SFTPMSG_X_HARDLINK, span("/a"),
				 span("/b"));
	else if (IS("statvfs"))
		sftpmsg_extended(b, 16, SFTPMSG_X_STATVFS, span("/"), none);
#undef IS
}

static void say_attrs(struct buf *b, const struct sftpmsg_attrs *a)
{
	buf_addf(b, " f=%u s=%" PRIu64 " p=%o m=%u%s%s", a->flags, a->size,
		 a->perm, a->mtime, sftpmsg_is_dir(a) ? " dir" : "",
		 sftpmsg_is_file(a) ? " file" : "");
}

static void say_names(struct buf *b, struct sftpmsg_reply *r)
{
	struct sftpmsg_name en;
	size_t i;

	while (sftpmsg_next(r, &en)) {
		buf_addstr(b, " [");
		for (i = 0; i < en.name.n && i < 60; i++)
			buf_addf(b, en.name.p[i] < 128 ? "%c" : "\\%02x",
				 en.name.p[i]);
		buf_addf(b, " s=%" PRIu64 "]", en.attrs.size);
	}
}

static void say(struct buf *b, struct sftpmsg_reply *r)
{
	uint64_t n;

	switch (r->type) {
	case SFTPMSG_STATUS:
		buf_addf(b, "status %u %u '%.*s'", r->id, r->status,
			 (int)r->text.n, r->text.n ? (const char *)r->text.p :
			 "");
		break;
	case SFTPMSG_ATTRS:
		buf_addf(b, "attrs %u", r->id);
		say_attrs(b, &r->attrs);
		break;
	case SFTPMSG_NAME:
		buf_addf(b, "names %u", r->id);
		say_names(b, r);
		break;
	default:
		buf_addf(b, "data %u %u %zu", (unsigned)r->type, r->id,
			 r->data.n);
		if (r->type != SFTPMSG_EXTENDED_REPLY)
			break;
		if (sftpmsg_free(r->data, &n) < 0)
			buf_addstr(b, " free=?");
		else
			buf_addf(b, " free=%" PRIu64, n);
	}
}

/* From a packet to what the vector says. */
static int read_one(const struct vec *v, struct buf *said, struct err *e)
{
	const uint8_t *p = (const uint8_t *)v->data.p;
	struct sftpmsg_reply r;
	unsigned can;
	uint32_t n;
	int rc;

	if (v->data.n < SFTPMSG_HEAD || sftpmsg_length(p, &n) < 0 ||
	    n != v->data.n - SFTPMSG_HEAD)
		return err_set(e, HUB_ECORRUPT, "no packet");
	p += SFTPMSG_HEAD;
	if (p[0] == SFTPMSG_HELLO) {
		rc = sftpmsg_hello(p, n, &can, e);
		if (rc == 0)
			buf_addf(said, "hello can=%u", can);
		return rc;
	}
	rc = sftpmsg_reply(&r, p, n, e);
	if (rc == 0)
		say(said, &r);
	return rc;
}

static void one(const struct vec *v)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int rc;

	if (!strncmp(v->name, "sftpmsg/ask-", 12)) {
		make(v->name, &b);
		ok(b.n == v->data.n && !memcmp(b.p, v->data.p, b.n), "%s",
		   v->name);
	} else {
		rc = read_one(v, &b, &e);
		ok(vec_expected(v, rc, &e), "%s", v->name);
		if (rc == 0 && !ok(!strcmp(b.p, v->rules), "... '%s'", b.p))
			printf("# expected '%s'\n", v->rules);
	}
	buf_release(&b);
}

int main(void)
{
	vec_each("sftpmsg", 90, one);
	return done();
}
