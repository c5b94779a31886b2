/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace_pack.c - the packs of a place on a box, but for their bytes: size,
 * listing, deletion, durable names.
 *
 * 256 folders are listed, or synced, as jobs that are under way together.
 */
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

#define JOBS 32

int sftpplace_pack_path(const struct sftpplace *f, char path[FOLDER_PATH_MAX],
			const uint8_t id[PLACE_PACK_ID], struct err *e)
{
	char hex[2 * PLACE_PACK_ID + 1];

	hex_encode(hex, id, PLACE_PACK_ID);
	return sftpplace_pathf(f, path, e, "packs/%.2s/%s", hex, hex);
}

int sftpplace_pack_stat(struct place *p, const uint8_t id[PLACE_PACK_ID],
			uint64_t *ret_size, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	struct sftpmsg_attrs a;
	int rc = sftpplace_pack_path(f, path, id, e);

	if (rc == 0)
		rc = sftpplace_put_settle(f, id, e);
	if (rc == 0)
		rc = sftp_stat(f->s, path, 0, &a, e);
	if (rc < 0)
		return sftpplace_absent(f, rc, e);
	if (!sftpmsg_is_file(&a) || !(a.flags & SFTPMSG_HAS_SIZE))
		return err_set(e, HUB_ECORRUPT, "pack '%s' is no file", path);
	*ret_size = a.size;
	return 0;
}

int sftpplace_pack_delete(struct place *p, const uint8_t id[PLACE_PACK_ID],
			  struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX], dir[FOLDER_PATH_MAX];
	int rc = sftpplace_pack_path(f, path, id, e);

	if (rc == 0)
		rc = sftpplace_pathf(f, dir, e, "packs/%02x", id[0]);
	if (rc == 0)
		rc = sftpplace_put_settle(f, id, e);
	sftpplace_get_forget(f, id);
	if (rc == 0)
		rc = sftp_remove(f->s, path, e);
	if (rc == 0)
		rc = sftpplace_sync_names(f, dir, e);
	return sftpplace_absent(f, rc, e);
}

/* ---- many folders at once ---- */

/* A folder packs/xx on its way, and what was found in it. */
struct dir {
	struct sftp_job j;
	char path[FOLDER_PATH_MAX];
	unsigned first;
	struct buf found;	/* id and size of each pack */
	struct buf ask;		/* ids whose size was not told */
};

static int note_pack(void *arg, const char *name,
		     const struct sftpmsg_attrs *a, struct err *e)
{
	struct dir *d = arg;
	uint8_t id[PLACE_PACK_ID];

	(void)e;
	if (hex_decode(id, sizeof(id), name, strlen(name)) < 0 ||
	    id[0] != d->first)
		return 0;
	if (!(a->flags & SFTPMSG_HAS_SIZE) || !(a->flags & SFTPMSG_HAS_PERM)) {
		buf_add(&d->ask, id, sizeof(id));
	} else if (sftpmsg_is_file(a)) {
		buf_add(&d->found, id, sizeof(id));
		buf_add(&d->found, &a->size, sizeof(a->size));
	}
	return 0;
}

/* packs/${first} begins to be listed, or synced. */
static int start(struct sftpplace *f, struct dir *d, unsigned first,
		 sftp_list_fn fn, struct err *e)
{
	int rc = sftpplace_pathf(f, d->path, e, first < 256 ? "packs/%02x" :
				 "packs", first);

	d->first = first;
	d->j.path = d->path;
	d->j.fn = fn;
	d->j.arg = d;
	buf_reset(&d->found);
	buf_reset(&d->ask);
	return rc < 0 ? rc : sftp_job_start(f->s, &d->j, e);
}

static int finish(struct sftpplace *f, struct dir *d, struct err *e)
{
	while (!d->j.done)
		sftp_step(f->s, NULL);
	if (buf_error(&d->found) || buf_error(&d->ask))
		return err_nomem(e);
	return d->j.rc < 0 ? err_set(e, d->j.rc, "%s", d->j.why.msg) : 0;
}

/* What was found goes to the caller; nothing is under way for ${d}. */
static int report(struct sftpplace *f, struct dir *d, place_pack_fn fn,
		  void *arg, struct err *e)
{
	const size_t one = PLACE_PACK_ID + sizeof(uint64_t);
	uint64_t size;
	size_t at;
	int rc = 0;

	for (at = 0; rc >= 0 && at < d->found.n; at += one) {
		memcpy(&size, d->found.p + at + PLACE_PACK_ID, sizeof(size));
		rc = fn(arg, (uint8_t *)d->found.p + at, size, e);
	}
	for (at = 0; rc >= 0 && at < d->ask.n; at += PLACE_PACK_ID) {
		rc = sftpplace_pack_stat(&f->place, (uint8_t *)d->ask.p + at,
					 &size, e);
		if (rc == HUB_EABSENT || rc == HUB_ECORRUPT)
			rc = 0;		/* deleted meanwhile, or no file */
		else if (rc == 0)
			rc = fn(arg, (uint8_t *)d->ask.p + at, size, e);
	}
	return rc;
}

static struct dir *dirs_new(struct err *e)
{
	struct dir *d = calloc(JOBS, sizeof(*d));
	size_t i;

	if (!d)
		err_nomem(e);
	for (i = 0; d && i < JOBS; i++) {
		d[i].j.done = 1;
		buf_init(&d[i].found);
		buf_init(&d[i].ask);
	}
	return d;
}

/* Nothing may be under way for what is freed. */
static void dirs_free(struct sftpplace *f, struct dir *d)
{
	size_t i;

	for (i = 0; d && i < JOBS; i++) {
		while (!d[i].j.done)
			sftp_step(f->s, NULL);
		buf_release(&d[i].found);
		buf_release(&d[i].ask);
	}
	free(d);
}

/* Which of the folders there are: 256 that do not exist are not asked for. */
static int note_dir(void *arg, const char *name,
		    const struct sftpmsg_attrs *a, struct err *e)
{
	uint8_t *there = arg, first;

	(void)a;
	(void)e;
	if (strlen(name) == 2 && hex_decode(&first, 1, name, 2) == 0)
		there[first] = 1;
	return 0;
}

static int list_top(struct sftpplace *f, uint8_t there[256], struct err *e)
{
	char path[FOLDER_PATH_MAX];
	int rc = sftpplace_pathf(f, path, e, "packs");

	memset(there, 0, 256);
	if (rc == 0)
		rc = sftp_list(f->s, path, note_dir, there, e);
	rc = sftpplace_absent(f, rc, e);
	/* A packs/ that is missing is not a vault without packs. */
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
	return rc;
}

int sftpplace_pack_each(struct place *p, place_pack_fn fn, void *arg,
			struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	uint8_t there[256];
	unsigned want[256], n = 0, i, begun = 0;
	struct dir *d = NULL, *one;
	int rc = sftpplace_put_settle(f, NULL, e);

	if (rc == 0)
		rc = list_top(f, there, e);
	for (i = 0; rc == 0 && i < 256; i++)
		if (there[i])
			want[n++] = i;
	if (rc == 0 && !(d = dirs_new(e)))
		rc = HUB_ENOMEM;
	for (i = 0; rc == 0 && i < n; i++) {
		for (; rc == 0 && begun < n && begun < i + JOBS; begun++)
			rc = start(f, &d[begun % JOBS], want[begun], note_pack,
				   e);
		one = &d[i % JOBS];
		if (rc == 0)
			rc = finish(f, one, e);
		if (rc < 0)
			rc = sftpplace_absent(f, rc, e);
		if (rc == HUB_EABSENT)
			rc = 0;		/* deleted meanwhile */
		else if (rc == 0)
			rc = report(f, one, fn, arg, e);
		rc = rc < 0 ? rc : 0;
	}
	dirs_free(f, d);
	return rc;
}

/* ---- durable names ---- */

static int sync_dirs(struct sftpplace *f, struct err *e)
{
	struct dir *d = dirs_new(e);
	unsigned want[257], n = 0, i, begun = 0;
	int rc = d ? 0 : HUB_ENOMEM;

	for (i = 0; i < 256; i++)
		if (f->dirty[i])
			want[n++] = i;
	if (f->dirty_top)
		want[n++] = 256;
	for (i = 0; rc == 0 && i < n; i++) {
		for (; rc == 0 && begun < n && begun < i + JOBS; begun++)
			rc = start(f, &d[begun % JOBS], want[begun], NULL, e);
		if (rc == 0)
			rc = finish(f, &d[i % JOBS], e);
	}
	dirs_free(f, d);
	return sftpplace_absent(f, rc, e);
}

int sftpplace_flush(struct place *p, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	struct sftpmsg_attrs a;
	int rc = sftpplace_put_end(f, e), any = f->dirty_top, i;

	for (i = 0; i < 256; i++)
		any |= f->dirty[i];
	if (rc < 0 || !any)
		return rc < 0 ? rc : sftp_fault(f->s, e);
	/* This asks whether the box can at all. */
	rc = sftpplace_sync_names(f, f->root, e);
	if (rc == 0 && f->sync_names)
		rc = sync_dirs(f, e);
	else if (rc == 0)
		rc = sftp_stat(f->s, f->root, 1, &a, e);
	rc = sftpplace_absent(f, rc, e);
	if (rc < 0)
		return rc;
	memset(f->dirty, 0, sizeof(f->dirty));
	f->dirty_top = 0;
	return 0;
}
