/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect_roots.c - which files does a hub's history name?
 *
 * Commits and files found so far are kept for the next call: 20 and 40 bytes
 * each.  What a person released (released.h) is named no more.
 */
#include "sync/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "sync/pointed.h"
#include "sync/released.h"

#define LOG_MAX (256u << 20)
#define LOG_DEPTH 32

struct collect_roots {
	struct hub *hub;
	uint8_t identity[32];
	struct pointed *walk;
	struct released *rel;	/* NULL: nothing is released */
	int rel_read, pass;
	struct err half;		/* with ->pass: what was passed over */
	struct map names;	/* recipes */
	struct pointer *found;
	size_t found_n, found_alloc;
	collect_version_fn watch;	/* may be NULL */
	void *watch_arg;
	struct commit at;		/* that is read now: its id and time */
	struct err *e;
};

struct collect_roots *collect_roots_new(struct hub *h,
					const uint8_t identity[32])
{
	struct collect_roots *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->hub = h;
	memcpy(r->identity, identity, 32);
	r->walk = pointed_new(h->repo);
	if (r->walk)
		return r;
	free(r);
	return NULL;
}

void collect_roots_until(struct collect_roots *r, uint64_t ms)
{
	pointed_until(r->walk, ms);
}

void collect_roots_pass(struct collect_roots *r)
{
	r->pass = 1;
	pointed_pass(r->walk);
}

void collect_roots_free(struct collect_roots *r)
{
	if (!r)
		return;
	pointed_free(r->walk);
	released_free(r->rel);
	map_release(&r->names);
	free(r->found);
	free(r);
}

static int note_commit(void *arg, const struct commit *c, struct err *e)
{
	struct collect_roots *r = arg;

	(void)e;
	r->at.id = c->id;
	r->at.time = c->time;
	return 0;
}

void collect_roots_watch(struct collect_roots *r, collect_version_fn fn,
			 void *arg)
{
	r->watch = fn;
	r->watch_arg = arg;
	pointed_commits(r->walk, note_commit, r);
}

/* ---- the tips ---- */

static int tip(struct collect_roots *r, const struct oid *id)
{
	return pointed_tip(r->walk, id, NULL, r->e);
}

/* What a ref has now is needed: if it can't be read nobody knows what for. */
static int ref_tip(void *arg, const char *name, const struct oid *id)
{
	struct collect_roots *r = arg;
	int rc = pointed_whole(r->walk, name, id, r->e);

	if (!rc)
		rc = tip(r, id);
	if (rc == HUB_ECORRUPT && r->pass) {
		err_set(&r->half, rc, "%s", r->e->msg);
		rc = 0;
	}
	return rc;
}

static int device_tips(void *arg, const char *device, const struct presence *p,
		       const struct err *why)
{
	struct collect_roots *r = arg;
	size_t i;
	int rc = 0;

	(void)device;
	/* a damaged record names nothing; one that can't be read may */
	if (!p && why->rc != HUB_ECORRUPT && why->rc != HUB_EAUTH)
		return err_set(r->e, why->rc, "%s", why->msg);
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
	int rc = ref_each(r->hub->repo, "refs/", ref_tip, r, r->e);

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

/* ---- contents ---- */

static int found(void *arg, const struct pointed_at *at, struct err *e)
{
	struct collect_roots *r = arg;
	size_t n = r->found_n * 2 + 64;
	void *p;

	if (r->watch && r->watch(r->watch_arg, at->path, at->n, at->ptr,
				 &r->at))
		return err_nomem(e);
	if (map_get(&r->names, at->ptr->recipe, 32) ||
	    (at->old && released_gone(r->rel, at->ptr->recipe)))
		return 0;
	if (r->found_n == r->found_alloc) {
		p = realloc(r->found, n * sizeof(*r->found));
		if (!p)
			return err_nomem(e);
		r->found = p;
		r->found_alloc = n;
	}
	if (map_put(&r->names, at->ptr->recipe, 32, r))
		return err_nomem(e);
	r->found[r->found_n++] = *at->ptr;
	return 0;
}

/* Read once: a later record only lets more go, and the next run sees it. */
static int read_released(struct collect_roots *r)
{
	const struct releasedfile *f;
	int rc;

	if (r->rel_read)
		return 0;
	rc = released_hub(r->hub, r->identity, &r->rel, NULL, r->e);
	if (!rc && r->rel) {
		f = released_file(r->rel);
		rc = pointed_old(r->walk, f->tips, f->tips_n, 0, r->e);
	}
	r->rel_read = !rc;
	return rc;
}

int collect_roots_each(void *roots, gc_root_fn fn, void *fn_arg,
		       struct err *e)
{
	struct collect_roots *r = roots;
	struct err why = ERR_INIT;
	size_t i;
	int rc;

	r->e = &why;
	rc = repo_refresh(r->hub->repo, r->e);
	if (!rc)
		rc = read_released(r);
	if (!rc)
		rc = tips(r);
	if (!rc)
		rc = pointed_run(r->walk, found, r, r->e);
	if (rc == HUB_ECORRUPT && r->pass) {
		err_set(&r->half, rc, "%s", why.msg);
		rc = 0;
	}
	if (rc < 0)
		return err_set(e, rc, "the hub's history cannot be read, so "
			       "nothing is removed: %s", why.msg);
	for (i = 0; !rc && i < r->found_n; i++)
		rc = fn(fn_arg, &r->found[i], e);
	return rc ? rc : r->half.rc ?
		err_set(e, r->half.rc, "%s", r->half.msg) : 0;
}
