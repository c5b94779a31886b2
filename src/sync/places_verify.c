/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_verify.c - hub verify --place: what a place has, looked at without
 * changing it.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "store/file.h"
#include "sync/places_internal.h"
#include "sync/verify_internal.h"

#define WAY_OUT "run `hub repair --place` with its name"

struct look {
	struct workspace *ws;
	struct vault *vault;
	struct verify *v;
};

static int add(struct look *l, const char *object, const char *why)
{
	return verify_add(l->v, "place", object, WAY_OUT, "%s", why);
}

static int problem(void *arg, const struct vault_problem *p, struct err *e)
{
	struct look *l = arg;

	return verify_problem(l->v, "place", WAY_OUT, p, e);
}

static int progress(void *arg, const struct vault_report *r, struct err *e)
{
	struct look *l = arg;

	return workspace_progress(l->ws, "checking", r->packs, 0, e);
}

/* Objects that a git segment needs and the index does not know. */
static int is_there(void *arg, const uint8_t name[32], unsigned type,
		    uint64_t size, struct err *e)
{
	struct look *l = arg;
	struct vault_at at;
	int rc = vault_find(l->vault, name, &at, e);

	(void)type;
	(void)size;
	if (rc)
		return rc < 0 ? rc : 0;
	return err_set(e, HUB_ECORRUPT, "a part of it is in no pack that the "
		       "place knows");
}

static int segments(struct look *l, struct err *e)
{
	struct vaultrefs refs;
	struct file_store store;
	struct pointer ptr;
	char hex[65], name[96];
	size_t i;
	int rc;

	memset(&refs, 0, sizeof(refs));
	rc = vault_refs(l->vault, &refs, e);
	if (rc == HUB_EABSENT || err_is_damage(rc)) {
		rc = rc != HUB_EABSENT ? add(l, "refs", e->msg) : 0;
		err_clear(e);
	}
	vault_store(l->vault, &store);
	for (i = 0; !rc && i < refs.git_n; i++) {
		memcpy(ptr.recipe, refs.git[i].recipe, 32);
		ptr.size = refs.git[i].size;
		hex_encode(hex, ptr.recipe, 32);
		snprintf(name, sizeof(name), "git segment %.16s", hex);
		rc = file_each(&store, &ptr, is_there, l, e);
		if (rc == HUB_EABSENT || err_is_damage(rc)) {
			rc = add(l, name, e->msg);
			err_clear(e);
		}
	}
	vaultrefs_release(&refs);
	return rc;
}

static int look(struct look *l, struct places_link *link, int deep,
		struct err *e)
{
	struct vault_check how = { .read_data = deep, .pass_unread = 1,
				   .problem = problem, .progress = progress, .arg = l };
	struct vault_report r;
	int rc;

	l->vault = link->vault;
	rc = vault_check(link->vault, &how, &r, e);
	if (!rc)
		rc = segments(l, e);
	l->v->records += r.objects;
	l->v->refs += r.packs;
	return rc;
}

int places_verify(struct workspace *ws, const char *name, int deep,
		  struct verify *v, struct err *e)
{
	struct look l = { .ws = ws, .v = v };
	struct places_link *link = NULL;
	struct remotes_one *one;
	struct remotes r;
	int rc = places_read(ws, &r, e);

	one = rc ? NULL : remotes_find(&r, name);
	if (!rc && !one)
		rc = err_set(e, HUB_EABSENT, "there is no remote '%s': `hub "
			     "remote list` shows them", name);
	if (!rc)
		rc = places_open_check(ws, one, &link, e);
	if (rc == HUB_ECORRUPT) {
		rc = add(&l, one->url, e->msg);
		err_clear(e);
	} else if (!rc)
		rc = look(&l, link, deep, e);
	places_close(link);
	remotes_release(&r);
	return rc;
}
