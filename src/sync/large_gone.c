/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large_gone.c - is a content missing because a person let it go?  This workspace's
 * copy of the record is asked, so it can be told while the hub is away.
 */
#include "sync/large_internal.h"

#include "base/utf8.h"
#include "repo/ref.h"
#include "sync/released.h"

/* The record, NULL if there is none.  One that cannot be read now may say so. */
static int record(struct workspace *ws, struct released **ret, struct err *e)
{
	struct err why = ERR_INIT;
	struct oid at;
	int rc = ref_get(ws->repo, RELEASED_REF, &at, &why);

	*ret = NULL;
	if (!rc)
		rc = released_read(ws->repo, &at, ws->hub_id, NULL, ret, &why);
	if (rc == HUB_EABSENT || err_is_damage(rc))
		return 0;	/* it counts as none */
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

static const struct releasedfile_content *
find(const struct released *rel, const struct pointer *ptr)
{
	return rel ? releasedfile_find(released_file(rel), ptr->recipe) : NULL;
}

int large_gone(struct workspace *ws, const struct pointer *ptr, struct buf *say,
	       struct err *e)
{
	const struct releasedfile_content *c;
	struct released *rel;
	int rc = record(ws, &rel, e);

	if (rc < 0)
		return rc;
	c = find(rel, ptr);
	if (c && say)
		released_say(say, rel, c);
	released_free(rel);
	return say && buf_error(say) ? err_nomem(e) : c != NULL;
}

void large_explain(struct workspace *ws, const struct pointer *ptr, int rc,
		   struct err *e)
{
	struct buf say = BUF_INIT;

	if (large_gone(ws, ptr, &say, NULL) > 0)
		err_set(e, rc, "%s", say.p);
	buf_release(&say);
}

struct check {
	struct workspace *ws;
	struct released *rel;
	struct buf say, path;
	uint64_t n;
};

static int one(void *arg, const char *path, size_t n,
	       const struct tree_leaf *was, const struct tree_leaf *now)
{
	struct check *c = arg;
	const struct releasedfile_content *gone;
	struct pointer ptr;
	int rc = now->mode ? large_peek(c->ws->repo, now, &ptr, NULL) : 0;

	(void)was;
	gone = rc > 0 ? find(c->rel, &ptr) : NULL;
	if (!gone || large_has(c->ws, &ptr, 1, NULL))
		return 0;	/* or not known: the apply will tell */
	if (!c->n++) {
		utf8_show(&c->path, path, n);
		released_say(&c->say, c->rel, gone);
	}
	return 0;
}

int large_check_gone(struct workspace *ws, const struct oid *old_tree,
		     const struct oid *tree, struct err *e)
{
	struct check c = { ws, NULL, BUF_INIT, BUF_INIT, 0 };
	int rc = record(ws, &c.rel, e);

	if (rc < 0 || !c.rel)
		return rc;	/* nothing was ever released */
	rc = tree_diff(ws->repo, old_tree, tree, one, &c, e);
	if (!rc && (buf_error(&c.say) || buf_error(&c.path)))
		rc = err_nomem(e);
	if (!rc && c.n)
		rc = err_set(e, HUB_EABSENT, "'%s'%s cannot come back: %s",
			     c.path.p, c.n > 1 ? " and others" : "", c.say.p);
	released_free(c.rel);
	buf_release(&c.say);
	buf_release(&c.path);
	return rc;
}
