/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace_put.c - packs are written behind.
 *
 * A pack is written to a temp file in packs/, synced, closed and renamed.  Its
 * bytes are not kept: sftpplace_put_pack() returns when all of them are on their
 * way, and what comes after, up to the rename, goes by call-back.  So that
 * nobody waits for an open file, some are opened ahead.  Whether the box has the
 * pack already is asked when writing begins; if so, writing ends.
 *
 * The order is the server's: requests for one file are answered as if they came
 * one after another.  The rename is sent when everything before was acknowledged.
 */
#include <string.h>
#include "base/hex.h"
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

#define AHEAD_MAX 8

static const struct span none = { NULL, 0 };

static int temp_path(const struct sftpplace_put *t, char path[FOLDER_PATH_MAX],
		     struct err *e)
{
	return sftpplace_pathf(t->f, path, e, "packs/%s", t->temp);
}

static void fail(struct sftpplace_put *t, int rc)
{
	if (t->rc == 0)
		t->rc = rc;
}

/* It is over; what failed is kept for who asks next. */
static void over(struct sftpplace_put *t)
{
	struct sftpplace *f = t->f;

	if (t->rc < 0 && !f->put_rc) {
		f->put_rc = t->rc;
		f->put_why = t->why;
		f->put_size = t->size;
	}
	t->state = PUT_FREE;
}

/* ---- after the last byte ---- */

static void removed(void *arg, struct sftpmsg_reply *r)
{
	(void)r;
	over(arg);
}

/* The temp file goes; its place in the table is free after that. */
static void drop_temp(struct sftpplace_put *t)
{
	char path[FOLDER_PATH_MAX];

	if (temp_path(t, path, NULL) < 0) {
		over(t);
		return;
	}
	sftpmsg_path(sftp_out(t->f->s), SFTPMSG_REMOVE,
		     sftp_next(t->f->s, removed, t), path);
}

static void give_name(struct sftpplace_put *t);

static void old_gone(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_put *t = arg;

	if (!r) {
		fail(t, sftp_status(t->f->s, r, SFTPMSG_STATUS, "a pack",
				    &t->why));
		over(t);
		return;
	}
	give_name(t);
}

static void named(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_put *t = arg;
	struct sftp *s = t->f->s;
	char path[FOLDER_PATH_MAX];
	int rc = sftp_status(s, r, SFTPMSG_STATUS, "a pack's name", &t->why);

	/* A box that cannot replace: the old one goes first. */
	if (r && (rc == HUB_EIO || rc == HUB_ECONFLICT) && !t->again &&
	    !(sftp_can(s) & SFTPMSG_CAN_POSIX_RENAME) &&
	    sftpplace_pack_path(t->f, path, t->id, NULL) == 0) {
		t->again = 1;
		sftpmsg_path(sftp_out(s), SFTPMSG_REMOVE,
			     sftp_next(s, old_gone, t), path);
		return;
	}
	/* "No such file" is about packs/xx, or the temp file. */
	if (rc == HUB_EABSENT)
		t->f->made[t->id[0]] = 0;
	fail(t, rc);
	if (rc < 0 && r)
		drop_temp(t);
	else
		over(t);
}

static void give_name(struct sftpplace_put *t)
{
	char from[FOLDER_PATH_MAX], to[FOLDER_PATH_MAX];
	struct sftp *s = t->f->s;
	struct span a, b;
	uint32_t id;

	if (temp_path(t, from, NULL) < 0 ||
	    sftpplace_pack_path(t->f, to, t->id, NULL) < 0) {
		fail(t, err_set(&t->why, HUB_ELIMIT, "path too long"));
		over(t);
		return;
	}
	a = (struct span){ (const uint8_t *)from, strlen(from) };
	b = (struct span){ (const uint8_t *)to, strlen(to) };
	id = sftp_next(s, named, t);
	if (sftp_can(s) & SFTPMSG_CAN_POSIX_RENAME)
		sftpmsg_extended(sftp_out(s), id, SFTPMSG_X_POSIX_RENAME, a, b);
	else
		sftpmsg_rename(sftp_out(s), id, from, to);
}

/* One of its requests is answered. */
static void settle(struct sftpplace_put *t, int alive)
{
	if (--t->under_way || t->state != PUT_LAST)
		return;
	if (!alive)
		over(t);
	else if (t->rc < 0 || t->there)
		drop_temp(t);
	else
		give_name(t);
}

static void written(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_put *t = arg;
	struct err why = ERR_INIT;
	int rc = sftp_status(t->f->s, r, SFTPMSG_STATUS, "a pack", &why);

	if (rc < 0 && t->rc == 0) {
		t->rc = rc;
		t->why = why;
	}
	settle(t, r != NULL);
}

/* Does the box have it? */
static void looked(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_put *t = arg;

	if (r && r->type == SFTPMSG_ATTRS && sftpmsg_is_file(&r->attrs) &&
	    (r->attrs.flags & SFTPMSG_HAS_SIZE) && r->attrs.size == t->size)
		t->there = 1;
	settle(t, r != NULL);
}

/* packs/xx: whether it was made or there shows at the rename. */
static void made(void *arg, struct sftpmsg_reply *r)
{
	settle(arg, r != NULL);
}

/* ---- open files, ahead ---- */

static void opened(void *arg, struct sftpmsg_reply *r)
{
	struct sftpplace_put *t = arg;

	fail(t, sftp_status(t->f->s, r, SFTPMSG_HANDLE, "a new pack",
			    &t->why));
	if (t->rc < 0) {
		over(t);
		return;
	}
	memcpy(t->h.p, r->data.p, r->data.n);
	t->h.n = r->data.n;
	t->state = PUT_READY;
}

static int open_one(struct sftpplace *f, struct sftpplace_put *t,
		    struct err *e)
{
	char path[FOLDER_PATH_MAX];
	uint32_t id;
	int rc;

	folder_temp(t->temp);
	t->rc = t->there = t->again = t->under_way = 0;
	t->size = 0;
	rc = temp_path(t, path, e);
	if (rc == 0)
		rc = sftp_ready(f->s, e);
	if (rc < 0)
		return rc;
	t->state = PUT_OPENING;
	id = sftp_next(f->s, opened, t);
	sftpmsg_open(sftp_out(f->s), id, path, SFTPMSG_FOR_WRITE |
		     SFTPMSG_CREATE | SFTPMSG_EXCLUSIVE, 0444);
	return 0;
}

static struct sftpplace_put *in_state(struct sftpplace *f,
				      enum sftpplace_put_state state,
				      unsigned *ret_n)
{
	struct sftpplace_put *found = NULL;
	size_t i;

	*ret_n = 0;
	for (i = 0; i < SFTPPLACE_PUTS; i++) {
		if (f->put[i].state != state)
			continue;
		found = &f->put[i];
		++*ret_n;
	}
	return found;
}

/* So many are open, or about to be, as are wanted ahead. */
static int open_ahead(struct sftpplace *f, struct err *e)
{
	struct sftpplace_put *t;
	unsigned ready, opening, n;
	int rc = 0;

	for (;;) {
		in_state(f, PUT_READY, &ready);
		in_state(f, PUT_OPENING, &opening);
		t = in_state(f, PUT_FREE, &n);
		if (rc < 0 || !t || ready + opening >= f->put_ahead)
			return rc;
		rc = open_one(f, t, e);
	}
}

/* What failed since the last flush(): until that one has told it, so that who
 * takes one pack's failure lightly does not lose another's. */
static int failed(struct sftpplace *f, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	int rc = f->put_rc;

	if (rc == 0)
		return 0;
	err_set(e, rc, "%s", f->put_why.msg);
	if (sftpplace_pathf(f, path, NULL, "packs") == 0)
		rc = sftp_full(f->s, rc, path, f->put_size, e);
	rc = sftpplace_absent(f, rc, e);
	/* The vault is there, and a part of it is not. */
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EIO, "'%s': a pack could not be written: "
			     "its folder is missing", f->name);
	return rc;
}

/* An open temp file. */
static int take(struct sftpplace *f, struct sftpplace_put **ret, struct err *e)
{
	unsigned n;
	int rc = 0, waited = 0;

	if (!f->put_ahead)
		f->put_ahead = 1;
	while (rc == 0 && !(*ret = in_state(f, PUT_READY, &n))) {
		rc = failed(f, e);
		if (rc == 0)
			rc = open_ahead(f, e);
		if (rc == 0 && !in_state(f, PUT_READY, &n)) {
			sftp_step(f->s, NULL);
			waited = 1;
		}
	}
	if (waited && f->put_ahead < AHEAD_MAX)
		f->put_ahead *= 2;
	return rc;
}

/* ---- put ---- */

static int ask(struct sftpplace *f, struct sftpplace_put *t,
	       enum place_put how, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	uint32_t id;
	int rc = 0;

	if (how == PLACE_NEW) {
		rc = sftpplace_pack_path(f, path, t->id, e);
		if (rc == 0)
			rc = sftp_ready(f->s, e);
		if (rc < 0)
			return rc;
		t->under_way++;
		id = sftp_next(f->s, looked, t);
		sftpmsg_path(sftp_out(f->s), SFTPMSG_LSTAT, id, path);
	}
	if (f->made[t->id[0]])
		return 0;
	rc = sftpplace_pathf(f, path, e, "packs/%02x", t->id[0]);
	if (rc == 0)
		rc = sftp_ready(f->s, e);
	if (rc < 0)
		return rc;
	f->made[t->id[0]] = 1;
	t->under_way++;
	id = sftp_next(f->s, made, t);
	sftpmsg_mkdir(sftp_out(f->s), id, path, 0777);
	return 0;
}

static int write_all(struct sftpplace *f, struct sftpplace_put *t,
		     const uint8_t *p, size_t n, struct err *e)
{
	size_t at, k;
	uint32_t id;
	int rc = 0;

	for (at = 0; at < n && rc == 0 && !t->there && t->rc == 0; at += k) {
		k = n - at < SFTPMSG_DATA ? n - at : SFTPMSG_DATA;
		rc = sftp_ready(f->s, e);
		if (rc < 0)
			break;
		t->under_way++;
		id = sftp_next(f->s, written, t);
		sftpmsg_write(sftp_out(f->s), id, sftp_span(&t->h), at, p + at,
			      k);
	}
	return rc;
}

static int end_file(struct sftpplace *f, struct sftpplace_put *t,
		    struct err *e)
{
	int rc = sftp_ready(f->s, e);

	if (rc == 0 && (sftp_can(f->s) & SFTPMSG_CAN_FSYNC) && !t->there) {
		t->under_way++;
		sftpmsg_extended(sftp_out(f->s), sftp_next(f->s, written, t),
				 SFTPMSG_X_FSYNC, sftp_span(&t->h), none);
		rc = sftp_ready(f->s, e);
	}
	if (rc < 0)
		return rc;
	t->state = PUT_LAST;
	t->under_way++;
	sftpmsg_handle(sftp_out(f->s), SFTPMSG_CLOSE,
		       sftp_next(f->s, written, t), sftp_span(&t->h));
	return 0;
}

int sftpplace_put_pack(struct place *p, const uint8_t id[PLACE_PACK_ID],
		       const void *bytes, size_t n, enum place_put how,
		       struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	struct sftpplace_put *t = NULL;
	int rc;

	if (n > PLACE_PACK_MAX)
		return err_set(e, HUB_ELIMIT, "a pack of %zu bytes", n);
	rc = sftpplace_put_settle(f, id, e);
	if (rc == 0)
		rc = failed(f, e);
	if (rc == 0)
		rc = take(f, &t, e);
	if (rc < 0)
		return sftpplace_absent(f, rc, e);
	sftpplace_get_forget(f, id);
	/* Whoever put it may not have come to its flush(). */
	f->dirty[id[0]] = 1;
	f->dirty_top = 1;
	t->state = PUT_SENDING;
	memcpy(t->id, id, PLACE_PACK_ID);
	t->size = n;
	rc = open_ahead(f, e);
	if (rc == 0)
		rc = ask(f, t, how, e);
	if (rc == 0)
		rc = write_all(f, t, bytes, n, e);
	if (rc == 0)
		rc = end_file(f, t, e);
	/* Only a broken session stops it: then nothing is under way any more. */
	if (rc < 0)
		t->state = PUT_FREE;
	return rc;
}

int sftpplace_put_settle(struct sftpplace *f, const uint8_t *id,
			 struct err *e)
{
	size_t i;

	for (i = 0; i < SFTPPLACE_PUTS; i++) {
		struct sftpplace_put *t = &f->put[i];

		while (t->state == PUT_LAST &&
		       (!id || !memcmp(t->id, id, PLACE_PACK_ID)))
			sftp_step(f->s, NULL);
	}
	return sftp_fault(f->s, e);
}

/* Temp files that nobody needed. */
static void close_ready(struct sftpplace *f)
{
	struct sftpplace_put *t;
	size_t i;

	for (i = 0; i < SFTPPLACE_PUTS; i++) {
		t = &f->put[i];
		while (t->state == PUT_OPENING)
			sftp_step(f->s, NULL);
		if (t->state != PUT_READY)
			continue;
		t->there = 1;		/* it goes by the same way */
		if (end_file(f, t, NULL) < 0)
			t->state = PUT_FREE;
	}
}

int sftpplace_put_end(struct sftpplace *f, struct err *e)
{
	int rc = sftpplace_put_settle(f, NULL, e);

	close_ready(f);
	if (rc == 0)
		rc = sftpplace_put_settle(f, NULL, e);
	if (rc == 0)
		rc = failed(f, e);
	f->put_rc = 0;
	f->put_ahead = 0;
	return rc;
}
