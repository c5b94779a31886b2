/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_write.c - the content of one path, as a new file: small ones from git's
 * blob, large ones by apply_large.c.
 *
 * A file written here gets a modification time a little in the past: whatever
 * changes it afterwards, even within the same tick of the clock, moves the
 * time, so the base record can be trusted without reading the file again.
 */
#include "sync/apply_internal.h"

#include <string.h>

#include "os/os.h"
#include "sync/large.h"

#define BLOB_MAX (1u << 30)

/* Write the content under ${name} in ${d}, which must not have it yet. */
static int put_file(struct apply *a, struct apply_op *op, struct os_dir *d,
		    const char *name, const struct buf *data)
{
	int fd = -1, rc2;
	int rc = os_dir_create(d, name, op->want.mode == MODE_EXEC, &fd, a->e);

	if (rc < 0)
		return rc;
	rc = os_write(fd, data->p, data->n, op->path, a->e);
	if (!rc)
		rc = os_set_mtime(fd, a->fs_now_ns - APPLY_PAST_NS, op->path, a->e);
	if (!rc && a->fresh)
		rc = os_fstat(fd, &op->made, op->path, a->e);
	if (!rc && a->each_fsync)
		rc = os_fsync(fd, op->path, a->e);
	rc2 = os_close(fd, op->path, rc ? NULL : a->e);
	if (!rc)
		rc = rc2;
	if (rc < 0)
		os_dir_unlink(d, name, NULL);
	return rc;
}

/* The blob that is wanted; what it points to is op->ptr then. */
static int load(struct apply *a, struct apply_op *op, struct buf *data)
{
	int rc = repo_read_as(a->ws->repo, &op->want.id, OBJ_BLOB, BLOB_MAX,
			      data, a->e);

	if (rc == HUB_EABSENT)
		rc = err_set(a->e, HUB_ECORRUPT, "object %s, the content of "
			     "'%s', is missing from '%s': `hub verify` tells "
			     "more", oid_hex(&op->want.id), op->path,
			     repo_commondir(a->ws->repo));
	if (rc < 0)
		a->repo_rc = rc;
	if (rc < 0 || op->want.mode == MODE_LINK || data->n > POINTER_MAX ||
	    pointer_decode(&op->ptr, data->p, data->n, NULL))
		op->ptr.size = 0;
	return rc;
}

/* 1: it stays behind, as *why says. */
static int put_any(struct apply *a, struct apply_op *op,
		   struct os_dir *d, const char *name, const struct buf *data,
		   struct buf *why)
{
	int rc;

	if (op->ptr.size) {
		rc = apply_large_write(a, op, d, name, why);
		a->waiting_bytes += op->ptr.size;
		return rc;
	}
	a->waiting_bytes += data->n;
	if (op->want.mode != MODE_LINK || !a->ws->symlinks)
		return put_file(a, op, d, name, data);
	return memchr(data->p, 0, data->n) || !data->n ? HUB_EDENIED :
		os_dir_symlink(d, data->p, name, a->e);
}

/* The first checkout: nothing is there, nobody waits: straight into place. */
static int write_fresh(struct apply *a, struct apply_op *op, struct os_dir *d,
		       const char *name, const struct buf *data)
{
	struct os_stat st;
	int rc = put_any(a, op, d, name, data, NULL);

	if (!rc && op->made.type == OS_REG && op->made.ino)
		rc = apply_place_stat(a, d, name, &op->made, &st);
	else if (!rc)
		rc = os_dir_stat(d, name, &st, a->e);
	if (rc < 0)
		return rc;
	report_add(&a->ws->rep, REPORT_RECEIVED, op->path, op->n, NULL);
	return apply_file_done(a, op, &st);
}

static int write_tmp(struct apply *a, struct apply_op *op,
		     const struct buf *data, const struct os_stat *st, int any)
{
	struct buf why = BUF_INIT;
	int rc;

	apply_place_tmp_name(op->tmp);
	op->saw_any = any;
	if (any)
		op->saw = *st;
	rc = put_any(a, op, a->tmp, op->tmp, data, &why);
	if (rc)
		op->tmp[0] = '\0';
	if (rc > 0)
		rc = apply_file_behind(a, op, why.p);
	buf_release(&why);
	return rc;
}

/* A large file is never written in place: it takes long, and what a kill
 * leaves must not look like the file. */
int apply_write(struct apply *a, struct apply_op *op, struct os_dir *d,
		const char *name, const struct os_stat *st, int any)
{
	struct buf data = BUF_INIT;
	int rc = load(a, op, &data);

	if (!rc && !any && a->fresh && !op->ptr.size)
		rc = write_fresh(a, op, d, name, &data);
	else if (!rc)
		rc = write_tmp(a, op, &data, st, any);
	buf_release(&data);
	return rc;
}
