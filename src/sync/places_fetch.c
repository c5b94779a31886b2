/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_fetch.c - git's history from a place into the workspace.
 *
 * A git segment is taken once: its recipe is remembered.  If that memory is
 * lost everything is taken again, which changes nothing.
 *
 * Order: objects durable, then refs that name them.
 */
#include "sync/places_internal.h"

#include <stdlib.h>
#include <string.h>

#include "repo/gitseg.h"
#include "repo/ref.h"
#include "store/file.h"

#define HEADS "refs/heads/"
#define TAGS "refs/tags/"

static int take_segment(struct places_link *l, const struct vaultrefs_git *g,
			struct places_pointers *large, struct err *e)
{
	struct gitseg_stats st = { 0 };
	struct places_work w;
	int rc = places_work(l, NULL, &w, e);

	if (!rc)
		rc = places_take(&w, l->ws->repo, g, l->keys ? large : NULL, &st,
				 e);
	if (rc < 0)
		return rc;
	l->ws->rep.objects_got += st.objects;
	l->ws->rep.bytes_got += st.bytes;
	return 0;
}

/* all_here(): is every tip of the place in the workspace?  1, 0, < 0. */
static int all_here(struct places_link *l, const struct vaultrefs *v,
		    struct err *e)
{
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < v->refs_n; i++)
		rc = repo_has(l->ws->repo, &v->refs[i].oid, e);
	return rc;
}

/* The local ref that follows one of the place's; "" if none does. */
static int track_name(struct places_link *l, const char *ref, struct buf *ret,
		      struct err *e)
{
	buf_reset(ret);
	if (strncmp(ref, HEADS, sizeof(HEADS) - 1))
		return 0;
	buf_addf(ret, "refs/remotes/%s/%s", l->r.name,
		 ref + sizeof(HEADS) - 1);
	if (buf_error(ret))
		return err_nomem(e);
	if (!ref_name_ok(ret->p))
		buf_reset(ret);
	return 0;
}

int places_track(struct places_link *l, const struct vaultrefs *v,
		 struct err *e)
{
	struct buf name = BUF_INIT;
	struct repo *r = l->ws->repo;
	struct oid at;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < v->refs_n; i++) {
		rc = track_name(l, v->refs[i].name, &name, e);
		if (rc || !name.n || !repo_has_quick(r, &v->refs[i].oid))
			continue;
		rc = ref_get(r, name.p, &at, e);
		if (rc == HUB_EABSENT) {
			at = oid_zero;
			rc = 0;
		}
		if (!rc && !oid_eq(&at, &v->refs[i].oid))
			rc = ref_set_local(r, name.p, &at, &v->refs[i].oid,
					   "hub: place", e);
		if (rc == HUB_ECONFLICT) {	/* a hint for people only */
			err_clear(e);
			rc = 0;
		}
	}
	buf_release(&name);
	return rc;
}

/* A tag that the workspace lacks; the user's own keeps its place. */
static int tags(struct places_link *l, const struct vaultrefs *v,
		struct err *e)
{
	struct repo *r = l->ws->repo;
	struct oid at;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < v->refs_n; i++) {
		const char *name = v->refs[i].name;

		if (strncmp(name, TAGS, sizeof(TAGS) - 1) || !ref_name_ok(name))
			continue;
		rc = ref_get(r, name, &at, e);
		if (rc == HUB_EABSENT)
			rc = ref_set_local(r, name, &oid_zero, &v->refs[i].oid,
					   "hub: place", e);
		if (rc == HUB_ECONFLICT) {
			err_clear(e);
			rc = 0;
		}
	}
	return rc;
}

static int take_all(struct places_link *l, const struct vaultrefs *v,
		    struct err *e)
{
	struct places_pointers large = { NULL, 0, 0 };
	size_t i;
	int rc = 0, pass;

	/* What is remembered as taken may be lost: once more without memory. */
	for (pass = 0; !rc && pass < 2; pass++) {
		for (i = 0; !rc && i < v->git_n; i++) {
			rc = pass ? 0 : state_set_has(l->ws->state, SET_GITSEG,
						      v->git[i].recipe, 32, e);
			if (rc)
				rc = rc < 0 ? rc : 0;
			else
				rc = take_segment(l, &v->git[i], &large, e);
		}
		if (!rc)
			rc = repo_refresh(l->ws->repo, e);
		if (!rc)
			rc = all_here(l, v, e);
	}
	if (!rc)
		rc = err_set(e, HUB_ECORRUPT, "the place '%s' names commits "
			     "that are not in its git history", l->r.name);
	if (rc > 0 && large.n) {
		rc = places_let_go(l->ws->repo, v, vault_keys(l->vault),
				   &large, e);
		rc = rc ? rc : 1;
	}
	if (rc > 0)	/* before a ref of the hub can point to it */
		rc = places_carry_back(l, &large, e);
	for (i = 0; !rc && i < v->git_n; i++)
		rc = places_known(l->ws, v->git[i].recipe, e);
	free(large.v);
	return rc;
}

int places_fetch(struct places_link *l, struct vaultrefs *ret, struct err *e)
{
	int rc = vault_refs(l->vault, ret, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	if (!rc)
		rc = all_here(l, ret, e);
	if (!rc)
		rc = take_all(l, ret, e);
	if (rc > 0)
		rc = 0;
	if (!rc)
		rc = places_track(l, ret, e);
	if (!rc)
		rc = tags(l, ret, e);
	if (!rc)
		rc = places_keep_record(l->ws->repo, ret, e);
	if (rc < 0)
		vaultrefs_release(ret);
	return rc;
}
