/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.c - the steps of one run, in order.  Each can be killed and the next
 * run goes on: recovery is the first step of every run.
 */
#include "sync/engine_internal.h"

#include <string.h>

#include "os/os_clock.h"
#include "sync/apply.h"
#include "sync/clock.h"
#include "sync/follow.h"
#include "sync/guard.h"
#include "sync/large.h"
#include "sync/notify.h"
#include "sync/record.h"
#include "sync/status.h"
#include "sync/told.h"
#include "sync/upkeep.h"

int engine_branch(struct workspace *ws, struct buf *branch, struct oid *tip,
		  struct err *e)
{
	const char *op;
	int rc = repo_operation(ws->repo, &op, e);

	if (rc < 0)
		return rc;
	if (op)
		return err_set(e, HUB_EGUARD, "a git %s is under way in '%s': "
			       "finish it or `git %s --abort`, then sync", op,
			       ws->root.p, op);
	rc = repo_head(ws->repo, branch, tip, e);
	if (!rc && !branch->n)
		rc = err_set(e, HUB_EGUARD, "'%s' is on no branch (detached "
			     "HEAD): `git switch main`, then sync",
			     ws->root.p);
	return rc;
}

int engine_record(struct engine_run *r)
{
	int rc = follow_head(r->ws, &r->tip, r->e);

	if (!rc)
		rc = record_run(r->ws, r->hub, r->branch.p, &r->tip, NULL,
				r->e);
	return rc;
}

/*
 * send_large(): what waits in the outbox.  If the vault that it is for is gone,
 * commits wait too that may point to it; what others did still comes in.
 */
static int send_large(struct engine_run *r)
{
	struct report *p = &r->ws->rep;
	int rc = large_send(r->ws, r->e);

	if (rc != HUB_ECORRUPT || !p->vault_note[0])
		return rc;
	r->hold = 1;
	err_clear(r->e);
	return 0;
}

/* A vault that is gone is damage, whether this run needs it or not. */
static void look_at_vault(struct engine_run *r)
{
	struct report *p = &r->ws->rep;
	struct err why = ERR_INIT;

	if (!large_no_vault(r->ws, &why))
		return;
	p->damaged = 1;
	memcpy(p->vault_note, why.msg, sizeof(p->vault_note));
}

static int steps(struct engine_run *r)
{
	int offline, rc;
	struct err why = ERR_INIT;

	rc = apply_recover(r->ws, r->e);
	if (!rc)
		rc = engine_branch(r->ws, &r->branch, &r->tip, r->e);
	if (rc < 0)
		return rc;
	r->before = r->tip;
	offline = engine_hub_open(r);
	if (offline < 0 && r->e)
		why = *r->e;
	if (offline < 0) {		/* what is local goes on all the same */
		hub_close(r->hub);
		r->hub = NULL;
		err_clear(r->e);
	}
	if (offline >= 0)
		look_at_vault(r);
	rc = r->o->accept_clock ? 0 :
		clock_check(r->ws, r->hub, &r->tip, r->e);
	if (!rc)
		rc = engine_record(r);
	if (rc < 0)
		return rc;
	if (offline < 0) {
		rc = offline == HUB_EOFFLINE ? engine_places(r) : 0;
		if (rc < 0 || (!strcmp(r->ws->hub_url.p, WORKSPACE_NO_HUB) &&
			       r->ws->rep.places_done))
			return rc;
		if (r->e)
			*r->e = why;
		return offline;
	}
	rc = guard_publish(r->ws, r->hub, r->e);
	if (!rc)	/* content before what points to it */
		rc = send_large(r);
	if (!rc)
		rc = engine_exchange(r);
	if (!rc)
		rc = apply_retry(r->ws, r->hub, r->e);
	if (!rc)
		rc = guard_publish(r->ws, r->hub, r->e);
	if (!rc)
		rc = engine_places(r);
	if (!rc)
		rc = upkeep_run(r->ws, r->hub, r->e);
	if (!rc && !r->ws->rep.vault_note[0])
		rc = upkeep_vault(r->ws, r->hub, r->e);
	return rc;
}

/* Damage inside state.db, met on the way: once more, without it. */
static int heal(struct engine_run *r, int rc)
{
	struct err why = ERR_INIT;
	int k = 0, healed = workspace_state_heal(r->ws, &why);

	if (healed < 0 && r->e)
		*r->e = why;
	if (healed <= 0)
		return healed < 0 ? healed : rc;
	err_clear(r->e);
	hub_close(r->hub);
	r->hub = NULL;
	r->rewritten = 0;
	while (k < REPORT_KINDS)
		report_reset(&r->ws->rep, (enum report_kind)k++);
	return steps(r);
}

/*
 * verdict(): ${rc}, unless that tells of a hub what only tells of its absence:
 * it may have gone away (unmounted) during the run.  Nothing else may be missing
 * here, so HUB_EABSENT ("no such hub") is no answer.
 */
static int verdict(struct engine_run *r, int rc)
{
	struct err why = ERR_INIT;

	if (rc != HUB_EABSENT && rc != HUB_ECORRUPT && rc != HUB_EREMOTE &&
	    rc != HUB_EIO)
		return rc;
	if (r->hub && hub_is_gone(r->hub))
		return err_set(r->e, HUB_EOFFLINE, "the hub '%s' went away "
			       "during the run (unmounted?): will catch up "
			       "later", hub_name(r->hub));
	if (rc != HUB_EABSENT)
		return rc;
	if (r->e)
		why = *r->e;
	return err_set(r->e, why.os ? HUB_EIO : HUB_ECORRUPT, "%s", why.rc ?
		       why.msg : "something is missing");
}

int engine_run(struct workspace *ws, const struct engine_options *o,
	       struct err *e)
{
	struct engine_run r = { .ws = ws, .o = o, .branch = BUF_INIT, .e = e };
	struct status_run sr = { .begun = os_now() };
	struct err ignored = ERR_INIT;
	int rc = steps(&r), rc2;

	if (rc == HUB_ECORRUPT)
		rc = heal(&r, rc);
	if (!rc)
		rc = told_unwritten(ws, e);
	rc = verdict(&r, rc);
	sr.what = o->what == ENGINE_SYNC ? "sync" :
		o->what == ENGINE_PUSH ? "push" : "pull";
	sr.before = r.before;
	sr.after = r.tip;
	sr.branch = r.branch.p;
	sr.rc = rc;
	sr.exit_code = engine_exit(ws, rc);
	sr.message = rc < 0 && e ? e->msg : "";
	if (rc != HUB_ECANCEL && ws->state) {
		rc2 = status_finish(ws, r.hub, &sr, rc < 0 ? &ignored : e);
		if (!rc)
			rc2 = verdict(&r, rc2);
		if (!rc)
			rc = rc2;
		notify_run(ws, &sr);
	}
	hub_close(r.hub);
	buf_release(&r.branch);
	return rc;
}

int engine_exit_of(int rc)
{
	static const struct { int rc, exit; } table[] = {
		{ 0, 0 }, { HUB_EABSENT, 10 }, { HUB_EBUSY, 11 },
		{ HUB_EAUTH, 12 }, { HUB_EOFFLINE, 13 }, { HUB_ELIMIT, 14 },
		{ HUB_EREMOTE, 15 }, { HUB_ECORRUPT, 16 },
		{ HUB_EDENIED, 17 }, { HUB_EVERSION, 18 },
		{ HUB_EGUARD, 20 }, { HUB_EUSAGE, 129 },
		{ HUB_ECANCEL, 130 },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].rc == rc)
			return table[i].exit;
	return 128;
}

int engine_exit(const struct workspace *ws, int rc)
{
	const struct report *p = &ws->rep;
	int code = engine_exit_of(rc);

	if (code >= 128 || code == 11 || code == 10)
		return code;
	if (p->damaged || p->count[REPORT_LOST] ||
	    p->place_rc == HUB_ECORRUPT)
		return 16;
	if (p->place_rc == HUB_EREMOTE && code != 16)
		return 15;
	if (code == 16 || code == 15 || code == 17 || code == 18 || code == 12)
		return code;
	if (code == 20 || p->change_id[0])
		return 20;
	if (code == 14 || p->no_room)
		return 14;
	if (code == 13)
		return code;
	if (p->count[REPORT_UNREADABLE])
		return 19;
	if (p->count[REPORT_CONFLICT] || p->device_renewed ||
	    p->unwritten_new || p->clock_note[0])
		return 1;
	return code;
}
