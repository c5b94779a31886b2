/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.c - the order of a checkout; one path at a time is apply_file.c. */
#include "sync/apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "os/os_clock.h"
#include "repo/ref.h"
#include "sync/apply_internal.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/follow.h"
#include "sync/guard.h"

#define FEW_FILES 16		/* up to here an fsync each beats one syncfs */
#define INDEX_WAIT_MS 10000

static struct apply_op *add_op(struct apply *a, const char *path, size_t n)
{
	struct apply_op *op;

	if (a->n == a->alloc) {
		size_t want = a->alloc ? a->alloc * 2 : 64;

		op = realloc(a->ops, want * sizeof(*op));
		if (!op)
			return NULL;
		a->ops = op;
		a->alloc = want;
	}
	op = &a->ops[a->n];
	memset(op, 0, sizeof(*op));
	op->path = malloc(n + 1);
	if (!op->path)
		return NULL;
	memcpy(op->path, path, n);
	op->path[n] = '\0';
	op->n = n;
	a->n++;
	return op;
}

static int want_leaf(void *arg, const char *path, size_t n,
		     const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct apply *a = arg;
	struct apply_op *op = add_op(a, path, n);

	if (!op)
		return err_nomem(a->e);
	op->want = *leaf;
	op->base = *o;
	return 0;
}

static int cmp_ops(const void *x, const void *y)
{
	const struct apply_op *a = x, *b = y;

	return mem_cmp(a->path, a->n, b->path, b->n);
}

struct behind { struct apply *a; struct oid tree; size_t upto; };

/* One path more, if it is not among the first ${upto}. */
static int want_path(struct behind *b, const char *p, size_t n,
		     struct apply_op **ret)
{
	struct apply_op key = { .path = (char *)(uintptr_t)p, .n = n };
	struct tree_leaf leaf;
	int rc;

	*ret = NULL;
	if (b->upto && bsearch(&key, b->a->ops, b->upto, sizeof(key), cmp_ops))
		return 0;
	rc = tree_find(b->a->ws->repo, &b->tree, p, n, &leaf, b->a->e);
	if (rc == HUB_EABSENT || (!rc && leaf.mode == MODE_TREE)) {
		memset(&leaf, 0, sizeof(leaf));
		rc = 0;
	}
	if (rc < 0)
		return rc;
	*ret = add_op(b->a, p, n);
	if (!*ret)
		return err_nomem(b->a->e);
	(*ret)->want = leaf;
	return 0;
}

/* A path that an earlier run could not bring up to date: once more. */
static int want_behind(void *arg, const void *p, size_t n)
{
	struct behind *b = arg;
	struct apply_op *op;
	int rc = want_path(b, p, n, &op);

	if (rc < 0 || !op)
		return rc;
	op->again = 1;	/* with the base: guards ask again every time */
	return content_base(b->a->ws->state, p, n, &op->base, b->a->e);
}

/* Recorded, but in neither tree: a file that made way for a folder which could
 * not be written so far. */
static int want_recorded(struct behind *b, const struct changes *rec)
{
	struct apply_op *op;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < rec->n; i++) {
		const struct change *c = &rec->v[i];

		if (c->waits || !c->disk.mode)
			continue;
		rc = want_path(b, c->path, c->n, &op);
		if (rc < 0 || !op)
			continue;
		op->own = 1;
		op->base = c->disk;
	}
	return rc;
}

static void sort_ops(struct apply *a)
{
	if (a->n)
		qsort(a->ops, a->n, sizeof(*a->ops), cmp_ops);
}

/* What the disk must become: the difference of the trees, and what is behind. */
static int collect(struct apply *a, const struct oid *from,
		   const struct oid *to, const struct changes *recorded)
{
	struct behind b = { .a = a };
	struct oid old;
	size_t i;
	int rc = follow_commit_tree(a->ws->repo, from, &old, a->e);

	if (!rc)
		rc = follow_commit_tree(a->ws->repo, to, &b.tree, a->e);
	if (!rc)
		rc = tree_diff(a->ws->repo, &old, &b.tree, want_leaf, a, a->e);
	b.upto = a->n;
	for (i = 0; i < a->n; i++)
		a->ops[i].own = recorded != NULL;
	if (!rc)
		rc = state_set_each(a->ws->state, SET_BEHIND, want_behind, &b,
				    a->e);
	if (rc < 0 || a->n == b.upto)
		return rc;
	sort_ops(a);
	b.upto = a->n;
	if (recorded)
		rc = want_recorded(&b, recorded);
	sort_ops(a);
	return rc;
}

/* Disk space first: a checkout that stops half-way helps nobody. */
static int check_space(struct apply *a)
{
	uint64_t need = 0, free_bytes, size;
	enum obj_type t;
	size_t i, writes = 0;
	int rc = 0;

	for (i = 0; i < a->n; i++)
		writes += a->ops[i].want.mode != 0;
	a->each_fsync = (writes <= FEW_FILES && !a->fresh) || !os_has_syncfs();
	if (!writes || os_disk_free(a->ws->root.p, &free_bytes, NULL))
		return 0;
	if (free_bytes > (uint64_t)writes * (32u << 20))
		return 0;	/* no need to ask for every size */
	for (i = 0; !rc && i < a->n; i++) {
		if (!a->ops[i].want.mode ||
		    a->ops[i].want.mode == MODE_GITLINK)
			continue;
		rc = repo_size(a->ws->repo, &a->ops[i].want.id, &t, &size,
			       a->e);
		need += size;
	}
	if (!rc && need + (16u << 20) > free_bytes)
		rc = err_set(a->e, HUB_ELIMIT, "%llu MB are to come and %llu MB "
			     "are free in '%s': make room, then sync again",
			     (unsigned long long)(need >> 20),
			     (unsigned long long)(free_bytes >> 20),
			     a->ws->root.p);
	return rc;
}

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
		if (!a->ops[i].want.mode)
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

static int apply_open(struct apply *a, struct workspace *ws, struct err *e)
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

static void apply_close(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		free(a->ops[i].path);
	free(a->ops);
	index_close(a->index);
	os_dir_close(a->tmp);
	wdir_close(&a->dirs);
}

/* Before anything moves: what there is to do, may it, and is there room? */
static int prepare(struct apply *a, struct hub *hub, const struct oid *from,
		   const struct oid *tip, const struct changes *recorded)
{
	struct report *rep = &a->ws->rep;
	int rc;

	/* All that is behind is tried, and told, anew. */
	report_reset(rep, REPORT_UNWRITTEN);
	if (!strcmp(rep->parked_direction, "incoming"))
		report_reset(rep, REPORT_PARKED);
	rc = collect(a, from, tip, recorded);
	if (!rc)
		rc = apply_staged_mark(a, from, recorded);
	if (!rc)	/* guards note what they were told */
		rc = state_begin(a->ws->state, a->e);
	if (rc < 0)
		return rc;
	rc = guard_journal(a->ws, tip, a->e);	/* asked for by hand? */
	if (!rc)
		rc = guard_incoming(a->ws, hub, a->ops, a->n, from, tip, a->e);
	if (rc < 0) {
		state_rollback(a->ws->state);
		return rc;
	}
	rc = state_commit(a->ws->state, a->e);
	return rc < 0 ? rc : check_space(a);
}

/* Steps 4 to 6.  Inside no transaction; opens and ends its own. */
static int finish(struct apply *a, const struct oid *tip,
		  const struct changes *recorded)
{
	struct state *s = a->ws->state;
	int rc = state_begin(s, a->e);

	if (rc < 0)
		return rc;
	rc = store_recorded(a, recorded);
	if (!rc)
		rc = state_set_clear(s, SET_BEHIND, a->e);
	if (!rc)
		rc = run_ops(a);
	if (!rc && a->n)
		rc = index_write(a->index, NULL, a->e);
	if (!rc)
		rc = state_put_oid(s, META_HEAD, tip, a->e);
	if (!rc)
		rc = state_del(s, META_APPLYING, a->e);
	if (!rc)
		rc = state_del(s, META_FRESH, a->e);
	if (!rc)	/* whoever moves HEAD has recorded before */
		rc = state_del(s, META_ONTO, a->e);
	if (!rc)
		return state_commit(s, a->e);
	state_rollback(s);
	return rc;
}

static int journal(struct apply *a, const struct oid *tip)
{
	struct state *s = a->ws->state;
	uint64_t one;
	int rc = state_begin(s, a->e);

	if (rc < 0)
		return rc;
	rc = state_put_oid(s, META_APPLYING, tip, a->e);
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
	rc = prepare(&a, hub, old, tip, recorded);
	if (!rc)
		rc = journal(&a, tip);
	if (!rc && !oid_eq(old, tip))
		rc = ref_set_local(ws->repo, branch, old, tip, why, e);
	if (!rc)
		rc = finish(&a, tip, recorded);
out:
	apply_close(&a);
	return rc;
}

int apply_recover(struct workspace *ws, struct err *e)
{
	struct buf branch = BUF_INIT;
	struct oid want, head, from;
	uint64_t one = 0;
	struct apply a;
	int rc = state_get_oid(ws->state, META_APPLYING, &want, e);

	if (rc == HUB_EABSENT)
		return 0;
	if (!rc)
		rc = repo_head(ws->repo, &branch, &head, e);
	buf_release(&branch);
	if (rc < 0)
		return rc;
	if (!oid_eq(&head, &want)) {	/* step 3 never happened, or HEAD has
					   moved on since: follow.c's case */
		rc = state_begin(ws->state, e);
		if (!rc)
			rc = state_del(ws->state, META_APPLYING, e);
		if (!rc)
			return state_commit(ws->state, e);
		state_rollback(ws->state);
		return rc;
	}
	rc = state_get_oid(ws->state, META_HEAD, &from, e);
	if (rc == HUB_EABSENT)
		from = oid_zero;
	else if (rc < 0)
		return rc;
	rc = apply_open(&a, ws, e);
	if (!rc) {
		a.fresh = !state_get_u64(ws->state, META_FRESH, &one, NULL);
		rc = prepare(&a, NULL, &from, &want, NULL);
		if (!rc)
			rc = finish(&a, &want, NULL);
	}
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
		rc = prepare(&a, hub, &head, &head, NULL);
	if (!rc)
		rc = finish(&a, &head, NULL);
	apply_close(&a);
	return rc;
}
