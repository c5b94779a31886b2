/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply_recover.c - finish or void what an interrupted run left.
 *
 * If that run recorded what it found on the disk, then those contents are the
 * base now, whatever the disk has become meanwhile: without that, what HEAD has
 * would look like something received, and the user's next edit like a conflict
 * with it.  Their stat is not known any more; the next compare looks at the
 * content.
 */
#include "sync/apply_internal.h"

#include "sync/apply.h"
#include "sync/behind.h"
#include "sync/content.h"
#include "sync/follow.h"

/* The base of one path becomes what was recorded. */
static int base_recorded(void *arg, const char *path, size_t n,
			 const struct tree_leaf *o,
			 const struct tree_leaf *leaf)
{
	struct apply *a = arg;
	static const struct os_stat unknown;
	struct buf old = BUF_INIT;
	uint8_t raw[BASEREC_MAX];
	struct baserec rec, was;
	int rc;

	(void)o;
	rc = state_base_get(a->ws->state, path, n, &old, a->e);
	was.flags = 0;
	if (!rc)
		rc = baserec_decode(&was, old.p, old.n);
	if (rc == HUB_EABSENT)
		rc = 0;
	if (rc < 0)
		goto out;
	if (leaf->mode) {	/* it may still be that HEAD has more */
		content_record(&rec, leaf, &unknown, 0);
		rec.flags |= was.flags & BASEREC_BEHIND;
		rc = state_base_put(a->ws->state, path, n, raw,
				    baserec_encode(raw, &rec), a->e);
	} else if (!(was.flags & BASEREC_BEHIND)) {
		rc = state_base_del(a->ws->state, path, n, a->e);
	}
out:
	buf_release(&old);
	return rc;
}

/* Store what the interrupted run had recorded.  *any: it had. */
static int take_recorded(struct workspace *ws, const struct oid *from,
			 int *any, struct err *e)
{
	struct apply a = { .ws = ws, .e = e };
	struct oid tree, old;
	int rc = state_get_oid(ws->state, META_RECORDED, &tree, e);

	*any = !rc;
	if (rc == HUB_EABSENT)
		return 0;
	if (!rc)
		rc = follow_commit_tree(ws->repo, from, &old, e);
	if (!rc)
		rc = state_begin(ws->state, e);
	if (rc < 0)
		return rc;
	rc = tree_diff(ws->repo, &old, &tree, base_recorded, &a, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

static int forget(struct workspace *ws, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_del(ws->state, META_APPLYING, e);
	if (!rc)
		rc = state_del(ws->state, META_RECORDED, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

/* HEAD is where that run put it: do the rest. */
static int go_on(struct workspace *ws, const struct oid *from,
		 const struct oid *want, int own, struct err *e)
{
	struct apply a;
	uint64_t one = 0;
	int rc = apply_open(&a, ws, e);

	if (!rc) {
		a.fresh = !state_get_u64(ws->state, META_FRESH, &one, NULL);
		a.own = own;
		ws->large_new = 1;	/* that run may have had some */
		rc = apply_plan(&a, NULL, from, want, NULL);
		if (!rc)
			rc = apply_finish(&a, want, NULL);
	}
	apply_close(&a);
	return rc;
}

/* A state.db made anew knows nothing: is there more to know? */
static int remember(struct workspace *ws, struct err *e)
{
	struct oid id;
	int rc = state_get_oid(ws->state, META_HEAD, &id, e);

	if (rc == HUB_EABSENT)
		rc = state_get_oid(ws->state, META_APPLYING, &id, e);
	return rc == HUB_EABSENT ? behind_restore(ws, e) : rc;
}

int apply_recover(struct workspace *ws, struct err *e)
{
	struct buf branch = BUF_INIT;
	struct oid want, head, from;
	int own = 0, rc = remember(ws, e);

	if (!rc)
		rc = state_get_oid(ws->state, META_APPLYING, &want, e);
	if (rc == HUB_EABSENT)
		return behind_tidy(ws, e);
	if (!rc)
		rc = repo_head(ws->repo, &branch, &head, e);
	buf_release(&branch);
	if (!rc)
		rc = state_get_oid(ws->state, META_HEAD, &from, e);
	if (rc == HUB_EABSENT) {
		from = oid_zero;
		rc = 0;
	}
	if (rc < 0)
		return rc;
	if (oid_eq(&head, &want)) {
		rc = take_recorded(ws, &from, &own, e);
		return rc ? rc : go_on(ws, &from, &want, own, e);
	}
	/* Step 3 never happened, or HEAD has moved on since: follow.c's case,
	 * which leaves alone what is behind. */
	if (!oid_is_zero(&head) && repo_is_ancestor(ws->repo, &want, &head,
						    NULL) > 0)
		rc = take_recorded(ws, &from, &own, e);
	return rc ? rc : forget(ws, e);
}
