/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.c - rebase, fold or merge this computer's commits onto the hub's.
 *
 * Invariant: nothing that a hub may have seen is ever rewritten; SET_OFFERED
 * names what was offered, durably, before the first byte of it was sent.
 */
#include "sync/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "os/os_clock.h"
#include "sync/amended.h"
#include "sync/follow.h"

struct local { struct oid id; int is_auto; int merge; };

struct replay {
	struct workspace *ws;
	struct sink *sink;
	struct local *v;		/* oldest first */
	size_t n, alloc;
	size_t autos;
	int merges, offered, amended;
	struct replay_moved moved;
	int64_t hub_time;		/* author time of the hub's tip */
	struct err *e;
};

static int add_local(void *arg, const struct oid *id)
{
	struct replay *r = arg;
	struct commit c = COMMIT_INIT;
	int rc;

	if (r->n == r->alloc) {
		size_t want = r->alloc ? r->alloc * 2 : 64;
		struct local *v = realloc(r->v, want * sizeof(*v));

		if (!v)
			return err_nomem(r->e);
		r->v = v;
		r->alloc = want;
	}
	rc = commit_read(r->ws->repo, id, &c, r->e);
	if (rc < 0)
		goto out;
	r->v[r->n].id = *id;
	r->v[r->n].is_auto = commit_is_auto(&c);
	r->v[r->n].merge = c.parents_n > 1;
	r->autos += (size_t)r->v[r->n].is_auto;
	r->merges |= r->v[r->n].merge;
	r->n++;
	rc = state_set_has(r->ws->state, SET_OFFERED, id->h, OID_SIZE, r->e);
	if (rc > 0) {
		r->offered = 1;
		rc = 0;
	}
out:
	commit_release(&c);
	return rc;
}

/* ---- the time of a version: its last change in a run of folded commits ---- */

struct versions { struct replay *r; size_t from, to; };

static int leaf_at(struct replay *r, const struct oid *commit,
		   const char *path, size_t n, struct tree_leaf *leaf,
		   int64_t *when)
{
	struct commit c = COMMIT_INIT;
	int rc = commit_read(r->ws->repo, commit, &c, NULL);

	memset(leaf, 0, sizeof(*leaf));
	if (!rc && tree_find(r->ws->repo, &c.tree, path, n, leaf, NULL))
		memset(leaf, 0, sizeof(*leaf));
	*when = c.author_time;
	commit_release(&c);
	return rc;
}

static int64_t version_time(void *arg, const char *path, size_t n)
{
	struct versions *v = arg;
	struct tree_leaf last, here;
	int64_t when, best;
	size_t i = v->to - 1;

	if (leaf_at(v->r, &v->r->v[i].id, path, n, &last, &best))
		return os_now();
	while (i-- > v->from) {
		if (leaf_at(v->r, &v->r->v[i].id, path, n, &here, &when) ||
		    here.mode != last.mode || !oid_eq(&here.id, &last.id))
			break;
		best = when;
	}
	return best;
}

/* ---- rebase ---- */

/* Copies that a later commit of this replay made superfluous. */
static int drop_stale(struct replay *r, struct oid *tree)
{
	struct replay_moved *mv = &r->moved;
	int rc = 0;

	while (!rc && mv->stale_n) {
		struct replay_copy *cp = mv->stale[--mv->stale_n];
		struct tree_change ch = { .path = cp->copy, .path_n = cp->n };

		rc = tree_update(r->ws->repo, r->sink, tree, &ch, 1, tree,
				 r->e);
		free(cp->copy);
		free(cp);
	}
	return rc;
}

static void message_of(struct replay *r, const struct commit *c, size_t from,
		       size_t to, const struct buf *trailers, struct buf *msg)
{
	buf_addstr(msg, c->message.p);
	if (msg->n && msg->p[msg->n - 1] != '\n')
		buf_addch(msg, '\n');
	if (to - from > 1) {
		buf_addf(msg, "\nHub-Folded: %zu\n", to - from);
		r->ws->rep.folded += to - from;
	} else if (trailers->n && !strstr(c->message.p, "\n\n")) {
		buf_addch(msg, '\n');
	}
	buf_addstr(msg, trailers->p);
}

/* Commits [from, to) become one on top of *cur. */
static int rebase_group(struct replay *r, size_t from, size_t to,
			struct oid *cur, struct oid *cur_tree)
{
	struct versions vs = { r, from, to };
	struct buf trailers = BUF_INIT, text = BUF_INIT, msg = BUF_INIT;
	struct commit first = COMMIT_INIT, last = COMMIT_INIT;
	struct replay_merge m = {
		.ws = r->ws, .sink = r->sink, .version_time = version_time,
		.arg = &vs, .trailers = &trailers, .moved = &r->moved,
		.hub_time = r->hub_time, .e = r->e,
	};
	struct oid base, tree;
	int rc = commit_read(r->ws->repo, &r->v[from].id, &first, r->e);

	if (!rc)
		rc = commit_read(r->ws->repo, &r->v[to - 1].id, &last, r->e);
	if (!rc)
		rc = follow_commit_tree(r->ws->repo, first.parents_n ?
					&first.parents[0] : &oid_zero, &base,
					r->e);
	if (!rc)
		rc = replay_merge_trees(&m, &base, cur_tree, &last.tree,
					&tree);
	if (!rc)
		rc = drop_stale(r, &tree);
	if (rc < 0 || oid_eq(&tree, cur_tree))
		goto out;		/* the hub has all of it already */
	message_of(r, &last, from, to, &trailers, &msg);
	buf_reset(&last.message);
	buf_addstr(&last.message, msg.p);
	last.tree = tree;
	/* As git's rebase: the author's time stays; the committer's grows along
	 * the hub's line, so that "as of Wednesday" means what the hub held. */
	last.time = os_now();
	last.tz = os_utc_offset(last.time) / 60;
	free(last.parents);
	last.parents = malloc(sizeof(*last.parents));
	if (!last.parents || buf_error(&msg)) {
		rc = err_nomem(r->e);
		goto out;
	}
	last.parents[0] = *cur;
	last.parents_n = 1;
	rc = commit_encode(&text, &last);
	if (!rc)
		rc = sink_put(r->sink, OBJ_COMMIT, text.p, text.n, cur, r->e);
	*cur_tree = tree;
out:
	commit_release(&first);
	commit_release(&last);
	buf_release(&trailers);
	buf_release(&text);
	buf_release(&msg);
	return rc;
}

static int rebase(struct replay *r, const struct oid *hub, struct oid *ret)
{
	int fold = r->autos > REPLAY_FOLD_OVER;
	struct oid tree;
	size_t i = 0;
	int rc = follow_commit_tree(r->ws->repo, hub, &tree, r->e);

	*ret = *hub;
	while (!rc && i < r->n) {
		size_t to = i + 1;

		while (fold && r->v[i].is_auto && to < r->n &&
		       r->v[to].is_auto)
			to++;
		rc = rebase_group(r, i, to, ret, &tree);
		i = to;
		if (!rc)
			rc = workspace_progress(r->ws, "replaying", i, r->n,
						r->e);
	}
	return rc;
}

/* ---- merge ---- */

static void merge_message(struct replay *r, const struct buf *trailers,
			  struct buf *msg)
{
	buf_addf(msg, "Auto-sync: merge of %s\n", r->ws->dev.name);
	if (trailers->n)
		buf_addf(msg, "\n%s", trailers->p);
}

static int merge(struct replay *r, const struct oid *local,
		 const struct oid *hub, const struct oid *base,
		 struct oid *ret)
{
	struct versions vs = { r, 0, r->n };
	struct buf trailers = BUF_INIT, msg = BUF_INIT;
	struct replay_merge m = {
		.ws = r->ws, .sink = r->sink, .version_time = version_time,
		.arg = &vs, .trailers = &trailers, .hub_time = r->hub_time,
		.e = r->e,
	};
	struct oid parents[2] = { *hub, *local };
	struct oid b, o, t, tree;
	int rc = follow_commit_tree(r->ws->repo, base, &b, r->e);

	if (!rc)
		rc = follow_commit_tree(r->ws->repo, hub, &o, r->e);
	if (!rc)
		rc = follow_commit_tree(r->ws->repo, local, &t, r->e);
	if (!rc)
		rc = replay_merge_trees(&m, &b, &o, &t, &tree);
	merge_message(r, &trailers, &msg);
	if (!rc)
		rc = buf_error(&msg) ? err_nomem(r->e) :
			replay_commit(r->ws, r->sink, &tree, parents, 2, msg.p,
				      ret, r->e);
	buf_release(&trailers);
	buf_release(&msg);
	return rc;
}

/* Where the two lines parted; zero if they never met. */
static int parted(struct workspace *ws, const struct oid *local,
		  const struct oid *hub, const struct oid *fork,
		  struct oid *ret, struct err *e)
{
	int rc = fork ? repo_has(ws->repo, fork, e) : 0;

	if (rc > 0)
		rc = repo_is_ancestor(ws->repo, fork, local, e);
	if (rc > 0) {
		*ret = *fork;
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = repo_merge_base(ws->repo, local, hub, ret, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		*ret = oid_zero;
		rc = 0;
	}
	return rc;
}

static int tip_time(struct workspace *ws, const struct oid *tip, int64_t *ret,
		    struct err *e)
{
	struct commit c = COMMIT_INIT;
	int rc = commit_read(ws->repo, tip, &c, e);

	*ret = c.author_time;
	commit_release(&c);
	return rc;
}

int replay_run(struct workspace *ws, const struct oid *local,
	       const struct oid *hub, const struct oid *fork,
	       struct oid *ret, struct err *e)
{
	struct replay r = { .ws = ws, .e = e };
	struct oid base, hide[2] = { *hub, *hub };
	int rc = parted(ws, local, hub, fork, &base, e);

	if (rc < 0)
		return rc;
	if (oid_eq(&base, local) || oid_eq(&base, hub)) {
		*ret = oid_eq(&base, local) ? *hub : *local;
		return 0;
	}
	if (fork && oid_eq(&base, fork))
		hide[1] = *fork;
	else	/* what was sent and rewritten is not a conflict with itself */
		rc = r.amended = amended_from(ws, hub, &base, e);
	if (rc >= 0)
		rc = tip_time(ws, hub, &r.hub_time, e);
	if (!rc)
		rc = sink_open(ws->repo, SINK_AUTO, &r.sink, e);
	if (!rc)
		rc = repo_walk(ws->repo, local, hide, 2, 1, add_local, &r, e);
	if (rc < 0)
		goto out;
	if (r.merges || r.offered || r.amended)
		rc = merge(&r, local, hub, &base, ret);
	else
		rc = rebase(&r, hub, ret);
	if (!rc) {
		rc = sink_commit(r.sink, NULL, e);
		r.sink = NULL;
	}
out:
	sink_abort(r.sink);
	replay_moved_release(&r.moved);
	free(r.v);
	return rc;
}
