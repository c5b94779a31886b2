/* SPDX-License-Identifier: GPL-2.0-or-later */
/* behind.c - the second memory of what is behind: written, read, believed. */
#include "sync/behind.h"

#include <stdio.h>
#include <string.h>

#include "fmt/baserec.h"
#include "fmt/behindfile.h"
#include "os/os_file.h"
#include "sync/apply.h"
#include "sync/content.h"
#include "sync/follow.h"

struct take { struct workspace *ws; struct err *e; };
struct lister { struct workspace *ws; struct buf lines; uint64_t count;
		struct err *e; };

static int file_path(struct workspace *ws, struct buf *ret, struct err *e)
{
	buf_addf(ret, "%sbehind", ws->vdir.p);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* ---- writing ---- */

static enum behindfile_kind kind_of(const struct tree_leaf *leaf)
{
	return leaf->mode == MODE_LINK ? BEHINDFILE_LINK :
		leaf->mode == MODE_EXEC ? BEHINDFILE_EXEC :
		leaf->mode ? BEHINDFILE_FILE : BEHINDFILE_NONE;
}

static int list_one(void *arg, const void *p, size_t n)
{
	struct lister *l = arg;
	struct buf raw = BUF_INIT;
	struct baserec rec;
	struct tree_leaf leaf;
	int rc;

	if (l->lines.n > BEHINDFILE_MAX)
		return 0;
	memset(&leaf, 0, sizeof(leaf));
	rc = state_base_get(l->ws->state, p, n, &raw, l->e);
	if (!rc)
		rc = baserec_decode(&rec, raw.p, raw.n);
	if (!rc && rec.id_n == OID_SIZE)
		leaf = content_leaf(&rec);
	buf_release(&raw);
	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	l->count++;
	behindfile_encode_path(&l->lines, kind_of(&leaf), &leaf.id, p, n);
	return buf_error(&l->lines) ? err_nomem(l->e) : 0;
}

static int encode(struct workspace *ws, struct behindfile *b, struct buf *out,
		  struct err *e)
{
	struct lister l = { ws, BUF_INIT, 0, e };
	int rc = state_set_each(ws->state, SET_BEHIND, list_one, &l, e);

	b->list = l.lines.n < BEHINDFILE_MAX - 1024;
	b->count = b->list ? l.count : 0;
	behindfile_encode(out, b);
	if (b->list)
		buf_add(out, l.lines.p, l.lines.n);
	behindfile_encode_end(out);
	buf_release(&l.lines);
	return rc ? rc : buf_error(out) ? err_nomem(e) : 0;
}

static int write_file(struct workspace *ws, struct behindfile *b,
		      struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT, old = BUF_INIT;
	int rc = file_path(ws, &path, e);

	if (!rc)
		rc = encode(ws, b, &text, e);
	if (!rc && (os_read_file(path.p, BEHINDFILE_MAX, &old, NULL) ||
		    old.n != text.n || memcmp(old.p, text.p, text.n)))
		rc = os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	buf_release(&old);
	return rc;
}

static int count_one(void *arg, const void *p, size_t n)
{
	(void)p;
	(void)n;
	*(int *)arg = 1;
	return 1;
}

static int any_behind(struct workspace *ws, struct err *e)
{
	int any = 0;
	int rc = state_set_each(ws->state, SET_BEHIND, count_one, &any, e);

	return rc < 0 ? rc : any;
}

int behind_before(struct workspace *ws, const struct oid *from,
		  const struct oid *tip, int fresh, struct err *e)
{
	struct behindfile b = { .head = *from, .applying = *tip,
				.fresh = fresh };

	return write_file(ws, &b, e);
}

int behind_after(struct workspace *ws, const struct oid *tip, struct err *e)
{
	struct behindfile b = { .head = *tip };
	struct buf path = BUF_INIT;
	int rc = any_behind(ws, e);

	if (rc > 0)
		return write_file(ws, &b, e);
	if (!rc)
		rc = file_path(ws, &path, e);
	if (!rc)
		rc = os_unlink(path.p, NULL);
	buf_release(&path);
	/* What stays says that more is behind than is: no harm, next time. */
	return rc == HUB_ENOMEM ? rc : 0;
}

/* ---- reading ---- */

static int read_file(struct workspace *ws, struct buf *text,
		     struct behindfile *b, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = file_path(ws, &path, e);

	if (!rc)
		rc = os_read_file(path.p, BEHINDFILE_MAX, text, e);
	if (!rc)
		rc = behindfile_decode(b, text->p, text->n, e);
	buf_release(&path);
	return rc == HUB_ELIMIT ? HUB_ECORRUPT : rc;
}

int behind_tidy(struct workspace *ws, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct behindfile b;
	struct os_stat st;
	struct oid head;
	int any = 0, rc = file_path(ws, &path, e);

	if (!rc)
		rc = os_lstat(path.p, &st, NULL);
	if (!rc)
		rc = any = any_behind(ws, e);
	if (rc >= 0)
		rc = read_file(ws, &text, &b, NULL);
	if (rc < 0 ? rc == HUB_ECORRUPT :
	    (!any || !oid_is_zero(&b.applying))) {
		rc = state_get_oid(ws->state, META_HEAD, &head, e);
		if (!rc)
			rc = behind_after(ws, &head, e);
	}
	buf_release(&path);
	buf_release(&text);
	return rc == HUB_EABSENT ? 0 : rc;
}

/* ---- believing ---- */

static int put_behind(struct take *t, const struct tree_leaf *leaf,
		      const char *path, size_t n)
{
	static const struct os_stat unknown;
	uint8_t raw[BASEREC_MAX];
	struct baserec rec;
	int rc;

	content_record(&rec, leaf, &unknown, 0);
	if (!leaf->mode)
		rec.kind = BASEREC_UNWRITTEN;
	rec.flags |= BASEREC_BEHIND;
	rc = state_base_put(t->ws->state, path, n, raw,
			    baserec_encode(raw, &rec), t->e);
	return rc < 0 ? rc :
		state_set_add(t->ws->state, SET_BEHIND, path, n, t->e);
}

static int take_path(void *arg, enum behindfile_kind kind,
		     const struct oid *id, const char *path, size_t n)
{
	static const unsigned modes[] = {
		[BEHINDFILE_NONE] = 0, [BEHINDFILE_FILE] = MODE_FILE,
		[BEHINDFILE_EXEC] = MODE_EXEC, [BEHINDFILE_LINK] = MODE_LINK,
	};
	struct tree_leaf leaf;

	memset(&leaf, 0, sizeof(leaf));
	leaf.mode = modes[kind];
	leaf.id = *id;
	return put_behind(arg, &leaf, path, n);
}

/* Nothing of ours is known to be on the disk: what is there may be newer or
 * older than ${leaf}. */
static int trust_none(void *arg, const char *path, size_t n,
		      const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct tree_leaf none;

	(void)o;
	(void)leaf;
	memset(&none, 0, sizeof(none));
	return put_behind(arg, &none, path, n);
}

static int take_all(struct take *t, const struct behindfile *b)
{
	struct state *s = t->ws->state;
	int rc = follow_inside(t->ws, &b->head, t->e);

	if (!rc)
		rc = behindfile_each(b, take_path, t, t->e);
	if (!rc && oid_is_zero(&b->head))
		rc = state_del(s, META_HEAD, t->e);
	if (!rc && !oid_is_zero(&b->applying))
		rc = state_put_oid(s, META_APPLYING, &b->applying, t->e);
	if (!rc && b->fresh)
		rc = state_put_u64(s, META_FRESH, 1, t->e);
	return rc;
}

static int distrust(struct take *t)
{
	struct buf branch = BUF_INIT;
	struct oid head, tree;
	int rc = repo_head(t->ws->repo, &branch, &head, t->e);

	buf_release(&branch);
	if (!rc)
		rc = follow_commit_tree(t->ws->repo, &head, &tree, t->e);
	if (!rc)
		rc = tree_diff(t->ws->repo, &oid_zero, &tree, trust_none, t,
			       t->e);
	return rc ? rc : state_put_oid(t->ws->state, META_HEAD, &head, t->e);
}

int behind_restore(struct workspace *ws, struct err *e)
{
	struct take t = { ws, e };
	struct buf text = BUF_INIT;
	struct behindfile b;
	struct err why = ERR_INIT;
	int lost, rc = read_file(ws, &text, &b, &why);

	if (!rc && (!b.list || oid_is_zero(&b.head)))
		rc = b.list ? 1 : HUB_ECORRUPT;
	else if (!rc)
		rc = repo_has(ws->repo, &b.head, &why);
	lost = !rc || rc == HUB_ECORRUPT;
	if (rc < 0 && !lost) {
		buf_release(&text);
		return rc == HUB_EABSENT ? 0 : err_set(e, rc, "%s", why.msg);
	}
	ws->rep.behind_lost = lost;
	rc = state_begin(ws->state, e);
	if (!rc) {
		rc = state_base_clear(ws->state, e);
		if (!rc)
			rc = lost ? distrust(&t) : take_all(&t, &b);
		if (!rc)
			rc = state_commit(ws->state, e);
		else
			state_rollback(ws->state);
	}
	buf_release(&text);
	return rc;
}
