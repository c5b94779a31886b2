/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_walk.c - questions about history.
 *
 * libgit2 says GIT_ENOTFOUND both for "no such relation" and for "a commit of
 * this history is missing".  Only the first is HUB_EABSENT here; the second is
 * damage (or a shallow clone), and is said to be that.
 */
#include "repo/repo_internal.h"

#define FAULT_MAX 1000000		/* commits looked at for a fault */

/* queue(): ${id} is to be looked at, once. */
static int queue(struct map *seen, struct buf *todo, const struct oid *id,
		 struct err *e)
{
	static char there;

	if (map_get(seen, id->h, OID_SIZE))
		return 0;
	if (seen->count >= FAULT_MAX)
		return 0;
	buf_add(todo, id->h, OID_SIZE);
	return map_put(seen, id->h, OID_SIZE, &there) || buf_error(todo) ?
		err_nomem(e) : 0;
}

/* fault(): read the commits that ${id} comes from until one cannot be: why.
 * 0: all can be read now. */
static int fault(struct repo *r, const struct oid *id, struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct buf todo = BUF_INIT;
	struct map seen = MAP_INIT;
	struct oid at;
	size_t i, k;
	int rc = queue(&seen, &todo, id, e);

	for (i = 0; rc == 0 && i < todo.n; i += OID_SIZE) {
		memcpy(at.h, todo.p + i, OID_SIZE);
		rc = commit_read(r, &at, &c, e);
		if (rc == HUB_EABSENT)
			rc = err_set(e, HUB_ECORRUPT, "commit %s is missing in "
				     "'%s'", oid_hex(&at), r->commondir);
		for (k = 0; rc == 0 && k < c.parents_n; k++)
			rc = queue(&seen, &todo, &c.parents[k], e);
	}
	commit_release(&c);
	buf_release(&todo);
	map_release(&seen);
	return rc;
}

/* history_fail(): a walk behind ${a} or ${b} (may be NULL) stopped: why?  Not
 * what libgit2 says, which calls damaged what it could not read. */
static int history_fail(struct repo *r, int git_rc, const char *what,
			const struct oid *a, const struct oid *b, struct err *e)
{
	struct err why = ERR_INIT;
	int rc;

	rc = repo_fail(e, git_rc, "%s from commit %s", what, oid_hex(a));
	if (rc == HUB_ENOMEM)
		return rc;
	if (git_repository_is_shallow(r->g) == 1)
		return err_set(e, HUB_EVERSION, "'%s' is a shallow clone, its "
			       "history ends early; run `git fetch --unshallow` "
			       "there", r->gitdir);
	rc = repo_damage(r, &why);
	if (rc == 0)
		rc = fault(r, a, &why);
	if (rc == 0 && b)
		rc = fault(r, b, &why);
	if (rc < 0) {
		if (e)
			*e = why;
		err_in(e, "%s from commit %s", what, oid_hex(a));
		return rc;
	}
	return err_set(e, HUB_EIO, "%s from commit %s: some of '%s' could not "
		       "be read just now: try again", what, oid_hex(a),
		       r->commondir);
}

int repo_merge_base(struct repo *r, const struct oid *a, const struct oid *b,
		    struct oid *ret, struct err *e)
{
	git_oid ga, gb, out;
	int rc;

	repo_to_git(&ga, a);
	repo_to_git(&gb, b);
	rc = git_merge_base(&out, r->g, &ga, &gb);
	if (rc == GIT_ENOTFOUND && git_error_last() &&
	    git_error_last()->klass == GIT_ERROR_MERGE)
		return err_set(e, HUB_EABSENT, "commits %s and %s have no common "
			       "history", oid_hex(a), oid_hex(b));
	if (rc < 0)
		return history_fail(r, rc, "cannot find the common history", a,
				     b, e);
	repo_from_git(ret, &out);
	return 0;
}

int repo_is_ancestor(struct repo *r, const struct oid *a, const struct oid *b,
		     struct err *e)
{
	git_oid ga, gb;
	int rc;

	if (oid_eq(a, b))
		return 1;
	repo_to_git(&ga, a);
	repo_to_git(&gb, b);
	rc = git_graph_descendant_of(r->g, &gb, &ga);
	if (rc < 0)
		return history_fail(r, rc, "cannot walk", b, a, e);
	return rc;
}

/* walk_open(): a revwalk over ${tip} without ${hide}. */
static int walk_open(struct repo *r, const struct oid *tip,
		     const struct oid *hide, size_t hide_n, int oldest_first,
		     git_revwalk **ret, struct err *e)
{
	git_revwalk *w = NULL;
	enum obj_type t;
	git_oid id;
	int rc;

	rc = repo_size(r, tip, &t, NULL, e);
	if (rc < 0)
		return rc;
	if (t != OBJ_COMMIT)
		return err_set(e, HUB_ECORRUPT, "object %s is no commit",
			       oid_hex(tip));
	repo_to_git(&id, tip);
	rc = git_revwalk_new(&w, r->g);
	if (rc == 0)
		rc = git_revwalk_sorting(w, GIT_SORT_TOPOLOGICAL |
					 (oldest_first ? GIT_SORT_REVERSE : 0));
	if (rc == 0)
		rc = git_revwalk_push(w, &id);
	for (size_t i = 0; rc == 0 && i < hide_n; i++) {
		repo_to_git(&id, &hide[i]);
		rc = git_revwalk_hide(w, &id);
	}
	if (rc < 0) {
		git_revwalk_free(w);
		return history_fail(r, rc, "cannot walk", tip, NULL, e);
	}
	*ret = w;
	return 0;
}

int repo_walk(struct repo *r, const struct oid *tip, const struct oid *hide,
	      size_t hide_n, int oldest_first,
	      int (*fn)(void *arg, const struct oid *id), void *arg,
	      struct err *e)
{
	git_revwalk *w = NULL;
	struct oid id;
	git_oid g;
	int rc;

	rc = walk_open(r, tip, hide, hide_n, oldest_first, &w, e);
	if (rc < 0)
		return rc;
	while ((rc = git_revwalk_next(&g, w)) == 0) {
		repo_from_git(&id, &g);
		rc = fn(arg, &id);
		if (rc != 0)
			goto out;
	}
	rc = rc == GIT_ITEROVER ? 0 : history_fail(r, rc, "cannot walk", tip, NULL, e);
out:
	git_revwalk_free(w);
	return rc;
}

static int count_one(void *arg, const struct oid *id)
{
	++*(uint64_t *)arg;
	return 0;
}

int repo_count(struct repo *r, const struct oid *tip, const struct oid *hide,
	       uint64_t *ret, struct err *e)
{
	uint64_t n = 0;
	int rc;

	rc = repo_walk(r, tip, hide, hide && !oid_is_zero(hide), 0, count_one,
		       &n, e);
	if (rc == 0)
		*ret = n;
	return rc;
}

/* no_version(): nothing is called so, or it could not be looked up. */
static int no_version(struct repo *r, const char *spec, int git_rc,
		      struct err *e)
{
	const git_error *ge = git_error_last();
	struct oid id;
	int rc = 0;

	if (git_rc != GIT_ENOTFOUND && ge && ge->klass == GIT_ERROR_OS)
		return repo_fail(e, git_rc, "cannot look up '%s'", spec);
	if (strlen(spec) == OID_HEX && !oid_parse(&id, spec, OID_HEX))
		rc = repo_look(r, &id, e);
	else
		rc = repo_damage(r, e);
	if (rc < 0)
		return rc;
	return err_set(e, rc ? HUB_EIO : HUB_EUSAGE, rc ? "'%s' could not be "
		       "read just now: try again" : "no version is called "
		       "'%s'", spec);
}

int repo_resolve(struct repo *r, const char *spec, struct oid *ret,
		 struct err *e)
{
	git_object *o = NULL, *c = NULL;
	int rc;

	rc = git_revparse_single(&o, r->g, spec);
	if (rc == GIT_EAMBIGUOUS)
		rc = err_set(e, HUB_EUSAGE, "'%s' could be several objects; give "
			     "more of its id", spec);
	else if (rc == 0 && git_object_peel(&c, o, GIT_OBJECT_COMMIT) < 0)
		rc = err_set(e, HUB_EUSAGE, "'%s' names no version, but "
			     "something else", spec);
	else if (rc < 0)
		rc = no_version(r, spec, rc, e);
	else
		repo_from_git(ret, git_object_id(c));
	git_object_free(o);
	git_object_free(c);
	return rc;
}

int repo_resolve_any(struct repo *r, const char *spec, struct oid *ret,
		     struct err *e)
{
	git_object *o = NULL;
	int rc = git_revparse_single(&o, r->g, spec);

	if (rc < 0)
		return no_version(r, spec, rc, e);
	repo_from_git(ret, git_object_id(o));
	git_object_free(o);
	return 0;
}

int repo_commit_at(struct repo *r, const struct oid *tip, int64_t t,
		   struct oid *ret, struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct oid id = *tip;
	int rc;

	for (;;) {
		rc = commit_read(r, &id, &c, e);
		if (rc < 0) {
			if (rc == HUB_EABSENT)
				rc = err_set(e, HUB_ECORRUPT, "commit %s is "
					     "missing in '%s'", oid_hex(&id),
					     r->commondir);
			break;
		}
		if (c.time <= t) {
			*ret = id;
			break;
		}
		if (c.parents_n == 0) {
			rc = err_set(e, HUB_EABSENT, "all versions are younger "
				     "than that");
			break;
		}
		id = c.parents[0];
	}
	commit_release(&c);
	return rc;
}
