/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_file.c - bring one path of the disk to what the tree wants.
 *
 * Invariants: a file is replaced or removed only when it is what the base says
 * (by stat, else by content), looked at again right before the rename and right
 * after it (apply_place.c); new content lies complete under tmp/ before it gets
 * its name.
 */
#include "sync/apply_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "sync/apply.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/large.h"

#define BATCH_FILES 2000
#define BATCH_BYTES (64u << 20)
#define EMPTY_DEPTH_MAX 64		/* folders in folders, nothing else */

int apply_file_behind(struct apply *a, struct apply_op *op, const char *why)
{
	struct workspace *ws = a->ws;
	struct buf old = BUF_INIT;
	uint8_t raw[BASEREC_MAX];
	struct baserec rec;
	int rc, marked;

	op->left = 1;
	marked = !op->staged && !strcmp(why, APPLY_MEANWHILE) &&
		apply_staged_marked(a->index, op->path, op->n);
	if (marked)
		why = APPLY_MARKED;
	if (!op->staged && !marked)
		report_add(&ws->rep, op->parked ? REPORT_PARKED :
			   REPORT_UNWRITTEN, op->path, op->n, why);
	else if (!report_has(&ws->rep, REPORT_STAGED, op->path, op->n))
		report_add(&ws->rep, REPORT_STAGED, op->path, op->n, why);
	rc = state_base_get(ws->state, op->path, op->n, &old, a->e);
	if (!rc)
		rc = baserec_decode(&rec, old.p, old.n);
	if (rc == HUB_EABSENT) {
		memset(&rec, 0, sizeof(rec));
		rec.kind = BASEREC_UNWRITTEN;
		rec.id_n = OID_SIZE;
		memcpy(rec.id, op->want.id.h, OID_SIZE);
		rc = 0;
	}
	if (rc < 0)
		goto out;
	rec.flags |= BASEREC_BEHIND;
	rc = state_base_put(ws->state, op->path, op->n, raw,
			    baserec_encode(raw, &rec), a->e);
	if (!rc)
		rc = state_set_add(ws->state, SET_BEHIND, op->path, op->n,
				   a->e);
	if (rc < 0 || op->staged)
		goto out;
	if (op->want.mode && path_ok(op->path, op->n))
		rc = index_put(a->index, op->path, op->n, &op->want, NULL,
			       a->e);
	else if (!op->want.mode)
		rc = index_remove(a->index, op->path, op->n, a->e);
out:
	buf_release(&old);
	return rc;
}

int apply_file_done(struct apply *a, struct apply_op *op,
		    const struct os_stat *st)
{
	uint8_t raw[BASEREC_MAX];
	struct baserec rec;
	int rc;

	if (!st) {
		rc = state_base_del(a->ws->state, op->path, op->n, a->e);
		return rc < 0 ? rc :
			index_remove(a->index, op->path, op->n, a->e);
	}
	content_record(&rec, &op->want, st, a->fs_now_ns);
	if (op->want.mode == MODE_GITLINK)
		rec.kind = BASEREC_UNWRITTEN;
	else if (op->is_db && rec.kind == BASEREC_FILE)
		rec.kind = BASEREC_DB;
	else if (op->ptr.size)
		content_record_large(&rec, &op->ptr);
	a->ws->large_new |= content_is_large(&rec);
	rc = state_base_put(a->ws->state, op->path, op->n, raw,
			    baserec_encode(raw, &rec), a->e);
	return rc < 0 ? rc : index_put(a->index, op->path, op->n, &op->want,
				       st, a->e);
}

/* A data base with a WAL is in use: replacing it would corrupt it. */
static int has_wal(struct os_dir *d, const char *name)
{
	struct dbside_wal w;

	dbside_wal(d, name, &w);
	return w.size != 0;
}

/* Why a path is not even looked at; NULL: it is. */
static const char *held_back(const struct apply_op *op)
{
	if (op->staged)
		return APPLY_STAGED_WHY;
	return op->parked ? "waits for --accept-mass-change" : NULL;
}

/* A failure of this one path (its folder is not ours, no space for a name
 * like that, ...) leaves it behind; everything else stops the run. */
static int forgive(struct apply *a, struct apply_op *op, int rc)
{
	char why[ERR_MSG_MAX];

	if (rc == a->repo_rc)
		return rc;
	if (rc != HUB_ECONFLICT && rc != HUB_EDENIED && rc != HUB_EBUSY &&
	    rc != HUB_EABSENT)
		return rc;
	snprintf(why, sizeof(why), "%s", a->e && a->e->rc ? a->e->msg :
		 "this computer cannot hold it");
	err_clear(a->e);
	return apply_file_behind(a, op, why);
}

/* A folder that may not be removed stays, empty. */
static int prune(struct apply *a, const struct apply_op *op)
{
	int rc = wdir_prune(&a->dirs, op->path, op->n, a->e);

	if (rc == HUB_EDENIED || rc == HUB_EBUSY) {
		err_clear(a->e);
		rc = 0;
	}
	return rc;
}

int apply_file_remove(struct apply *a, struct apply_op *op)
{
	const char *why = held_back(op);
	struct os_dir *d;
	const char *name;
	struct os_stat st;
	enum apply_found f = FOUND_NOTHING;
	int rc;

	if (why)
		return apply_file_behind(a, op, why);
	if (!path_ok(op->path, op->n))	/* never was here */
		return apply_file_done(a, op, NULL);
	rc = wdir_get(&a->dirs, op->path, op->n, 0, &d, &name, a->e);
	if (!rc)
		rc = apply_look(a, op, d, name, &st, &f);
	if (rc == HUB_EABSENT) {
		err_clear(a->e);
		rc = 0;
	}
	if (rc < 0)
		return forgive(a, op, rc);
	if (f == FOUND_NOTHING)	/* a killed run may have left folders */
		rc = prune(a, op);
	if (rc < 0)
		return rc;
	if (f == FOUND_FOLDER && op->base.mode == MODE_GITLINK)
		os_dir_rmdir(d, name, NULL);	/* only if it is empty */
	if (f == FOUND_NOTHING || f == FOUND_FOLDER || f == FOUND_MINE)
		return apply_file_done(a, op, NULL);
	if (f != FOUND_BASE || has_wal(d, name))
		return apply_file_behind(a, op, APPLY_MEANWHILE);
	rc = apply_place_remove(a, d, name, &st);
	if (rc > 0)
		return apply_file_behind(a, op, APPLY_MEANWHILE);
	if (rc == HUB_EBUSY || rc == HUB_EDENIED) {
		err_clear(a->e);
		return apply_file_behind(a, op, "could not be removed");
	}
	if (!rc)
		rc = prune(a, op);
	if (!rc) {
		report_add(&a->ws->rep, REPORT_RECEIVED, op->path, op->n,
			   "removed");
		rc = apply_file_done(a, op, NULL);
	}
	return rc;
}

/* Remove a folder in which there are at most folders: those are not kept, and
 * must not keep a file from its name.  HUB_ECONFLICT if it holds anything. */
static int remove_empty(struct os_dir *d, const char *name, int depth,
			struct err *e)
{
	struct os_dir *sub = NULL;
	enum os_type type;
	const char *in;
	int rc = os_dir_rmdir(d, name, e);

	if (rc != HUB_ECONFLICT || depth == EMPTY_DEPTH_MAX)
		return rc;
	rc = os_dir_at(d, name, &sub, e);
	while (!rc && (rc = os_dir_next(sub, &in, &type, e)) > 0)
		rc = remove_empty(sub, in, depth + 1, e);
	os_dir_close(sub);
	return rc < 0 ? rc : os_dir_rmdir(d, name, e);
}

/* The base is as wanted, and what the user did since is the next run's. */
static int leave(struct apply *a, struct apply_op *op)
{
	struct buf old = BUF_INIT;
	uint8_t raw[BASEREC_MAX];
	struct baserec rec;
	int rc = state_base_get(a->ws->state, op->path, op->n, &old, a->e);

	if (!rc)
		rc = baserec_decode(&rec, old.p, old.n);
	if (!rc && (rec.flags & BASEREC_BEHIND)) {
		rec.flags &= ~(unsigned)BASEREC_BEHIND;
		rc = state_base_put(a->ws->state, op->path, op->n, raw,
				    baserec_encode(raw, &rec), a->e);
	}
	buf_release(&old);
	return rc < 0 ? rc : index_put(a->index, op->path, op->n, &op->want,
				       NULL, a->e);
}

static int write_here(struct apply *a, struct apply_op *op)
{
	struct os_dir *d;
	const char *name;
	struct os_stat st;
	enum apply_found f = FOUND_NOTHING;
	int rc = wdir_get(&a->dirs, op->path, op->n, 1, &d, &name, a->e);

	if (!rc)
		rc = apply_look(a, op, d, name, &st, &f);
	if (rc < 0)
		return rc;
	if (f == FOUND_SETTLED)
		return index_put(a->index, op->path, op->n, &op->want, &st,
				 a->e);
	if (f == FOUND_WANTED)
		return apply_file_done(a, op, &st);
	if (f == FOUND_MINE)
		return leave(a, op);
	if (f == FOUND_FOLDER) {
		rc = remove_empty(d, name, 0, a->e);
		if (rc < 0)
			return rc;
		f = FOUND_NOTHING;
	}
	if (f == FOUND_OTHER && apply_look_torn(a, op, d, name, &st)) {
		rc = os_dir_unlink(d, name, a->e);
		if (rc < 0)
			return rc;
		f = FOUND_NOTHING;
	}
	if (f == FOUND_OTHER || (f == FOUND_BASE && has_wal(d, name)))
		return apply_file_behind(a, op, APPLY_MEANWHILE);
	return apply_write(a, op, d, name, &st, f == FOUND_BASE);
}

/* A submodule is the user's business; like git we make its empty folder. */
static int write_gitlink(struct apply *a, struct apply_op *op)
{
	struct os_dir *d;
	const char *name;
	struct os_stat none;

	if (wdir_get(&a->dirs, op->path, op->n, 1, &d, &name, NULL) == 0)
		os_dir_mkdir(d, name, NULL);
	memset(&none, 0, sizeof(none));
	return apply_file_done(a, op, &none);
}

int apply_file_write(struct apply *a, struct apply_op *op)
{
	size_t at = (size_t)(op - a->ops);
	const char *why;
	int rc;

	/* a file for a folder, or the reverse; ours have been removed */
	op->staged |= index_clashes(a->index, op->path, op->n);
	why = held_back(op);
	if (why)
		return apply_file_behind(a, op, why);
	if (!path_ok(op->path, op->n))
		return apply_file_behind(a, op, "no file may have this name");
	if (op->want.mode == MODE_GITLINK)
		return write_gitlink(a, op);
	rc = write_here(a, op);
	if (rc < 0)
		return forgive(a, op, rc);
	if (at + 1 - a->waiting_from >= BATCH_FILES ||
	    a->waiting_bytes >= BATCH_BYTES)
		return apply_file_flush(a, at + 1);
	return 0;
}

static int same_as_seen(const struct apply_op *op, struct os_dir *d,
			const char *name)
{
	struct os_stat st;
	int rc = os_dir_stat(d, name, &st, NULL);

	if (!op->saw_any)
		return rc == HUB_EABSENT;
	return !rc && st.type == op->saw.type && st.size == op->saw.size &&
		st.mtime_ns == op->saw.mtime_ns &&
		st.ctime_ns == op->saw.ctime_ns && st.ino == op->saw.ino;
}

static int give_name(struct apply *a, struct apply_op *op)
{
	struct os_dir *d;
	const char *name;
	struct os_stat st;
	int rc = wdir_get(&a->dirs, op->path, op->n, 1, &d, &name, a->e);

	if (rc < 0)
		return rc;
	if (!same_as_seen(op, d, name)) {
		os_dir_unlink(a->tmp, op->tmp, NULL);
		return apply_file_behind(a, op, APPLY_MEANWHILE);
	}
	rc = apply_place(a, op, d, name, &st);
	if (rc > 0)
		return apply_file_behind(a, op, APPLY_MEANWHILE);
	if (!rc && a->each_fsync)
		rc = wdir_sync(&a->dirs, op->path, op->n, a->e);
	if (rc < 0)
		return rc;
	report_add(&a->ws->rep, REPORT_RECEIVED, op->path, op->n, NULL);
	return apply_file_done(a, op, &st);
}

int apply_file_flush(struct apply *a, size_t upto)
{
	size_t i;
	int rc = 0;

	if (!a->each_fsync && !a->fresh && a->waiting_bytes)
		rc = os_syncfs(a->ws->root.p, a->e);
	for (i = a->waiting_from; !rc && i < upto; i++) {
		struct apply_op *op = &a->ops[i];

		if (!op->tmp[0])
			continue;
		rc = give_name(a, op);
		if (rc < 0)
			rc = forgive(a, op, rc);
		op->tmp[0] = '\0';
	}
	a->waiting_from = upto;
	a->waiting_bytes = 0;
	return rc;
}
