/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply_recover.c - finish or void what an interrupted run left. */
#include "sync/apply_internal.h"

#include "sync/apply.h"

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
		rc = apply_plan(&a, NULL, &from, &want, NULL);
		if (!rc)
			rc = apply_finish(&a, &want, NULL);
	}
	apply_close(&a);
	return rc;
}
