/* SPDX-License-Identifier: GPL-2.0-or-later */
/* act.c - what restore, undo and import have in common. */
#include "sync/act.h"

#include <string.h>

#include "os/os_clock.h"
#include "sync/apply.h"
#include "sync/engine.h"
#include "sync/follow.h"
#include "sync/guard.h"
#include "sync/large.h"
#include "sync/notify.h"
#include "sync/record.h"
#include "sync/replay.h"
#include "sync/status.h"

int act_open(struct act *a, struct workspace *ws, const char *what,
	     struct err *e)
{
	int rc;

	memset(a, 0, sizeof(*a));
	a->ws = ws;
	a->what = what;
	a->begun = os_now();
	buf_init(&a->branch);
	rc = apply_recover(ws, e);
	if (!rc)
		rc = engine_branch(ws, &a->branch, &a->tip, e);
	if (!rc)
		rc = follow_head(ws, &a->tip, e);
	a->before = a->tip;
	return rc;
}

static void fill_run(const struct act *a, const char *what,
		     struct status_run *run)
{
	memset(run, 0, sizeof(*run));
	run->what = what;
	run->branch = a->branch.p;
	run->message = a->message;
	run->before = a->before;
	run->after = a->tip;
	run->begun = a->begun;
}

int act_record(struct act *a, const char *message, struct err *e)
{
	struct workspace *ws = a->ws;
	struct status_run run;
	int rc;

	ws->recorded = oid_zero;
	rc = record_run(ws, NULL, a->branch.p, &a->tip, message, e);
	if (rc < 0)
		return rc;
	if (message) {
		a->made = ws->recorded;
		return 0;
	}
	if (!oid_is_zero(&ws->recorded)) {
		fill_run(a, "record", &run);
		rc = status_log(ws, &run, e);
	}
	ws->recorded = oid_zero;
	a->before = a->tip;
	report_reset(&ws->rep, REPORT_CHANGED);
	report_reset(&ws->rep, REPORT_RECEIVED);
	return rc;
}

static int make_commit(struct act *a, const struct oid *tree,
		       const char *subject, const struct buf *trailers,
		       struct oid *ret, struct err *e)
{
	struct buf msg = BUF_INIT;
	struct sink *sink = NULL;
	int rc = sink_open(a->ws->repo, SINK_LOOSE, &sink, e);

	if (rc < 0)
		goto out;
	buf_addf(&msg, "%s\n", subject);
	if ((trailers && trailers->n) || a->ws->accepted[0])
		buf_addch(&msg, '\n');
	if (trailers)
		buf_add(&msg, trailers->p, trailers->n);
	guard_trailer(a->ws, &msg);
	rc = buf_error(&msg) ? err_nomem(e) :
		replay_commit(a->ws, sink, tree, &a->tip,
			      !oid_is_zero(&a->tip), msg.p, ret, e);
	if (rc < 0)
		goto out;
	rc = sink_commit(sink, NULL, e);
	sink = NULL;
out:
	sink_abort(sink);
	buf_release(&msg);
	return rc;
}

int act_commit(struct act *a, const struct oid *tree, const char *subject,
	       const struct buf *trailers, struct err *e)
{
	struct workspace *ws = a->ws;
	struct oid old_tree, made;
	int rc = follow_commit_tree(ws->repo, &a->tip, &old_tree, e);

	if (rc < 0 || oid_eq(&old_tree, tree))
		return rc;
	rc = large_check_gone(ws, &old_tree, tree, e);
	if (!rc)
		rc = guard_by_hand(ws, &old_tree, tree, e);
	if (!rc)
		rc = make_commit(a, tree, subject, trailers, &made, e);
	if (!rc)
		rc = apply_commit(ws, NULL, a->branch.p, &a->tip, &made, NULL,
				  subject, e);
	ws->by_hand = 0;
	if (rc < 0)
		return rc;
	a->tip = a->made = made;
	return 0;
}

int act_close(struct act *a, int rc, struct err *e)
{
	struct workspace *ws = a->ws;
	struct status_run run;
	int rc2 = 0;

	/* asked for by hand: told every time */
	ws->rep.unwritten_new = ws->rep.count[REPORT_UNWRITTEN] != 0;
	if (!rc && (!oid_is_zero(&a->made) || a->message[0])) {
		ws->recorded = a->made;
		fill_run(a, a->what, &run);
		run.exit_code = act_exit(ws, rc);
		rc2 = status_log(ws, &run, e);
		notify_run(ws, &run);
	}
	buf_release(&a->branch);
	return rc < 0 ? rc : rc2;
}

int act_exit(const struct workspace *ws, int rc)
{
	if (rc < 0)
		return engine_exit_of(rc);
	return ws->rep.count[REPORT_CONFLICT] ||
		ws->rep.count[REPORT_UNWRITTEN];
}
