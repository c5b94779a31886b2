/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_large.c - put the content of a large file on the disk.
 *
 * It is streamed into a temp file, never held in memory.  A vault that cannot
 * give it now leaves this one path behind; the others go on.
 */
#include "sync/apply_internal.h"

#include "os/os_file.h"
#include "sync/large.h"

#define SPARE ((uint64_t)16 << 20)

/* Whose trouble is it? */
static int is_vaults(int rc)
{
	return err_is_damage(rc) || rc == HUB_EABSENT || rc == HUB_EOFFLINE ||
		rc == HUB_EREMOTE || rc == HUB_EIO;
}

static int has_room(struct apply *a, const struct apply_op *op,
		    struct buf *why)
{
	uint64_t have, need;

	if (os_disk_free(a->ws->root.p, &have, NULL) ||
	    (have >= SPARE && op->ptr.size <= have - SPARE))
		return 1;
	/* It may be mostly holes. */
	if (have >= SPARE && !large_weigh(a->ws, &op->ptr, &need, NULL) &&
	    need <= have - SPARE)
		return 1;
	buf_addf(why, "it has %llu MB and %llu MB are free: make room, then "
		 "sync again", (unsigned long long)(op->ptr.size >> 20),
		 (unsigned long long)(have >> 20));
	a->ws->rep.no_room = 1;
	return 0;
}

static int fill(struct apply *a, const struct apply_op *op, int fd,
		struct buf *why)
{
	struct err e = ERR_INIT;
	int rc = large_get(a->ws, &op->ptr, fd, op->path, &e);

	if (rc == HUB_ECORRUPT)
		a->ws->rep.damaged = 1;
	if (rc < 0 && is_vaults(rc)) {
		buf_addstr(why, e.msg);
		return 1;
	}
	if (rc < 0)
		return err_set(a->e, rc, "%s", e.msg);
	rc = os_set_mtime(fd, a->fs_now_ns - APPLY_PAST_NS, op->path, a->e);
	return rc < 0 ? rc : os_fsync(fd, op->path, a->e);
}

int apply_large_write(struct apply *a, const struct apply_op *op,
		      struct os_dir *d, const char *name, struct buf *why)
{
	int fd = -1, rc, rc2;

	if (!has_room(a, op, why))
		return buf_error(why) ? err_nomem(a->e) : 1;
	rc = os_dir_create(d, name, op->want.mode == MODE_EXEC, &fd, a->e);
	if (rc < 0)
		return rc;
	rc = fill(a, op, fd, why);
	rc2 = os_close(fd, op->path, rc ? NULL : a->e);
	if (!rc)
		rc = rc2;
	if (rc)
		os_dir_unlink(d, name, NULL);
	return rc > 0 && buf_error(why) ? err_nomem(a->e) : rc;
}

int apply_large_forms(struct apply *a, struct apply_op *op,
		      enum content_form ret[2])
{
	const struct tree_leaf *leaf[2] = { &op->want, &op->base };
	struct pointer ptr;
	int i, rc = 0;

	for (i = 0; rc >= 0 && i < 2; i++) {
		rc = large_peek(a->ws->repo, leaf[i], &ptr, a->e);
		if (rc == HUB_EABSENT)	/* unknown: it is not equal */
			rc = 0;
		ret[i] = rc > 0 ? CONTENT_POINTER : CONTENT_BLOB;
	}
	return rc < 0 ? rc : 0;
}
