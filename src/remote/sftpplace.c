/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace.c - a place on a box: opening and making it, its format file, its
 * key slots, its litter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

struct sftpplace *sftpplace_of(struct place *p)
{
	return (struct sftpplace *)p;
}

int sftpplace_pathf(const struct sftpplace *f, char out[FOLDER_PATH_MAX],
		    struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n, k;

	n = snprintf(out, FOLDER_PATH_MAX, "%s/", f->root);
	if (n < 0 || n >= FOLDER_PATH_MAX)
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'",
			       f->root);
	va_start(ap, fmt);
	k = vsnprintf(out + n, (size_t)(FOLDER_PATH_MAX - n), fmt, ap);
	va_end(ap);
	if (k < 0 || k >= FOLDER_PATH_MAX - n)
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'",
			       f->root);
	return 0;
}

int sftpplace_absent(struct sftpplace *f, int rc, struct err *e)
{
	struct err why = ERR_INIT;
	struct sftpmsg_attrs a;
	int there;

	if (rc != HUB_EABSENT)
		return rc;
	there = sftp_stat(f->s, f->root, 1, &a, &why);
	if (there == 0 && sftpmsg_is_dir(&a))
		return rc;
	if (there < 0 && there != HUB_EABSENT)
		return err_set(e, there, "%s", why.msg);
	return err_set(e, HUB_EOFFLINE, "'%s' is not there any more: is the "
		       "box's disk mounted?", f->name);
}

/* Is it the box that cannot, or this folder?  Its root is asked first. */
int sftpplace_sync_names(struct sftpplace *f, const char *dir, struct err *e)
{
	int rc;

	if (f->sync_names < 0 && !(sftp_can(f->s) & SFTPMSG_CAN_FSYNC))
		f->sync_names = 0;
	if (f->sync_names < 0) {
		rc = sftp_sync_dir(f->s, f->root, e);
		if (rc == HUB_EOFFLINE || rc == HUB_ECANCEL ||
		    rc == HUB_EABSENT)
			return rc;
		err_clear(e);
		f->sync_names = rc == 0;
	}
	return f->sync_names ? sftp_sync_dir(f->s, dir, e) : 0;
}

static int dir_sync(struct sftpplace *f, const char *sub, struct err *e)
{
	char dir[FOLDER_PATH_MAX];
	int rc = sftpplace_pathf(f, dir, e, "%s", sub);

	return rc < 0 ? rc : sftpplace_sync_names(f, dir, e);
}

int sftpplace_replace(struct sftpplace *f, const char *dir, const char *path,
		      const void *bytes, size_t n, struct err *e)
{
	char temp[FOLDER_PATH_MAX], name[32];
	int rc;

	folder_temp(name);
	rc = snprintf(temp, sizeof(temp), "%s/%s", dir, name);
	if (rc < 0 || rc >= (int)sizeof(temp))
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'", dir);
	/* Order: 1. content, durable  2. name  3. durable */
	rc = sftp_put(f->s, temp, bytes, n, 0666, e);
	if (rc == 0)
		rc = sftp_replace(f->s, temp, path, e);
	if (rc < 0) {
		sftp_remove(f->s, temp, NULL);
		return rc;
	}
	return sftpplace_sync_names(f, dir, e);
}

static void close_place(struct place *p)
{
	struct sftpplace *f = sftpplace_of(p);

	sftpplace_put_end(f, NULL);
	sftpplace_get_release(f);
	if (f->drop)
		f->drop(f->drop_arg);
	free(f->root);
	free(f->name);
	free(f);
}

/* ---- format ---- */

static int format_get(struct place *p, struct buf *ret, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = sftpplace_pathf(f, path, e, "format");

	if (rc == 0)
		rc = sftp_get(f->s, path, PLACE_FORMAT_MAX, ret, e);
	return sftpplace_absent(f, rc, e);
}

static int format_put(struct place *p, const void *bytes, size_t n,
		      struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	int rc;

	folder_temp(name);
	rc = sftpplace_pathf(f, path, e, "format");
	if (rc == 0)
		rc = sftpplace_pathf(f, temp, e, "%s", name);
	if (rc < 0)
		return rc;
	/* Order: 1. content  2. name, only where there is none  3. durable */
	rc = sftp_put(f->s, temp, bytes, n, 0666, e);
	if (rc == 0)
		rc = sftp_rename(f->s, temp, path, e);
	if (rc < 0)
		sftp_remove(f->s, temp, NULL);
	if (rc == 0)
		rc = sftpplace_sync_names(f, f->root, e);
	return sftpplace_absent(f, rc, e);
}

/* ---- slots ---- */

static int slot_path(const struct sftpplace *f, char path[FOLDER_PATH_MAX],
		     const uint8_t id[PLACE_SLOT_ID], struct err *e)
{
	char hex[2 * PLACE_SLOT_ID + 1];

	hex_encode(hex, id, PLACE_SLOT_ID);
	return sftpplace_pathf(f, path, e, "keys/%s", hex);
}

/* The ids first: the caller reads slots while it is told of them. */
static int note_slot(void *arg, const char *name,
		     const struct sftpmsg_attrs *a, struct err *e)
{
	struct buf *ids = arg;
	uint8_t id[PLACE_SLOT_ID];

	(void)a;
	(void)e;
	if (hex_decode(id, sizeof(id), name, strlen(name)) == 0)
		buf_add(ids, id, sizeof(id));
	return 0;
}

static int slot_each(struct place *p, place_slot_fn fn, void *arg,
		     struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	struct buf ids = BUF_INIT;
	size_t at;
	int rc = sftpplace_pathf(f, path, e, "keys");

	if (rc == 0)
		rc = sftp_list(f->s, path, note_slot, &ids, e);
	rc = sftpplace_absent(f, rc, e);
	if (rc == 0 && buf_error(&ids))
		rc = err_nomem(e);
	for (at = 0; rc == 0 && at < ids.n; at += PLACE_SLOT_ID)
		rc = fn(arg, (uint8_t *)ids.p + at, e);
	buf_release(&ids);
	return rc < 0 ? rc : 0;
}

static int slot_get(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    struct buf *ret, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0)
		rc = sftp_get(f->s, path, PLACE_SLOT_MAX, ret, e);
	return sftpplace_absent(f, rc, e);
}

static int slot_put(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		    const void *bytes, size_t n, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX], dir[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0)
		rc = sftpplace_pathf(f, dir, e, "keys");
	if (rc == 0 && n > PLACE_SLOT_MAX)
		rc = err_set(e, HUB_ELIMIT, "a key slot of %zu bytes", n);
	if (rc == 0)
		rc = sftpplace_replace(f, dir, path, bytes, n, e);
	return sftpplace_absent(f, rc, e);
}

static int slot_delete(struct place *p, const uint8_t id[PLACE_SLOT_ID],
		       struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = slot_path(f, path, id, e);

	if (rc == 0)
		rc = sftp_remove(f->s, path, e);
	if (rc == 0)
		rc = dir_sync(f, "keys", e);
	return sftpplace_absent(f, rc, e);
}

/* ---- litter ---- */

struct litter {
	struct buf names;	/* NUL after each */
	int64_t before;		/* seconds since 1970, by the box's clock */
	int all;
};

static int note_litter(void *arg, const char *name,
		       const struct sftpmsg_attrs *a, struct err *e)
{
	struct litter *l = arg;

	(void)e;
	if (l->all || (folder_is_temp(name) &&
		       (a->flags & SFTPMSG_HAS_TIMES) &&
		       (int64_t)a->mtime <= l->before))
		buf_add(&l->names, name, strlen(name) + 1);
	return 0;
}

int sftpplace_rmtree(struct sftpplace *f, const char *path, struct err *e)
{
	struct litter l = { .names = BUF_INIT, .all = 1 };
	char sub[FOLDER_PATH_MAX];
	const char *name;
	int rc = sftp_remove(f->s, path, NULL), n;

	if (rc == 0 || rc == HUB_EOFFLINE)
		return rc < 0 ? sftp_fault(f->s, e) : 0;
	rc = sftp_list(f->s, path, note_litter, &l, e);
	if (rc == 0 && buf_error(&l.names))
		rc = err_nomem(e);
	for (name = l.names.p; rc == 0 && name < l.names.p + l.names.n;
	     name += strlen(name) + 1) {
		n = snprintf(sub, sizeof(sub), "%s/%s", path, name);
		if (n > 0 && n < (int)sizeof(sub))
			rc = sftp_remove(f->s, sub, e);
	}
	buf_release(&l.names);
	return rc < 0 ? rc : sftp_rmdir(f->s, path, e);
}

/* What time it is on the box: the one that marks its files. */
static int box_now(struct sftpplace *f, int64_t *ret, struct err *e)
{
	char path[FOLDER_PATH_MAX], name[32];
	struct sftpmsg_attrs a;
	int rc;

	folder_temp(name);
	rc = sftpplace_pathf(f, path, e, "%s", name);
	if (rc == 0)
		rc = sftp_put(f->s, path, "", 0, 0666, e);
	if (rc < 0)
		return sftpplace_absent(f, rc, e);
	rc = sftp_stat(f->s, path, 0, &a, e);
	sftp_remove(f->s, path, NULL);
	if (rc == 0 && !(a.flags & SFTPMSG_HAS_TIMES))
		rc = err_set(e, HUB_EIO, "'%s': the box does not say how old "
			     "its files are", f->name);
	if (rc == 0)
		*ret = a.mtime;
	return rc;
}

static int sweep(struct place *p, int64_t age_s, struct err *e)
{
	static const char *const subs[] = { ".", "packs", "states", "keys" };
	struct sftpplace *f = sftpplace_of(p);
	struct litter l = { .names = BUF_INIT };
	char path[FOLDER_PATH_MAX];
	const char *name;
	size_t i;
	int rc = box_now(f, &l.before, e);

	l.before -= age_s;
	for (i = 0; rc == 0 && i < 4; i++) {
		buf_reset(&l.names);
		rc = sftpplace_pathf(f, path, e, "%s", subs[i]);
		if (rc == 0)
			rc = sftp_list(f->s, path, note_litter, &l, e);
		rc = sftpplace_absent(f, rc, e);
		for (name = l.names.p; rc == 0 && name < l.names.p + l.names.n;
		     name += strlen(name) + 1)
			/* Another sweep may be faster; a failure is no harm. */
			if (sftpplace_pathf(f, path, NULL, "%s/%s", subs[i],
					    name) == 0)
				sftpplace_rmtree(f, path, NULL);
	}
	buf_release(&l.names);
	return rc;
}

static int free_space(struct place *p, uint64_t *ret, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);

	return sftpplace_absent(f, sftp_room(f->s, f->root, ret, e), e);
}

static const struct place_ops ops = {
	.close = close_place,
	.format_get = format_get,
	.format_put = format_put,
	.state_newest = sftpplace_state_newest,
	.state_get = sftpplace_state_get,
	.state_create = sftpplace_state_create,
	.state_delete = sftpplace_state_delete,
	.pack_put = sftpplace_put_pack,
	.pack_get = sftpplace_get_pack,
	.pack_stat = sftpplace_pack_stat,
	.pack_each = sftpplace_pack_each,
	.pack_delete = sftpplace_pack_delete,
	.slot_each = slot_each,
	.slot_get = slot_get,
	.slot_put = slot_put,
	.slot_delete = slot_delete,
	.aside = sftpplace_aside,
	.flush = sftpplace_flush,
	.free_space = free_space,
	.sweep = sweep,
};

/* ---- open and create ---- */

static char *copy(const char *s)
{
	size_t n = strlen(s) + 1;
	char *r = malloc(n);

	if (r)
		memcpy(r, s, n);
	return r;
}

static int make(struct sftp *s, const char *path, const char *name,
		struct sftpplace **ret, struct err *e)
{
	struct sftpplace *f = calloc(1, sizeof(*f));
	size_t i;

	if (!f)
		return err_nomem(e);
	f->root = copy(path);
	f->name = copy(name);
	if (!f->root || !f->name) {
		free(f->root);
		free(f->name);
		free(f);
		return err_nomem(e);
	}
	f->s = s;
	f->sync_names = -1;
	for (i = 0; i < SFTPPLACE_PUTS; i++)
		f->put[i].f = f;
	for (i = 0; i < SFTPPLACE_BLOCKS; i++)
		f->block[i].f = f;
	f->place.ops = &ops;
	f->place.name = f->name;
	*ret = f;
	return 0;
}

int sftpplace_open(struct sftp *s, const char *path, const char *name,
		   void (*drop)(void *arg), void *arg, struct place **ret,
		   struct err *e)
{
	struct sftpmsg_attrs a;
	struct sftpplace *f = NULL;
	int rc = sftp_stat(s, path, 1, &a, e);

	if (rc == HUB_EABSENT || (rc == 0 && !sftpmsg_is_dir(&a)))
		return err_set(e, HUB_EABSENT, "no vault at '%s': is the "
			       "box's disk mounted?", name);
	if (rc == 0)
		rc = make(s, path, name, &f, e);
	if (rc < 0)
		return rc;
	f->drop = drop;
	f->drop_arg = arg;
	*ret = &f->place;
	return 0;
}

static int probe(struct sftpplace *f, unsigned *ret, struct err *e)
{
	int rc = sftpplace_sync_names(f, f->root, e);

	*ret = 0;
	if (!(sftp_can(f->s) & SFTPMSG_CAN_FSYNC))
		*ret |= SFTPPLACE_NO_SYNC;
	if (!f->sync_names)
		*ret |= SFTPPLACE_NO_SYNC_NAMES;
	if (!(sftp_can(f->s) & SFTPMSG_CAN_POSIX_RENAME))
		*ret |= SFTPPLACE_NO_REPLACE;
	if (rc == 0)
		rc = sftpplace_state_probe(f, e);
	if (rc == 0)
		*ret |= SFTPPLACE_ONE_WRITER;
	return rc < 0 ? rc : 0;
}

int sftpplace_create(struct sftp *s, const char *path, const char *name,
		     void (*drop)(void *arg), void *arg, unsigned *ret_lacks,
		     struct place **ret, struct err *e)
{
	static const char *const subs[] = { "keys", "packs", "states" };
	char sub[FOLDER_PATH_MAX];
	struct place *p = NULL;
	size_t i;
	int rc = sftp_mkdir(s, path, e);

	if (rc == HUB_ECONFLICT)
		rc = 0;
	if (rc == 0)
		rc = sftpplace_open(s, path, name, NULL, NULL, &p, e);
	for (i = 0; rc == 0 && i < 3; i++) {
		rc = sftpplace_pathf(sftpplace_of(p), sub, e, "%s", subs[i]);
		if (rc == 0)
			rc = sftp_mkdir(s, sub, e);
		if (rc == HUB_ECONFLICT)
			rc = 0;
	}
	if (rc == 0)
		rc = sftpplace_sync_names(sftpplace_of(p), path, e);
	if (rc == 0)
		rc = dir_sync(sftpplace_of(p), "..", e);
	if (rc == 0 && ret_lacks)
		rc = probe(sftpplace_of(p), ret_lacks, e);
	if (rc < 0) {
		place_close(p);
		return rc;
	}
	sftpplace_of(p)->drop = drop;
	sftpplace_of(p)->drop_arg = arg;
	*ret = p;
	return 0;
}
