/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_rules.c - may these refs move so?  The rules, and the words of a refusal,
 * are git's (gitremote-helpers(7), "push"): a branch moves forward only, a tag
 * does not move, unless forced; a lease must hold; what another moved since the
 * user looked is not gone over.
 */
#include <string.h>

#include "repo/ref.h"
#include "sync/plain_internal.h"

static int refuse(struct plain_move *m, const char *why, struct err *e)
{
	buf_reset(&m->error);
	buf_addstr(&m->error, why);
	return buf_error(&m->error) ? err_nomem(e) : 0;
}

static int begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static int is_commit(struct plain *p, const struct oid *id)
{
	enum obj_type type;
	uint64_t size;

	return !repo_size(p->repo, id, &type, &size, NULL) &&
		type == OBJ_COMMIT;
}

static int bad_name(struct plain *p, struct plain_move *m, struct err *e)
{
	if (begins(m->dst, PLAIN_HIDDEN))
		return refuse(m, "it belongs to hub itself", e);
	if (!ref_name_ok(m->dst) || strlen(m->dst) > VAULTREFS_NAME_MAX)
		return refuse(m, "hub cannot keep a ref of this name", e);
	if (!oid_is_zero(&m->now) && begins(m->dst, "refs/heads/") &&
	    !is_commit(p, &m->now))
		return refuse(m, "a branch is of commits only", e);
	return 0;
}

/* An existing ref moves without force. */
static int forward(struct plain *p, struct plain_move *m,
		   const struct oid *cur, struct err *e)
{
	int rc;

	if (begins(m->dst, "refs/tags/"))
		return refuse(m, "already exists", e);
	if (!repo_has_quick(p->repo, cur))
		return refuse(m, "fetch first", e);
	if (!is_commit(p, cur) || !is_commit(p, &m->now))
		return refuse(m, "needs force", e);
	rc = repo_is_ancestor(p->repo, cur, &m->now, e);
	return rc < 0 ? rc : rc ? 0 : refuse(m, "non-fast forward", e);
}

static int rule(struct plain *p, struct plain_move *m, const struct oid *cur,
		const struct oid *seen, struct err *e)
{
	int moved = !oid_eq(cur, seen);

	if (bad_name(p, m, e))
		return HUB_ENOMEM;
	if (m->error.n)
		return 0;
	if (m->leased)		/* one that holds stands for force */
		return oid_eq(cur, &m->lease) ? 0 :
			refuse(m, "stale info", e);
	if (oid_eq(cur, &m->now))
		return 0;
	if (oid_is_zero(&m->now) || m->force)
		return moved ? refuse(m, "stale info", e) : 0;
	return oid_is_zero(cur) ? 0 : forward(p, m, cur, e);
}

static const struct oid *at(const struct vaultrefs *v, const char *name)
{
	const struct oid *id = vaultrefs_find(v, name);

	return id ? id : &oid_zero;
}

int plain_rules(struct plain *p, const struct vaultrefs *was,
		const struct vaultrefs *seen, struct plain_move *m, size_t n,
		struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++)
		if (!m[i].error.n)
			rc = rule(p, &m[i], at(was, m[i].dst),
				  at(seen, m[i].dst), e);
	return rc;
}

/* ---- the refs as they will be ---- */

static int merge(const struct vaultrefs *was, const struct plain_move *m,
		 size_t n, struct vaultrefs *ret, struct err *e)
{
	size_t i = 0, k = 0;
	int c, rc = 0;

	while (!rc && (i < n || k < was->refs_n)) {
		c = i == n ? 1 : k == was->refs_n ? -1 :
			strcmp(m[i].dst, was->refs[k].name);
		if (c > 0 || (!c && m[i].error.n))
			rc = vaultrefs_add(ret, &was->refs[k].oid,
					   was->refs[k].name, e);
		else if (!m[i].error.n && !oid_is_zero(&m[i].now))
			rc = vaultrefs_add(ret, &m[i].now, m[i].dst, e);
		i += c <= 0;
		k += c >= 0;
	}
	return rc;
}

/* Is there a ref that is a folder of ${name}, or that ${name} is one of? */
static int in_the_way(const struct vaultrefs *v, const char *name)
{
	size_t i, n = strlen(name), k;

	for (i = 0; i < v->refs_n; i++) {
		const char *s = v->refs[i].name;

		k = strlen(s);
		if ((k > n && s[n] == '/' && !strncmp(s, name, n)) ||
		    (k < n && name[k] == '/' && !strncmp(s, name, k)))
			return 1;
	}
	return 0;
}

int plain_rules_apply(const struct vaultrefs *was, struct plain_move *m,
		      size_t n, struct vaultrefs *ret, struct err *e)
{
	size_t i;
	int bad = 0, rc = merge(was, m, n, ret, e);

	for (i = 0; !rc && i < n; i++) {
		if (m[i].error.n || oid_is_zero(&m[i].now) ||
		    vaultrefs_find(was, m[i].dst) ||
		    !in_the_way(ret, m[i].dst))
			continue;
		rc = refuse(&m[i], "another ref's name is in the way", e);
		bad = 1;
	}
	return rc < 0 ? rc : bad;
}
