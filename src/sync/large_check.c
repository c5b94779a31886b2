/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_check.c - before commits are sent: is the content there that they point
 * to?  Somebody may have removed it from the vault since it was put, or it was
 * damaged in the outbox: what lies in the workspace is put again, what does not is
 * told.
 */
#include "sync/large_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "os/os_file.h"
#include "sync/content.h"
#include "sync/follow.h"
#include "sync/pointed.h"

struct check {
	struct workspace *ws;
	struct buf full;
	struct map seen;		/* recipes that were looked at */
	struct oid commit;		/* in the history */
	struct err *e;
};

/* The working file, if it is what the pointer says. */
static int put_again(struct check *c, const char *path, size_t n,
		     const struct pointer *ptr)
{
	struct large_file f = { .fd = -1, .size = ptr->size, .path = path };
	struct pointer now;
	int rc;

	buf_setlen(&c->full, c->ws->root.n);
	buf_add(&c->full, path, n);
	rc = buf_error(&c->full) ? err_nomem(c->e) :
		os_open_read(c->full.p, &f.fd, NULL);
	if (rc < 0)
		return rc == HUB_ENOMEM ? rc : 0;
	rc = large_put(c->ws, &f, &now, c->e);
	os_close(f.fd, path, NULL);
	if (rc < 0)
		return rc == HUB_EBUSY ? 0 : rc;
	return now.size == ptr->size &&
		!memcmp(now.recipe, ptr->recipe, sizeof(now.recipe));
}

static int one(void *arg, const char *path, size_t n,
	       const struct tree_leaf *old, const struct tree_leaf *leaf)
{
	struct check *c = arg;
	struct pointer ptr;
	int rc = large_peek(c->ws->repo, leaf, &ptr, c->e);

	(void)old;
	if (rc <= 0)
		return rc;
	if (map_put(&c->seen, ptr.recipe, sizeof(ptr.recipe), c))
		return err_nomem(c->e);
	rc = large_has(c->ws, &ptr, 1, c->e);
	if (!rc)
		rc = put_again(c, path, n, &ptr);
	if (rc)
		return rc < 0 ? rc : 0;
	c->ws->rep.unnamed = 1;
	report_add(&c->ws->rep, REPORT_LOST, path, n, "its content is neither "
		   "in the vault nor here");
	return 0;
}

/* ---- older versions ---- */

static int at_commit(void *arg, const struct commit *co, struct err *e)
{
	struct check *c = arg;

	(void)e;
	c->commit = co->id;
	return 0;
}

static int version(void *arg, const struct pointed_at *at, struct err *e)
{
	struct check *c = arg;
	char why[120];
	int rc;

	if (!at->ptr || map_get(&c->seen, at->ptr->recipe, 32))
		return 0;
	if (map_put(&c->seen, at->ptr->recipe, 32, c))
		return err_nomem(e);
	rc = large_has(c->ws, at->ptr, 1, e);
	if (rc)
		return rc < 0 ? rc : 0;
	snprintf(why, sizeof(why), "the content of its version in commit %.12s "
		 "is neither in the vault nor here", oid_hex(&c->commit));
	report_add(&c->ws->rep, REPORT_LOST, at->path, at->n, why);
	return 0;
}

/* Every version between ${old} and ${tip}. */
static int versions(struct check *c, const struct oid *old,
		    const struct oid *tip, struct err *e)
{
	struct pointed *p = pointed_new(c->ws->repo);
	int rc = p ? 0 : err_nomem(e);

	if (!rc && !oid_is_zero(old))
		rc = pointed_old(p, old, 1, 1, e);
	if (!rc)
		rc = pointed_tip(p, tip, NULL, e);
	if (!rc) {
		pointed_commits(p, at_commit, c);
		rc = pointed_run(p, version, c, e);
	}
	pointed_free(p);
	return rc;
}

/* A workspace that never met a large file has no index of the vault. */
static int any_large(struct workspace *ws)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int yes;

	buf_addf(&path, "%sindex", ws->vdir.p);
	yes = !buf_error(&path) && !os_stat(path.p, &st, NULL);
	buf_release(&path);
	return yes;
}

static int check_all(struct workspace *ws, const struct oid *old,
		     const struct oid *tip, struct err *e)
{
	struct check c = { .ws = ws, .full = BUF_INIT, .seen = MAP_INIT,
			   .e = e };
	struct oid from = oid_zero, to;
	int rc = 0;

	report_reset(&ws->rep, REPORT_LOST);	/* of a race that was lost */
	if (repo_has(ws->repo, old, NULL) > 0)
		rc = follow_commit_tree(ws->repo, old, &from, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, tip, &to, e);
	buf_addstr(&c.full, ws->root.p);
	if (!rc)
		rc = tree_diff(ws->repo, &from, &to, one, &c, e);
	if (!rc)
		rc = large_commit(ws, e);
	if (!rc && ws->large && large_heal_flagged(ws->large))
		rc = versions(&c, old, tip, e);
	map_release(&c.seen);
	buf_release(&c.full);
	return rc;
}

/* 1: the vault has a newer state than this run knew; 0; or a code. */
static int newer(struct workspace *ws, struct err *e)
{
	struct large *l = large_of(ws);

	if (!l)
		return err_nomem(e);
	return l->hub.v ? vault_refresh(l->hub.v, e) : 0;
}

int large_check(struct workspace *ws, const struct oid *old,
		const struct oid *tip, struct err *e)
{
	int rc;

	if (!any_large(ws))
		return 0;
	rc = newer(ws, e);
	return rc < 0 ? rc : check_all(ws, old, tip, e);
}

int large_check_again(struct workspace *ws, const struct oid *old,
		      const struct oid *tip, struct err *e)
{
	int rc = newer(ws, e);

	return rc > 0 ? check_all(ws, old, tip, e) : rc;
}
