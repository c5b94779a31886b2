/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_gone.c - is a content missing because a person let it go?  This workspace's
 * copy of the record is asked, so it can be told while the hub is away.
 */
#include "sync/large_internal.h"

#include "base/utf8.h"
#include "repo/ref.h"
#include "sync/released.h"

int large_gone(struct workspace *ws, const struct pointer *ptr, struct buf *say,
	       struct err *e)
{
	const struct releasedfile_content *c = NULL;
	struct released *rel = NULL;
	struct oid at;
	int rc = ref_get(ws->repo, RELEASED_REF, &at, NULL);

	if (!rc)
		rc = released_read(ws->repo, &at, ws->hub_id, NULL, &rel, NULL);
	if (!rc)
		c = releasedfile_find(released_file(rel), ptr->recipe);
	if (c && say)
		released_say(say, rel, c);
	released_free(rel);
	if (rc == HUB_ENOMEM || (say && buf_error(say)))
		return err_nomem(e);
	return c != NULL;	/* a record that is no use says nothing */
}

void large_explain(struct workspace *ws, const struct pointer *ptr, int rc,
		   struct err *e)
{
	struct buf say = BUF_INIT;

	if (large_gone(ws, ptr, &say, NULL) > 0)
		err_set(e, rc, "%s", say.p);
	buf_release(&say);
}

struct check { struct workspace *ws; struct buf say, path; uint64_t n; };

static int one(void *arg, const char *path, size_t n,
	       const struct tree_leaf *was, const struct tree_leaf *now)
{
	struct check *c = arg;
	struct pointer ptr;
	int rc = now->mode ? large_peek(c->ws->repo, now, &ptr, NULL) : 0;

	(void)was;
	if (rc <= 0 || large_gone(c->ws, &ptr, NULL, NULL) <= 0 ||
	    large_has(c->ws, &ptr, 1, NULL))
		return 0;	/* or not known: the apply will tell */
	if (!c->n++) {
		utf8_show(&c->path, path, n);
		large_gone(c->ws, &ptr, &c->say, NULL);
	}
	return 0;
}

int large_check_gone(struct workspace *ws, const struct oid *old_tree,
		     const struct oid *tree, struct err *e)
{
	struct check c = { ws, BUF_INIT, BUF_INIT, 0 };
	struct oid at;
	int rc = ref_get(ws->repo, RELEASED_REF, &at, NULL);

	if (rc)
		return 0;	/* nothing was ever released */
	rc = tree_diff(ws->repo, old_tree, tree, one, &c, e);
	if (!rc && (buf_error(&c.say) || buf_error(&c.path)))
		rc = err_nomem(e);
	if (!rc && c.n)
		rc = err_set(e, HUB_EABSENT, "'%s'%s cannot come back: %s",
			     c.path.p, c.n > 1 ? " and others" : "", c.say.p);
	buf_release(&c.say);
	buf_release(&c.path);
	return rc;
}
