/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_hub.c - the hub is opened: what killed runs left in it, who we are. */
#include "sync/engine_internal.h"
#include "sync/far.h"

#include <string.h>

#include "os/os_clock.h"
#include "repo/ref.h"
#include "sync/fetch.h"

#define SWEEP_S 86400

/* ---- step 0: what a killed run of ours left in the hub ---- */

struct unlock { struct engine_run *r; };

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
static int sweep_hub(struct engine_run *r)
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

static int recover_hub(struct engine_run *r)
{
	struct unlock u = { r };
	int rc;

	if (r->hub->far)	/* what others leave there it removes itself */
		return 0;
	rc = state_set_each(r->ws->state, SET_OFFERED, unlock_one, &u,
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
static int check_copied(struct engine_run *r)
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

int engine_hub_read(struct engine_run *r)
{
	int rc = r->hub->far && !far_looked(r->hub) ?
		far_look(r->hub, r->e) : 0;

	if (!rc)
		rc = hub_read_refs(r->hub, r->e);
	if (!rc)
		rc = fetch_check_back(r->ws, r->hub, r->branch.p, &r->was,
				      r->e);
	r->rewritten = rc > 0;
	return rc < 0 ? rc : 0;
}

int engine_hub_open(struct engine_run *r)
{
	int rc = workspace_hub(r->ws, &r->hub, r->e);

	if (!rc)
		rc = recover_hub(r);
	if (!rc)
		rc = check_copied(r);
	return rc < 0 ? rc : engine_hub_read(r);
}
