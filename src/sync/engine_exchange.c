/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_exchange.c - bring in, send; a lost race does both again. */
#include "sync/engine_internal.h"

#include "os/os.h"
#include "os/os_clock.h"
#include "repo/ref.h"
#include "sync/apply.h"
#include "sync/clock.h"
#include "sync/fetch.h"
#include "sync/large.h"
#include "sync/queue.h"
#include "sync/replay.h"

#define RACE_MS 60000			/* a lost race repeats this long */
#define GIT_MS 9000			/* git in the workspace is waited for */
#define LOCK_NOTE "lock-note"

/* ---- step 4: bring in ---- */

static int bring_in(struct engine_run *r)
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

static int stale_lock(struct engine_run *r)
{
	struct buf memo = BUF_INIT;
	int removed = 0, rc;

	if (r->hub->far)
		return 0;
	rc = state_get(r->ws->state, LOCK_NOTE, &memo, r->e);

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

static int send_once(struct engine_run *r)
{
	const struct oid *theirs = hub_ref(r->hub, r->branch.p);
	struct oid old = theirs ? *theirs : oid_zero;
	int rc;

	if (oid_is_zero(&r->tip) || oid_eq(&old, &r->tip))
		return 0;
	if (!theirs && oid_eq(&r->was, &r->tip))
		return 0;	/* deleted by a recorded act, nothing new here */
	rc = large_check(r->ws, &old, &r->tip, r->e);
	if (!rc)
		rc = fetch_send(r->ws, r->hub, r->branch.p, &old, &r->tip, r->e);
	if (!rc)
		rc = large_check_again(r->ws, &old, &r->tip, r->e);
	if (!rc)
		large_sent(r->ws);
	return rc;
}

/* HEAD may have been moved by git: what it committed is looked at first. */
static int look_again(struct engine_run *r)
{
	struct oid was = r->tip;
	int rc = engine_branch(r->ws, &r->branch, &r->tip, r->e);

	return rc < 0 || oid_eq(&was, &r->tip) ? rc : engine_record(r);
}

/* Another one was quicker: wait for our turn, look anew. */
static int again(struct engine_run *r, struct queue *q, int busy,
		 uint64_t until, unsigned try)
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
	rc = engine_hub_read(r);
	return rc < 0 ? rc : look_again(r);
}

/* Who has nothing to send need not wait; else refs are old after it. */
static int first_turn(struct engine_run *r, struct queue *q, uint64_t until)
{
	int rc;

	if (r->o->what == ENGINE_PULL || r->hold || oid_eq(&r->tip, &r->was))
		return 0;
	rc = queue_wait(q, 0, until, r->e);
	if (!rc && q->joined)
		rc = engine_hub_read(r);
	return rc < 0 || !q->joined ? rc : look_again(r);
}

int engine_exchange(struct engine_run *r)
{
	uint64_t until = os_mono_ms() + RACE_MS;
	struct queue q;
	unsigned try = 0;
	int rc;

	queue_open(&q, r->ws, r->hub);
	rc = first_turn(r, &q, until);
	while (!rc) {
		rc = bring_in(r);
		if (rc == HUB_EBUSY && os_mono_ms() + RACE_MS > until + GIT_MS)
			break;		/* not the hub: git works here */
		if (!rc && r->o->what != ENGINE_PULL && !r->hold)
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
