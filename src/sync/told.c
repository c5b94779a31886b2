/* SPDX-License-Identifier: GPL-2.0-or-later */
/* told.c - remember what a person was told. */
#include "sync/told.h"

#include <string.h>

#include "base/hex.h"
#include "sync/apply.h"
#include "sync/content.h"

struct told {
	struct workspace *ws;
	struct buf item;
	uint64_t before, known;		/* items of the set; those still true */
	struct err *e;
};

static int count_one(void *arg, const void *p, size_t n)
{
	struct told *t = arg;

	(void)p;
	(void)n;
	t->before++;
	return 0;
}

/* "1<path>", or "0<id><path>" with what the base says: if that has moved the
 * path was brought up to date meanwhile, and is busy. */
static int make_item(struct told *t, char mark, const struct report_item *it)
{
	struct tree_leaf base;
	int rc = 0;

	memset(&base, 0, sizeof(base));
	if (mark == '0')
		rc = content_base(t->ws->state, it->path, it->n, &base, t->e);
	buf_reset(&t->item);
	buf_addch(&t->item, mark);
	if (mark == '0')
		hex_add(&t->item, base.id.h, OID_SIZE);
	buf_add(&t->item, it->path, it->n);
	return rc ? rc : buf_error(&t->item) ? err_nomem(t->e) : 0;
}

static int has(struct told *t, char mark, const struct report_item *it)
{
	int rc = make_item(t, mark, it);

	if (rc < 0)
		return rc;
	return state_set_has(t->ws->state, SET_TOLD, t->item.p, t->item.n,
			     t->e);
}

/* Is it news?  Leaves in ${mark} what is to be remembered. */
static int judge(struct told *t, const struct report_item *it, char *mark)
{
	int rc = has(t, '1', it), seen;

	*mark = '1';
	t->known += rc > 0;
	if (rc)
		return rc < 0 ? rc : 0;
	seen = has(t, '0', it);
	if (seen < 0)
		return seen;
	if (!seen && it->why && !strcmp(it->why, APPLY_MEANWHILE)) {
		*mark = '0';
		return 0;
	}
	t->ws->rep.unwritten_new = 1;
	return 0;
}

static int write_all(struct told *t, const char *marks)
{
	struct state *s = t->ws->state;
	const struct report *r = &t->ws->rep;
	size_t i;
	int rc = state_begin(s, t->e);

	if (rc < 0)
		return rc;
	rc = state_set_clear(s, SET_TOLD, t->e);
	for (i = 0; !rc && i < r->items_n[REPORT_UNWRITTEN]; i++) {
		const struct report_item *it = &r->items[REPORT_UNWRITTEN][i];

		rc = make_item(t, marks[i], it);
		if (!rc)
			rc = state_set_add(s, SET_TOLD, t->item.p, t->item.n,
					   t->e);
	}
	if (!rc)
		return state_commit(s, t->e);
	state_rollback(s);
	return rc;
}

int told_unwritten(struct workspace *ws, struct err *e)
{
	struct told t = { .ws = ws, .item = BUF_INIT, .e = e };
	const struct report *r = &ws->rep;
	char marks[REPORT_PATHS_MAX];
	size_t i, n = r->items_n[REPORT_UNWRITTEN];
	int rc = state_set_each(ws->state, SET_TOLD, count_one, &t, e);

	for (i = 0; !rc && i < n; i++)
		rc = judge(&t, &r->items[REPORT_UNWRITTEN][i], &marks[i]);
	if (!rc && (t.before != n || t.known != n))
		rc = write_all(&t, marks);
	buf_release(&t.item);
	return rc;
}
