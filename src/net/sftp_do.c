/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftp_do.c - the verbs of sftp that wait for their own answer.
 *
 * Version 3 says "failure" for a name that is taken, a full disk and whatever
 * else: where it matters a second question tells them apart.
 */
#include <string.h>
#include "net/sftp.h"
#include "base/banned.h"

#define ROOM_MIN (64u << 10)	/* less than this is full */

/* A request that is waited for. */
struct one {
	struct sftp *s;
	enum sftpmsg_type want;
	const char *what;
	int done, rc;
	uint32_t status;
	struct sftpmsg_attrs attrs;
	struct sftp_handle *handle;
	struct buf *data;
	struct err why;
};

struct span sftp_span(const struct sftp_handle *h)
{
	struct span r = { h->p, h->n };

	return r;
}

static struct span text(const char *s)
{
	struct span r = { (const uint8_t *)s, strlen(s) };

	return r;
}

static const struct span none = { NULL, 0 };

static void answer(void *arg, struct sftpmsg_reply *r)
{
	struct one *o = arg;

	o->done = 1;
	o->rc = sftp_status(o->s, r, o->want, o->what, &o->why);
	if (r)
		o->status = r->status;
	if (o->rc < 0)
		return;
	o->attrs = r->attrs;
	if (o->handle) {
		memcpy(o->handle->p, r->data.p, r->data.n);
		o->handle->n = r->data.n;
	}
	if (o->data)
		buf_add(o->data, r->data.p, r->data.n);
}

static int begin(struct sftp *s, struct one *o, enum sftpmsg_type want,
		 const char *what, uint32_t *id, struct err *e)
{
	int rc = sftp_ready(s, e);

	o->s = s;
	o->want = want;
	o->what = what;
	*id = 0;
	if (rc == 0)
		*id = sftp_next(s, answer, o);
	return rc;
}

static int finish(struct one *o, struct err *e)
{
	while (!o->done)
		sftp_step(o->s, NULL);
	return o->rc < 0 ? err_set(e, o->rc, "%s", o->why.msg) : 0;
}

/* ---- by path ---- */

/* LSTAT, STAT, REMOVE, RMDIR. */
static int by_path(struct sftp *s, enum sftpmsg_type type,
		   enum sftpmsg_type want, const char *path, struct one *o,
		   struct err *e)
{
	uint32_t id;
	int rc = begin(s, o, want, path, &id, e);

	if (rc == 0) {
		sftpmsg_path(sftp_out(s), type, id, path);
		rc = finish(o, e);
	}
	return rc;
}

int sftp_stat(struct sftp *s, const char *path, int follow,
	      struct sftpmsg_attrs *ret, struct err *e)
{
	struct one o = { .why = ERR_INIT };
	int rc = by_path(s, follow ? SFTPMSG_STAT : SFTPMSG_LSTAT,
			 SFTPMSG_ATTRS, path, &o, e);

	if (rc == 0)
		*ret = o.attrs;
	return rc;
}

int sftp_remove(struct sftp *s, const char *path, struct err *e)
{
	struct one o = { .why = ERR_INIT };

	return by_path(s, SFTPMSG_REMOVE, SFTPMSG_STATUS, path, &o, e);
}

int sftp_rmdir(struct sftp *s, const char *path, struct err *e)
{
	struct one o = { .why = ERR_INIT };

	return by_path(s, SFTPMSG_RMDIR, SFTPMSG_STATUS, path, &o, e);
}

/* ${rc} of something that needs the name ${path} free: was it taken? */
static int taken(struct sftp *s, int rc, const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct sftpmsg_attrs a;
	int there;

	if (rc != HUB_EIO)
		return rc;
	there = sftp_stat(s, path, 0, &a, &why);
	if (there == 0)
		return err_set(e, HUB_ECONFLICT, "'%s' exists", path);
	return there == HUB_EOFFLINE ? err_set(e, there, "%s", why.msg) : rc;
}

int sftp_mkdir(struct sftp *s, const char *path, struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc = begin(s, &o, SFTPMSG_STATUS, path, &id, e);

	if (rc < 0)
		return rc;
	sftpmsg_mkdir(sftp_out(s), id, path, 0777);
	return taken(s, finish(&o, e), path, e);
}

int sftp_rename(struct sftp *s, const char *from, const char *to,
		struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc = begin(s, &o, SFTPMSG_STATUS, to, &id, e);

	if (rc < 0)
		return rc;
	sftpmsg_rename(sftp_out(s), id, from, to);
	return taken(s, finish(&o, e), to, e);
}

int sftp_replace(struct sftp *s, const char *from, const char *to,
		 struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc;

	if (!(sftp_can(s) & SFTPMSG_CAN_POSIX_RENAME)) {
		rc = sftp_remove(s, to, e);
		if (rc == HUB_EABSENT) {
			err_clear(e);
			rc = 0;
		}
		return rc < 0 ? rc : sftp_rename(s, from, to, e);
	}
	rc = begin(s, &o, SFTPMSG_STATUS, to, &id, e);
	if (rc < 0)
		return rc;
	sftpmsg_extended(sftp_out(s), id, SFTPMSG_X_POSIX_RENAME, text(from),
			 text(to));
	return finish(&o, e);
}

int sftp_link(struct sftp *s, const char *from, const char *to, struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc = begin(s, &o, SFTPMSG_STATUS, to, &id, e);

	if (rc < 0)
		return rc;
	sftpmsg_extended(sftp_out(s), id, SFTPMSG_X_HARDLINK, text(from),
			 text(to));
	return taken(s, finish(&o, e), to, e);
}

int sftp_room(struct sftp *s, const char *path, uint64_t *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	struct one o = { .why = ERR_INIT, .data = &b };
	uint32_t id;
	int rc;

	*ret = UINT64_MAX;
	if (!(sftp_can(s) & SFTPMSG_CAN_STATVFS))
		return 0;
	rc = begin(s, &o, SFTPMSG_EXTENDED_REPLY, path, &id, e);
	if (rc == 0) {
		sftpmsg_extended(sftp_out(s), id, SFTPMSG_X_STATVFS,
				 text(path), none);
		rc = finish(&o, e);
	}
	if (rc == 0 && sftpmsg_free(buf_span(&b), ret) < 0)
		rc = err_set(e, HUB_EIO, "'%s': the box answers nonsense about "
			     "its free space", path);
	buf_release(&b);
	return rc;
}

int sftp_full(struct sftp *s, int rc, const char *path, uint64_t n,
	      struct err *e)
{
	uint64_t left = 0;

	if (rc != HUB_EIO || sftp_room(s, path, &left, NULL) < 0 ||
	    (left >= n && left >= ROOM_MIN))
		return rc;
	return err_set(e, HUB_ELIMIT, "'%s': no room left on the box", path);
}

/* ---- files ---- */

int sftp_open_file(struct sftp *s, const char *path, uint32_t how,
		   uint32_t mode, struct sftp_handle *ret, struct err *e)
{
	struct one o = { .why = ERR_INIT, .handle = ret };
	uint32_t id;
	int rc = begin(s, &o, SFTPMSG_HANDLE, path, &id, e);

	if (rc < 0)
		return rc;
	sftpmsg_open(sftp_out(s), id, path, how, mode);
	return finish(&o, e);
}

static void ignore(void *arg, struct sftpmsg_reply *r)
{
	(void)arg;
	(void)r;
}

int sftp_close_file(struct sftp *s, const struct sftp_handle *h,
		    const char *path, struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc;

	if (!h->n)
		return 0;
	if (!e) {
		rc = sftp_ready(s, NULL);
		if (rc == 0)
			sftpmsg_handle(sftp_out(s), SFTPMSG_CLOSE,
				       sftp_next(s, ignore, NULL),
				       sftp_span(h));
		return rc;
	}
	rc = begin(s, &o, SFTPMSG_STATUS, path, &id, e);
	if (rc < 0)
		return rc;
	sftpmsg_handle(sftp_out(s), SFTPMSG_CLOSE, id, sftp_span(h));
	return finish(&o, e);
}

int sftp_sync(struct sftp *s, const struct sftp_handle *h, const char *path,
	      struct err *e)
{
	struct one o = { .why = ERR_INIT };
	uint32_t id;
	int rc;

	if (!(sftp_can(s) & SFTPMSG_CAN_FSYNC))
		return 0;
	rc = begin(s, &o, SFTPMSG_STATUS, path, &id, e);
	if (rc < 0)
		return rc;
	sftpmsg_extended(sftp_out(s), id, SFTPMSG_X_FSYNC, sftp_span(h), none);
	return finish(&o, e);
}

/* Some bytes from ${off} on: their number, 0 at the end. */
static int read_some(struct sftp *s, const struct sftp_handle *h,
		     const char *path, uint64_t off, uint32_t n,
		     struct buf *ret, struct err *e)
{
	struct one o = { .why = ERR_INIT, .data = ret };
	size_t was = ret->n;
	uint32_t id;
	int rc = begin(s, &o, SFTPMSG_BYTES, path, &id, e);

	if (rc < 0)
		return rc;
	sftpmsg_read(sftp_out(s), id, sftp_span(h), off, n);
	rc = finish(&o, e);
	if (rc == HUB_EIO && o.status == SFTPMSG_EOF)
		return 0;
	if (rc == 0 && (ret->n == was || ret->n - was > n))
		rc = err_set(e, HUB_EIO, "'%s': the box sent %zu bytes for %u",
			     path, ret->n - was, n);
	return rc < 0 ? rc : (int)(ret->n - was);
}

int sftp_get(struct sftp *s, const char *path, size_t max, struct buf *ret,
	     struct err *e)
{
	struct sftp_handle h = { .n = 0 };
	size_t was = ret->n, want;
	int rc = sftp_open_file(s, path, SFTPMSG_FOR_READ, 0, &h, e), n = 1;

	while (rc == 0 && n > 0) {
		want = max + 1 - (ret->n - was);
		n = read_some(s, &h, path, ret->n - was, want < SFTPMSG_DATA ?
			      (uint32_t)want : SFTPMSG_DATA, ret, e);
		if (n < 0)
			rc = n;
		else if (ret->n - was > max)
			rc = err_set(e, HUB_ELIMIT, "'%s' has over %zu bytes",
				     path, max);
	}
	sftp_close_file(s, &h, path, NULL);
	if (rc == 0 && buf_error(ret))
		rc = err_nomem(e);
	if (rc < 0 && ret->n > was)
		buf_setlen(ret, was);
	return rc;
}

static int write_all(struct sftp *s, const struct sftp_handle *h,
		     const char *path, const uint8_t *p, size_t n,
		     struct err *e)
{
	size_t at = 0, k;
	uint32_t id;
	int rc = 0;

	for (at = 0; rc == 0 && at < n; at += k) {
		struct one o = { .why = ERR_INIT };

		k = n - at < SFTPMSG_DATA ? n - at : SFTPMSG_DATA;
		rc = begin(s, &o, SFTPMSG_STATUS, path, &id, e);
		if (rc < 0)
			break;
		sftpmsg_write(sftp_out(s), id, sftp_span(h), at, p + at, k);
		rc = finish(&o, e);
	}
	return rc;
}

int sftp_put(struct sftp *s, const char *path, const void *p, size_t n,
	     uint32_t mode, struct err *e)
{
	struct sftp_handle h = { .n = 0 };
	struct err why = ERR_INIT;
	int rc = sftp_open_file(s, path, SFTPMSG_FOR_WRITE | SFTPMSG_CREATE |
				SFTPMSG_EXCLUSIVE, mode, &h, e), rc2;

	if (rc < 0)
		return sftp_full(s, rc, path, n, e);
	rc = write_all(s, &h, path, p, n, e);
	if (rc == 0)
		rc = sftp_sync(s, &h, path, e);
	rc2 = sftp_close_file(s, &h, path, &why);
	if (rc == 0 && rc2 < 0)
		rc = err_set(e, rc2, "%s", why.msg);
	return rc < 0 ? sftp_full(s, rc, path, n, e) : 0;
}
