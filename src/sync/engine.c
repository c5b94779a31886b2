/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.c - the steps of one run, in order.  Each can be killed and the next
 * run goes on: recovery is the first step of every run.
 */
#include "sync/engine.h"

#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "repo/ref.h"
#include "sync/apply.h"
#include "sync/clock.h"
#include "sync/fetch.h"
#include "sync/follow.h"
#include "sync/guard.h"
#include "sync/notify.h"
#include "sync/queue.h"
#include "sync/record.h"
#include "sync/replay.h"
#include "sync/status.h"
#include "sync/told.h"
#include "sync/upkeep.h"

#define RACE_MS 60000			/* a lost race repeats this long */
#define SWEEP_S 86400
#define LOCK_NOTE "lock-note"

struct run {
	struct workspace *ws;
	const struct engine_options *o;
	struct hub *hub;		/* NULL while offline */
	struct buf branch;
	struct oid before, tip;
	struct oid was;			/* hub's branch before a rewrite */
	int rewritten;
	struct err *e;
};

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

/* ---- step 0: what a killed run of ours left in the hub ---- */

struct unlock { struct run *r; };

static int unlock_one(void *arg, const void *p, size_t n)
{
	struct unlock *u = arg;
	struct oid id;

	if (n != OID_SIZE)
		return 0;
	memcpy(id.h, p, OID_SIZE);
	return ref_unlock_own(u->r->hub->repo, u->r->branch.p, &id, u->r->e);
}

/* Once a day: it looks into every folder of objects. */
static int sweep_hub(struct run *r)
{
	struct state *s = r->ws->state;
	uint64_t last = 0, now = (uint64_t)os_now();
	int rc = state_get_u64(s, META_SWEPT, &last, r->e);

	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	if (!rc && last <= now && now - last < SWEEP_S)
		return 0;
	hub_sweep(r->hub);
	rc = state_begin(s, r->e);
	if (!rc)
		rc = state_put_u64(s, META_SWEPT, now, r->e);
	if (!rc)
		return state_commit(s, r->e);
	state_rollback(s);
	return rc;
}

static int recover_hub(struct run *r)
{
	struct unlock u = { r };
	int rc = state_set_each(r->ws->state, SET_OFFERED, unlock_one, &u,
				r->e);

	return rc < 0 ? rc : sweep_hub(r);
}

/* ---- step 1: who are we? ---- */

static int same_nonce(struct workspace *ws, const char *fact,
		      const struct presence *p, int *known, struct err *e)
{
	struct buf v = BUF_INIT;
	int rc = state_get(ws->state, fact, &v, e);
	int same = !rc && v.n == sizeof(p->nonce) &&
		!memcmp(v.p, p->nonce, v.n);

	*known |= !rc;
	buf_release(&v);
	return rc == HUB_EABSENT ? 0 : rc < 0 ? rc : same;
}

/* A copy of this workspace has synced under our name, or this is the copy. */
static int check_copied(struct run *r)
{
	struct presence p;
	int rc, same, known = 0;

	if (!r->ws->dev.secret)
		return workspace_renew_device(r->ws, r->hub, r->e);
	memset(&p, 0, sizeof(p));
	rc = hub_presence_read(r->hub, r->ws->dev.id, &p, r->e);
	if (rc == HUB_EABSENT) {
		err_clear(r->e);
		return 0;
	}
	if (rc == HUB_ECORRUPT || rc == HUB_EAUTH) {
		err_clear(r->e);	/* this run writes it anew */
		return 0;
	}
	if (rc < 0)
		return rc;
	same = same_nonce(r->ws, META_NONCE, &p, &known, r->e);
	if (!same)
		same = same_nonce(r->ws, META_NONCE_NEXT, &p, &known, r->e);
	presence_release(&p);
	if (same < 0)
		return same;
	/* A state.db made anew knows no nonce.  If this is a copy after all,
	 * the other one will find out. */
	return same || !known ? 0 : workspace_renew_device(r->ws, r->hub, r->e);
}

/* The hub's refs, and whether they went back. */
static int read_hub(struct run *r)
{
	int rc = hub_read_refs(r->hub, r->e);

	if (!rc)
		rc = fetch_check_back(r->ws, r->hub, r->branch.p, &r->was,
				      r->e);
	r->rewritten = rc > 0;
	return rc < 0 ? rc : 0;
}

static int open_hub(struct run *r)
{
	int rc = workspace_hub(r->ws, &r->hub, r->e);

	if (!rc)
		rc = recover_hub(r);
	if (!rc)
		rc = check_copied(r);
	return rc < 0 ? rc : read_hub(r);
}

/* ---- step 4: bring in ---- */

static int bring_in(struct run *r)
{
	const struct oid *theirs = hub_ref(r->hub, r->branch.p);
	struct oid to;
	int rc = fetch_run(r->ws, r->hub, r->e);

	if (!rc && theirs)
		rc = clock_note(r->ws, theirs, r->e);
	if (rc || !theirs)
		return rc;
	if (oid_is_zero(&r->tip))
		to = *theirs;
	else
		rc = replay_run(r->ws, &r->tip, theirs,
				r->rewritten ? &r->was : NULL, &to, r->e);
	if (!rc && !oid_eq(&to, &r->tip)) {
		rc = apply_commit(r->ws, r->hub, r->branch.p, &r->tip, &to,
				  NULL, "hub: sync", r->e);
		if (!rc)
			r->tip = to;
	}
	return rc ? rc : fetch_followed(r->ws, r->branch.p, theirs, r->e);
}

/* ---- step 6: send; a lost race brings in again ---- */

static void jitter(unsigned try)
{
	uint16_t rnd;
	unsigned top = try < 6 ? 20u << try : 1280;

	os_random(&rnd, sizeof(rnd));
	os_sleep_ms(5 + rnd % top);
}

static int stale_lock(struct run *r)
{
	struct buf memo = BUF_INIT;
	int removed = 0;
	int rc = state_get(r->ws->state, LOCK_NOTE, &memo, r->e);

	if (rc == HUB_EABSENT)
		rc = 0;
	if (!rc)
		rc = ref_unlock_stale(r->hub->repo, r->branch.p, os_now(),
				      &memo, &removed, r->e);
	if (!rc)
		rc = state_begin(r->ws->state, r->e);
	if (!rc) {
		rc = state_put(r->ws->state, LOCK_NOTE, memo.p, memo.n, r->e);
		if (!rc)
			rc = state_commit(r->ws->state, r->e);
		else
			state_rollback(r->ws->state);
	}
	buf_release(&memo);
	return rc;
}

static int send_once(struct run *r)
{
	const struct oid *theirs = hub_ref(r->hub, r->branch.p);
	struct oid old = theirs ? *theirs : oid_zero;

	if (oid_is_zero(&r->tip) || oid_eq(&old, &r->tip))
		return 0;
	if (!theirs && oid_eq(&r->was, &r->tip))
		return 0;	/* deleted by a recorded act, nothing new here */
	return fetch_send(r->ws, r->hub, r->branch.p, &old, &r->tip, r->e);
}

static int local_steps(struct run *r)
{
	int rc = follow_head(r->ws, &r->tip, r->e);

	if (!rc)
		rc = record_run(r->ws, r->hub, r->branch.p, &r->tip, NULL,
				r->e);
	return rc;
}

/* HEAD may have been moved by git: what it committed is looked at first. */
static int look_again(struct run *r)
{
	struct oid was = r->tip;
	int rc = engine_branch(r->ws, &r->branch, &r->tip, r->e);

	return rc < 0 || oid_eq(&was, &r->tip) ? rc : local_steps(r);
}

/* Another one was quicker: wait for our turn, look anew. */
static int again(struct run *r, struct queue *q, int busy, uint64_t until,
		 unsigned try)
{
	int rc = busy ? stale_lock(r) : 0;

	if (rc < 0)
		return rc;
	rc = workspace_progress(r->ws, "waiting for the hub", try, 0, r->e);
	if (!rc)
		rc = queue_wait(q, 1, until, r->e);
	if (rc < 0)
		return rc;
	if (busy || !q->joined || try > 2)	/* it's not about turns */
		jitter(try);
	rc = read_hub(r);
	return rc < 0 ? rc : look_again(r);
}

/* Who has nothing to send need not wait; else refs are old after it. */
static int first_turn(struct run *r, struct queue *q, uint64_t until)
{
	int rc;

	if (r->o->what == ENGINE_PULL || oid_eq(&r->tip, &r->was))
		return 0;
	rc = queue_wait(q, 0, until, r->e);
	if (!rc && q->joined)
		rc = read_hub(r);
	return rc < 0 || !q->joined ? rc : look_again(r);
}

static int exchange(struct run *r)
{
	uint64_t until = os_mono_ms() + RACE_MS;
	struct queue q;
	unsigned try = 0;
	int rc;

	queue_open(&q, r->ws, r->hub);
	rc = first_turn(r, &q, until);
	while (!rc) {
		rc = bring_in(r);
		if (!rc && r->o->what != ENGINE_PULL)
			rc = send_once(r);
		if ((rc != HUB_ECONFLICT && rc != HUB_EBUSY) ||
		    os_mono_ms() > until)
			break;
		rc = again(r, &q, rc == HUB_EBUSY, until, try++);
		if (rc < 0)
			break;
		rc = 0;
	}
	queue_close(&q);
	return rc;
}

/* ---- the run ---- */

static int steps(struct run *r)
{
	int offline, rc;
	struct err why = ERR_INIT;

	rc = apply_recover(r->ws, r->e);
	if (!rc)
		rc = engine_branch(r->ws, &r->branch, &r->tip, r->e);
	if (rc < 0)
		return rc;
	r->before = r->tip;
	offline = open_hub(r);
	if (offline < 0 && r->e)
		why = *r->e;
	if (offline < 0) {		/* what is local goes on all the same */
		hub_close(r->hub);
		r->hub = NULL;
		err_clear(r->e);
	}
	rc = r->o->accept_clock ? 0 :
		clock_check(r->ws, r->hub, &r->tip, r->e);
	if (!rc)
		rc = local_steps(r);
	if (rc < 0)
		return rc;
	if (offline < 0) {
		if (r->e)
			*r->e = why;
		return offline;
	}
	rc = guard_publish(r->ws, r->hub, r->e);
	if (!rc)
		rc = exchange(r);
	if (!rc)
		rc = apply_retry(r->ws, r->hub, r->e);
	if (!rc)
		rc = guard_publish(r->ws, r->hub, r->e);
	if (!rc)
		rc = upkeep_run(r->ws, r->hub, r->e);
	return rc;
}

/* Damage inside state.db, met on the way: once more, without it. */
static int heal(struct run *r, int rc)
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
static int verdict(struct run *r, int rc)
{
	struct err why = ERR_INIT;

	if (rc != HUB_EABSENT && rc != HUB_ECORRUPT && rc != HUB_EREMOTE &&
	    rc != HUB_EIO)
		return rc;
	if (r->hub && hub_is_gone(r->hub))
		return err_set(r->e, HUB_EOFFLINE, "the hub '%s' went away "
			       "during the run (unmounted?): will catch up "
			       "later", r->hub->path.p);
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
	struct run r = { .ws = ws, .o = o, .branch = BUF_INIT, .e = e };
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
	if (code == 16 || code == 15 || code == 17 || code == 18 || code == 12)
		return code;
	if (code == 20 || p->change_id[0])
		return 20;
	if (code == 14 || code == 13)
		return code;
	if (p->count[REPORT_UNREADABLE])
		return 19;
	if (p->count[REPORT_CONFLICT] || p->device_renewed ||
	    p->unwritten_new || p->clock_note[0])
		return 1;
	return code;
}
