/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch_seen.c - what was last seen of the hub's branch, and has it gone back? */
#include "sync/fetch_internal.h"

#include <string.h>

#include "repo/ref.h"
#include "sync/refmoves.h"

#define SEEN "seen:"			/* + branch: the tip we last followed */

/* Is ${was} still in the history of the hub's tip?  Asked of the hub's own
 * objects: ours may not have the tip yet. */
static int still_there(struct workspace *ws, struct hub *h,
		       const struct oid *was, const struct oid *now,
		       struct err *e)
{
	int rc;

	if (oid_eq(was, now))
		return 1;
	if (repo_has_quick(ws->repo, now) && repo_has_quick(ws->repo, was))
		return repo_is_ancestor(ws->repo, was, now, e);
	rc = hub_has(h, was, e);
	return rc > 0 ? hub_is_ancestor(h, was, now, e) : rc;
}

/* A branch that is gone while another one has its commits was renamed. */
static int lost(struct hub *h, const char *branch, const struct oid *was,
		struct err *e)
{
	const char *in = NULL;
	size_t i;
	int rc = hub_has(h, was, e);

	if (rc < 0)
		return rc;
	for (i = 0; !in && rc && i < h->refs_n; i++) {
		if (strncmp(h->refs[i].name, HEADS, sizeof(HEADS) - 1))
			continue;
		int is = hub_is_ancestor(h, was, &h->refs[i].id, e);

		if (is < 0 && is != HUB_ECORRUPT)
			return is;
		if (is > 0)
			in = h->refs[i].name;
	}
	if (in)
		return err_set(e, HUB_EGUARD, "the hub has no %s any more, but "
			       "its commits are in %s (renamed?): switch to that "
			       "branch, then sync", branch, in);
	return err_set(e, HUB_ECORRUPT, "the hub has lost %s, which was at "
		       "%.10s: nothing was changed; `hub verify` tells more",
		       branch, oid_hex(was));
}

/* In state.db, not only as the tracking ref: `git fetch` moves that, and so
 * does a run that is killed before it has followed the hub. */
static int seen_name(const char *branch, struct buf *ret, struct err *e)
{
	buf_addf(ret, SEEN "%s", branch);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int last_seen(struct workspace *ws, const char *branch,
		     struct oid *was, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_get_oid(ws->state, name.p, was, e);
	if (rc == HUB_EABSENT)
		rc = fetch_tracking(branch, &name, e);
	if (!rc && !strncmp(name.p, TRACKING, sizeof(TRACKING) - 1))
		rc = ref_get(ws->repo, name.p, was, e);
	buf_release(&name);
	return rc;
}

int fetch_put_seen(struct workspace *ws, const char *branch,
		   const struct oid *tip, int settled, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_begin_soft(ws->state, e);
	if (rc < 0)
		goto out;
	rc = state_put_oid(ws->state, name.p, tip, e);
	if (!rc && settled)
		rc = state_set_clear(ws->state, SET_OFFERED, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
out:
	buf_release(&name);
	return rc;
}

int fetch_followed(struct workspace *ws, const char *branch,
		   const struct oid *tip, struct err *e)
{
	struct buf name = BUF_INIT;
	struct oid was;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_get_oid(ws->state, name.p, &was, e);
	buf_release(&name);
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	return !rc && oid_eq(&was, tip) ? 0 :
		fetch_put_seen(ws, branch, tip, 0, e);
}

int fetch_check_back(struct workspace *ws, struct hub *h, const char *branch,
		     struct oid *was, struct err *e)
{
	const struct oid *now = hub_ref(h, branch);
	uint64_t seen = 0;
	int rc = last_seen(ws, branch, was, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);		/* never seen: nothing to compare */
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = now ? still_there(ws, h, was, now, e) : 0;
	if (rc)
		return rc < 0 ? rc : 0;
	rc = state_get_u64(ws->state, META_LAST_SYNC, &seen, e);
	if (!rc || rc == HUB_EABSENT)
		rc = refmoves_explain(h, branch, was, now, (int64_t)seen, e);
	if (rc)
		return rc;
	if (!now)
		return lost(h, branch, was, e);
	return err_set(e, HUB_EREMOTE, "the hub's %s went back from %.10s to "
		       "another history without a record (an old copy "
		       "restored?): nothing was changed", branch, oid_hex(was));
}
