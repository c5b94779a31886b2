/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_places.c - the places' turn in a run: what another computer put there
 * while the hub was gone comes in like the hub's own changes; then the place
 * gets what it lacks.
 *
 * A place's failure is noted and stops nothing.  A merge's failure is the
 * workspace's.
 */
#include "sync/engine_internal.h"

#include <stdio.h>
#include <string.h>

#include "os/os_clock.h"
#include "sync/apply.h"
#include "sync/fetch.h"
#include "sync/places.h"
#include "sync/replay.h"
#include "sync/upkeep.h"

#define TRIES 20

struct turn {
	struct engine_run *r;
	const struct remotes_one *one;
	struct places_link *link;
	struct vaultrefs refs;
	struct err why;		/* of the place */
	int ours;		/* what failed is not the place */
	uint64_t got;		/* bytes of git objects from it */
};

/* merge(): the place's branch into ours; 1 if ours moved, 0, < 0. */
static int merge(struct turn *t)
{
	struct engine_run *r = t->r;
	const struct oid *theirs = vaultrefs_find(&t->refs, r->branch.p);
	struct oid to;
	int rc;

	if (!theirs)
		return 0;
	if (r->hub) {		/* the hub had it, and knows better */
		rc = hub_has(r->hub, theirs, r->e);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	if (oid_is_zero(&r->tip)) {
		to = *theirs;
		rc = 0;
	} else	/* what the hub has is not made anew on top of it */
		rc = r->hub ? fetch_offer(r->ws, &r->tip, r->e) : 0;
	if (!rc && !oid_is_zero(&r->tip))
		rc = replay_run(r->ws, &r->tip, theirs, NULL, &to, r->e);
	if (rc < 0 || oid_eq(&to, &r->tip))
		return rc;
	rc = apply_commit(r->ws, r->hub, r->branch.p, &r->tip, &to, NULL,
			  "hub: sync from a place", r->e);
	if (rc < 0)
		return rc;
	r->tip = to;
	return 1;
}

/* Branches that only the place has, or has newer: the hub gets them. */
static int other_branches(struct turn *t)
{
	struct engine_run *r = t->r;
	const struct oid *at;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < t->refs.refs_n; i++) {
		const struct vaultrefs_ref *v = &t->refs.refs[i];

		if (strncmp(v->name, "refs/heads/", 11) ||
		    !strcmp(v->name, r->branch.p))
			continue;
		rc = hub_has(r->hub, &v->oid, r->e);
		if (rc) {
			rc = rc < 0 ? rc : 0;
			continue;
		}
		at = hub_ref(r->hub, v->name);
		if (at && repo_has_quick(r->ws->repo, at))
			rc = repo_is_ancestor(r->ws->repo, at, &v->oid, r->e);
		else
			rc = !at;
		if (rc > 0)	/* else they differ: a person merges */
			rc = fetch_send(r->ws, r->hub, v->name,
					at ? at : &oid_zero, &v->oid, r->e);
		if (rc == HUB_ECONFLICT || rc == HUB_EBUSY)
			rc = 0;	/* the next run */
	}
	return rc;
}

static int bring_in(struct turn *t)
{
	struct engine_run *r = t->r;
	uint64_t was;
	int rc, moved;

	vaultrefs_release(&t->refs);
	was = r->ws->rep.bytes_got;
	rc = places_fetch(t->link, &t->refs, &t->why);
	t->got += r->ws->rep.bytes_got - was;
	if (rc < 0)
		return rc;
	t->ours = 1;
	moved = merge(t);
	if (moved < 0 || !r->hub)
		return moved < 0 ? moved : 0;
	rc = moved ? engine_exchange(r) : 0;
	if (!rc)
		rc = other_branches(t);
	if (!rc)
		rc = hub_read_refs(r->hub, r->e);
	return rc;
}

static int exchange(struct turn *t)
{
	struct engine_run *r = t->r;
	int rc = 0, try;

	for (try = 0; try < TRIES; try++) {
		rc = bring_in(t);
		if (rc < 0 || r->o->what == ENGINE_PULL)
			return rc;
		if (!r->hub && !oid_is_zero(&r->tip))
			rc = fetch_offer(r->ws, &r->tip, r->e);
		if (rc < 0)
			return rc;
		t->ours = 0;
		rc = places_send(t->link, r->hub, r->branch.p, &r->tip,
				 &t->why);
		if (rc != HUB_ECONFLICT)
			return rc;
		err_clear(&t->why);
		rc = vault_refresh(t->link->vault, &t->why);
		if (rc < 0)
			return rc;
	}
	return err_set(&t->why, HUB_EBUSY, "other computers write to the place "
		       "'%s' all the time: the next run tries again",
		       t->one->name);
}

static int note(struct turn *t, int rc)
{
	struct workspace *ws = t->r->ws;
	struct remotes_note n;
	int rc2 = places_note_get(ws, t->one->name, &n, t->r->e);

	if (rc2 < 0)
		return rc2;
	n.time = os_now();
	n.rc = rc;
	snprintf(n.why, sizeof(n.why), "%s", rc < 0 ? t->why.msg : "");
	if (t->link)
		n.seq = vault_seq(t->link->vault);
	if (!rc && t->r->o->what != ENGINE_PULL) {
		n.done = n.time;
		n.pending = 0;
		if (t->r->hub)
			memcpy(n.mark, t->r->hub->token, 32);
	}
	return places_note_put(ws, t->one->name, &n, t->r->e);
}

static int one_place(struct engine_run *r, const struct remotes_one *one)
{
	struct turn t = { .r = r, .one = one, .why = ERR_INIT };
	int rc = places_open(r->ws, r->hub, one, &t.link, &t.why), rc2;

	if (!rc)
		rc = exchange(&t);
	if (rc < 0 && t.ours) {
		places_close(t.link);
		vaultrefs_release(&t.refs);
		return rc;
	}
	rc2 = rc == HUB_ECANCEL ? 0 : note(&t, rc);
	if (!rc && !rc2 && r->hub && r->o->what != ENGINE_PULL)
		rc2 = upkeep_place(r->ws, r->hub, one->name, t.link->vault,
				   r->e);
	if (rc == HUB_EREMOTE || rc == HUB_ECORRUPT || rc == HUB_ECANCEL) {
		if (r->ws->rep.place_rc != HUB_ECORRUPT)
			r->ws->rep.place_rc = rc;
	}
	if (rc == HUB_ECANCEL && r->e)
		*r->e = t.why;
	if (rc < 0 && (rc != HUB_EOFFLINE || !one->removable))
		snprintf(r->ws->rep.place_note, sizeof(r->ws->rep.place_note),
			 "place '%s': %s", one->name, t.why.msg);
	if (!rc)
		r->ws->rep.places_done++;
	report_place(&r->ws->rep, one->name, t.link ? t.link->sent : 0, t.got,
		     rc, t.why.msg);
	places_close(t.link);
	vaultrefs_release(&t.refs);
	return rc == HUB_ECANCEL ? rc : rc2;
}

int engine_places(struct engine_run *r)
{
	struct remotes list;
	size_t i;
	int rc = places_read(r->ws, &list, r->e);

	for (i = 0; !rc && i < list.n; i++)
		rc = one_place(r, &list.at[i]);
	remotes_release(&list);
	return rc;
}
