/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch.c - objects and refs between a workspace and its hub. */
#include "sync/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "repo/exchange.h"
#include "repo/ref.h"
#include "sync/refmoves.h"

#define HEADS "refs/heads/"
#define TRACKING "refs/remotes/origin/"
#define TAGS "refs/tags/"
#define SEEN "seen:"			/* + branch: the tip we last followed */

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
	if (!rc && buf_error(ret))
		rc = err_nomem(e);
	if (!rc && (!ref_name_ok(ret->p) || !strcmp(ret->p, TRACKING "HEAD")))
		buf_reset(ret);
	return rc;
}

struct tips { struct oid *v; size_t n, alloc; };

static int tips_add(struct tips *t, const struct oid *id)
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
	return tips_add(arg, id);
}

/* What this workspace surely has whole: all that its refs name, and HEAD. */
static int local_tips(struct workspace *ws, struct tips *t, struct err *e)
{
	int rc = ref_each(ws->repo, "refs/", have_ref, t, e);

	return rc == HUB_ENOMEM ? err_nomem(e) : rc;
}

/* Hub refs whose local mirror is missing or elsewhere. */
static int wanted_tips(struct workspace *ws, struct hub *h, struct tips *t,
		       struct err *e)
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
			rc = tips_add(t, &h->refs[i].id) ? err_nomem(e) : 0;
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

static int set_mirror(struct workspace *ws, const char *name,
		      const struct oid *id, struct err *e)
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
		rc = set_mirror(ws, name.p, &h->refs[i].id, e);
		if (rc != HUB_ECONFLICT)
			continue;
		rc = clear_way(ws, h, name.p, e);
		if (!rc)
			rc = set_mirror(ws, name.p, &h->refs[i].id, e);
	}
	buf_release(&name);
	return rc;
}

/* Tips that are still missing after the packs were copied: objects that the
 * hub borrows from elsewhere (alternates). */
static int fetch_rest(struct workspace *ws, struct hub *h,
		      const struct tips *want, struct exchange_stats *st,
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
	struct tips want = { NULL, 0, 0 }, have = { NULL, 0, 0 };
	struct exchange_stats st = { 0, 0, 0 };
	int rc = wanted_tips(ws, h, &want, e);

	if (!rc && want.n)
		rc = local_tips(ws, &have, e);
	if (!rc && want.n) {
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

/* Is ${was} still in the history of the hub's tip?  Asked of the hub's own
 * objects: ours may not have the tip yet. */
static int still_there(struct workspace *ws, struct hub *h,
		       const struct oid *was, const struct oid *now,
		       struct err *e)
{
	int rc;

	if (oid_eq(was, now))
		return 1;
	if (repo_has_quick(ws->repo, now) && repo_has_quick(ws->repo, was))
		return repo_is_ancestor(ws->repo, was, now, e);
	rc = repo_has(h->repo, was, e);
	return rc > 0 ? repo_is_ancestor(h->repo, was, now, e) : rc;
}

/* A branch that is gone while another one has its commits was renamed. */
static int lost(struct hub *h, const char *branch, const struct oid *was,
		struct err *e)
{
	const char *in = NULL;
	size_t i;
	int rc = repo_has(h->repo, was, e);

	if (rc < 0)
		return rc;
	for (i = 0; !in && rc && i < h->refs_n; i++) {
		if (strncmp(h->refs[i].name, HEADS, sizeof(HEADS) - 1))
			continue;
		int is = repo_is_ancestor(h->repo, was, &h->refs[i].id, e);

		if (is < 0 && is != HUB_ECORRUPT)
			return is;
		if (is > 0)
			in = h->refs[i].name;
	}
	if (in)
		return err_set(e, HUB_EGUARD, "the hub has no %s any more, but "
			       "its commits are in %s (renamed?): switch to that "
			       "branch, then sync", branch, in);
	return err_set(e, HUB_ECORRUPT, "the hub has lost %s, which was at "
		       "%.10s: nothing was changed; `hub verify` tells more",
		       branch, oid_hex(was));
}

/* In state.db, not only as the tracking ref: `git fetch` moves that, and so
 * does a run that is killed before it has followed the hub. */
static int seen_name(const char *branch, struct buf *ret, struct err *e)
{
	buf_addf(ret, SEEN "%s", branch);
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int last_seen(struct workspace *ws, const char *branch,
		     struct oid *was, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_get_oid(ws->state, name.p, was, e);
	if (rc == HUB_EABSENT)
		rc = fetch_tracking(branch, &name, e);
	if (!rc && !strncmp(name.p, TRACKING, sizeof(TRACKING) - 1))
		rc = ref_get(ws->repo, name.p, was, e);
	buf_release(&name);
	return rc;
}

/* Write down that ${tip} was followed; with ${settled} forget what was offered:
 * the hub has it all. */
static int put_seen(struct workspace *ws, const char *branch,
		    const struct oid *tip, int settled, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_begin(ws->state, e);
	if (rc < 0)
		goto out;
	rc = state_put_oid(ws->state, name.p, tip, e);
	if (!rc && settled)
		rc = state_set_clear(ws->state, SET_OFFERED, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
out:
	buf_release(&name);
	return rc;
}

int fetch_followed(struct workspace *ws, const char *branch,
		   const struct oid *tip, struct err *e)
{
	struct buf name = BUF_INIT;
	struct oid was;
	int rc = seen_name(branch, &name, e);

	if (!rc)
		rc = state_get_oid(ws->state, name.p, &was, e);
	buf_release(&name);
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	return !rc && oid_eq(&was, tip) ? 0 : put_seen(ws, branch, tip, 0, e);
}

int fetch_check_back(struct workspace *ws, struct hub *h, const char *branch,
		     struct oid *was, struct err *e)
{
	const struct oid *now = hub_ref(h, branch);
	uint64_t seen = 0;
	int rc = last_seen(ws, branch, was, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);		/* never seen: nothing to compare */
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = now ? still_there(ws, h, was, now, e) : 0;
	if (rc)
		return rc < 0 ? rc : 0;
	rc = state_get_u64(ws->state, META_LAST_SYNC, &seen, e);
	if (!rc || rc == HUB_EABSENT)
		rc = refmoves_explain(h, branch, was, now, (int64_t)seen, e);
	if (rc)
		return rc;
	if (!now)
		return lost(h, branch, was, e);
	return err_set(e, HUB_EREMOTE, "the hub's %s went back from %.10s to "
		       "another history without a record (an old copy "
		       "restored?): nothing was changed", branch, oid_hex(was));
}

static int offer(struct workspace *ws, const struct oid *id, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_set_add(ws->state, SET_OFFERED, id->h, OID_SIZE, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
	return rc;
}

/* The hub surely has none of them: its ref did not move.  If this cannot be
 * written down they are merged instead of rebased, no harm is done. */
static void unoffer(struct workspace *ws)
{
	int rc = state_begin(ws->state, NULL);

	if (rc < 0)
		return;
	rc = state_set_clear(ws->state, SET_OFFERED, NULL);
	if (!rc)
		rc = state_commit(ws->state, NULL);
	if (rc < 0)
		state_rollback(ws->state);
}

static int hub_tips(struct workspace *ws, struct hub *h, struct tips *t,
		    struct err *e)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		if (repo_has_quick(ws->repo, &h->refs[i].id) &&
		    tips_add(t, &h->refs[i].id))
			return err_nomem(e);
	return 0;
}

int fetch_send(struct workspace *ws, struct hub *h, const char *branch,
	       const struct oid *old, const struct oid *tip, struct err *e)
{
	struct exchange_stats st = { 0, 0, 0 };
	struct tips have = { NULL, 0, 0 };
	struct buf track = BUF_INIT;
	int rc = offer(ws, tip, e);

	if (!rc)
		rc = hub_tips(ws, h, &have, e);
	if (!rc)
		rc = workspace_progress(ws, "sending", 0, 0, e);
	if (!rc)
		rc = exchange_copy(ws->repo, h->repo, tip, 1, have.v, have.n,
				   1, ws->new_pack, &st, e);
	if (rc < 0)
		goto out;
	rc = ref_set_hub(h->repo, branch, old, tip, ws->dev.name, "hub sync",
			 e);
	if (rc == HUB_ECONFLICT || rc == HUB_EBUSY)
		unoffer(ws);
	if (rc < 0)
		goto out;
	ws->rep.objects_sent += st.objects;
	ws->rep.bytes_sent += st.bytes;
	rc = fetch_tracking(branch, &track, e);
	if (!rc)
		rc = set_mirror(ws, track.p, tip, e);
	if (!rc)
		rc = put_seen(ws, branch, tip, 1, e);
out:
	free(have.v);
	buf_release(&track);
	return rc;
}
