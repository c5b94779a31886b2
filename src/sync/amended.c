/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * amended.c - what the reflog says of rewritten commits.
 *
 * Its lines are looked at from the newest on.  The first one that moved the
 * branch from a commit of the hub's to another says how the lines parted.  A
 * `git reset` to an older commit is no rewrite: whoever goes on from there has
 * not said that what came after it shall go.
 */
#include "sync/amended.h"

#include <string.h>

#include "os/os_file.h"
#include "sync/refmoves.h"

#define TAIL (64u << 10)
#define ASK_MAX 64			/* lines whose commits are looked for */

struct tail { struct buf b; size_t end; };

/* The newest line not seen yet; 0 if there is none. */
static int line_before(struct tail *t, struct span *ret)
{
	size_t at = t->end, n;

	if (!at)
		return 0;
	n = --at;		/* its newline */
	while (at && t->b.p[at - 1] != '\n')
		at--;
	ret->p = (const uint8_t *)t->b.p + at;
	ret->n = n - at;
	t->end = at;
	return 1;
}

static int read_tail(struct workspace *ws, struct tail *t, struct err *e)
{
	struct buf branch = BUF_INIT, path = BUF_INIT;
	struct os_stat st;
	struct oid head;
	size_t got = 0;
	int fd = -1, rc = repo_head(ws->repo, &branch, &head, e);

	buf_addf(&path, "%slogs/%s", repo_commondir(ws->repo), branch.p);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_open_read(path.p, &fd, e);
	if (!rc)
		rc = os_fstat(fd, &st, path.p, e);
	if (!rc && buf_grow(&t->b, TAIL))
		rc = err_nomem(e);
	if (!rc)
		rc = os_pread(fd, t->b.p, TAIL,
			      st.size > TAIL ? st.size - TAIL : 0, &got,
			      path.p, e);
	if (!rc)
		t->b.n = got;
	while (t->b.n && t->b.p[t->b.n - 1] != '\n')	/* torn */
		t->b.n--;
	t->end = t->b.n;
	os_close(fd, path.p, NULL);
	buf_release(&branch);
	buf_release(&path);
	return rc;
}

static int is_rewrite(struct span line)
{
	static const char *const how[] = {
		"commit (amend)", "rebase", "filter-branch",
	};
	const uint8_t *tab = memchr(line.p, '\t', line.n);
	size_t i, left;

	if (!tab)
		return 0;
	left = line.n - (size_t)(tab + 1 - line.p);
	for (i = 0; i < sizeof(how) / sizeof(*how); i++)
		if (left > strlen(how[i]) &&
		    !memcmp(tab + 1, how[i], strlen(how[i])))
			return 1;
	return 0;
}

static int in_hub(struct workspace *ws, const struct oid *id,
		  const struct oid *hub, struct err *e)
{
	int rc = oid_is_zero(id) ? 0 : repo_has(ws->repo, id, e);

	return rc > 0 ? repo_is_ancestor(ws->repo, id, hub, e) : rc;
}

/* Did this move leave the hub's history?  1, 0, < 0; 2: it stayed inside. */
static int leaves(struct workspace *ws, const struct refmove *m,
		  const struct oid *hub, struct err *e)
{
	int rc = in_hub(ws, &m->old, hub, e);

	if (rc > 0) {
		rc = in_hub(ws, &m->now, hub, e);
		rc = rc < 0 ? rc : rc ? 2 : 1;
	}
	return rc;
}

/* Is there any rewrite at all?  Nearly always there is none. */
static int any_rewrite(const struct tail *all)
{
	struct tail t = *all;
	struct span line;

	while (line_before(&t, &line))
		if (is_rewrite(line))
			return 1;
	return 0;
}

int amended_from(struct workspace *ws, const struct oid *hub, struct oid *ret,
		 struct err *e)
{
	struct tail t = { BUF_INIT, 0 };
	struct refmove m;
	struct span line;
	int i, rc = read_tail(ws, &t, e), found = 0;

	if (rc == HUB_EABSENT)
		err_clear(e);
	if (rc < 0 || !any_rewrite(&t)) {
		buf_release(&t.b);
		return rc == HUB_EABSENT ? 0 : rc;
	}
	for (i = 0; !rc && i < ASK_MAX && line_before(&t, &line); i++) {
		if (!refmoves_parse_log((const char *)line.p, line.n, &m))
			continue;
		rc = leaves(ws, &m, hub, e);
		if (rc == 1 && is_rewrite(line)) {
			*ret = m.old;
			found = 1;
		}
	}
	buf_release(&t.b);
	return rc < 0 ? rc : found;
}
