/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.c - three-way merge with the recorded commit as the base and its parent
 * as the other side.  The commit may have been replayed since, so that it is
 * not in the history under its id any more: its trees are here all the same.
 *
 * Which run an undo took back stands in its row's message, "run <id>".
 */
#include "sync/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/map.h"
#include "base/tm.h"
#include "sync/act.h"
#include "sync/follow.h"
#include "sync/replay.h"

#define MESSAGE "run "

/* ---- the log ---- */

struct each {
	struct map undone;		/* id -> int64_t *, the run that did it */
	int (*fn)(void *arg, const struct undo_row *row);
	void *arg;
	struct err *e;
};

static int64_t target_of(const struct state_run *r)
{
	const char *num = r->message + sizeof(MESSAGE) - 1;
	uint64_t id;

	if (strcmp(r->what, "undo") ||
	    strncmp(r->message, MESSAGE, sizeof(MESSAGE) - 1) ||
	    hex_dec_u64(num, strlen(num), &id) || id > INT64_MAX)
		return 0;
	return (int64_t)id;
}

static int note_undone(struct each *x, int64_t target, int64_t by)
{
	int64_t *v = malloc(sizeof(*v));

	if (!v)
		return err_nomem(x->e);
	*v = by;
	if (!map_put(&x->undone, &target, sizeof(target), v))
		return 0;
	free(v);
	return err_nomem(x->e);
}

static int each_run(void *arg, const struct state_run *r)
{
	struct each *x = arg;
	struct undo_row row = { .run = *r, .undoes = target_of(r) };
	struct map_slot *s = map_get(&x->undone, &r->id, sizeof(r->id));
	int rc = 0;

	if (s)
		row.undone_by = *(int64_t *)s->value;
	else if (row.undoes)
		rc = note_undone(x, row.undoes, r->id);
	if (rc < 0 || oid_is_zero(&r->recorded))
		return rc;
	return x->fn(x->arg, &row);
}

int undo_each(struct workspace *ws,
	      int (*fn)(void *arg, const struct undo_row *row), void *arg,
	      struct err *e)
{
	struct each x = { .undone = MAP_INIT, .fn = fn, .arg = arg, .e = e };
	struct map_slot *s;
	size_t pos = 0;
	int rc = state_run_each(ws->state, each_run, &x, e);

	while ((s = map_next(&x.undone, &pos)))
		free(s->value);
	map_release(&x.undone);
	return rc;
}

struct find { int64_t id; struct undo_row row; int found; };

static int find_row(void *arg, const struct undo_row *row)
{
	struct find *f = arg;

	if (f->id ? row->run.id != f->id :
	    row->undone_by || row->undoes || !strcmp(row->run.what, "record"))
		return 0;
	f->row = *row;
	f->found = 1;
	return 1;
}

static int find(struct workspace *ws, int64_t id, struct undo_row *ret,
		struct err *e)
{
	struct find f = { .id = id };
	int rc = undo_each(ws, find_row, &f, e);

	if (rc < 0)
		return rc;
	if (!f.found && !id)
		return err_set(e, HUB_EABSENT, "this computer has recorded "
			       "nothing that is not undone already");
	if (!f.found)
		return err_set(e, HUB_EABSENT, "no run %lld recorded anything "
			       "here: `hub undo --list` shows those that did",
			       (long long)id);
	if (f.row.undone_by)
		return err_set(e, HUB_EUSAGE, "run %lld is undone already, by "
			       "run %lld: undo that one to have it back",
			       (long long)id, (long long)f.row.undone_by);
	*ret = f.row;
	return 0;
}

/* ---- the change ---- */

struct undo {
	struct oid after, before;	/* trees around the recorded commit */
	int64_t time;			/* of what stood there before */
	struct buf trailers;
};

static int read_trees(struct workspace *ws, const struct undo_row *row,
		      struct undo *u, struct err *e)
{
	struct commit c = COMMIT_INIT, parent = COMMIT_INIT;
	int rc = commit_read(ws->repo, &row->run.recorded, &c, e);

	u->before = oid_zero;
	u->time = c.author_time;
	u->after = c.tree;
	if (!rc && c.parents_n) {
		rc = commit_read(ws->repo, &c.parents[0], &parent, e);
		u->before = parent.tree;
		u->time = parent.author_time;
	}
	if (rc == HUB_EABSENT)
		err_set(e, rc, "what run %lld recorded was replayed since, and "
			"git has cleaned up the original: `hub restore` brings "
			"back files as they were", (long long)row->run.id);
	commit_release(&c);
	commit_release(&parent);
	return rc;
}

static int merge(struct act *a, struct undo *u, struct oid *tree,
		 struct err *e)
{
	struct replay_merge m = { .ws = a->ws, .time = u->time,
				  .trailers = &u->trailers, .e = e };
	struct oid now;
	int rc = follow_commit_tree(a->ws->repo, &a->tip, &now, e);

	if (!rc)
		rc = sink_open(a->ws->repo, SINK_AUTO, &m.sink, e);
	if (!rc)
		rc = replay_merge_trees(&m, &u->after, &now, &u->before, tree);
	if (!rc) {
		rc = sink_commit(m.sink, NULL, e);
		m.sink = NULL;
	}
	sink_abort(m.sink);
	return rc;
}

static int count_change(void *arg, const char *path, size_t n,
			const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	(void)o;
	report_add(arg, REPORT_CHANGED, path, n,
		   leaf->mode ? NULL : "removed");
	return 0;
}

static int commit(struct act *a, struct undo *u, const struct undo_row *row,
		  struct err *e)
{
	struct buf subject = BUF_INIT;
	struct oid old = a->tip, now, tree;
	int rc = merge(a, u, &tree, e);

	buf_addf(&subject, "Undo %s of ", row->run.what);
	tm_iso(&subject, row->run.begun);
	if (!rc)
		rc = buf_error(&subject) ? err_nomem(e) :
			act_commit(a, &tree, subject.p, &u->trailers, e);
	if (!rc)
		rc = follow_commit_tree(a->ws->repo, &old, &now, e);
	if (!rc && !oid_is_zero(&a->made))
		rc = tree_diff(a->ws->repo, &now, &tree, count_change,
			       &a->ws->rep, e);
	buf_release(&subject);
	return rc;
}

int undo_run(struct workspace *ws, int64_t id, struct undo_row *ret,
	     struct oid *made, struct err *e)
{
	struct undo u = { .trailers = BUF_INIT };
	struct act a;
	int rc = act_open(&a, ws, "undo", e);

	*made = oid_zero;
	if (!rc)		/* before this command records anything itself */
		rc = find(ws, id, ret, e);
	if (!rc)
		rc = read_trees(ws, ret, &u, e);
	if (!rc)
		rc = act_record(&a, NULL, e);
	if (!rc) {
		snprintf(a.message, sizeof(a.message), MESSAGE "%lld",
			 (long long)ret->run.id);
		rc = commit(&a, &u, ret, e);
		*made = a.made;
	}
	buf_release(&u.trailers);
	return act_close(&a, rc, e);
}
