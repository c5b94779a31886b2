/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ref_move.c - list and move refs, by libgit2. */
#include <stdlib.h>

#include "repo/ref.h"
#include "repo/repo_internal.h"

static int cmp_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ref_each(struct repo *r, const char *prefix,
	     int (*fn)(void *arg, const char *name, const struct oid *id),
	     void *arg, struct err *e)
{
	git_strarray a;
	size_t i;
	int rc = git_reference_list(&a, r->g);

	if (rc < 0)
		return repo_fail(e, rc, "cannot list refs");
	qsort(a.strings, a.count, sizeof(*a.strings), cmp_names);
	for (i = 0; !rc && i < a.count; i++) {
		git_oid o;
		struct oid id;

		if (strncmp(a.strings[i], prefix, strlen(prefix)) ||
		    git_reference_name_to_id(&o, r->g, a.strings[i]) < 0)
			continue;
		repo_from_git(&id, &o);
		rc = fn(arg, a.strings[i], &id);
	}
	git_strarray_dispose(&a);
	return rc;
}

int ref_set_local(struct repo *r, const char *name, const struct oid *old,
		  const struct oid *id, const char *why, struct err *e)
{
	git_reference *ref = NULL;
	git_oid n, o;
	int rc;

	repo_to_git(&n, id);
	repo_to_git(&o, old);
	rc = oid_is_zero(old) ?
		git_reference_create(&ref, r->g, name, &n, 0, why) :
		git_reference_create_matching(&ref, r->g, name, &n, 1, &o, why);
	git_reference_free(ref);
	return rc < 0 ? repo_fail(e, rc, "cannot move %s", name) : 0;
}

int ref_set_hub(struct repo *hub, const char *name, const struct oid *old,
		const struct oid *id, const char *who, const char *why,
		struct err *e)
{
	(void)who;
	return ref_set_local(hub, name, old, id, why, e);
}

int ref_unlock_own(struct repo *hub, const char *name, const struct oid *id,
		   struct err *e)
{
	(void)hub;
	(void)name;
	(void)id;
	(void)e;
	return 0;
}

int ref_unlock_stale(struct repo *hub, const char *name, int64_t now,
		     struct buf *memo, int *ret_removed, struct err *e)
{
	(void)hub;
	(void)name;
	(void)now;
	(void)memo;
	(void)ret_removed;
	(void)e;
	return 0;
}
