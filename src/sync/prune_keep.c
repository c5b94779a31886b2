/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prune_keep.c - which versions are kept, and what must stay whatever a person
 * says.
 *
 * Trees are compared with the one before, so that of neighbours only what
 * differs is read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/tm.h"
#include "os/os_clock.h"
#include "repo/tree.h"
#include "sync/follow.h"
#include "sync/prune_internal.h"

#define DAY 86400

/* ---- marking ---- */

struct mark { struct prune *p; int guard; const char *why; };

static int leaf(void *arg, const char *path, size_t n,
		const struct tree_leaf *was, const struct tree_leaf *now)
{
	struct mark *m = arg;
	struct map_slot *s = map_get(&m->p->by_blob, now->id.h, OID_SIZE);
	struct prune_named *x = s ? s->value : NULL;

	(void)path;
	(void)n;
	(void)was;
	if (!x || !now->mode)
		return 0;
	x->keep = 1;
	if (m->guard && !x->guard) {
		x->guard = 1;
		x->why = m->why;
	}
	return 0;
}

/* What ${tree} has and ${*before} has not; then that is ${tree}. */
static int mark(struct mark *m, struct oid *before, const struct oid *tree,
		struct err *e)
{
	int rc = tree_diff(m->p->hub->repo, before, tree, leaf, m, e);

	*before = *tree;
	return rc == HUB_EABSENT ? HUB_ECORRUPT : rc;
}

/* ---- guards ---- */

struct guard { struct prune *p; struct oid before; struct err *e; };

static int is_retired(const struct prune *p, const struct presence *pr)
{
	uint8_t id[16];

	cert_uuid(id, pr->device);
	return slots_gone_find(&p->retired, id) != NULL;
}

/* What a computer last saw. */
static int device_tips(void *arg, const char *id, const struct presence *pr,
		  const struct err *why)
{
	struct guard *d = arg;
	struct mark m = { d->p, 1, "what another computer has" };
	struct oid commit, tree;
	size_t i;
	int rc = 0;

	(void)id;
	if (!pr && why->rc != HUB_ECORRUPT && why->rc != HUB_EAUTH)
		return err_set(d->e, why->rc, "%s", why->msg);
	if (!pr || pr->seen < d->p->now - PRUNE_HORIZON_MAX ||
	    is_retired(d->p, pr))
		return 0;
	for (i = 0; !rc && i < pr->tips_n; i++) {
		rc = pointed_tip(d->p->walk, &pr->tips[i].oid, &commit, d->e);
		if (rc || oid_is_zero(&commit))
			continue;
		rc = follow_commit_tree(d->p->hub->repo, &commit, &tree, d->e);
		if (!rc)
			rc = mark(&m, &d->before, &tree, d->e);
	}
	return rc;
}

int prune_guard(struct prune *p, struct err *e)
{
	struct guard d = { p, oid_zero, e };
	struct mark m = { p, 1, NULL };
	struct oid commit, tree;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < p->hub->refs_n; i++) {
		const struct hub_ref *r = &p->hub->refs[i];

		rc = pointed_tip(p->walk, &r->id, &commit, e);
		if (rc || oid_is_zero(&commit) || hub_ref_is_ours(r->name))
			continue;
		m.why = r->name;
		rc = follow_commit_tree(p->hub->repo, &commit, &tree, e);
		if (!rc)
			rc = mark(&m, &d.before, &tree, e);
	}
	if (rc)
		return rc;
	rc = hub_presence_each(p->hub, device_tips, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

/* ---- the horizon ---- */

struct seen { int64_t oldest; const struct prune *p; };

static int device_seen(void *arg, const char *id, const struct presence *pr,
		       const struct err *why)
{
	struct seen *s = arg;

	(void)id;
	(void)why;
	if (!pr)
		s->oldest = 0;		/* damaged: never seen */
	else if (pr->seen < s->oldest && !is_retired(s->p, pr))
		s->oldest = pr->seen;
	return 0;
}

struct enrolled { struct prune *p; struct seen *s; };

/* A computer that has keys and was never here. */
static int slot_seen(void *arg, const struct slots_info *i, struct err *e)
{
	struct enrolled *x = arg;
	struct presence pr;
	char uuid[37];
	int rc;

	(void)e;
	if (i->rc || i->gone || i->type != SLOT_DEVICE ||
	    !memcmp(i->id, x->p->c->signer.device, SLOT_ID))
		return 0;
	memset(&pr, 0, sizeof(pr));
	cert_uuid_text(uuid, i->id);
	rc = hub_presence_read(x->p->hub, uuid, &pr, NULL);
	presence_release(&pr);
	if (rc)
		x->s->oldest = 0;
	return 0;
}

int prune_horizon(struct prune *p, struct err *e)
{
	struct seen s = { p->now, p };
	struct enrolled x = { p, &s };
	const struct prune_keep *k = p->plan->keep;
	int rc = slots_gone_load(&p->retired, p->c->keys->place,
				 p->c->keys->open.ring, e);

	if (!rc)
		rc = hub_presence_each(p->hub, device_seen, &s, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = slots_each(p->c->keys->place, p->c->keys->open.ring,
				slot_seen, &x, e);
	if (s.oldest < p->now - PRUNE_HORIZON_MAX)
		s.oldest = p->now - PRUNE_HORIZON_MAX;
	p->r->horizon = p->since = s.oldest;
	if (k && k->within && (uint64_t)p->now < k->within)
		p->since = INT64_MIN;
	else if (k && k->within && p->now - (int64_t)k->within < p->since)
		p->since = p->now - (int64_t)k->within;
	return rc;
}

/* ---- versions ---- */

static int add(struct prune_version **v, size_t *n, size_t *alloc,
	       const struct commit *c, struct err *e)
{
	size_t want = *alloc ? 2 * *alloc : 256;
	void *p;

	if (*n == *alloc) {
		p = realloc(*v, want * sizeof(**v));
		if (!p)
			return err_nomem(e);
		*v = p;
		*alloc = want;
	}
	(*v)[*n].tree = c->tree;
	(*v)[*n].time = c->time;
	(*v)[*n].nth = *n;
	(*v)[(*n)++].keep = 0;
	return 0;
}

int prune_young(void *arg, const struct commit *c, struct err *e)
{
	struct prune *p = arg;

	if (c->time < p->since)
		return 0;
	return add(&p->young, &p->young_n, &p->young_alloc, c, e);
}

struct line { struct prune_version *v; size_t n, alloc; struct map seen; };

/* The first-parent line of one branch, to where it meets another. */
static int follow(struct prune *p, struct line *l, const struct oid *tip,
		  struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct oid id = *tip;
	int rc = 0, more = 1;

	while (!rc && more && !map_get(&l->seen, id.h, OID_SIZE)) {
		rc = commit_read(p->hub->repo, &id, &c, e);
		if (!rc && map_put(&l->seen, id.h, OID_SIZE, l))
			rc = err_nomem(e);
		if (!rc)
			rc = add(&l->v, &l->n, &l->alloc, &c, e);
		more = !rc && c.parents_n;
		if (more)
			id = c.parents[0];
		commit_release(&c);
	}
	return rc == HUB_EABSENT ? HUB_ECORRUPT : rc;
}

static int newest_first(const void *a, const void *b)
{
	const struct prune_version *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? 1 : -1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* Text that is the same for all times of one day, month (7), year (4); of a
 * week: the day of its Monday. */
static void period(struct buf *b, int64_t t, size_t chars)
{
	int64_t local = t + os_utc_offset(t), days = local / DAY;

	if (!chars) {
		local = (days - (days + 3) % 7) * DAY;
		chars = 10;
	}
	buf_reset(b);
	tm_iso(b, local < 0 ? 0 : local);
	if (b->n > chars)
		buf_setlen(b, chars);
}

static int keep_each(struct line *l, uint64_t n, size_t chars, struct err *e)
{
	struct buf now = BUF_INIT, last = BUF_INIT;
	int bad = 0;
	size_t i;

	for (i = 0; i < l->n && n; i++) {
		period(&now, l->v[i].time, chars);
		bad |= buf_error(&now) || buf_error(&last);
		if (!buf_cmp(&now, &last))
			continue;
		l->v[i].keep = 1;
		buf_reset(&last);
		buf_add(&last, now.p, now.n);
		n--;
	}
	buf_release(&now);
	buf_release(&last);
	return bad ? err_nomem(e) : 0;
}

static int choose(struct prune *p, struct line *l, struct err *e)
{
	const struct prune_keep *k = p->plan->keep;
	size_t i;
	int rc;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), newest_first);
	for (i = 0; i < l->n; i++)
		l->v[i].keep = i < k->last || l->v[i].time >= p->since;
	rc = keep_each(l, k->daily, 10, e);
	if (!rc)
		rc = keep_each(l, k->weekly, 0, e);
	if (!rc)
		rc = keep_each(l, k->monthly, 7, e);
	return rc ? rc : keep_each(l, k->yearly, 4, e);
}

int prune_keep(struct prune *p, struct err *e)
{
	struct line l = { NULL, 0, 0, MAP_INIT };
	struct mark m = { p, 0, NULL };
	struct oid before = oid_zero;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < p->hub->refs_n; i++)
		if (!strncmp(p->hub->refs[i].name, "refs/heads/", 11))
			rc = follow(p, &l, &p->hub->refs[i].id, e);
	if (!rc)
		rc = choose(p, &l, e);
	p->r->versions = l.n;
	for (i = 0; !rc && i < l.n; i++) {
		if (!l.v[i].keep)
			continue;
		p->r->versions_kept++;
		rc = mark(&m, &before, &l.v[i].tree, e);
	}
	if (!rc && p->young_n)
		qsort(p->young, p->young_n, sizeof(*p->young), newest_first);
	for (i = 0; !rc && i < p->young_n; i++)
		rc = mark(&m, &before, &p->young[i].tree, e);
	free(l.v);
	map_release(&l.seen);
	return rc;
}
