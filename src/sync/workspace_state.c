/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workspace_state.c - state.db of a workspace: opened; if it is damaged put
 * aside and begun anew.  What must survive that is in behind.h's file, in the
 * repository and in the hub.
 */
#include "sync/workspace.h"

#include "fmt/baserec.h"
#include "os/os_file.h"

static int state_path(const struct workspace *ws, struct buf *ret,
		      struct err *e)
{
	buf_addf(ret, "%sstate.db", ws->vdir.p);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* Its logs first: they must never meet another state.db. */
static int put_aside(const char *path, struct err *e)
{
	static const char *const with[] = { "-wal", "-shm" };
	struct buf p = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; (!rc || rc == HUB_EABSENT) && i < 2; i++) {
		buf_reset(&p);
		buf_addf(&p, "%s%s", path, with[i]);
		rc = buf_error(&p) ? err_nomem(e) : os_unlink(p.p, e);
	}
	if (!rc || rc == HUB_EABSENT) {
		err_clear(e);
		buf_reset(&p);
		buf_addf(&p, "%s.damaged", path);
		rc = buf_error(&p) ? err_nomem(e) : os_rename(path, p.p, e);
	}
	buf_release(&p);
	return rc;
}

/* Has this workspace ever finished a run?  Then it had a state.db. */
static int had_run(const struct workspace *ws)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int had;

	buf_addf(&p, "%ssync_status.json", ws->vdir.p);
	had = !buf_error(&p) && !os_lstat(p.p, &st, NULL);
	buf_release(&p);
	return had;
}

int workspace_state_open(struct workspace *ws, int writing, struct err *e)
{
	struct buf path = BUF_INIT;
	struct os_stat st;
	int rc = state_path(ws, &path, e);

	if (!rc && os_lstat(path.p, &st, NULL) == HUB_EABSENT && had_run(ws))
		ws->rep.state_renewed = 1;
	if (!rc)
		rc = state_open(path.p, &ws->state, e);
	if (rc == HUB_ECORRUPT && writing) {
		err_clear(e);
		rc = put_aside(path.p, e);
		if (!rc)
			rc = state_open(path.p, &ws->state, e);
		ws->rep.state_renewed = 2;
	} else if (rc == HUB_ECORRUPT) {
		err_in(e, "the next `hub sync` makes '%s' anew", path.p);
	}
	buf_release(&path);
	return rc;
}

static int count_run(void *arg, const struct state_run *r)
{
	(void)arg;
	(void)r;
	return 0;
}

int workspace_state_read(struct state *s, struct err *e)
{
	struct state_cursor *c = NULL;
	struct baserec rec;
	struct span path, raw;
	int rc = state_base_open(s, NULL, 0, &c, e);

	while (!rc) {
		rc = state_base_next(c, &path, &raw, e);
		if (rc <= 0)
			break;
		rc = baserec_decode(&rec, raw.p, raw.n);
		if (rc < 0)
			err_set(e, rc, "the base record of '%.*s' is damaged",
				(int)(path.n < 200 ? path.n : 200),
				(const char *)path.p);
	}
	state_base_close(c);
	return rc < 0 ? rc : state_run_each(s, count_run, NULL, e);
}

int workspace_state_heal(struct workspace *ws, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	state_rollback(ws->state);
	if (workspace_state_read(ws->state, NULL) != HUB_ECORRUPT)
		return 0;
	rc = state_path(ws, &path, e);
	if (!rc) {
		state_close(ws->state);
		ws->state = NULL;
		rc = put_aside(path.p, e);
	}
	if (!rc)
		rc = state_open(path.p, &ws->state, e);
	ws->rep.state_renewed = 2;
	buf_release(&path);
	return rc < 0 ? rc : 1;
}
