/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overview.c - what this folder looks like to its next sync.
 *
 * The same steps as a run takes (engine.c), without their effects: base in line
 * with HEAD, compare, what is staged, guards.
 */
#include "sync/overview.h"

#include <stdlib.h>
#include <string.h>

#include "sync/apply.h"
#include "sync/apply_internal.h"
#include "sync/compare.h"
#include "sync/conflict_list.h"
#include "sync/content.h"
#include "sync/follow.h"
#include "sync/guard.h"
#include "sync/overview_internal.h"
#include "sync/record.h"

/* ---- HEAD moved since the last run: what git committed is no change ---- */

struct moved {
	const struct changes *in;
	struct changes out;
	size_t at;			/* first of ${in} not yet passed on */
	struct err *e;
};

/* Pass on one change, measured against ${base}. */
static int keep(struct moved *m, const char *path, size_t n,
		const struct change *from, const struct tree_leaf *base,
		const struct tree_leaf *disk)
{
	struct change *c;

	if (compare_leaf_eq(base, disk))
		return 0;
	c = changes_add(&m->out, path, n);
	if (!c)
		return err_nomem(m->e);
	c->base = *base;
	c->disk = *disk;
	c->base_flags = from ? from->base_flags : 0;
	return 0;
}

static int keep_before(struct moved *m, const char *path, size_t n)
{
	int rc = 0;

	while (!rc && m->at < m->in->n) {
		const struct change *c = &m->in->v[m->at];

		if (path && mem_cmp(c->path, c->n, path, n) >= 0)
			break;
		rc = keep(m, c->path, c->n, c, &c->base, &c->disk);
		m->at++;
	}
	return rc;
}

/* ${o}: at the last run; ${leaf}: in HEAD now. */
static int moved_leaf(void *arg, const char *path, size_t n,
		      const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct moved *m = arg;
	const struct change *c = NULL;
	int rc = keep_before(m, path, n);

	if (rc < 0)
		return rc;
	if (m->at < m->in->n && !mem_cmp(m->in->v[m->at].path,
					 m->in->v[m->at].n, path, n))
		c = &m->in->v[m->at++];
	if (c && c->base_flags & BASEREC_BEHIND)
		return keep(m, path, n, c, &c->base, &c->disk);
	return keep(m, path, n, c, leaf, c ? &c->disk : o);
}

static int against_head(struct workspace *ws, const struct oid *head,
			struct changes *ch, struct err *e)
{
	struct moved m = { .in = ch, .out = CHANGES_INIT, .e = e };
	struct oid base, old, tree;
	int rc = state_get_oid(ws->state, META_HEAD, &base, e);

	if (rc == HUB_EABSENT) {
		base = oid_zero;
		rc = 0;
	}
	if (rc < 0 || oid_eq(&base, head))
		return rc;
	rc = follow_commit_tree(ws->repo, &base, &old, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, head, &tree, e);
	if (!rc)
		rc = tree_diff(ws->repo, &old, &tree, moved_leaf, &m, e);
	if (!rc)
		rc = keep_before(&m, NULL, 0);
	if (rc < 0) {
		changes_release(&m.out);
		return rc;
	}
	changes_release(ch);
	*ch = m.out;
	return 0;
}

/* ---- the next record ---- */

static void count_changes(struct workspace *ws, struct overview *o,
			  const struct changes *ch)
{
	size_t i;

	for (i = 0; i < ch->n; i++) {
		const struct change *c = &ch->v[i];
		const char *why = !c->base.mode ? "new" :
			!c->disk.mode ? "removed" : NULL;

		if (c->waits || compare_leaf_eq(&c->base, &c->disk))
			continue;
		if (!c->base.mode)
			o->added++;
		else if (!c->disk.mode)
			o->removed++;
		else
			o->changed++;
		report_add(&ws->rep, REPORT_CHANGED, c->path, c->n, why);
	}
}

static int look_changes(struct workspace *ws, struct overview *o,
			struct err *e)
{
	struct changes ch = CHANGES_INIT;
	struct oid tree;
	int rc = compare_run(ws, NULL, &ch, e);

	if (!rc)
		rc = against_head(ws, &o->head, &ch, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &o->head, &tree, e);
	if (!rc && ch.n)
		rc = record_staged(ws, &ch, &tree, e);
	if (!rc)
		rc = guard_outgoing(ws, &ch, e);
	if (!rc)
		count_changes(ws, o, &ch);
	changes_release(&ch);
	return rc;
}

/* ---- what the disk lacks ---- */

struct behind {
	struct workspace *ws;
	struct oid tree;
	struct index *index;
	struct apply_op *ops;
	size_t n, alloc;
	struct err *e;
};

static int behind_one(void *arg, const void *p, size_t n)
{
	struct behind *b = arg;
	struct apply_op *op;
	int rc;

	if (b->n == b->alloc) {
		size_t want = b->alloc ? b->alloc * 2 : 64;

		op = realloc(b->ops, want * sizeof(*op));
		if (!op)
			return err_nomem(b->e);
		b->ops = op;
		b->alloc = want;
	}
	op = &b->ops[b->n];
	memset(op, 0, sizeof(*op));
	op->path = malloc(n + 1);
	if (!op->path)
		return err_nomem(b->e);
	memcpy(op->path, p, n);
	op->path[n] = '\0';
	op->n = n;
	b->n++;
	rc = tree_find(b->ws->repo, &b->tree, op->path, n, &op->want, b->e);
	if (rc == HUB_EABSENT || (!rc && op->want.mode == MODE_TREE)) {
		memset(&op->want, 0, sizeof(op->want));
		rc = 0;
	}
	if (!rc)
		rc = content_base(b->ws->state, op->path, n, &op->base, b->e);
	if (!rc)
		op->staged = !index_missing(b->index) &&
			(apply_staged(b->index, p, n, &op->base, &op->want) ||
			 (op->want.mode && index_clashes(b->index, p, n)));
	return rc;
}

static void tell_behind(struct workspace *ws, struct index *x,
			const struct apply_op *op)
{
	int marked = apply_staged_marked(x, op->path, op->n);

	if (!op->staged && !marked)
		report_add(&ws->rep, op->parked ? REPORT_PARKED :
			   REPORT_UNWRITTEN, op->path, op->n, NULL);
	else if (!report_has(&ws->rep, REPORT_STAGED, op->path, op->n))
		report_add(&ws->rep, REPORT_STAGED, op->path, op->n,
			   op->staged ? APPLY_STAGED_WHY : APPLY_MARKED);
}

static int look_behind(struct workspace *ws, struct overview *o,
		       struct hub *hub, struct err *e)
{
	struct behind b = { .ws = ws, .e = e };
	size_t i;
	int rc = follow_commit_tree(ws->repo, &o->head, &b.tree, e);

	if (!rc)
		rc = index_peek(ws->repo, &b.index, e);
	if (!rc)
		rc = state_set_each(ws->state, SET_BEHIND, behind_one, &b, e);
	if (!rc && b.n)
		rc = guard_look(ws, hub, b.ops, b.n, &o->head, e);
	for (i = 0; i < b.n; i++) {
		if (!rc)
			tell_behind(ws, b.index, &b.ops[i]);
		free(b.ops[i].path);
	}
	free(b.ops);
	index_close(b.index);
	return rc;
}

static int add_conflict(void *arg, const struct conflict_entry *c)
{
	report_add(arg, REPORT_CONFLICT, c->copy, c->copy_n, c->path);
	return 0;
}

/* ---- the log ---- */

static int newest_run(void *arg, const struct state_run *r)
{
	struct overview *o = arg;

	o->last_run = *r;
	o->ran = 1;
	return 1;
}

static int look_memory(struct workspace *ws, struct overview *o,
		       struct err *e)
{
	struct oid applying;
	uint64_t last = 0;
	int rc = state_get_u64(ws->state, META_LAST_SYNC, &last, e);

	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	o->last_sync = (int64_t)last;
	rc = state_get_oid(ws->state, META_APPLYING, &applying, e);
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	o->unfinished = !rc;
	return state_run_each(ws->state, newest_run, o, e);
}

int overview_look(struct workspace *ws, struct overview *ret, struct err *e)
{
	struct hub *hub = NULL;
	int rc;

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->branch);
	buf_init(&ret->hub_branch);
	rc = repo_operation(ws->repo, &ret->operation, e);
	if (!rc)
		rc = repo_head(ws->repo, &ret->branch, &ret->head, e);
	if (!rc)
		rc = look_memory(ws, ret, e);
	if (!rc)
		rc = look_changes(ws, ret, e);
	if (!rc)
		rc = conflict_list(ws, add_conflict, &ws->rep, e);
	if (!rc)
		rc = overview_hub(ws, ret, &hub, e);
	if (!rc)
		rc = look_behind(ws, ret, hub, e);
	if (!rc)
		rc = places_look(ws, hub, &ret->places, &ret->places_n, e);
	hub_close(hub);
	if (rc < 0)
		overview_release(ret);
	return rc;
}

void overview_release(struct overview *o)
{
	size_t i;

	for (i = 0; i < o->dev_n; i++)
		free(o->dev[i].damaged);
	free(o->dev);
	places_seen_free(o->places, o->places_n);
	buf_release(&o->branch);
	buf_release(&o->hub_branch);
	memset(o, 0, sizeof(*o));
	buf_init(&o->branch);
	buf_init(&o->hub_branch);
}
