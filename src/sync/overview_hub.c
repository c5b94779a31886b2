/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overview_hub.c - the hub and the other computers, seen from a workspace.
 *
 * Commits are counted with the objects of both repositories in view: neither
 * side needs to have fetched what the other has.
 */
#include "sync/overview_internal.h"
#include "sync/far.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/removed.h"

/* Commits of ${tip} that ${have} (zero: nothing) lacks. */
static uint64_t missing(struct repo *r, const struct oid *tip,
			const struct oid *have)
{
	uint64_t n;

	if (oid_eq(tip, have) || oid_is_zero(tip))
		return 0;
	if (!oid_is_zero(have) && repo_has(r, have, NULL) <= 0)
		return OVERVIEW_UNKNOWN;
	return repo_count(r, tip, have, &n, NULL) ? OVERVIEW_UNKNOWN : n;
}

/* The same, counted at the hub if we do not have what it has. */
static uint64_t at_hub(struct workspace *ws, struct hub *h,
		       const struct oid *tip, const struct oid *have)
{
	uint64_t n;

	if (!h->far || oid_eq(tip, have) || oid_is_zero(tip) ||
	    repo_has_quick(ws->repo, tip))
		return missing(ws->repo, tip, have);
	return far_count(h, tip, have, &n, NULL) ? OVERVIEW_UNKNOWN : n;
}

static void count_own(struct workspace *ws, struct overview *o,
		      struct hub *h)
{
	const struct oid *theirs = hub_ref(h, o->branch.p);

	o->at_hub = theirs != NULL;
	if (!theirs)		/* a branch of our own: what is new about it */
		theirs = &o->hub_tip;
	o->to_send = missing(ws->repo, &o->head, theirs);
	o->to_bring = o->at_hub ? at_hub(ws, h, theirs, &o->head) : 0;
}

struct devices {
	struct workspace *ws;
	struct hub *hub;
	struct overview *o;
	struct err *e;
};

static const struct oid *tip_of(const struct presence *p, const char *branch)
{
	size_t i;

	for (i = 0; i < p->tips_n; i++)
		if (!strcmp(p->tips[i].ref, branch))
			return &p->tips[i].oid;
	return &oid_zero;
}

static void fill_device(struct devices *d, struct overview_device *v,
			const struct presence *p)
{
	memcpy(v->name, p->name, sizeof(v->name));
	v->state = p->state;
	v->seen = p->seen;
	v->pending = p->pending;
	v->behind = at_hub(d->ws, d->hub, &d->o->hub_tip,
			   tip_of(p, d->o->hub_branch.p));
}

static int add_device(void *arg, const char *device, const struct presence *p,
		      const struct err *why)
{
	struct devices *d = arg;
	struct overview *o = d->o;
	struct overview_device *v;

	if (o->dev_n == o->dev_alloc) {
		size_t want = o->dev_alloc ? o->dev_alloc * 2 : 16;

		v = realloc(o->dev, want * sizeof(*v));
		if (!v)
			return err_nomem(d->e);
		o->dev = v;
		o->dev_alloc = want;
	}
	v = &o->dev[o->dev_n];
	memset(v, 0, sizeof(*v));
	snprintf(v->id, sizeof(v->id), "%s", device);
	v->own = !strcmp(device, d->ws->dev.id);
	v->removed = removed_is(d->hub, device);
	if (p)
		fill_device(d, v, p);
	else if (!(v->damaged = strdup(why->msg)))
		return err_nomem(d->e);
	o->dev_n++;
	return 0;
}

static int cmp_devices(const void *x, const void *y)
{
	const struct overview_device *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->id, b->id);
}

static int look(struct workspace *ws, struct overview *o, struct hub *h,
		struct err *e)
{
	struct devices d = { ws, h, o, e };
	const struct oid *tip;
	int rc = hub_read_refs(h, e);

	if (!rc)
		rc = hub_default_branch(h, &o->hub_branch, e);
	if (!rc)
		rc = repo_add_alternate(ws->repo, h->repo, e);
	if (rc < 0)
		return rc;
	tip = hub_ref(h, o->hub_branch.p);
	if (tip)
		o->hub_tip = *tip;
	count_own(ws, o, h);
	rc = hub_presence_each(h, add_device, &d, e);
	if (!rc && o->dev_n)
		qsort(o->dev, o->dev_n, sizeof(*o->dev), cmp_devices);
	return rc;
}

int overview_hub(struct workspace *ws, struct overview *o, struct hub **hub,
		 struct err *e)
{
	int rc = workspace_hub(ws, hub, &o->hub_err);

	o->to_send = o->to_bring = OVERVIEW_UNKNOWN;
	if (!rc)
		rc = look(ws, o, *hub, &o->hub_err);
	o->hub_rc = rc;
	if (rc != HUB_ENOMEM && rc != HUB_ECANCEL)
		return 0;
	return err_set(e, rc, "%s", o->hub_err.msg);
}
