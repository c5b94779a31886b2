/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_send.c - git's history and refs to a place.
 *
 * Order: git segment durable at the place, then the state whose refs name it.
 * The hub's refs count; but what the place has and the hub has never heard of
 * was put there by another computer while the hub was gone, and stays.
 */
#include "sync/places_internal.h"

#include <stdlib.h>
#include <string.h>

#include "repo/gitseg.h"
#include "repo/ref.h"
#include "store/file.h"
#include "sync/released.h"

#define HEADS "refs/heads/"

struct send {
	struct places_link *l;
	struct hub *hub;
	struct repo *from;
	struct vaultrefs was, want;
	struct gitseg *seg;
	struct places_pointers large;
	int all;		/* the place is mended */
	struct err *e;
};

/* ---- which refs ---- */

static int want_ref(struct send *s, const char *name, const struct oid *id)
{
	if (strlen(name) > VAULTREFS_NAME_MAX || !ref_name_ok(name))
		return 0;
	return vaultrefs_add(&s->want, id, name, s->e);
}

/* unheard(): a ref of the place that the hub knows nothing of.  1, 0, < 0. */
static int unheard(struct send *s, const struct vaultrefs_ref *r)
{
	int rc = repo_has(s->from, &r->oid, s->e);

	return rc < 0 ? rc : !rc;
}

/* Two ascending lists become one. */
static int refs_of_hub(struct send *s)
{
	struct hub *h = s->hub;
	size_t i = 0, k = 0;
	int c, rc = 0;

	while (!rc && (i < h->refs_n || k < s->was.refs_n)) {
		c = i == h->refs_n ? 1 : k == s->was.refs_n ? -1 :
			strcmp(h->refs[i].name, s->was.refs[k].name);
		if (c >= 0)
			rc = unheard(s, &s->was.refs[k]);
		if (rc > 0)
			rc = want_ref(s, s->was.refs[k].name,
				      &s->was.refs[k].oid);
		else if (!rc && c <= 0)
			rc = want_ref(s, h->refs[i].name, &h->refs[i].id);
		i += c <= 0;
		k += c >= 0;
	}
	return rc;
}

/* The hub is gone: what the place has, and our branch. */
static int refs_of_branch(struct send *s, const char *branch,
			  const struct oid *tip)
{
	int rc = 0, done = oid_is_zero(tip);
	size_t i;

	for (i = 0; !rc && i < s->was.refs_n; i++) {
		int c = strcmp(s->was.refs[i].name, branch);

		if (c >= 0 && !done) {
			rc = want_ref(s, branch, tip);
			done = 1;
		}
		if (!rc && (c || oid_is_zero(tip)))
			rc = want_ref(s, s->was.refs[i].name,
				      &s->was.refs[i].oid);
	}
	return rc || done ? rc : want_ref(s, branch, tip);
}

static int head(struct send *s, const char *branch)
{
	struct buf b = BUF_INIT;
	const char *name = s->was.head[0] ? s->was.head : branch;
	int rc = 0;

	if (s->hub) {
		rc = hub_default_branch(s->hub, &b, s->e);
		if (!rc && b.n && b.n <= VAULTREFS_NAME_MAX)
			name = b.p;
	}
	if (strlen(name) <= VAULTREFS_NAME_MAX)
		memcpy(s->want.head, name, strlen(name) + 1);
	buf_release(&b);
	return rc;
}

static int same_refs(const struct vaultrefs *a, const struct vaultrefs *b)
{
	size_t i;

	if (strcmp(a->head, b->head) || a->refs_n != b->refs_n)
		return 0;
	for (i = 0; i < a->refs_n; i++)
		if (strcmp(a->refs[i].name, b->refs[i].name) ||
		    !oid_eq(&a->refs[i].oid, &b->refs[i].oid))
			return 0;
	return 1;
}

/* ---- the segment ---- */

static int ids(const struct vaultrefs *v, struct repo *r, struct oid **ret,
	       size_t *n)
{
	size_t i;

	*n = 0;
	*ret = calloc(v->refs_n + 1, sizeof(**ret));
	for (i = 0; *ret && i < v->refs_n; i++)
		if (repo_has_quick(r, &v->refs[i].oid))
			(*ret)[(*n)++] = v->refs[i].oid;
	return *ret ? 0 : HUB_ENOMEM;
}

/* ${whole}: all of the history, not only what is new. */
static int make_segment(struct send *s, int whole)
{
	struct oid *tips = NULL, *have = NULL;
	size_t tips_n, have_n;
	int rc = 0;

	if (ids(&s->want, s->from, &tips, &tips_n) ||
	    ids(&s->was, s->from, &have, &have_n))
		rc = err_nomem(s->e);
	else
		rc = gitseg_open(s->from, tips, tips_n, have,
				 whole ? 0 : have_n, &s->seg, s->e);
	free(tips);
	free(have);
	return rc;
}

/* Does the place name what we don't have?  Then only its segments do. */
static int lacks(const struct send *s)
{
	size_t i;

	for (i = 0; i < s->want.refs_n; i++)
		if (!repo_has_quick(s->from, &s->want.refs[i].oid))
			return 1;
	return 0;
}

/* One of those at the place is damaged: all of history once more, of which most
 * is known to the vault by its chunks. */
static int put_whole(struct send *s, const struct places_work *w,
		     struct vault_put *pt)
{
	int bad, rc;

	gitseg_close(s->seg);
	s->seg = NULL;
	s->want.git_n = lacks(s) ? s->was.git_n : 0;
	rc = make_segment(s, 1);
	return rc < 0 ? rc : places_put(w, s->seg, 0, &s->large, pt, &s->want,
					&bad, s->e);
}

static int put_segment(struct send *s, struct vault_put *pt)
{
	struct buf tmp = BUF_INIT;
	struct places_work w;
	struct gitseg_stats st;
	int bad = 0, rc = places_work(s->l, &tmp, &w, s->e);

	gitseg_stats(s->seg, &st);
	if (!rc)
		rc = places_put(&w, s->seg, !s->all, &s->large, pt, &s->want,
				&bad, s->e);
	if (bad) {
		err_clear(s->e);
		rc = put_whole(s, &w, pt);
	}
	if (!rc && st.objects)
		s->l->sent += s->want.git[s->want.git_n - 1].size;
	buf_release(&tmp);
	return rc;
}

static void keep_segments(struct send *s)
{
	if (s->all && !lacks(s))
		return;
	memcpy(s->want.git, s->was.git, sizeof(s->was.git));
	s->want.git_n = s->was.git_n;
}

/* What was let go may still lie in packs of the hub: it must not come along. */
static int released(const struct send *s)
{
	return vaultrefs_find(&s->want, RELEASED_REF) != NULL;
}

static int commit(struct send *s)
{
	struct vault_change c = { .refs = &s->want };
	struct vault_put *pt = NULL;
	size_t i;
	int rc = vault_put_begin(s->l->vault, &pt, s->e);

	if (!rc)
		rc = put_segment(s, pt);
	if (!rc)
		rc = places_let_go(s->from, &s->want,
				   vault_keys(s->l->vault), &s->large, s->e);
	if (!rc)
		rc = places_carry_to(s->l, pt, &s->large, released(s),
				     s->e);
	if (!rc)
		rc = vault_put_commit(pt, &c, s->e);
	vault_put_end(pt);
	for (i = 0; !rc && i < s->want.git_n; i++)
		rc = places_known(s->l->ws, s->want.git[i].recipe, s->e);
	return rc;
}

static int send_all(struct send *s, const char *branch, const struct oid *tip)
{
	int rc = vault_refs(s->l->vault, &s->was, s->e);

	if (rc == HUB_EABSENT || (s->all && err_is_damage(rc))) {
		err_clear(s->e);
		rc = 0;
	}
	if (!rc)
		rc = head(s, branch);
	if (!rc)
		rc = s->hub ? refs_of_hub(s) : refs_of_branch(s, branch, tip);
	if (rc < 0 || (!s->all && same_refs(&s->was, &s->want)))
		return rc;
	keep_segments(s);
	rc = make_segment(s, s->all);
	if (!rc)
		rc = commit(s);
	return rc;
}

static int send(struct places_link *l, struct hub *hub, const char *branch,
		const struct oid *tip, int all, struct err *e)
{
	struct send s = { .l = l, .hub = hub, .e = e, .all = all,
			  .from = hub ? hub->repo : l->ws->repo };
	int rc = send_all(&s, branch, tip);

	if (!rc)
		rc = places_track(l, &s.want, e);
	gitseg_close(s.seg);
	free(s.large.v);
	vaultrefs_release(&s.was);
	vaultrefs_release(&s.want);
	return rc;
}

int places_send(struct places_link *l, struct hub *hub, const char *branch,
		const struct oid *tip, struct err *e)
{
	return send(l, hub, branch, tip, 0, e);
}

int places_send_all(struct places_link *l, struct hub *hub, const char *branch,
		    const struct oid *tip, struct err *e)
{
	return send(l, hub, branch, tip, 1, e);
}

/* ---- what is missing there ---- */

struct tips { struct oid *v; size_t n; int failed; };

static int add_tip(void *arg, const char *name, const struct oid *id)
{
	struct tips *t = arg;
	struct oid *v = realloc(t->v, (t->n + 1) * sizeof(*v));

	(void)name;
	if (!v)
		return HUB_ENOMEM;
	t->v = v;
	v[t->n++] = *id;
	return 0;
}

/* Chunks that it has anyway are counted too: it's an estimate. */
static int add_content(void *arg, const void *p, size_t n)
{
	struct pointer ptr;

	if (pointer_is(p, n) && !pointer_decode(&ptr, p, n, NULL))
		*(uint64_t *)arg += ptr.size;
	return 0;
}

int places_pending(struct workspace *ws, struct hub *hub, const char *name,
		   uint64_t *ret, struct err *e)
{
	struct tips have = { NULL, 0, 0 }, want = { NULL, 0, 0 };
	struct buf prefix = BUF_INIT;
	struct gitseg *seg = NULL;
	uint64_t content = 0;
	size_t i;
	int rc = 0;

	buf_addf(&prefix, "refs/remotes/%s/", name);
	if (buf_error(&prefix))
		rc = HUB_ENOMEM;
	if (!rc)
		rc = ref_each(ws->repo, prefix.p, add_tip, &have, e);
	for (i = 0; !rc && hub && i < hub->refs_n; i++)
		rc = add_tip(&want, "", &hub->refs[i].id);
	if (!rc && !hub)
		rc = ref_each(ws->repo, HEADS, add_tip, &want, e);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	if (!rc)
		rc = gitseg_open(hub ? hub->repo : ws->repo, want.v, want.n,
				 have.v, have.n, &seg, e);
	if (!rc) {
		gitseg_watch(seg, POINTER_MAX, add_content, &content);
		rc = gitseg_size(seg, ret, e);
		*ret += content;
	}
	gitseg_close(seg);
	free(have.v);
	free(want.v);
	buf_release(&prefix);
	return rc;
}
