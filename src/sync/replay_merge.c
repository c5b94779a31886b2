/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay_merge.c - one three-way merge with hub's conflict rules: the hub's
 * version keeps the path, ours is kept beside it.
 */
#include "sync/replay.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "os/os_clock.h"
#include "sync/conflict.h"
#include "sync/large.h"

#define LOSER_MAX (1u << 30)

static int name_loser(void *arg, const struct tree_conflict *c,
		      const struct tree_leaf *loser, int attempt,
		      struct buf *ret, struct err *e)
{
	struct replay_merge *m = arg;
	int hubs = loser->mode == c->ours.mode &&
		oid_eq(&loser->id, &c->ours.id);
	const char *who = hubs ? "hub" : m->ws->dev.name;
	struct buf content = BUF_INIT;
	struct pointer ptr;
	int64_t t = hubs ? m->hub_time : m->time;
	int rc = sink_read(m->sink, &loser->id, OBJ_BLOB, LOSER_MAX, &content,
			   e);

	if (!rc) {
		if (m->version_time && !hubs)
			t = m->version_time(m->arg, c->path, c->path_n);
		if (content.n <= POINTER_MAX &&
		    !pointer_decode(&ptr, content.p, content.n, NULL))
			rc = conflict_name_of(c->path, c->path_n, who, t,
					      ptr.recipe, attempt, ret);
		else
			rc = conflict_name(c->path, c->path_n, who, t,
					   content.p, content.n, attempt,
					   ret);
		if (rc < 0)
			err_nomem(e);
	}
	buf_release(&content);
	return rc;
}

static struct replay_copy *new_copy(const char *kept, size_t n,
				    const struct oid *id)
{
	struct replay_copy *cp = calloc(1, sizeof(*cp));

	if (cp)
		cp->copy = malloc(n + 1);
	if (!cp || !cp->copy) {
		free(cp);
		return NULL;
	}
	memcpy(cp->copy, kept, n);
	cp->copy[n] = '\0';
	cp->n = n;
	cp->id = *id;
	return cp;
}

static void free_copy(struct replay_copy *cp)
{
	if (cp)
		free(cp->copy);
	free(cp);
}

/* This path lost before, and what lost then is the base of what loses now:
 * only the newest version is worth a file of its own. */
static int note_moved(struct replay_moved *mv, const struct tree_conflict *c,
		      const char *kept, size_t n, struct err *e)
{
	struct replay_copy *cp = new_copy(kept, n, &c->theirs.id);
	struct map_slot *s;

	if (!cp)
		return err_nomem(e);
	s = map_get(&mv->by_path, c->path, c->path_n);
	if (s) {
		struct replay_copy *old = s->value;

		if (c->base.mode && oid_eq(&old->id, &c->base.id) &&
		    mv->stale_n < 64)
			mv->stale[mv->stale_n++] = old;
		else
			free_copy(old);
		s->value = cp;
		return 0;
	}
	if (!map_put(&mv->by_path, c->path, c->path_n, cp))
		return 0;
	free_copy(cp);
	return err_nomem(e);
}

void replay_moved_release(struct replay_moved *m)
{
	struct map_slot *s;
	size_t pos = 0;

	while ((s = map_next(&m->by_path, &pos)))
		free_copy(s->value);
	map_release(&m->by_path);
	while (m->stale_n)
		free_copy(m->stale[--m->stale_n]);
}

static int tell(void *arg, const struct tree_conflict *c, const char *kept,
		size_t kept_n, struct err *e)
{
	struct replay_merge *m = arg;

	report_add(&m->ws->rep, REPORT_CONFLICT, c->path, c->path_n,
		   kept_n ? kept : "a submodule: ours was kept");
	if (m->trailers) {
		buf_addstr(m->trailers, "Hub-Conflict: ");
		utf8_show(m->trailers, c->path, c->path_n);
		buf_addstr(m->trailers, " -> ");
		utf8_show(m->trailers, kept, kept_n);
		buf_addch(m->trailers, '\n');
	}
	if (!m->moved || !kept_n || c->why == CLASH_FOLDER)
		return 0;
	return note_moved(m->moved, c, kept, kept_n, e);
}

/* "Could not look" is no reason to stop: both versions are kept then. */
static int is_same(void *arg, const struct tree_leaf *a,
		   const struct tree_leaf *b)
{
	struct replay_merge *m = arg;

	return large_same(m->ws, m->sink, &a->id, &b->id, NULL);
}

int replay_merge_trees(struct replay_merge *m, const struct oid *base,
		       const struct oid *ours, const struct oid *theirs,
		       struct oid *ret)
{
	struct tree_merge_ops ops = { .arg = m, .conflict_name = name_loser,
				      .conflict = tell, .same = is_same };

	return tree_merge(m->ws->repo, m->sink, base, ours, theirs, &ops, ret,
			  m->e);
}

int replay_commit(struct workspace *ws, struct sink *sink,
		  const struct oid *tree, const struct oid *parents,
		  size_t parents_n, const char *message, struct oid *ret,
		  struct err *e)
{
	struct commit c = COMMIT_INIT;
	struct buf text = BUF_INIT;
	int rc;

	c.tree = *tree;
	c.parents = (struct oid *)(uintptr_t)parents;
	c.parents_n = parents_n;
	c.author_time = c.time = os_now();
	c.author_tz = c.tz = os_utc_offset(c.time) / 60;
	repo_identity(ws->repo, &c.author);
	buf_addstr(&c.committer, c.author.p);
	buf_addstr(&c.message, message);
	rc = commit_encode(&text, &c);
	if (rc < 0)
		err_nomem(e);
	else
		rc = sink_put(sink, OBJ_COMMIT, text.p, text.n, ret, e);
	c.parents = NULL;
	commit_release(&c);
	buf_release(&text);
	return rc;
}
