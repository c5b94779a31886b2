/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch.c - objects and refs between a workspace and its hub. */
#include "sync/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "repo/exchange.h"
#include "repo/ref.h"

#define HEADS "refs/heads/"
#define TRACKING "refs/remotes/origin/"
#define LOG_MAX (64u << 20)

int fetch_tracking(const char *branch, struct buf *ret, struct err *e)
{
	if (strncmp(branch, HEADS, sizeof(HEADS) - 1))
		return err_set(e, HUB_EUSAGE, "'%s' is no branch", branch);
	buf_reset(ret);
	buf_addf(ret, TRACKING "%s", branch + sizeof(HEADS) - 1);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* The local ref that mirrors one of the hub's; "" if it is not mirrored. */
static int mirror_name(const char *hub_ref_name, struct buf *ret,
		       struct err *e)
{
	buf_reset(ret);
	if (!strncmp(hub_ref_name, HEADS, sizeof(HEADS) - 1))
		return fetch_tracking(hub_ref_name, ret, e);
	if (!strncmp(hub_ref_name, "refs/tags/", 10))
		buf_addstr(ret, hub_ref_name);
	return buf_error(ret) ? err_nomem(e) : 0;
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
	if (!strncmp(name, "refs/tags/", 10) && !oid_is_zero(&at))
		return 0;	/* a tag of the user's own keeps its place */
	return ref_set_local(ws->repo, name, &at, id, "hub: fetch", e);
}

static int set_mirrors(struct workspace *ws, struct hub *h, struct err *e)
{
	struct buf name = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < h->refs_n; i++) {
		rc = mirror_name(h->refs[i].name, &name, e);
		if (!rc && name.n)
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

	for (i = 0; i < want->n; i++)
		if (!repo_has(ws->repo, &want->v[i]))
			return exchange_copy(h->repo, ws->repo, want->v,
					     want->n, NULL, 0, 0, NULL, st, e);
	return 0;
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

/* Does a line of ${path} say that ${branch} moved away from ${was}? */
static int is_recorded(const char *path, const struct oid *was,
		       const char *branch, int with_name, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *line, *end;
	int rc = os_read_file(path, LOG_MAX, &text, e);
	int found = 0;

	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	for (line = text.p; !rc && !found && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		if (end - line < OID_HEX + 1 ||
		    memcmp(line, oid_hex(was), OID_HEX))
			continue;
		found = !with_name ||
			((size_t)(end - line) > strlen(branch) &&
			 !memcmp(end - strlen(branch), branch,
				 strlen(branch)));
	}
	buf_release(&text);
	return rc < 0 ? rc : found;
}

static int legitimate(struct hub *h, const char *branch, const struct oid *was,
		      struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	buf_addf(&path, "%s/logs/%s", h->path.p, branch);
	rc = buf_error(&path) ? err_nomem(e) :
		is_recorded(path.p, was, branch, 0, e);
	if (!rc) {
		buf_reset(&path);
		buf_addf(&path, "%s/vibehub/acts", h->path.p);
		rc = buf_error(&path) ? err_nomem(e) :
			is_recorded(path.p, was, branch, 1, e);
	}
	buf_release(&path);
	return rc;
}

/* Is ${was} still in the history of the hub's tip?  Asked of the hub's own
 * objects: ours may not have the tip yet. */
static int still_there(struct workspace *ws, struct hub *h,
		       const struct oid *was, const struct oid *now,
		       struct err *e)
{
	if (oid_eq(was, now))
		return 1;
	if (repo_has(ws->repo, now))
		return repo_is_ancestor(ws->repo, was, now, e);
	if (!repo_has(h->repo, was))
		return 0;
	return repo_is_ancestor(h->repo, was, now, e);
}

int fetch_check_back(struct workspace *ws, struct hub *h, const char *branch,
		     struct oid *was, struct err *e)
{
	const struct oid *now = hub_ref(h, branch);
	struct buf track = BUF_INIT;
	int rc = fetch_tracking(branch, &track, e);

	if (!rc)
		rc = ref_get(ws->repo, track.p, was, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;			/* never seen: nothing to compare */
		goto out;
	}
	if (rc < 0)
		goto out;
	if (now) {
		rc = still_there(ws, h, was, now, e);
		if (rc) {
			rc = rc < 0 ? rc : 0;
			goto out;
		}
	}
	rc = legitimate(h, branch, was, e);
	if (rc)
		goto out;
	if (!now)
		rc = err_set(e, HUB_ECORRUPT, "the hub has lost %s, which was "
			     "at %.10s: nothing was changed; `hub verify` tells "
			     "more", branch, oid_hex(was));
	else
		rc = err_set(e, HUB_EREMOTE, "the hub's %s went back from %.10s "
			     "to another history without a record (an old copy "
			     "restored?): nothing was changed", branch,
			     oid_hex(was));
out:
	buf_release(&track);
	return rc;
}

static int offer(struct workspace *ws, const struct oid *id, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (!rc)
		rc = state_set_add(ws->state, SET_OFFERED, id->h, OID_SIZE, e);
	return rc < 0 ? rc : state_commit(ws->state, e);
}

/* It is settled: the hub has them all, or surely none of them. */
static int unoffer(struct workspace *ws, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (!rc)
		rc = state_set_clear(ws->state, SET_OFFERED, e);
	return rc < 0 ? rc : state_commit(ws->state, e);
}

static int hub_tips(struct workspace *ws, struct hub *h, struct tips *t,
		    struct err *e)
{
	size_t i;

	for (i = 0; i < h->refs_n; i++)
		if (repo_has(ws->repo, &h->refs[i].id) &&
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
		unoffer(ws, NULL);
	if (rc < 0)
		goto out;
	ws->rep.objects_sent += st.objects;
	ws->rep.bytes_sent += st.bytes;
	rc = fetch_tracking(branch, &track, e);
	if (!rc)
		rc = set_mirror(ws, track.p, tip, e);
	if (!rc)
		rc = unoffer(ws, e);
out:
	free(have.v);
	buf_release(&track);
	return rc;
}
