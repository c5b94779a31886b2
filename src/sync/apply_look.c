/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply_look.c - what is at a path now, before anything there is touched: the
 * stat tells, where it proves nothing the content does. */
#include "sync/apply_internal.h"

#include <string.h>

#include "os/os.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/large.h"

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

/* What the file is in the form of ${like}: 1 and the leaf; 2: the pointer itself
 * lies there in place of the file; 0: it could not be seen. */
static int read_as(struct apply *a, struct content_job *job,
		   enum content_form form, const struct tree_leaf *like,
		   struct tree_leaf *disk, struct pointer *ptr)
{
	enum content_verdict v = CONTENT_OK;
	struct err why = ERR_INIT;
	struct baserec rec;
	int rc;

	job->form = form;
	job->bare = form == CONTENT_POINTER ? like->id : oid_zero;
	rc = content_read(job, disk, &rec, &v, &why);
	if (rc < 0)
		return err_set(a->e, rc, "%s", why.msg);
	ptr->size = 0;
	if (content_is_large(&rec)) {
		ptr->size = rec.size;
		memcpy(ptr->recipe, rec.id, sizeof(ptr->recipe));
	}
	return v != CONTENT_OK ? 0 : rec.flags & BASEREC_BEHIND ? 2 : 1;
}

static int job_of(struct apply *a, const struct apply_op *op,
		  struct content_job *job, struct buf *full, struct buf *tmp)
{
	int rc;

	buf_addf(full, "%s%s", a->ws->root.p, op->path);
	rc = buf_error(full) ? err_nomem(a->e) :
		workspace_tmp(a->ws, tmp, a->e);
	job->ws = a->ws;
	job->path = op->path;
	job->path_n = op->n;
	job->full = full->p;
	job->tmp = tmp->p;
	return rc;
}

/* The content decides where the stat proves nothing. */
static int by_content(struct apply *a, struct apply_op *op, struct os_dir *d,
		      const char *name, const struct os_stat *st,
		      enum apply_found *ret)
{
	struct buf full = BUF_INIT, tmp = BUF_INIT;
	struct content_job job = { .dir = d, .name = name, .st = *st };
	enum content_form form[2];
	struct tree_leaf disk;
	struct pointer ptr;
	int rc = job_of(a, op, &job, &full, &tmp);

	*ret = FOUND_OTHER;
	if (!rc)
		rc = apply_large_forms(a, op, form);
	if (!rc)
		rc = read_as(a, &job, form[0], &op->want, &disk, &ptr);
	if (rc > 0 && is_as_in(a->ws, disk, &op->want)) {
		*ret = rc == 2 ? FOUND_BASE : FOUND_WANTED;
		op->ptr = ptr;
	}
	if (rc >= 0 && *ret == FOUND_OTHER && op->base.mode) {
		if (form[0] != form[1] || st->size <= POINTER_MAX)
			rc = read_as(a, &job, form[1], &op->base, &disk, &ptr);
		if (rc > 0 && is_as_in(a->ws, disk, &op->base))
			*ret = FOUND_BASE;
	}
	buf_release(&full);
	buf_release(&tmp);
	return rc < 0 ? rc : 0;
}

/* A pointer that lies there in place of the file, put by something that knows
 * nothing of us, is what the base says, but not what is wanted. */
static int is_bare(struct apply *a, const struct apply_op *op,
		   const struct baserec *rec)
{
	struct pointer ptr;

	return rec->kind != BASEREC_DB && !content_is_large(rec) &&
		rec->size <= POINTER_MAX &&
		large_peek(a->ws->repo, &op->want, &ptr, NULL) > 0;
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
		*ret = !compare_leaf_eq(&op->base, &op->want) ||
			is_bare(a, op, &rec) ? FOUND_BASE :
			rec.flags & BASEREC_BEHIND ? FOUND_WANTED :
			FOUND_SETTLED;
		if (content_is_large(&rec) && *ret == FOUND_WANTED) {
			op->ptr.size = rec.size;
			memcpy(op->ptr.recipe, rec.id, sizeof(op->ptr.recipe));
		}
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
