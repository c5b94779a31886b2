/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_plan.c - what a checkout has to do, may it, and is there room?  Nothing
 * is touched here but the notes that guards keep.
 */
#include "sync/apply_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sync/apply.h"
#include "sync/compare.h"
#include "sync/content.h"
#include "sync/follow.h"
#include "sync/guard.h"

#define FEW_FILES 16		/* up to here an fsync each beats one syncfs */

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
		a->ops[i].own = recorded || a->own;
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
		if (rc == HUB_EABSENT)
			rc = err_set(a->e, HUB_ECORRUPT, "object %s, the content "
				     "of '%s', is missing from '%s': `hub "
				     "verify` tells more",
				     oid_hex(&a->ops[i].want.id), a->ops[i].path,
				     repo_commondir(a->ws->repo));
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

int apply_plan(struct apply *a, struct hub *hub, const struct oid *from,
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
