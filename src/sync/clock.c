/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.c - who is wrong?  Every time that is known was told by some clock; one
 * that says otherwise than the rest is an outlier and believed in nothing.
 */
#include "sync/clock.h"

#include <stdio.h>
#include <string.h>

#include "base/tm.h"
#include "os/os_clock.h"
#include "repo/repo.h"
#include "sync/removed.h"

#define LOOK_BACK 1000			/* commits, along first parents */
#define DAY_S 86400

struct clock {
	struct workspace *ws;
	struct hub *hub;		/* NULL: it is away */
	int64_t now;
	int64_t last;			/* our last complete run, 0: none */
	int64_t tip;			/* of the newest commit, 0: none */
	int64_t newest;			/* that is not an outlier, 0: none */
	int64_t latest;			/* of all */
	unsigned agree, later;
};

static int is_later(const struct clock *c, int64_t t)
{
	return t > c->now + CLOCK_YEAR_S;
}

static int is_near(const struct clock *c, int64_t t)
{
	return !is_later(c, t) && t >= c->now - CLOCK_YEAR_S;
}

static void hear(struct clock *c, int64_t t)
{
	if (t > c->latest)
		c->latest = t;
	if (!is_later(c, t) && t > c->newest)
		c->newest = t;
}

static int ask_device(void *arg, const char *device, const struct presence *p,
		      const struct err *why)
{
	struct clock *c = arg;

	(void)why;
	if (!p || !strcmp(device, c->ws->dev.id))
		return 0;
	if (is_later(c, p->seen) && removed_is(c->hub, device))
		return 0;
	hear(c, p->seen);
	c->agree += (unsigned)is_near(c, p->seen);
	c->later += (unsigned)is_later(c, p->seen);
	return 0;
}

/* Was anything of this history made near our time, before it? */
static int ask_history(struct clock *c, const struct oid *tip, struct err *e)
{
	struct oid at = *tip;
	int i, rc = 0, found = 0;

	for (i = 0; !rc && !found && i < LOOK_BACK && !oid_is_zero(&at); i++) {
		struct commit k = COMMIT_INIT;

		rc = commit_read(c->ws->repo, &at, &k, e);
		found = !rc && is_near(c, k.time) && k.time <= c->now + DAY_S;
		at = !rc && k.parents_n ? k.parents[0] : oid_zero;
		commit_release(&k);
	}
	c->agree += (unsigned)found;
	return rc;
}

static int tip_time(struct workspace *ws, const struct oid *tip, int64_t *ret,
		    struct err *e)
{
	struct commit k = COMMIT_INIT;
	int rc;

	*ret = 0;
	if (oid_is_zero(tip))
		return 0;
	rc = commit_read(ws->repo, tip, &k, e);
	*ret = k.time;
	commit_release(&k);
	return rc;
}

static int is_behind(struct clock *c, const struct oid *tip, int *ret,
		     struct err *e)
{
	int rc;

	*ret = 0;
	if (!is_later(c, c->latest) || (c->last && is_near(c, c->last)))
		return 0;
	c->later += (unsigned)(c->last && is_later(c, c->last));
	rc = ask_history(c, tip, e);
	*ret = c->later ? c->agree <= c->later : !c->agree;
	return rc;
}

static int wrong(int64_t newest, struct err *e)
{
	struct buf t = BUF_INIT;

	tm_iso(&t, newest);
	err_set(e, HUB_EGUARD, "this computer's clock is years off (the newest "
		"thing known is of %s): set it, or say --accept-clock if it is "
		"right", t.p);
	buf_release(&t);
	return HUB_EGUARD;
}

int clock_check(struct workspace *ws, struct hub *hub, const struct oid *tip,
		struct err *e)
{
	struct clock c = { .ws = ws, .hub = hub, .now = os_now() };
	uint64_t last = 0;
	int behind, rc = state_get_u64(ws->state, META_LAST_SYNC, &last, e);

	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	c.last = (int64_t)last;
	hear(&c, c.last);
	rc = tip_time(ws, tip, &c.tip, e);
	if (rc < 0)
		return rc;
	hear(&c, c.tip);
	if (hub)
		hub_presence_each(hub, ask_device, &c, NULL);
	if (c.newest && c.now - c.newest > CLOCK_AHEAD_S)
		return wrong(c.newest, e);
	rc = is_behind(&c, tip, &behind, e);
	return rc < 0 ? rc : behind ? wrong(c.latest, e) : 0;
}

/* Remember that this one was told. */
static int told(struct workspace *ws, const struct oid *tip, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_put_oid(ws->state, META_CLOCK_TOLD, tip, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

int clock_note(struct workspace *ws, const struct oid *tip, struct err *e)
{
	struct clock c = { .ws = ws, .now = os_now() };
	struct buf t = BUF_INIT;
	struct oid last;
	int rc = tip_time(ws, tip, &c.tip, e);

	if (rc < 0 || !is_later(&c, c.tip))
		return rc;
	rc = state_get_oid(ws->state, META_CLOCK_TOLD, &last, e);
	if ((rc < 0 && rc != HUB_EABSENT) || (!rc && oid_eq(&last, tip)))
		return rc;
	tm_iso(&t, c.tip);
	snprintf(ws->rep.clock_note, sizeof(ws->rep.clock_note), "commit %.10s "
		 "is dated %s: the clock of the computer that made it was "
		 "wrong; nothing else is", oid_hex(tip), t.p);
	buf_release(&t);
	return told(ws, tip, e);
}
