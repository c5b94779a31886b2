/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.c - which places there are, and what is remembered of them. */
#include "sync/places_internal.h"

#include <string.h>

#include "os/os_file.h"

#define FILE_NAME "remotes"
#define FACT "place:"

static int file_path(struct workspace *ws, struct buf *path, struct err *e)
{
	buf_addf(path, "%s" FILE_NAME, ws->vdir.p);
	return buf_error(path) ? err_nomem(e) : 0;
}

int places_read(struct workspace *ws, struct remotes *ret, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = file_path(ws, &path, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc)
		rc = os_read_file(path.p, REMOTES_MAX, &text, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
		goto out;
	}
	if (!rc) {
		rc = remotes_decode(ret, text.p, text.n, e);
		if (rc < 0)
			err_set(e, rc, "'%s' is damaged: remove it, then `hub "
				"remote add` each place again", path.p);
	}
out:
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int places_count(struct workspace *ws, size_t *ret, struct err *e)
{
	struct remotes r;
	int rc = places_read(ws, &r, e);

	*ret = r.n;
	remotes_release(&r);
	return rc;
}

int places_write(struct workspace *ws, const struct remotes *r,
		 struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = file_path(ws, &path, e);

	remotes_encode(&text, r);
	if (!rc)
		rc = buf_error(&text) ? err_nomem(e) :
			os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int fact_name(const char *name, struct buf *ret, struct err *e)
{
	buf_addf(ret, FACT "%s", name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int places_note_get(struct workspace *ws, const char *name,
		    struct remotes_note *ret, struct err *e)
{
	struct buf fact = BUF_INIT, v = BUF_INIT;
	int rc = fact_name(name, &fact, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc)
		rc = state_get(ws->state, fact.p, &v, e);
	if (!rc)	/* a damaged one is none: it is asked anew */
		remotes_note_decode(ret, v.p, v.n);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&fact);
	buf_release(&v);
	return rc;
}

int places_note_put(struct workspace *ws, const char *name,
		    const struct remotes_note *n, struct err *e)
{
	struct buf fact = BUF_INIT, v = BUF_INIT;
	int rc = fact_name(name, &fact, e);

	if (n)
		remotes_note_encode(&v, n);
	if (!rc)
		rc = buf_error(&v) ? err_nomem(e) : state_begin(ws->state, e);
	if (rc < 0)
		goto out;
	rc = n ? state_put(ws->state, fact.p, v.p, v.n, e) :
		state_del(ws->state, fact.p, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
out:
	buf_release(&fact);
	buf_release(&v);
	return rc;
}

int places_known(struct workspace *ws, const uint8_t recipe[32],
		 struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_set_add(ws->state, SET_GITSEG, recipe, 32, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	if (rc < 0)
		state_rollback(ws->state);
	return rc;
}

static int tell(void *arg, const char *doing, uint64_t done, uint64_t total,
		struct err *e)
{
	return workspace_progress(arg, doing, done, total, e);
}

int places_work(struct places_link *l, struct buf *tmp,
		struct places_work *ret, struct err *e)
{
	int rc = tmp ? workspace_tmp(l->ws, tmp, e) : 0;

	ret->vault = l->vault;
	ret->tmp = tmp ? tmp->p : NULL;
	ret->what = l->name;
	ret->progress = tell;
	ret->arg = l->ws;
	return rc;
}

int places_remove(struct workspace *ws, const char *name, struct err *e)
{
	struct buf cache = BUF_INIT;
	struct remotes_one *one;
	struct remotes r;
	int rc = places_read(ws, &r, e);

	one = rc ? NULL : remotes_find(&r, name);
	if (!rc && !one)
		rc = err_set(e, HUB_EABSENT, "there is no remote '%s': `hub "
			     "remote list` shows them", name);
	if (rc < 0)
		goto out;
	remotes_remove(&r, one);
	rc = places_write(ws, &r, e);
	buf_addf(&cache, "%splaces/%s", ws->vdir.p, name);
	if (!rc && !buf_error(&cache))
		os_rmtree(cache.p, NULL);
	if (!rc)
		rc = places_note_put(ws, name, NULL, e);
out:
	remotes_release(&r);
	buf_release(&cache);
	return rc;
}
