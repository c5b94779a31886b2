/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_place.c - where a file goes: to its own path if nothing is there, else
 * beside it.  Names are given in batches, after the contents are durable.
 */
#include "sync/import_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "sync/conflict.h"

#define BATCH_BYTES (256u << 20)
#define ATTEMPTS 16			/* names tried, until all of the hash */

/* What is at im->dst?  0 and ${st}; HUB_EABSENT; 1 if no file can come there,
 * which was noted; < 0 to stop.  ${in} and ${name} are valid below 1. */
static int look(struct import *im, const struct scan_entry *en, int create,
		struct os_dir **in, const char **name, struct os_stat *st)
{
	struct err why = ERR_INIT;
	int rc = wdir_get(&im->dirs, im->dst.p, im->dst.n, create, in, name,
			  &why);

	*in = rc ? NULL : *in;
	if (!rc)
		rc = os_dir_stat(*in, *name, st, &why);
	if (rc == HUB_EABSENT || !rc)
		return rc;
	if (rc == HUB_ENOMEM || rc == HUB_ELIMIT)
		return err_set(im->e, rc, "%s", why.msg);
	import_note(im, REPORT_UNWRITTEN, en, why.msg);
	return 1;
}

/* In a dry run folders are not made: is something in the way of one? */
static int in_the_way(struct import *im, const struct scan_entry *en)
{
	struct os_dir *d;
	struct os_stat st;
	const char *name, *s;

	for (s = strchr(im->dst.p, '/'); s; s = strchr(s + 1, '/')) {
		size_t n = (size_t)(s - im->dst.p);
		struct buf up = BUF_INIT;
		int rc;

		buf_add(&up, im->dst.p, n);
		rc = buf_error(&up) ? HUB_ENOMEM :
			wdir_get(&im->dirs, up.p, up.n, 0, &d, &name, NULL);
		if (!rc)
			rc = os_dir_stat(d, name, &st, NULL);
		buf_release(&up);
		if (rc)
			return 0;
		if (st.type == OS_DIR)
			continue;
		import_note(im, REPORT_UNWRITTEN, en,
			    "a file is in the way: it is no folder");
		return 1;
	}
	return 0;
}

/* ---- copies on their way ---- */

static int give_name(struct import *im, struct import_wait *w)
{
	struct err why = ERR_INIT;
	struct os_dir *d;
	struct os_stat st;
	const char *name;
	int rc = wdir_get(&im->dirs, w->path, w->n, 1, &d, &name, &why);

	if (!rc)
		rc = os_dir_stat(d, name, &st, &why);
	if (rc == HUB_EABSENT)
		rc = os_dir_rename_to(im->tmp, w->tmp, d, name, &why);
	else if (!rc)
		rc = err_set(&why, HUB_ECONFLICT, "it appeared meanwhile: "
			     "import again");
	if (!rc)
		return 0;
	os_dir_unlink(im->tmp, w->tmp, NULL);
	if (rc == HUB_ENOMEM || rc == HUB_ELIMIT)
		return err_set(im->e, rc, "%s", why.msg);
	report_add(&im->ret->rep, REPORT_UNWRITTEN, w->path, w->n, why.msg);
	return 0;
}

int import_place_flush(struct import *im)
{
	size_t i;
	int rc = 0;

	if (im->waits_n && os_has_syncfs())
		rc = os_syncfs(im->ws->root.p, im->e);
	for (i = 0; i < im->waits_n; i++) {
		if (!rc)
			rc = give_name(im, &im->waits[i]);
		free(im->waits[i].path);
	}
	im->waits_n = 0;
	im->waits_bytes = 0;
	return rc;
}

/* Copy ${s} so that it will be called im->dst. */
static int enqueue(struct import *im, struct import_src *s)
{
	struct import_wait *w = &im->waits[im->waits_n];
	uint8_t r[8];
	int rc;

	os_random(r, sizeof(r));
	hex_encode(w->tmp, r, sizeof(r));
	rc = import_src_copy(im, s, w->tmp);
	if (rc)
		return rc < 0 ? rc : 0;
	w->path = malloc(im->dst.n + 1);
	if (!w->path)
		return err_nomem(im->e);
	memcpy(w->path, im->dst.p, im->dst.n + 1);
	w->n = im->dst.n;
	im->waits_n++;
	im->waits_bytes += s->size;
	im->ret->bytes += s->size;
	return im->waits_n < IMPORT_BATCH && im->waits_bytes < BATCH_BYTES ? 0 :
		import_place_flush(im);
}

/* ---- one file ---- */

static void tell(struct import *im, enum import_action what, const char *path,
		 size_t n, const char *beside)
{
	if (what == IMPORT_COPY)
		im->ret->copied++;
	else
		im->ret->beside++;
	if (im->o->tell)
		im->o->tell(im->o->arg, what, path, n, beside);
}

/* im->dst is taken by something else: find the name beside it. */
static int put_beside(struct import *im, struct import_src *s)
{
	struct buf orig = BUF_INIT;
	uint8_t hash[HASH_SIZE];
	int i, rc = import_src_hash(im, s, hash);

	buf_add(&orig, im->dst.p, im->dst.n);
	for (i = 0; !rc && i < ATTEMPTS; i++) {
		struct os_dir *d;
		struct os_stat st;
		const char *name;

		buf_reset(&im->dst);
		if (conflict_name_of(orig.p, orig.n, im->ws->dev.name,
				     s->en->st.mtime_ns / 1000000000, hash, i,
				     &im->dst) || buf_error(&orig)) {
			rc = err_nomem(im->e);
			break;
		}
		rc = look(im, s->en, 0, &d, &name, &st);
		if (rc == HUB_EABSENT)
			break;
		if (!rc && import_src_same(im, s, d, name, &st)) {
			im->ret->same++;
			goto out;
		}
	}
	if (rc == HUB_EABSENT) {
		tell(im, IMPORT_BESIDE, orig.p, orig.n, im->dst.p);
		report_add(&im->conflicts, REPORT_CONFLICT, orig.p, orig.n,
			   im->dst.p);
		rc = im->o->dry_run ? 0 : enqueue(im, s);
	}
out:
	buf_release(&orig);
	return rc < 0 ? rc : 0;
}

int import_place(struct import *im, struct import_src *s)
{
	struct os_dir *d;
	struct os_stat st;
	const char *name;
	int rc = im->o->dry_run && in_the_way(im, s->en) ? 1 :
		look(im, s->en, !im->o->dry_run, &d, &name, &st);

	if (rc == HUB_EABSENT) {
		tell(im, IMPORT_COPY, im->dst.p, im->dst.n, NULL);
		return im->o->dry_run ? 0 : enqueue(im, s);
	}
	if (rc)
		return rc < 0 ? rc : 0;
	if (import_src_same(im, s, d, name, &st)) {
		im->ret->same++;
		return 0;
	}
	return put_beside(im, s);
}
