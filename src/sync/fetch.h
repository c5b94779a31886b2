/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch.h - objects and refs between a workspace and its hub. */
#ifndef SYNC_FETCH_H
#define SYNC_FETCH_H

#include "sync/workspace.h"

/* fetch_run(): bring in all branches and tags that the hub has and we lack;
 * remote-tracking refs follow.  Damage in the hub is HUB_ECORRUPT and nothing
 * was named. */
int fetch_run(struct workspace *ws, struct hub *h, struct err *e);

/*
 * fetch_check_back(): has the hub's ${branch} gone back?  Compared with the tip
 * this workspace last followed (if state.db is new: with the tracking ref).
 * Returns 0: no; 1: yes, by an act that the hub's reflog or its list of acts
 * records (refmoves.h: a forced push or deletion), ${was} is where it stood;
 * HUB_EREMOTE: yes, without a record (an old copy of the hub?); HUB_ECORRUPT:
 * the branch is lost; HUB_EGUARD: it is gone, but another has its commits.
 */
int fetch_check_back(struct workspace *ws, struct hub *h, const char *branch,
		     struct oid *was, struct err *e);

/* fetch_followed(): remember that this workspace now has what the hub's
 * ${branch} had at ${tip}.  After apply_commit(): until then a rewritten branch
 * has to be noticed again. */
int fetch_followed(struct workspace *ws, const char *branch,
		   const struct oid *tip, struct err *e);

/* fetch_tracking(): name of the remote-tracking ref of a branch. */
int fetch_tracking(const char *branch, struct buf *ret, struct err *e);

/* fetch_offer(): write down that others may get to see ${id} from now on: it is
 * merged, not rebased. */
int fetch_offer(struct workspace *ws, const struct oid *id, struct err *e);

/*
 * fetch_send(): make ${tip} the hub's ${branch}, which was ${old} (zero: was
 * not there).  Objects first, durable; then the ref, compared and swapped, read
 * back; then our tracking ref.  HUB_ECONFLICT: somebody was faster, fetch and
 * replay; HUB_EBUSY: the ref is locked.
 */
int fetch_send(struct workspace *ws, struct hub *h, const char *branch,
	       const struct oid *old, const struct oid *tip, struct err *e);

#endif
