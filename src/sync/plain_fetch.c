/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_fetch.c - history from a place into a plain git repository.
 *
 * A git segment that was taken once is not read again, unless `git gc` has
 * removed meanwhile what no ref named: then all are.
 */
#include "sync/plain_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repo/ref.h"

#define TAGS "refs/tags/"

struct ids { struct oid *v; size_t n, alloc; };

static int add_id(void *arg, const char *name, const struct oid *id)
{
	struct ids *l = arg;
	struct oid *v;

	(void)name;
	if (l->n == l->alloc) {
		size_t a = l->alloc ? l->alloc * 2 : 64;

		v = realloc(l->v, a * sizeof(*v));
		if (!v)
			return HUB_ENOMEM;
		l->v = v;
		l->alloc = a;
	}
	l->v[l->n++] = *id;
	return 0;
}

/* Is all that ${want} names here, down to what the repository's refs name?  1,
 * 0, < 0. */
static int whole(struct plain *p, const struct oid *want, size_t n,
		 struct err *e)
{
	struct ids have = { NULL, 0, 0 };
	struct gitseg *seg = NULL;
	struct err why = ERR_INIT;
	uint64_t size;
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < n; i++)
		rc = repo_has(p->repo, &want[i], e);
	if (rc <= 0)
		return rc;
	rc = ref_each(p->repo, "refs/", add_id, &have, &why);
	if (!rc)
		rc = gitseg_open(p->repo, want, n, have.v, have.n, &seg, &why);
	if (!rc)
		rc = gitseg_size(seg, &size, &why);
	gitseg_close(seg);
	free(have.v);
	if (rc == HUB_ENOMEM || rc == HUB_EIO || rc == HUB_EDENIED)
		return err_set(e, rc, "%s", why.msg);
	return !rc;
}

/* ${again}: also what is remembered as taken.  *ret_skipped: how many were
 * not. */
static int take(struct plain *p, int again, size_t *ret_skipped,
		struct err *e)
{
	uint8_t is[VAULTREFS_GIT_MAX] = { 0 };
	struct places_work w;
	size_t i;
	int rc = 0;

	plain_work(p, &w);
	*ret_skipped = 0;
	for (i = 0; i < p->refs.git_n; i++)
		is[i] = !again && plain_taken(p, &p->refs.git[i]);
	for (i = 0; !rc && i < p->refs.git_n; i++) {
		*ret_skipped += is[i];
		if (is[i])
			continue;
		rc = places_take(&w, p->repo, &p->refs.git[i], NULL, NULL, e);
		is[i] = !rc;
	}
	/* What is here stays so whatever happened to the rest. */
	if (plain_take_note(p, &p->refs, is, rc ? NULL : e) && !rc)
		rc = HUB_EIO;
	return rc < 0 ? rc : repo_refresh(p->repo, e);
}

int plain_fetch(struct plain *p, const struct oid *want, size_t n,
		struct err *e)
{
	size_t skipped, i;
	int rc;

	if (!p->repo)
		return err_set(e, HUB_EUSAGE, "there is no git repository to "
			       "fetch into");
	rc = take(p, 0, &skipped, e);
	if (!rc && skipped) {
		rc = whole(p, want, n, e);
		if (rc)
			return rc < 0 ? rc : 0;
		rc = take(p, 1, &skipped, e);
	}
	for (i = 0; !rc && i < n; i++) {
		rc = repo_has(p->repo, &want[i], e);
		rc = rc < 0 ? rc : rc ? 0 :
			err_set(e, HUB_ECORRUPT, "%s names %s, which is not in "
				"its git history", p->name.p,
				oid_hex(&want[i]));
	}
	return rc;
}

int plain_tags(struct plain *p, struct err *e)
{
	size_t i, skipped;

	if (!p->repo || !p->taken.n)
		return 0;
	for (i = 0; i < p->refs.refs_n; i++)
		if (!strncmp(p->refs.refs[i].name, TAGS, sizeof(TAGS) - 1) &&
		    !repo_has_quick(p->repo, &p->refs.refs[i].oid))
			return take(p, 0, &skipped, e);
	return 0;
}

int plain_peeled(struct plain *p, const struct oid *tag, struct oid *ret)
{
	char spec[OID_HEX + 4];
	enum obj_type type;
	uint64_t size;

	if (!p->repo || repo_size(p->repo, tag, &type, &size, NULL) ||
	    type != OBJ_TAG)
		return 0;
	snprintf(spec, sizeof(spec), "%s^{}", oid_hex(tag));
	return !repo_resolve_any(p->repo, spec, ret, NULL);
}
