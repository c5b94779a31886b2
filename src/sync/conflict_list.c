/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conflict_list.c - base records whose path is a conflict copy's. */
#include "sync/conflict_list.h"

#include "fmt/baserec.h"
#include "sync/wdir.h"

/* Does anything stand at ${path}?  1, 0, < 0. */
static int on_disk(struct wdir *w, const char *path, size_t n, struct err *e)
{
	struct os_dir *d;
	struct os_stat st;
	const char *name;
	int rc = wdir_get(w, path, n, 0, &d, &name, e);

	if (!rc)
		rc = os_dir_stat(d, name, &st, e);
	if (rc != HUB_EABSENT)
		return rc < 0 ? rc : 1;
	err_clear(e);
	return 0;
}

/* One record; sets *ret when ${fn} wants to stop. */
static int one(struct wdir *w, struct span path, struct span raw,
	       struct buf *copy, struct buf *orig,
	       int (*fn)(void *arg, const struct conflict_entry *c), void *arg,
	       int *ret, struct err *e)
{
	struct conflict_entry c;
	struct baserec rec;
	int rc;

	if (!conflict_parse((const char *)path.p, path.n, orig, &c.who))
		return 0;
	buf_reset(copy);
	buf_add(copy, path.p, path.n);
	if (buf_error(copy) || buf_error(orig))
		return err_nomem(e);
	rc = baserec_decode(&rec, raw.p, raw.n);
	if (rc < 0)
		return err_set(e, rc, "the base record of '%s' is damaged: "
			       "delete .git/vibehub/state.db, the next sync "
			       "compares everything", copy->p);
	rc = rec.kind == BASEREC_UNWRITTEN ? 1 :
		on_disk(w, copy->p, copy->n, e);
	if (rc <= 0)
		return rc;
	c.copy = copy->p;
	c.copy_n = copy->n;
	c.path = orig->p;
	c.path_n = orig->n;
	c.path_exists = on_disk(w, orig->p, orig->n, e);
	if (c.path_exists < 0)
		return c.path_exists;
	*ret = fn(arg, &c);
	return 0;
}

int conflict_list(struct workspace *ws,
		  int (*fn)(void *arg, const struct conflict_entry *c),
		  void *arg, struct err *e)
{
	struct state_cursor *cur = NULL;
	struct buf copy = BUF_INIT, orig = BUF_INIT;
	struct span path, raw;
	struct wdir w;
	int stop = 0, rc = wdir_open(&w, ws->root.p, e);

	if (rc < 0)
		return rc;
	rc = state_base_open(ws->state, NULL, 0, &cur, e);
	while (!rc && !stop) {
		rc = state_base_next(cur, &path, &raw, e);
		if (rc <= 0)
			break;
		rc = one(&w, path, raw, &copy, &orig, fn, arg, &stop, e);
	}
	state_base_close(cur);
	wdir_close(&w);
	buf_release(&copy);
	buf_release(&orig);
	return rc < 0 ? rc : stop;
}
