/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pointed.c - walk a history for its pointers.  Ids of commits are kept, so that
 * a second run reads only what is new.
 */
#include "sync/pointed.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "repo/tree.h"

struct list { struct oid *v; size_t n, alloc; };

struct pointed {
	struct repo *repo;
	struct map done, old;	/* ids of commits */
	struct list todo;
	int all, skip, pass;
	uint64_t until;
	pointed_commit_fn commit_fn;
	void *commit_arg;
	/* during a run */
	pointed_fn fn;
	void *arg;
	int is_old;
	struct err *e;
};

struct pointed *pointed_new(struct repo *r)
{
	struct pointed *p = calloc(1, sizeof(*p));

	if (p)
		p->repo = r;
	return p;
}

void pointed_free(struct pointed *p)
{
	if (!p)
		return;
	map_release(&p->done);
	map_release(&p->old);
	free(p->todo.v);
	free(p);
}

void pointed_all(struct pointed *p)
{
	p->all = 1;
}

void pointed_pass(struct pointed *p)
{
	p->pass = 1;
}

void pointed_until(struct pointed *p, uint64_t ms)
{
	p->until = ms;
}

void pointed_commits(struct pointed *p, pointed_commit_fn fn, void *arg)
{
	p->commit_fn = fn;
	p->commit_arg = arg;
}

int pointed_seen(const struct pointed *p, const struct oid *id)
{
	return map_get(&p->done, id->h, OID_SIZE) != NULL;
}

/* Once: ids that are in ${seen} are known. */
static int later(struct list *l, struct map *seen, const struct oid *id,
		 struct err *e)
{
	size_t n = l->alloc ? 2 * l->alloc : 64;
	void *v;

	if (map_get(seen, id->h, OID_SIZE))
		return 0;
	if (l->n == l->alloc) {
		v = realloc(l->v, n * sizeof(*l->v));
		if (!v)
			return err_nomem(e);
		l->v = v;
		l->alloc = n;
	}
	if (map_put(seen, id->h, OID_SIZE, l))
		return err_nomem(e);
	l->v[l->n++] = *id;
	return 0;
}

static int half(int rc)
{
	return rc == HUB_EABSENT ? HUB_ECORRUPT : rc;
}

/* ---- what is old ---- */

static int is_old(const struct pointed *p, const struct oid *id)
{
	return map_get(&p->old, id->h, OID_SIZE) != NULL;
}

int pointed_old(struct pointed *p, const struct oid *tips, size_t n, int skip,
		struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct list l = { NULL, 0, 0 };
	struct oid id;
	size_t i;
	int rc = 0;

	p->skip = skip;
	for (i = 0; rc >= 0 && i < n; i++) {
		rc = repo_has(p->repo, &tips[i], e);
		if (rc > 0)
			rc = later(&l, &p->old, &tips[i], e);
	}
	while (rc >= 0 && l.n) {
		id = l.v[--l.n];
		rc = half(commit_read(p->repo, &id, &c, e));
		for (i = 0; rc >= 0 && i < c.parents_n; i++)
			rc = later(&l, &p->old, &c.parents[i], e);
		commit_release(&c);
	}
	free(l.v);
	return rc < 0 ? rc : 0;
}

/* ---- tips ---- */

int pointed_whole(struct pointed *p, const char *name, const struct oid *id,
		  struct err *e)
{
	int rc = repo_has(p->repo, id, e);

	if (rc)
		return rc < 0 ? rc : 0;
	return err_set(e, HUB_ECORRUPT, "'%s' names %s, which is not there",
		       name, oid_hex(id));
}

int pointed_tip(struct pointed *p, const struct oid *id, struct oid *ret,
		struct err *e)
{
	struct err why = ERR_INIT;
	struct buf spec = BUF_INIT;
	struct oid commit = *id;
	enum obj_type type;
	uint64_t size;
	int rc;

	if (ret)
		*ret = oid_zero;
	if (oid_eq(id, &oid_zero))
		return 0;
	if (map_get(&p->done, id->h, OID_SIZE)) {
		if (ret)
			*ret = *id;
		return 0;
	}
	rc = repo_size(p->repo, id, &type, &size, &why);
	if (rc == HUB_EABSENT)
		return 0;
	if (rc < 0)
		return err_set(e, rc, "%s", why.msg);
	if (type == OBJ_TAG) {
		buf_addf(&spec, "%s^{commit}", oid_hex(id));
		rc = buf_error(&spec) ? err_nomem(e) :
			repo_resolve(p->repo, spec.p, &commit, &why);
		buf_release(&spec);
		if (rc)		/* HUB_EUSAGE: a tag of something else */
			return rc == HUB_EUSAGE ? 0 :
				err_set(e, rc, "%s", why.msg);
	} else if (type != OBJ_COMMIT)
		return 0;
	if (ret)
		*ret = commit;
	return p->skip && is_old(p, &commit) ? 0 :
		later(&p->todo, &p->done, &commit, e);
}

/* ---- commits ---- */

static int leaf(void *arg, const char *path, size_t n,
		const struct tree_leaf *was, const struct tree_leaf *now)
{
	struct pointed *p = arg;
	struct pointed_at at = { NULL, &now->id, path, n, p->is_old };
	struct buf text = BUF_INIT;
	struct pointer ptr;
	enum obj_type type;
	uint64_t size;
	int rc;

	(void)was;
	if (now->mode != MODE_FILE && now->mode != MODE_EXEC)
		return 0;
	rc = repo_size(p->repo, &now->id, &type, &size, p->e);
	if (!rc && size <= POINTER_MAX) {
		rc = repo_read_as(p->repo, &now->id, OBJ_BLOB, POINTER_MAX,
				  &text, p->e);
		if (!rc && !pointer_decode(&ptr, text.p, text.n, NULL))
			at.ptr = &ptr;
	}
	rc = half(rc);
	if (!rc && (at.ptr || p->all))
		rc = p->fn(p->arg, &at, p->e);
	buf_release(&text);
	return rc;
}

static int compare(struct pointed *p, const struct commit *c,
		   const struct oid *parent)
{
	struct commit was = COMMIT_INIT;
	int rc = parent ? commit_read(p->repo, parent, &was, p->e) : 0;

	if (!rc)
		rc = tree_diff(p->repo, parent ? &was.tree : &oid_zero,
			       &c->tree, leaf, p, p->e);
	commit_release(&was);
	return rc;
}

static int commit(struct pointed *p, const struct oid *id)
{
	struct commit c = COMMIT_INIT;
	size_t i, n;
	int rc = commit_read(p->repo, id, &c, p->e);

	p->is_old = is_old(p, id);
	if (!rc && p->commit_fn)
		rc = p->commit_fn(p->commit_arg, &c, p->e);
	for (i = 0; !rc && i < c.parents_n; i++)
		if (!p->skip || !is_old(p, &c.parents[i]))
			rc = later(&p->todo, &p->done, &c.parents[i], p->e);
	n = c.parents_n && !p->is_old && is_old(p, &c.parents[0]) ?
		c.parents_n : 1;
	for (i = 0; !rc && i < n; i++)
		rc = compare(p, &c, c.parents_n ? &c.parents[i] : NULL);
	commit_release(&c);
	return half(rc);
}

int pointed_run(struct pointed *p, pointed_fn fn, void *arg, struct err *e)
{
	struct err why = ERR_INIT;
	struct oid id;
	int rc = 0;

	p->fn = fn;
	p->arg = arg;
	p->e = e;
	while (!rc && p->todo.n) {
		if (os_interrupted())
			return err_set(e, HUB_ECANCEL, "interrupted");
		if (p->until && os_mono_ms() > p->until)
			return err_set(e, HUB_ELIMIT, "out of time");
		id = p->todo.v[--p->todo.n];
		rc = commit(p, &id);
		if (rc == HUB_ECORRUPT && p->pass) {
			if (!why.rc)
				err_set(&why, rc, "%s", e->msg);
			rc = 0;
		}
	}
	return rc < 0 ? rc : why.rc ? err_set(e, why.rc, "%s", why.msg) : 0;
}
