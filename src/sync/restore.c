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

#include "base/utf8.h"
#include "sync/act.h"
#include "sync/engine.h"
#include "sync/follow.h"

#define SUBJECT_MAX 160			/* bytes of paths in the subject */

struct selection { const char *const *paths; size_t n; };

static int is_selected(void *arg, const char *path, size_t n)
{
	const struct selection *s = arg;

	return restore_covers(s->paths, s->n, path, n);
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

		if (!restore_covers(s->paths, s->n, it->path, it->n))
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

/* HEAD's tree with the planned changes; durable. */
static int build(struct workspace *ws, const struct oid *now,
		 const struct restore *r, struct oid *ret, struct err *e)
{
	struct tree_change *v = calloc(r->n ? r->n : 1, sizeof(*v));
	struct sink *sink = NULL;
	size_t i;
	int rc = v ? sink_open(ws->repo, SINK_AUTO, &sink, e) : err_nomem(e);

	for (i = 0; !rc && i < r->n; i++) {
		v[i].path = r->v[i].path;
		v[i].path_n = r->v[i].n;
		v[i].leaf = r->v[i].then;
	}
	if (!rc)
		rc = tree_update(ws->repo, sink, now, v, r->n, ret, e);
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
	int rc = build(a->ws, now, r, &tree, e);

	subject(&subj, s, &r->when);
	if (!rc)
		rc = buf_error(&subj) ? err_nomem(e) :
			act_commit(a, &tree, subj.p, NULL, e);
	for (i = 0; !rc && i < r->n; i++)
		report_add(&a->ws->rep, REPORT_CHANGED, r->v[i].path,
			   r->v[i].n, r->v[i].then.mode ? NULL : "removed");
	r->made = a->made;
	buf_release(&subj);
	return rc;
}

static int steps(struct act *a, const struct selection *s, const char *at,
		 struct restore *r, struct err *e)
{
	struct restore probe = RESTORE_INIT;
	struct oid now, then;
	int rc = when_resolve(a->ws->repo, &a->tip, at, &r->when, e);

	if (!rc)
		rc = follow_commit_tree(a->ws->repo, &r->when.commit, &then,
					e);
	if (rc < 0)
		return rc;
	probe.when = r->when;		/* a wrong path: before anything else */
	rc = restore_plan(a->ws->repo, s->paths, s->n, &then, &then, &probe,
			  e);
	restore_release(&probe);
	if (!rc)
		rc = act_record(a, NULL, e);
	if (!rc)
		rc = check_staged(a->ws, s, e);
	if (!rc)
		rc = follow_commit_tree(a->ws->repo, &a->tip, &now, e);
	if (!rc)
		rc = restore_plan(a->ws->repo, s->paths, s->n, &now, &then, r,
				  e);
	return rc < 0 || !r->n ? rc : commit(a, s, &now, r, e);
}

static int dry(struct workspace *ws, const struct selection *s,
	       const char *at, struct restore *r, struct err *e)
{
	struct buf branch = BUF_INIT;
	struct oid tip, now, then;
	int rc = repo_head(ws->repo, &branch, &tip, e);

	if (!rc)
		rc = when_resolve(ws->repo, &tip, at, &r->when, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &r->when.commit, &then, e);
	if (!rc)
		rc = follow_commit_tree(ws->repo, &tip, &now, e);
	if (!rc)
		rc = restore_plan(ws->repo, s->paths, s->n, &now, &then, r, e);
	if (!rc)
		rc = restore_plan_disk(ws, s->paths, s->n, &then, r, e);
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
