/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.c - the order of a checkout; what there is to do is apply_plan.c, one
 * path at a time apply_file.c. */
#include "sync/apply.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "repo/ref.h"
#include "sync/apply_internal.h"
#include "sync/behind.h"
#include "sync/filter.h"
#include "sync/guard.h"

#define INDEX_WAIT_MS 10000

/* Removals first (a file may make room for a folder), then files. */
static int run_ops(struct apply *a)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < a->n; i++)
		if (!a->ops[i].want.mode)
			rc = apply_file_remove(a, &a->ops[i]);
	a->waiting_from = 0;
	for (i = 0; !rc && i < a->n; i++) {
		if (!(i & 255))
			rc = workspace_progress(a->ws, "writing files", i, a->n,
						a->e);
		if (!rc && a->ops[i].want.mode)
			rc = apply_file_write(a, &a->ops[i]);
	}
	if (!rc)
		rc = apply_file_flush(a, a->n);
	for (i = 0; !rc && a->each_fsync && i < a->n; i++)
		if (!a->ops[i].want.mode && !a->ops[i].left)
			rc = wdir_sync(&a->dirs, a->ops[i].path, a->ops[i].n,
				       a->e);
	if (!rc && !a->each_fsync && a->n)
		rc = os_syncfs(a->ws->root.p, a->e);
	return rc;
}

/* The records of what compare_run() saw and the new commit contains. */
static int store_recorded(struct apply *a, const struct changes *rec)
{
	uint8_t raw[BASEREC_MAX];
	struct state *s = a->ws->state;
	size_t i;
	int rc = 0;

	for (i = 0; rec && !rc && i < rec->n; i++) {
		const struct change *c = &rec->v[i];
		struct baserec b = c->rec;

		if (c->waits)
			continue;
		if (!c->disk.mode) {
			rc = state_base_del(s, c->path, c->n, a->e);
		} else {
			/* equal to what the tree has, or apply finds out */
			b.flags |= c->base_flags & BASEREC_BEHIND;
			rc = state_base_put(s, c->path, c->n, raw,
					    baserec_encode(raw, &b), a->e);
		}
		if (!rc && (b.kind == BASEREC_DB || c->wal.size))
			rc = dbside_remember(s, c->path, c->n, &c->wal, a->e);
	}
	return rc;
}

int apply_open(struct apply *a, struct workspace *ws, struct err *e)
{
	struct buf tmp = BUF_INIT;
	struct os_stat st;
	int fd = -1, rc;

	memset(a, 0, sizeof(*a));
	a->ws = ws;
	a->e = e;
	rc = wdir_open(&a->dirs, ws->root.p, e);
	if (!rc)
		rc = workspace_tmp(ws, &tmp, e);
	if (!rc)
		rc = os_dir_open(tmp.p, &a->tmp, e);
	if (!rc)	/* the file system's clock, not ours */
		rc = os_dir_create(a->tmp, "clock", 0, &fd, e);
	if (!rc)
		rc = os_fstat(fd, &st, "clock", e);
	os_close(fd, "clock", NULL);
	if (!rc) {
		a->fs_now_ns = st.mtime_ns;
		rc = os_dir_unlink(a->tmp, "clock", e);
	}
	if (!rc)
		rc = index_open(ws->repo, &a->index, e);
	if (!rc)
		rc = index_lock(a->index, INDEX_WAIT_MS, e);
	buf_release(&tmp);
	return rc;
}

void apply_close(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->ops[i].path);
	free(a->ops);
	index_close(a->index);
	os_dir_close(a->tmp);
	wdir_close(&a->dirs);
}

/* A pointer that lies bare where its file should be: the next apply_retry()
 * puts the file there. */
static int note_bare(struct apply *a, const struct changes *rec)
{
	size_t i;
	int rc = 0;

	for (i = 0; rec && !rc && i < rec->n; i++) {
		const struct change *c = &rec->v[i];

		if (!c->waits && c->disk.mode && c->rec.flags & BASEREC_BEHIND)
			rc = state_set_add(a->ws->state, SET_BEHIND, c->path,
					   c->n, a->e);
	}
	return rc;
}

int apply_finish(struct apply *a, const struct oid *tip,
		  const struct changes *recorded)
{
	struct state *s = a->ws->state;
	int rc = state_begin_soft(s, a->e);

	if (rc < 0)
		return rc;
	rc = store_recorded(a, recorded);
	if (!rc)
		rc = state_set_clear(s, SET_BEHIND, a->e);
	if (!rc)
		rc = run_ops(a);
	if (!rc)
		rc = note_bare(a, recorded);
	if (!rc && a->n)
		rc = index_write(a->index, a->e);
	if (!rc)
		rc = state_put_oid(s, META_HEAD, tip, a->e);
	if (!rc)
		rc = state_del(s, META_APPLYING, a->e);
	if (!rc)
		rc = state_del(s, META_RECORDED, a->e);
	if (!rc)
		rc = state_del(s, META_FRESH, a->e);
	if (!rc)	/* whoever moves HEAD has recorded before */
		rc = state_del(s, META_ONTO, a->e);
	if (!rc && a->ws->large_new)	/* before: a kill must not skip it */
		rc = filter_attributes(a->ws, a->e);
	if (!rc)
		rc = state_commit(s, a->e);
	a->ws->large_new &= rc < 0;
	if (!rc)
		return behind_after(a->ws, tip, a->e);
	state_rollback(s);
	return rc;
}

/* What is recorded here is on the disk; all else is not, yet. */
static int note_behind(struct apply *a, const struct oid *old,
		       const struct oid *tip, const struct changes *recorded)
{
	size_t i;
	int will = 0;

	for (i = 0; !will && i < a->n; i++)
		will = !recorded || a->ops[i].again;
	return will ? behind_before(a->ws, old, tip, a->fresh, a->e) : 0;
}

static int journal(struct apply *a, const struct oid *tip,
		   const struct changes *recorded)
{
	struct state *s = a->ws->state;
	uint64_t one;
	int rc = state_begin(s, a->e);

	if (rc < 0)
		return rc;
	rc = state_put_oid(s, META_APPLYING, tip, a->e);
	if (!rc)
		rc = recorded && !oid_is_zero(&recorded->tree) ?
			state_put_oid(s, META_RECORDED, &recorded->tree, a->e) :
			state_del(s, META_RECORDED, a->e);
	if (!rc)
		rc = guard_journal(a->ws, tip, a->e);
	if (!rc && a->fresh)
		rc = state_put_u64(s, META_FRESH, 1, a->e);
	if (!rc && state_get_u64(s, META_FRESH, &one, NULL) == 0)
		a->fresh = 1;
	if (!rc)
		return state_commit(s, a->e);
	state_rollback(s);
	return rc;
}

/* Under index.lock, so that it stays true: is HEAD where the caller saw it?
 * ${branch} NULL: any branch. */
static int still_at(struct apply *a, const char *branch,
		    const struct oid *tip)
{
	struct buf now = BUF_INIT;
	struct oid head;
	int rc = repo_head(a->ws->repo, &now, &head, a->e);

	if (!rc && (!oid_eq(&head, tip) || (branch && strcmp(now.p, branch))))
		rc = err_set(a->e, HUB_ECONFLICT, "git moved HEAD meanwhile: "
			     "nothing was touched, sync again");
	buf_release(&now);
	return rc;
}

int apply_commit(struct workspace *ws, struct hub *hub, const char *branch,
		 const struct oid *old, const struct oid *tip,
		 const struct changes *recorded, const char *why,
		 struct err *e)
{
	struct apply a;
	uint64_t rows = 0;
	int rc = apply_open(&a, ws, e);

	if (!rc)
		rc = still_at(&a, branch, old);
	if (!rc)
		rc = state_base_count(ws->state, &rows, e);
	if (rc < 0)
		goto out;
	a.fresh = oid_is_zero(old) && !rows && !recorded;
	rc = apply_plan(&a, hub, old, tip, recorded);
	if (!rc)
		rc = journal(&a, tip, recorded);
	if (!rc)
		rc = note_behind(&a, old, tip, recorded);
	if (!rc && !oid_eq(old, tip))
		rc = ref_set_local(ws->repo, branch, old, tip, why, e);
	if (!rc)
		rc = apply_finish(&a, tip, recorded);
out:
	apply_close(&a);
	return rc;
}
static int count_one(void *arg, const void *p, size_t n)
{
	(void)p;
	(void)n;
	*(int *)arg = 1;
	return 1;
}

int apply_retry(struct workspace *ws, struct hub *hub, struct err *e)
{
	struct oid head;
	struct apply a;
	int any = 0;
	int rc = state_set_each(ws->state, SET_BEHIND, count_one, &any, e);

	if (rc < 0 || !any)
		return rc < 0 ? rc : 0;
	rc = state_get_oid(ws->state, META_HEAD, &head, e);
	if (rc < 0)
		return rc;
	rc = apply_open(&a, ws, e);
	if (!rc)
		rc = still_at(&a, NULL, &head);
	if (!rc)
		rc = apply_plan(&a, hub, &head, &head, NULL);
	if (!rc)
		rc = apply_finish(&a, &head, NULL);
	apply_close(&a);
	return rc;
}
