/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch_send.c - commits go to the hub. */
#include "sync/fetch_internal.h"
#include "sync/far.h"

#include <stdlib.h>

#include "repo/exchange.h"
#include "repo/ref.h"

int fetch_offer(struct workspace *ws, const struct oid *id, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_set_add(ws->state, SET_OFFERED, id->h, OID_SIZE, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
	return rc;
}

/* The hub surely has none of them: its ref did not move.  If this cannot be
 * written down they are merged instead of rebased, no harm is done. */
static void unoffer(struct workspace *ws)
{
	int rc = state_begin(ws->state, NULL);

	if (rc < 0)
		return;
	rc = state_set_clear(ws->state, SET_OFFERED, NULL);
	if (!rc)
		rc = state_commit(ws->state, NULL);
	if (rc < 0)
		state_rollback(ws->state);
}

static int hub_tips(struct workspace *ws, struct hub *h, struct fetch_tips *t,
		    struct err *e)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		if (repo_has_quick(ws->repo, &h->refs[i].id) &&
		    fetch_tips_add(t, &h->refs[i].id))
			return err_nomem(e);
	return 0;
}

int fetch_send(struct workspace *ws, struct hub *h, const char *branch,
	       const struct oid *old, const struct oid *tip, struct err *e)
{
	struct exchange_stats st = { 0, 0, 0 };
	struct fetch_tips have = { NULL, 0, 0 };
	struct buf track = BUF_INIT;
	int rc = fetch_offer(ws, tip, e);

	if (!rc)
		rc = hub_tips(ws, h, &have, e);
	if (!rc)
		rc = workspace_progress(ws, "sending", 0, 0, e);
	if (!rc && !h->far)
		rc = exchange_copy(ws->repo, h->repo, tip, 1, have.v, have.n,
				   1, ws->new_pack, &st, e);
	if (rc < 0)
		goto out;
	rc = h->far ? far_push(ws, h, branch, old, tip, &st.objects, &st.bytes,
			       e) :
		ref_set_hub(h->repo, branch, old, tip, ws->dev.name,
			    "hub sync", e);
	if (rc == HUB_ECONFLICT || rc == HUB_EBUSY)
		unoffer(ws);
	if (rc < 0)
		goto out;
	ws->rep.objects_sent += st.objects;
	ws->rep.bytes_sent += st.bytes;
	rc = fetch_tracking(branch, &track, e);
	if (!rc)
		rc = fetch_mirror(ws, track.p, tip, e);
	if (!rc)
		rc = fetch_put_seen(ws, branch, tip, 1, e);
out:
	free(have.v);
	buf_release(&track);
	return rc;
}
