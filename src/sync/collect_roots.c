/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect_roots.c - which files does a hub's history name?
 *
 * Every commit is compared with its first parent: what it adds or changes is
 * looked at once, so that equal folders are never read again.  Commits and files
 * found so far are kept for the next call: 20 and 40 bytes each.
 */
#include "sync/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/tree.h"

#define LOG_MAX (256u << 20)
#define LOG_DEPTH 32

struct collect_roots {
	struct hub *hub;
	struct map done;	/* ids of commits */
	struct map names;	/* recipes */
	struct oid *todo;
	size_t todo_n, todo_alloc;
	struct pointer *found;
	size_t found_n, found_alloc;
	struct err *e;
};

struct collect_roots *collect_roots_new(struct hub *h)
{
	struct collect_roots *r = calloc(1, sizeof(*r));

	if (r)
		r->hub = h;
	return r;
}

void collect_roots_free(struct collect_roots *r)
{
	if (!r)
		return;
	map_release(&r->done);
	map_release(&r->names);
	free(r->todo);
	free(r->found);
	free(r);
}

static void *more(void *p, size_t n, size_t *alloc, size_t size)
{
	if (n < *alloc)
		return p;
	p = realloc(p, (n * 2 + 64) * size);
	if (p)
		*alloc = n * 2 + 64;
	return p;
}

static int later(struct collect_roots *r, const struct oid *id)
{
	void *p;

	if (map_get(&r->done, id->h, OID_SIZE))
		return 0;
	p = more(r->todo, r->todo_n, &r->todo_alloc, sizeof(*r->todo));
	if (!p || map_put(&r->done, id->h, OID_SIZE, r))
		return err_nomem(r->e);
	r->todo = p;
	r->todo[r->todo_n++] = *id;
	return 0;
}

/* ---- the tips ---- */

/* A commit, or a tag of one; anything else names no file that we could find, and
 * an id that is not there was pruned by git. */
static int tip(struct collect_roots *r, const struct oid *id)
{
	struct repo *repo = r->hub->repo;
	struct err why = ERR_INIT;
	struct buf spec = BUF_INIT;
	enum obj_type type;
	struct oid commit;
	uint64_t size;
	int rc;

	if (oid_eq(id, &oid_zero) || map_get(&r->done, id->h, OID_SIZE))
		return 0;
	rc = repo_size(repo, id, &type, &size, &why);
	if (rc == HUB_EABSENT)
		return 0;
	if (rc < 0)
		return err_set(r->e, rc, "%s", why.msg);
	if (type == OBJ_COMMIT)
		return later(r, id);
	if (type != OBJ_TAG)
		return 0;
	buf_addf(&spec, "%s^{commit}", oid_hex(id));
	rc = buf_error(&spec) ? err_nomem(r->e) :
		repo_resolve(repo, spec.p, &commit, &why);
	buf_release(&spec);
	return rc ? rc == HUB_ENOMEM ? rc : 0 : later(r, &commit);
}

static int ref_tip(void *arg, const char *name, const struct oid *id)
{
	(void)name;
	return tip(arg, id);
}

static int device_tips(void *arg, const char *device, const struct presence *p,
		       const struct err *why)
{
	struct collect_roots *r = arg;
	size_t i;
	int rc = 0;

	(void)device;
	(void)why;		/* a damaged record names nothing */
	for (i = 0; p && !rc && i < p->tips_n; i++)
		rc = tip(r, &p->tips[i].oid);
	return rc;
}

/* Lines "<old> <new> ...". */
static int log_tips(struct collect_roots *r, const char *path)
{
	struct buf b = BUF_INIT;
	struct oid id;
	size_t at, end;
	int rc = os_read_file(path, LOG_MAX, &b, r->e);

	if (rc == HUB_EABSENT) {
		err_clear(r->e);
		rc = 0;
	}
	for (at = 0; !rc && at < b.n; at = end + 1) {
		for (end = at; end < b.n && b.p[end] != '\n'; end++)
			;
		if (end - at < 2 * OID_HEX + 1)
			continue;
		if (!oid_parse(&id, b.p + at, OID_HEX))
			rc = tip(r, &id);
		if (!rc && !oid_parse(&id, b.p + at + OID_HEX + 1, OID_HEX))
			rc = tip(r, &id);
	}
	buf_release(&b);
	return rc;
}

static int logs(struct collect_roots *r, const char *dir, int depth)
{
	struct buf path = BUF_INIT;
	struct os_dir *d = NULL;
	enum os_type type;
	struct os_stat st;
	const char *name;
	int rc = os_dir_open(dir, &d, r->e);

	if (rc == HUB_EABSENT) {
		err_clear(r->e);
		return 0;
	}
	while (!rc && (rc = os_dir_next(d, &name, &type, r->e)) > 0) {
		rc = 0;
		buf_reset(&path);
		buf_addf(&path, "%s/%s", dir, name);
		if (buf_error(&path))
			rc = err_nomem(r->e);
		else if (type == OS_UNKNOWN && !os_stat(path.p, &st, NULL))
			type = st.type;
		if (rc)
			break;
		if (type == OS_DIR)
			rc = depth ? logs(r, path.p, depth - 1) : 0;
		else if (type == OS_REG)
			rc = log_tips(r, path.p);
	}
	os_dir_close(d);
	buf_release(&path);
	return rc;
}

static int tips(struct collect_roots *r)
{
	struct buf dir = BUF_INIT;
	int rc = repo_refresh(r->hub->repo, r->e);

	if (!rc)
		rc = ref_each(r->hub->repo, "refs/", ref_tip, r, r->e);
	buf_addf(&dir, "%slogs", repo_commondir(r->hub->repo));
	if (!rc)
		rc = buf_error(&dir) ? err_nomem(r->e) :
			logs(r, dir.p, LOG_DEPTH);
	if (!rc)
		rc = hub_presence_each(r->hub, device_tips, r, r->e);
	if (rc == HUB_EABSENT) {	/* no folder of presence files */
		err_clear(r->e);
		rc = 0;
	}
	buf_release(&dir);
	return rc;
}

/* ---- commits ---- */

static int leaf(void *arg, const char *path, size_t n,
		const struct tree_leaf *old, const struct tree_leaf *now)
{
	struct collect_roots *r = arg;
	struct repo *repo = r->hub->repo;
	struct buf text = BUF_INIT;
	struct pointer ptr;
	enum obj_type type;
	uint64_t size;
	void *p;
	int rc;

	(void)path;
	(void)n;
	(void)old;
	if (now->mode != MODE_FILE && now->mode != MODE_EXEC)
		return 0;
	rc = repo_size(repo, &now->id, &type, &size, r->e);
	if (rc < 0 || size > POINTER_MAX)
		return rc;
	rc = repo_read_as(repo, &now->id, OBJ_BLOB, POINTER_MAX, &text, r->e);
	if (rc || pointer_decode(&ptr, text.p, text.n, NULL) ||
	    map_get(&r->names, ptr.recipe, 32))
		goto out;
	p = more(r->found, r->found_n, &r->found_alloc, sizeof(ptr));
	if (!p || map_put(&r->names, ptr.recipe, 32, r)) {
		rc = err_nomem(r->e);
		goto out;
	}
	r->found = p;
	r->found[r->found_n++] = ptr;
out:
	buf_release(&text);
	return rc;
}

static int commit(struct collect_roots *r, const struct oid *id)
{
	struct commit c = COMMIT_INIT, parent = COMMIT_INIT;
	struct repo *repo = r->hub->repo;
	struct oid from = oid_zero;
	size_t i;
	int rc = commit_read(repo, id, &c, r->e);

	for (i = 0; !rc && i < c.parents_n; i++)
		rc = later(r, &c.parents[i]);
	if (!rc && c.parents_n)
		rc = commit_read(repo, &c.parents[0], &parent, r->e);
	if (!rc && c.parents_n)
		from = parent.tree;
	if (!rc)
		rc = tree_diff(repo, &from, &c.tree, leaf, r, r->e);
	commit_release(&c);
	commit_release(&parent);
	return rc;
}

int collect_roots_each(void *roots, gc_root_fn fn, void *fn_arg,
		       struct err *e)
{
	struct collect_roots *r = roots;
	struct err why = ERR_INIT;
	struct oid id;
	size_t i;
	int rc;

	r->e = &why;
	rc = tips(r);
	while (!rc && r->todo_n) {
		id = r->todo[--r->todo_n];
		rc = commit(r, &id);
	}
	if (rc == HUB_EABSENT)		/* half of a history is damage */
		rc = HUB_ECORRUPT;
	if (rc < 0)
		return err_set(e, rc, "the hub's history cannot be read, so "
			       "nothing is removed: %s", why.msg);
	for (i = 0; !rc && i < r->found_n; i++)
		rc = fn(fn_arg, &r->found[i], e);
	return rc;
}
