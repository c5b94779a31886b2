/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore.c - the order of a restore.
 *
 * The point in time is looked up first: "HEAD" is what was recorded before
 * this command, not what it records itself.
 */
#include "sync/restore.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "repo/history.h"
#include "sync/act.h"
#include "sync/engine.h"
#include "sync/follow.h"

#define SUBJECT_MAX 160			/* bytes of paths in the subject */

struct selection { const char *const *paths; size_t n; };

static int is_selected(void *arg, const char *path, size_t n)
{
	const struct selection *s = arg;

	return history_path_in(s->paths, s->n, path, n);
}

/* A git user's half-done work on these very paths is not ours to replace. */
static int check_staged(struct workspace *ws, const struct selection *s,
			struct err *e)
{
	const struct report *r = &ws->rep;
	struct buf show = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->items_n[REPORT_STAGED]; i++) {
		const struct report_item *it = &r->items[REPORT_STAGED][i];

		if (!history_path_in(s->paths, s->n, it->path, it->n))
			continue;
		utf8_show(&show, it->path, it->n);
		rc = err_set(e, HUB_EGUARD, "'%s' is staged with git and was "
			     "changed again: `git commit` or `git reset` it "
			     "first", show.p);
	}
	buf_release(&show);
	return rc;
}

static void subject(struct buf *b, const struct selection *s,
		    const struct when *w)
{
	size_t i;

	buf_addstr(b, "Restore ");
	for (i = 0; i < s->n && (!i || b->n + strlen(s->paths[i]) <
				 SUBJECT_MAX); i++) {
		buf_addstr(b, i ? ", " : "");
		if (s->paths[i][0])
			utf8_show(b, s->paths[i], strlen(s->paths[i]));
		else
			buf_addstr(b, "everything");
	}
	if (i < s->n)
		buf_addf(b, " and %zu more", s->n - i);
	buf_addstr(b, " as of ");
	when_show(b, w);
}

static int not_there(const char *path, const struct when *w, struct err *e)
{
	struct buf show = BUF_INIT, when = BUF_INIT;

	utf8_show(&show, path, strlen(path));
	when_show(&when, w);
	err_set(e, HUB_EABSENT, "'%s' was not there at %s: `hub log` with this "
		"path shows when it was", show.p, when.p);
	buf_release(&show);
	buf_release(&when);
	return HUB_EABSENT;
}

static int check_there(struct workspace *ws, const struct selection *s,
		       const struct oid *then, const struct when *w,
		       struct err *e)
{
	struct tree_leaf leaf;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < s->n; i++) {
		if (!s->paths[i][0])
			continue;
		rc = tree_find(ws->repo, then, s->paths[i],
			       strlen(s->paths[i]), &leaf, e);
		if (rc == HUB_EABSENT)
			rc = not_there(s->paths[i], w, e);
	}
	return rc;
}

/* Nothing but folders may stand above a path that comes back, unless what
 * stands there goes with it. */
static int check_above(struct workspace *ws, const struct selection *s,
		       const struct oid *now, const char *path, struct err *e)
{
	struct buf show = BUF_INIT;
	struct tree_leaf leaf;
	const char *p;
	int rc = 0;

	for (p = strchr(path, '/'); !rc && p; p = strchr(p + 1, '/')) {
		size_t n = (size_t)(p - path);

		rc = tree_find(ws->repo, now, path, n, &leaf, e);
		if (rc == HUB_EABSENT)
			break;
		if (rc || leaf.mode == MODE_TREE ||
		    history_path_in(s->paths, s->n, path, n))
			continue;
		utf8_show(&show, path, n);
		rc = err_set(e, HUB_ECONFLICT, "'%s' is a file now: restore "
			     "it, then its whole folder comes back", show.p);
	}
	buf_release(&show);
	return rc == HUB_EABSENT ? 0 : rc;
}

/* Names in old trees that no file may have are left out. */
static void refuse(struct restore *r)
{
	struct delta *d = &r->list;
	size_t i, k = 0;

	for (i = 0; i < d->n; i++) {
		struct delta_item *it = &d->v[i];

		if (it->from.mode && !path_ok(it->path, it->n)) {
			r->refused++;
			free(it->path);
			continue;
		}
		if (it->from.mode)
			r->written++;
		else
			r->removed++;
		d->v[k++] = *it;
	}
	d->n = k;
}

/* HEAD's tree with the planned changes; durable. */
static int build(struct workspace *ws, const struct oid *now,
		 const struct delta *d, struct oid *ret, struct err *e)
{
	struct tree_change *v = calloc(d->n ? d->n : 1, sizeof(*v));
	struct sink *sink = NULL;
	size_t i;
	int rc = v ? sink_open(ws->repo, SINK_AUTO, &sink, e) : err_nomem(e);

	for (i = 0; !rc && i < d->n; i++) {
		v[i].path = d->v[i].path;
		v[i].path_n = d->v[i].n;
		v[i].leaf = d->v[i].from;
	}
	if (!rc)
		rc = tree_update(ws->repo, sink, now, v, d->n, ret, e);
	if (!rc) {
		rc = sink_commit(sink, NULL, e);
		sink = NULL;
	}
	sink_abort(sink);
	free(v);
	return rc;
}

static int commit(struct act *a, const struct selection *s,
		  const struct oid *now, struct restore *r, struct err *e)
{
	struct buf subj = BUF_INIT;
	struct oid tree;
	size_t i;
	int rc = build(a->ws, now, &r->list, &tree, e);

	subject(&subj, s, &r->when);
	if (!rc)
		rc = buf_error(&subj) ? err_nomem(e) :
			act_commit(a, &tree, subj.p, NULL, e);
	for (i = 0; !rc && i < r->list.n; i++)
		report_add(&a->ws->rep, REPORT_CHANGED, r->list.v[i].path,
			   r->list.v[i].n, r->list.v[i].from.mode ? NULL :
			   "removed");
	r->made = a->made;
	buf_release(&subj);
	return rc;
}

/* Where to, and is there anything there? */
static int find_then(struct workspace *ws, const struct selection *s,
		     const struct oid *tip, const char *at, struct restore *r,
		     struct oid *then, struct err *e)
{
	int rc = when_resolve(ws->repo, tip, at, &r->when, e);

	if (!rc)
		rc = follow_commit_tree(ws->repo, &r->when.commit, then, e);
	return rc < 0 ? rc : check_there(ws, s, then, &r->when, e);
}

static int steps(struct act *a, const struct selection *s, const char *at,
		 struct restore *r, struct err *e)
{
	struct workspace *ws = a->ws;
	struct oid now, then;
	size_t i;
	int rc = find_then(ws, s, &a->tip, at, r, &then, e);

	if (!rc)
		rc = act_record(a, NULL, e);
	if (!rc)
		rc = check_staged(ws, s, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &a->tip, &now, e);
	for (i = 0; !rc && i < s->n; i++)
		rc = check_above(ws, s, &now, s->paths[i], e);
	if (!rc)
		rc = delta_trees(ws->repo, &then, &now, s->paths, s->n,
				 &r->list, e);
	refuse(r);
	return rc < 0 || !r->list.n ? rc : commit(a, s, &now, r, e);
}

static int dry(struct workspace *ws, const struct selection *s,
	       const char *at, struct restore *r, struct err *e)
{
	struct buf branch = BUF_INIT;
	struct oid tip, now, then;
	size_t i;
	int rc = repo_head(ws->repo, &branch, &tip, e);

	if (!rc)
		rc = find_then(ws, s, &tip, at, r, &then, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &tip, &now, e);
	for (i = 0; !rc && i < s->n; i++)
		rc = check_above(ws, s, &now, s->paths[i], e);
	if (!rc)
		rc = delta_disk(ws, &then, &now, s->paths, s->n, &r->list, e);
	refuse(r);
	buf_release(&branch);
	return rc;
}

int restore_run(struct workspace *ws, const char *const *paths, size_t paths_n,
		const char *at, int dry_run, struct restore *ret,
		struct err *e)
{
	struct selection s = { paths, paths_n };
	struct act a;
	int rc;

	if (dry_run)
		return dry(ws, &s, at, ret, e);
	rc = act_open(&a, ws, "restore", e);
	ws->asked = is_selected;
	ws->asked_arg = &s;
	if (!rc)
		rc = steps(&a, &s, at, ret, e);
	ws->asked = NULL;
	return act_close(&a, rc, e);
}

void restore_release(struct restore *r)
{
	delta_release(&r->list);
}
