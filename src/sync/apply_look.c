/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply_look.c - what is at a path now, before anything there is touched: the
 * stat tells, where it proves nothing the content does. */
#include "sync/apply_internal.h"

#include <string.h>

#include "os/os.h"
#include "sync/compare.h"
#include "sync/content.h"

#define BLOB_MAX (1u << 30)

/* Is what lies on this disk ${leaf}, as far as the disk can show it? */
static int is_as_in(const struct workspace *ws, struct tree_leaf disk,
		    const struct tree_leaf *leaf)
{
	if (disk.mode == MODE_LINK || !leaf->mode)
		return compare_leaf_eq(&disk, leaf);
	if (leaf->mode == MODE_LINK ? !ws->symlinks : !ws->exec_bits)
		disk.mode = leaf->mode;
	return compare_leaf_eq(&disk, leaf);
}

/* The content decides where the stat proves nothing. */
static int by_content(struct apply *a, struct apply_op *op, struct os_dir *d,
		      const char *name, const struct os_stat *st,
		      enum apply_found *ret)
{
	struct buf full = BUF_INIT, tmp = BUF_INIT;
	struct content_job job = { .dir = d, .name = name, .st = *st };
	enum content_verdict v = CONTENT_OK;
	struct err why = ERR_INIT;
	struct tree_leaf disk;
	struct baserec rec;
	int rc;

	buf_addf(&full, "%s%s", a->ws->root.p, op->path);
	rc = buf_error(&full) ? HUB_ENOMEM : workspace_tmp(a->ws, &tmp, &why);
	job.full = full.p;
	job.tmp = tmp.p;
	if (!rc)
		rc = content_read(&job, &disk, &rec, &v, &why);
	if (rc < 0)
		err_set(a->e, rc, "%s", why.msg);
	*ret = FOUND_OTHER;
	if (!rc && v == CONTENT_OK) {
		if (is_as_in(a->ws, disk, &op->want))
			*ret = FOUND_WANTED;
		else if (op->base.mode && is_as_in(a->ws, disk, &op->base))
			*ret = FOUND_BASE;
	}
	buf_release(&full);
	buf_release(&tmp);
	return rc;
}

/* *any: there is one, and op->base is what it says.  Without one nothing here
 * is ours. */
static int base_record(struct apply *a, struct apply_op *op,
		       struct baserec *rec, int *any)
{
	struct buf raw = BUF_INIT;
	int rc = state_base_get(a->ws->state, op->path, op->n, &raw, a->e);

	*any = !rc;
	memset(&op->base, 0, sizeof(op->base));
	if (!rc)
		rc = baserec_decode(rec, raw.p, raw.n);
	if (!rc) {
		op->base = content_leaf(rec);
		op->is_db = rec->kind == BASEREC_DB;
	}
	buf_release(&raw);
	return rc == HUB_EABSENT ? 0 : rc;
}

int apply_look(struct apply *a, struct apply_op *op, struct os_dir *d,
	       const char *name, struct os_stat *st, enum apply_found *ret)
{
	struct baserec rec;
	int any, rc = os_dir_stat(d, name, st, a->e);
	int nothing = rc == HUB_EABSENT;

	if (rc < 0 && !nothing)
		return rc;
	*ret = nothing ? FOUND_NOTHING :
		st->type == OS_DIR ? FOUND_FOLDER : FOUND_OTHER;
	if (nothing)
		err_clear(a->e);
	if ((nothing && a->fresh) ||
	    (!nothing && st->type != OS_REG && st->type != OS_LNK))
		return 0;
	rc = base_record(a, op, &rec, &any);
	if (!rc && !nothing && any &&
	    content_same_stat(&rec, st, a->ws->exec_bits)) {
		*ret = !compare_leaf_eq(&op->base, &op->want) ? FOUND_BASE :
			rec.flags & BASEREC_BEHIND ? FOUND_WANTED :
			FOUND_SETTLED;
		return 0;
	}
	if (!rc && !nothing)
		rc = by_content(a, op, d, name, st, ret);
	if (!rc && compare_leaf_eq(&op->base, &op->want) &&
	    (*ret == FOUND_OTHER || (nothing && op->want.mode)))
		*ret = FOUND_MINE;
	return rc;
}

int apply_look_torn(struct apply *a, const struct apply_op *op,
		    struct os_dir *d, const char *name,
		    const struct os_stat *st)
{
	struct buf want = BUF_INIT, have = BUF_INIT;
	size_t i, got = 0;
	int fd = -1, torn = 0;

	if (!a->fresh || st->type != OS_REG)
		return 0;
	if (!repo_read_as(a->ws->repo, &op->want.id, OBJ_BLOB, BLOB_MAX, &want,
			  NULL) && st->size <= want.n &&
	    !os_dir_open_file(d, name, &fd, NULL) &&
	    !buf_grow(&have, (size_t)st->size + 1) &&
	    !os_read(fd, have.p, (size_t)st->size, &got, name, NULL)) {
		for (i = 0; i < got && (!have.p[i] || have.p[i] == want.p[i]);)
			i++;
		torn = i == got;
	}
	os_close(fd, name, NULL);
	buf_release(&want);
	buf_release(&have);
	return torn;
}
