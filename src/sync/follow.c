/* SPDX-License-Identifier: GPL-2.0-or-later */
/* follow.c - the base follows a HEAD that others moved. */
#include "sync/follow.h"

#include <stdint.h>
#include <string.h>

#include "base/path.h"
#include "fmt/baserec.h"
#include "repo/index.h"
#include "sync/apply.h"
#include "sync/content.h"

struct follow {
	struct workspace *ws;
	struct index *index;
	struct buf full, old;
	int behind;			/* such a path was changed */
	struct err *e;
};

int follow_commit_tree(struct repo *r, const struct oid *commit,
		       struct oid *ret, struct err *e)
{
	struct commit c = COMMIT_INIT;
	int rc = 0;

	*ret = oid_zero;
	if (!oid_is_zero(commit))
		rc = commit_read(r, commit, &c, e);
	if (!rc)
		*ret = c.tree;
	commit_release(&c);
	return rc;
}

/* 1 if the old record says that this disk is behind: it is the truth. */
static int is_behind(struct follow *f, const char *path, size_t n)
{
	struct baserec b;

	if (state_base_get(f->ws->state, path, n, &f->old, NULL))
		return 0;
	return !baserec_decode(&b, f->old.p, f->old.n) &&
		(b.flags & BASEREC_BEHIND);
}

/* The stat to believe: only git's own knowledge that the file is unchanged. */
static int known_stat(struct follow *f, const char *path, size_t n,
		      const struct tree_leaf *leaf, struct os_stat *st)
{
	struct index_entry en;

	if (!f->index || index_get(f->index, path, n, &en) ||
	    en.leaf.mode != leaf->mode || !oid_eq(&en.leaf.id, &leaf->id))
		return 0;
	buf_setlen(&f->full, f->ws->root.n);
	buf_add(&f->full, path, n);
	return !buf_error(&f->full) && !os_lstat(f->full.p, st, NULL) &&
		index_stat_matches(&en, st);
}

/* A pointer: git's filter has put the file in its place, or git without it has
 * left the pointer there: then the file is to come. */
static int follow_large(struct follow *f, const char *path, size_t n,
			const struct tree_leaf *leaf, struct baserec *rec)
{
	struct pointer ptr;
	int rc = large_peek(f->ws->repo, leaf, &ptr, f->e);

	if (rc <= 0)
		return rc;
	content_record_large(rec, &ptr);
	if (content_is_large(rec) || rec->size > POINTER_MAX)
		return 0;
	rec->flags |= BASEREC_BEHIND;
	return state_set_add(f->ws->state, SET_BEHIND, path, n, f->e);
}

static int follow_leaf(void *arg, const char *path, size_t n,
		       const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct follow *f = arg;
	uint8_t raw[BASEREC_MAX];
	struct baserec rec;
	struct os_stat st;
	int rc = 0;

	(void)o;
	if (is_behind(f, path, n)) {
		f->behind = 1;
		return 0;
	}
	if (!leaf->mode)
		return state_base_del(f->ws->state, path, n, f->e);
	memset(&st, 0, sizeof(st));
	if (leaf->mode == MODE_GITLINK || !path_ok(path, n)) {
		content_record(&rec, leaf, &st, 0);
		rec.kind = BASEREC_UNWRITTEN;
	} else if (known_stat(f, path, n, leaf, &st)) {
		content_record(&rec, leaf, &st, INT64_MAX);
		rc = follow_large(f, path, n, leaf, &rec);
	} else {
		memset(&st, 0, sizeof(st));
		content_record(&rec, leaf, &st, 0);
	}
	return rc < 0 ? rc : state_base_put(f->ws->state, path, n, raw,
					    baserec_encode(raw, &rec), f->e);
}

/* The tree that the base follows now; zero if that is lost or never was. */
static int old_tree(struct workspace *ws, struct oid *ret, struct err *e)
{
	struct oid head;
	int rc = state_get_oid(ws->state, META_HEAD, &head, e);

	*ret = oid_zero;
	if (rc == HUB_EABSENT)
		return state_base_clear(ws->state, e);
	if (rc < 0)
		return rc;
	rc = follow_commit_tree(ws->repo, &head, ret, e);
	if (rc == HUB_EABSENT) {	/* git gc took it after a long time */
		err_clear(e);
		*ret = oid_zero;
		rc = state_base_clear(ws->state, e);
	}
	return rc;
}

/*
 * Somebody committed a path whose disk, or whose staged version, was made from
 * something older than what HEAD had: that commit alone would take back what
 * had come.  Remember HEAD as it was; record.c merges.  Not if the branch went
 * elsewhere: then nothing was taken back.
 */
static int note_onto(struct follow *f, const struct oid *tip)
{
	struct state *s = f->ws->state;
	struct oid onto;
	int rc = state_get_oid(s, META_ONTO, &onto, f->e), known = !rc;

	if (rc == HUB_EABSENT)
		rc = f->behind ? state_get_oid(s, META_HEAD, &onto, f->e) : rc;
	if (!rc)
		rc = oid_is_zero(&onto) || oid_is_zero(tip) ? 0 :
			repo_is_ancestor(f->ws->repo, &onto, tip, f->e);
	if (rc == HUB_EABSENT) {
		err_clear(f->e);
		rc = 0;
	}
	if (rc < 0 || (!rc && !known) || (rc && known))
		return rc < 0 ? rc : 0;
	return rc ? state_put_oid(s, META_ONTO, &onto, f->e) :
		state_del(s, META_ONTO, f->e);
}

int follow_inside(struct workspace *ws, const struct oid *tip, struct err *e)
{
	struct follow f = { .ws = ws, .full = BUF_INIT, .old = BUF_INIT,
			    .e = e };
	struct oid from, to;
	int rc = old_tree(ws, &from, e);

	if (!rc)
		rc = follow_commit_tree(ws->repo, tip, &to, e);
	if (!rc)
		rc = index_peek(ws->repo, &f.index, e);
	if (rc < 0)
		goto out;
	buf_addstr(&f.full, ws->root.p);
	rc = tree_diff(ws->repo, &from, &to, follow_leaf, &f, e);
	if (!rc)
		rc = note_onto(&f, tip);
	if (!rc)
		rc = state_put_oid(ws->state, META_HEAD, tip, e);
out:
	index_close(f.index);
	buf_release(&f.full);
	buf_release(&f.old);
	return rc;
}

int follow_head(struct workspace *ws, const struct oid *tip, struct err *e)
{
	struct oid head;
	int rc = state_get_oid(ws->state, META_HEAD, &head, e);

	if (!rc && oid_eq(&head, tip))
		return 0;
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	rc = state_begin(ws->state, e);
	if (rc < 0)
		return rc;
	rc = follow_inside(ws, tip, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}
