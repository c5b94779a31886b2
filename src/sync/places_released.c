/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_released.c - released contents (hubformat-released(5)) are not copied from
 * one vault to another; what was taken back is, though its pointers pass by in no
 * git segment: they are old.
 */
#include <stdlib.h>
#include <string.h>

#include "crypt/keyring.h"
#include "repo/ref.h"
#include "sync/places_internal.h"
#include "sync/released.h"

static int settle(struct released *rel, struct repo *r,
		  const struct vaultrefs *v, struct places_pointers *l,
		  struct err *e)
{
	struct oid *tips = calloc(v->refs_n + 1, sizeof(*tips));
	size_t i, n = 0;
	int rc;

	if (!tips)
		return err_nomem(e);
	for (i = 0; i < v->refs_n; i++)
		if (!hub_ref_is_ours(v->refs[i].name))
			tips[n++] = v->refs[i].oid;
	rc = released_settle(rel, r, tips, n, places_pointer_add, l, e);
	free(tips);
	return rc;
}

int places_let_go(struct repo *r, const struct vaultrefs *v,
		  const struct keyring *ring, struct places_pointers *l,
		  struct err *e)
{
	const struct oid *at = vaultrefs_find(v, RELEASED_REF);
	struct released *rel = NULL;
	struct err why = ERR_INIT;
	size_t i, n = 0;
	int rc;

	if (!at)
		return 0;
	rc = released_read(r, at, ring->hub, ring->identity, &rel, &why);
	if (rc == HUB_EABSENT || err_is_damage(rc))
		return 0;	/* it counts as none */
	if (rc < 0)
		return err_set(e, rc, "%s", why.msg);
	rc = settle(rel, r, v, l, e);
	for (i = 0; !rc && i < l->n; i++)
		if (!released_gone(rel, l->v[i].recipe))
			l->v[n++] = l->v[i];
	if (!rc)
		l->n = n;
	released_free(rel);
	return rc;
}

int places_keep_record(struct repo *r, const struct vaultrefs *v,
		       struct err *e)
{
	const struct oid *now = vaultrefs_find(v, RELEASED_REF);
	struct oid was;
	int rc;

	if (!now || repo_has(r, now, NULL) <= 0)
		return 0;
	rc = ref_get(r, RELEASED_REF, &was, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		was = oid_zero;
		rc = 1;
	} else if (!rc)	/* an older one at a place takes nothing back */
		rc = repo_is_ancestor(r, &was, now, e);
	if (rc <= 0 || oid_eq(&was, now))
		return rc < 0 ? rc : 0;
	rc = ref_set_local(r, RELEASED_REF, &was, now, "hub: place", e);
	if (rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}
