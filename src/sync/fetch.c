/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch.c - objects and refs between a workspace and its hub. */
#include "sync/fetch_internal.h"
#include "sync/far.h"

#include <stdlib.h>
#include <string.h>

#include "repo/exchange.h"
#include "repo/ref.h"
#include "sync/released.h"

#define TAGS "refs/tags/"

int fetch_tracking(const char *branch, struct buf *ret, struct err *e)
{
	if (strncmp(branch, HEADS, sizeof(HEADS) - 1))
		return err_set(e, HUB_EUSAGE, "'%s' is no branch", branch);
	buf_reset(ret);
	buf_addf(ret, TRACKING "%s", branch + sizeof(HEADS) - 1);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* The local ref that mirrors one of the hub's; "" if it is not mirrored: other
 * kinds, names that could not be made here, and git's own origin/HEAD. */
static int mirror_name(const char *hub_ref_name, struct buf *ret,
		       struct err *e)
{
	int rc = 0;

	buf_reset(ret);
	if (!strncmp(hub_ref_name, HEADS, sizeof(HEADS) - 1))
		rc = fetch_tracking(hub_ref_name, ret, e);
	else if (!strncmp(hub_ref_name, TAGS, sizeof(TAGS) - 1))
		buf_addstr(ret, hub_ref_name);
	else if (!strcmp(hub_ref_name, RELEASED_REF))
		buf_addstr(ret, hub_ref_name);
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
	if (!rc && (!ref_name_ok(ret->p) || !strcmp(ret->p, TRACKING "HEAD")))
		buf_reset(ret);
	return rc;
}

int fetch_tips_add(struct fetch_tips *t, const struct oid *id)
{
	if (t->n == t->alloc) {
		size_t want = t->alloc ? t->alloc * 2 : 16;
		struct oid *v = realloc(t->v, want * sizeof(*v));

		if (!v)
			return HUB_ENOMEM;
		t->v = v;
		t->alloc = want;
	}
	t->v[t->n++] = *id;
	return 0;
}

static int have_ref(void *arg, const char *name, const struct oid *id)
{
	(void)name;
	return fetch_tips_add(arg, id);
}

/* What this workspace surely has whole: all that its refs name, and HEAD. */
static int local_tips(struct workspace *ws, struct fetch_tips *t, struct err *e)
{
	int rc = ref_each(ws->repo, "refs/", have_ref, t, e);

	return rc == HUB_ENOMEM ? err_nomem(e) : rc;
}

/* Hub refs whose local mirror is missing or elsewhere. */
static int wanted_tips(struct workspace *ws, struct hub *h,
		       struct fetch_tips *t, struct err *e)
{
	struct buf name = BUF_INIT;
	struct oid at;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < h->refs_n; i++) {
		rc = mirror_name(h->refs[i].name, &name, e);
		if (rc || !name.n)
			continue;
		rc = ref_get(ws->repo, name.p, &at, e);
		if (rc == HUB_EABSENT || (!rc && !oid_eq(&at, &h->refs[i].id)))
			rc = fetch_tips_add(t, &h->refs[i].id) ?
				err_nomem(e) : 0;
	}
	buf_release(&name);
	return rc;
}

/* ---- a tracking ref of a branch that the hub has no more may be in the way of
 * one that it has now: "a" and "a/b" ---- */

struct way { struct hub *h; const char *name; struct buf found; struct oid id; };

static int is_above(const char *a, const char *b)
{
	size_t n = strlen(a);

	return !strncmp(a, b, n) && b[n] == '/';
}

static int in_the_way(void *arg, const char *name, const struct oid *id)
{
	struct way *w = arg;

	if (!is_above(name, w->name) && !is_above(w->name, name))
		return 0;
	buf_reset(&w->found);
	buf_addf(&w->found, HEADS "%s", name + sizeof(TRACKING) - 1);
	if (!buf_error(&w->found) && hub_ref(w->h, w->found.p))
		return 0;
	buf_reset(&w->found);
	buf_addstr(&w->found, name);
	w->id = *id;
	return 1;
}

static int clear_way(struct workspace *ws, struct hub *h, const char *name,
		     struct err *e)
{
	struct way w = { .h = h, .name = name, .found = BUF_INIT };
	int rc;

	while ((rc = ref_each(ws->repo, TRACKING, in_the_way, &w, e)) > 0) {
		rc = buf_error(&w.found) ? err_nomem(e) :
			ref_set_local(ws->repo, w.found.p, &w.id, &oid_zero,
				      "hub: fetch", e);
		if (rc < 0)
			break;
	}
	buf_release(&w.found);
	return rc;
}

int fetch_mirror(struct workspace *ws, const char *name, const struct oid *id,
		 struct err *e)
{
	struct oid at;
	int rc = ref_get(ws->repo, name, &at, e);

	if (rc == HUB_EABSENT) {
		at = oid_zero;
		rc = 0;
	}
	if (rc < 0 || oid_eq(&at, id))
		return rc;
	if (strncmp(name, TAGS, sizeof(TAGS) - 1))
		return ref_set_local(ws->repo, name, &at, id, "hub: fetch", e);
	if (oid_is_zero(&at))
		rc = ref_set_local(ws->repo, name, &at, id, "hub: fetch", e);
	if (rc == HUB_ECONFLICT) {	/* a tag of the user's own keeps its */
		err_clear(e);		/* place, be it "v" where "v/1" comes */
		rc = 0;
	}
	return rc;
}

static int set_mirrors(struct workspace *ws, struct hub *h, struct err *e)
{
	struct buf name = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < h->refs_n; i++) {
		rc = mirror_name(h->refs[i].name, &name, e);
		if (rc || !name.n)
			continue;
		rc = fetch_mirror(ws, name.p, &h->refs[i].id, e);
		if (rc != HUB_ECONFLICT)
			continue;
		rc = clear_way(ws, h, name.p, e);
		if (!rc)
			rc = fetch_mirror(ws, name.p, &h->refs[i].id, e);
	}
	buf_release(&name);
	return rc;
}

/* Tips that are still missing after the packs were copied: objects that the
 * hub borrows from elsewhere (alternates). */
static int fetch_rest(struct workspace *ws, struct hub *h,
		      const struct fetch_tips *want, struct exchange_stats *st,
		      struct err *e)
{
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < want->n; i++)
		rc = repo_has(ws->repo, &want->v[i], e);
	if (rc)
		return rc < 0 ? rc : 0;
	return exchange_copy(h->repo, ws->repo, want->v, want->n, NULL, 0, 0,
			     NULL, st, e);
}

int fetch_run(struct workspace *ws, struct hub *h, struct err *e)
{
	struct fetch_tips want = { NULL, 0, 0 }, have = { NULL, 0, 0 };
	struct exchange_stats st = { 0, 0, 0 };
	int rc = wanted_tips(ws, h, &want, e);

	if (h->far)		/* they came with the look at it */
		far_stats(h, &st.objects, &st.bytes);
	if (!rc && want.n && !h->far)
		rc = local_tips(ws, &have, e);
	if (!rc && want.n && !h->far) {
		rc = workspace_progress(ws, "receiving", 0, 0, e);
		if (!rc && !have.n) {
			rc = exchange_clone(h->repo, ws->repo, &st, e);
			if (!rc)
				rc = fetch_rest(ws, h, &want, &st, e);
		} else if (!rc)
			rc = exchange_copy(h->repo, ws->repo, want.v, want.n,
					   have.v, have.n, 0, NULL, &st, e);
	}
	if (!rc && want.n)
		rc = set_mirrors(ws, h, e);
	ws->rep.objects_got += st.objects;
	ws->rep.bytes_got += st.bytes;
	free(want.v);
	free(have.v);
	return rc;
}
