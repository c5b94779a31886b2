/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.c - local changes become a commit.
 *
 * Order: content into the sink while scanning, trees, commit; the sink durable;
 * then HEAD, index and base together (apply.c).
 */
#include "sync/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/tm.h"
#include "os/os_clock.h"
#include "repo/index.h"
#include "sync/apply.h"
#include "sync/apply_internal.h"
#include "sync/compare.h"
#include "sync/follow.h"
#include "sync/guard.h"
#include "sync/large.h"
#include "sync/record_internal.h"
#include "sync/replay.h"

/* What HEAD has at the path: the base says it, unless this disk is behind. */
static int head_leaf(struct repo *r, const struct oid *head_tree,
		     const struct change *c, struct tree_leaf *leaf,
		     struct err *e)
{
	int rc;

	if (!(c->base_flags & BASEREC_BEHIND) && c->base.mode) {
		*leaf = c->base;
		return 0;
	}
	rc = tree_find(r, head_tree, c->path, c->n, leaf, e);
	if (rc == HUB_EABSENT || (!rc && leaf->mode == MODE_TREE)) {
		err_clear(e);	/* a folder is no leaf */
		memset(leaf, 0, sizeof(*leaf));
		return 0;
	}
	return rc;
}

/* Did `git add` take the file as it is now, as git does with one that no
 * attribute names yet: whole, where we have a pointer? */
static int staged_whole(const struct change *c, const struct index_entry *en)
{
	struct os_stat st;

	if (c->rec.kind != BASEREC_LARGE && c->rec.kind != BASEREC_LARGE_EXEC)
		return 0;
	memset(&st, 0, sizeof(st));
	st.type = OS_REG;
	st.exec = c->rec.kind == BASEREC_LARGE_EXEC;
	st.size = c->rec.size;
	st.mtime_ns = c->rec.mtime_ns;
	st.ctime_ns = c->rec.ctime_ns;
	st.ino = c->rec.ino;
	st.dev = c->rec.dev;
	st.uid = en->st.uid;
	st.gid = en->st.gid;
	return en->leaf.mode == c->disk.mode && index_stat_matches(en, &st);
}

int record_staged(struct workspace *ws, struct changes *ch,
		  const struct oid *head_tree, struct err *e)
{
	struct index *x = NULL;
	size_t i;
	int rc = index_peek(ws->repo, &x, e);

	for (i = 0; !rc && !index_missing(x) && i < ch->n; i++) {
		struct change *c = &ch->v[i];
		struct index_entry en;
		struct tree_leaf head;
		int got;

		if (!record_is_change(c))
			continue;
		memset(&en, 0, sizeof(en));
		got = index_get(x, c->path, c->n, &en);
		if (got < 0 && got != HUB_ECONFLICT)
			memset(&en, 0, sizeof(en));
		rc = head_leaf(ws->repo, head_tree, c, &head, e);
		if (rc < 0 || (!en.skip && got != HUB_ECONFLICT &&
			       (compare_leaf_eq(&en.leaf, &head) ||
				compare_leaf_eq(&en.leaf, &c->disk) ||
				staged_whole(c, &en))))
			continue;
		c->waits = 1;
		report_add(&ws->rep, REPORT_STAGED, c->path, c->n,
			   en.skip ? APPLY_MARKED : NULL);
	}
	index_close(x);
	return rc;
}

static void message_text(struct record *r, const char *message,
			 struct buf *msg)
{
	if (message) {
		buf_addstr(msg, message);
	} else {
		buf_addstr(msg, "Auto-sync: ");
		tm_iso(msg, os_now());
		buf_addf(msg, " %s", r->ws->dev.name);
	}
	buf_addch(msg, '\n');
	if (r->trailers.n || r->ws->accepted[0])
		buf_addch(msg, '\n');
	buf_addstr(msg, r->trailers.p);
	guard_trailer(r->ws, msg);
}

static int make_commit(struct record *r, const char *message, struct oid *tip)
{
	struct buf msg = BUF_INIT;
	struct oid tree;
	int rc = record_tree(r, &tree);

	if (rc < 0)
		goto out;
	if (oid_eq(&tree, &r->head_tree) && !oid_is_zero(&r->head)) {
		*tip = r->head;		/* only what is parked or behind */
		goto out;
	}
	message_text(r, message, &msg);
	rc = buf_error(&msg) ? err_nomem(r->e) :
		replay_commit(r->ws, r->sink, &tree, &r->head,
			      !oid_is_zero(&r->head), msg.p, tip, r->e);
out:
	buf_release(&msg);
	return rc;
}

/* Nothing to commit, but files were touched: their new stat. */
static int store_stats(struct record *r)
{
	struct state *s = r->ws->state;
	uint8_t raw[BASEREC_MAX];
	size_t i;
	int rc = state_begin(s, r->e);

	if (rc < 0)
		return rc;
	for (i = 0; !rc && i < r->ch.n; i++) {
		struct change *c = &r->ch.v[i];

		if (c->waits || !c->disk.mode ||
		    !compare_leaf_eq(&c->disk, &c->base))
			continue;
		c->rec.flags |= c->base_flags & BASEREC_BEHIND;
		rc = state_base_put(s, c->path, c->n, raw,
				    baserec_encode(raw, &c->rec), r->e);
		if (!rc && c->rec.flags & BASEREC_BEHIND)
			rc = state_set_add(s, SET_BEHIND, c->path, c->n, r->e);
		if (!rc && (c->rec.kind == BASEREC_DB || c->wal.size))
			rc = dbside_remember(s, c->path, c->n, &c->wal, r->e);
	}
	if (!rc)
		return state_commit(s, r->e);
	state_rollback(s);
	return rc;
}

int record_is_change(const struct change *c)
{
	return !c->waits && !compare_leaf_eq(&c->disk, &c->base);
}

/* What there is to record; a merge counts. */
static uint64_t count_changes(const struct record *r)
{
	uint64_t k = !oid_is_zero(&r->onto);
	size_t i;

	for (i = 0; i < r->ch.n; i++)
		k += (uint64_t)record_is_change(&r->ch.v[i]);
	return k;
}

static void tell_changes(struct record *r)
{
	size_t i;

	for (i = 0; i < r->ch.n; i++)
		if (record_is_change(&r->ch.v[i]))
			report_add(&r->ws->rep, REPORT_CHANGED,
				   r->ch.v[i].path, r->ch.v[i].n,
				   r->ch.v[i].disk.mode ? NULL : "removed");
}

/*
 * Find what changed; large content is in the vault, or the outbox, when this
 * returns 0.  If the hub went away before a state named it, or lost what it
 * had, all of it has to be put again.
 */
static int find_changes(struct record *r)
{
	int k, rc = compare_run(r->ws, r->sink, &r->ch, r->e);

	if (!rc)
		rc = large_commit(r->ws, r->e);
	if (rc != HUB_EOFFLINE && rc != HUB_EABSENT)
		return rc;
	err_clear(r->e);
	changes_release(&r->ch);
	for (k = REPORT_IGNORED; k <= REPORT_UNSTABLE; k++)
		report_reset(&r->ws->rep, (enum report_kind)k);
	rc = compare_run(r->ws, r->sink, &r->ch, r->e);
	return rc < 0 ? rc : large_commit(r->ws, r->e);
}

/* Everything follows the policy that was asked now. */
static int remember_rule(struct record *r)
{
	struct state *s = r->ws->state;
	struct buf was = BUF_INIT;
	int rc = state_get(s, META_RULE, &was, r->e);
	int same = !rc && was.n == sizeof(r->ws->rule_id) &&
		!memcmp(was.p, r->ws->rule_id, was.n);

	buf_release(&was);
	if (same || (rc && rc != HUB_EABSENT))
		return same ? 0 : rc;
	rc = state_begin(s, r->e);
	if (!rc)
		rc = state_put(s, META_RULE, r->ws->rule_id,
			       sizeof(r->ws->rule_id), r->e);
	if (!rc)
		return state_commit(s, r->e);
	state_rollback(s);
	return rc;
}

int record_run(struct workspace *ws, struct hub *hub, const char *branch,
	       struct oid *tip, const char *message, struct err *e)
{
	struct record r = { .ws = ws, .ch = CHANGES_INIT, .head = *tip,
			    .trailers = BUF_INIT, .e = e };
	struct sink_stats st;
	int rc = state_get_oid(ws->state, META_ONTO, &r.onto, e);

	if (!rc || rc == HUB_EABSENT)
		rc = follow_commit_tree(ws->repo, tip, &r.head_tree, e);
	if (!rc)
		rc = sink_open(ws->repo, SINK_AUTO, &r.sink, e);
	if (!rc)
		rc = find_changes(&r);
	if (!rc && count_changes(&r))
		rc = record_staged(ws, &r.ch, &r.head_tree, e);
	if (!rc && count_changes(&r))
		rc = guard_outgoing(ws, &r.ch, e);
	if (rc < 0)
		goto out;
	if (!count_changes(&r)) {
		rc = r.ch.n ? store_stats(&r) : 0;
		if (!rc)
			rc = remember_rule(&r);
		goto out;
	}
	rc = make_commit(&r, message, tip);
	if (rc < 0)
		goto out;
	rc = sink_commit(r.sink, &st, e);
	r.sink = NULL;
	if (!rc) {
		memcpy(ws->new_pack, st.pack, sizeof(ws->new_pack));
		tell_changes(&r);
		if (!oid_eq(tip, &r.head))
			ws->recorded = *tip;
		rc = apply_commit(ws, hub, branch, &r.head, tip, &r.ch,
				  message ? message : "hub: record", e);
	}
	if (!rc)
		rc = remember_rule(&r);
out:
	if (rc < 0)
		*tip = r.head;
	sink_abort(r.sink);
	changes_release(&r.ch);
	buf_release(&r.trailers);
	return rc;
}
