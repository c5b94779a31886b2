/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.c - what a finished run leaves for others to read. */
#include "sync/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "repo/ref.h"
#include "sync/fetch.h"

static enum presence_state state_of(const struct workspace *ws, int rc)
{
	if (ws->rep.change_id[0] || rc == HUB_EGUARD)
		return PRESENCE_PARKED;
	if (rc < 0)
		return PRESENCE_ERROR;
	if (ws->rep.count[REPORT_CONFLICT])
		return PRESENCE_CONFLICT;
	return ws->rep.count[REPORT_UNWRITTEN] ? PRESENCE_BEHIND : PRESENCE_OK;
}

static uint64_t pending_of(const struct report *p)
{
	return p->count[REPORT_LARGE] + p->count[REPORT_STAGED] +
		p->count[REPORT_UNSTABLE] + p->count[REPORT_UNREADABLE];
}

static int cmp_tips(const void *a, const void *b)
{
	return strcmp(((const struct presence_tip *)a)->ref,
		      ((const struct presence_tip *)b)->ref);
}

/* The tips we last saw or pushed, by the hub's names: at most 256 of them. */
static int fill_tips(struct presence *p, const struct hub *h, struct err *e)
{
	size_t i;

	p->tips = calloc(h->refs_n ? h->refs_n : 1, sizeof(*p->tips));
	if (!p->tips)
		return err_nomem(e);
	for (i = 0; i < h->refs_n && p->tips_n < PRESENCE_TIPS_MAX; i++) {
		if (strlen(h->refs[i].name) > PRESENCE_REF_MAX)
			continue;
		p->tips[p->tips_n].oid = h->refs[i].id;
		snprintf(p->tips[p->tips_n].ref, PRESENCE_REF_MAX + 1, "%s",
			 h->refs[i].name);
		p->tips_n++;
	}
	qsort(p->tips, p->tips_n, sizeof(*p->tips), cmp_tips);
	return 0;
}

/* One of the two must be right after a power cut: NEXT. */
static int put_nonce(struct workspace *ws, const char *fact,
		     const uint8_t nonce[16], struct err *e)
{
	int rc = strcmp(fact, META_NONCE_NEXT) ?
		state_begin_soft(ws->state, e) : state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	rc = state_put(ws->state, fact, nonce, 16, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

/*
 * Order: the new nonce is in our memory before it can be in the hub, so that a
 * kill in between does not look like a copied workspace.
 */
static int write_presence(struct workspace *ws, struct hub *h, int rc_run,
			  struct err *e)
{
	struct presence p;
	int rc;

	memset(&p, 0, sizeof(p));
	p.seen = os_now();
	os_random(p.nonce, sizeof(p.nonce));
	p.state = state_of(ws, rc_run);
	p.pending = pending_of(&ws->rep);
	rc = hub_read_refs(h, e);
	if (!rc)
		rc = fill_tips(&p, h, e);
	memcpy(p.token, h->token, sizeof(p.token));
	if (!rc)
		rc = put_nonce(ws, META_NONCE_NEXT, p.nonce, e);
	if (!rc)
		rc = hub_presence_write(h, &ws->dev, &p, e);
	if (!rc)
		rc = put_nonce(ws, META_NONCE, p.nonce, e);
	presence_release(&p);
	return rc;
}

static void json_device(struct workspace *ws, struct json *j)
{
	char id[65];

	hex_encode(id, ws->hub_id, 32);
	json_str(j, "hub", id);
	json_str(j, "url", ws->hub_url.p);
	json_object(j, "device");
	json_str(j, "id", ws->dev.id);
	json_str(j, "name", ws->dev.name);
	json_object_end(j);
}

static void json_tip(struct json *j, const char *key, const struct oid *id)
{
	if (oid_is_zero(id))
		json_null(j, key);
	else
		json_str(j, key, oid_hex(id));
}

int status_json(struct workspace *ws, struct hub *hub,
		const struct status_run *run, struct buf *out, struct err *e)
{
	struct json j;
	uint64_t last = 0;
	int rc = state_get_u64(ws->state, META_LAST_SYNC, &last, e);

	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	json_init(&j, out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-workspace-status-1");
	json_device(ws, &j);
	json_bool(&j, "online", hub != NULL);
	json_str(&j, "branch", run->branch);
	json_tip(&j, "head", &run->after);
	json_object(&j, "last_run");
	json_str(&j, "what", run->what);
	json_time(&j, "begun", run->begun);
	json_time(&j, "ended", os_now());
	json_int(&j, "exit", run->exit_code);
	json_str(&j, "message", run->message);
	json_object_end(&j);
	json_time(&j, "last_complete_sync", (int64_t)last);
	if (ws->rep.change_id[0]) {
		json_str(&j, "parked_change", ws->rep.change_id);
		json_str(&j, "parked_direction", ws->rep.parked_direction);
	}
	report_json(&j, &ws->rep);
	json_object_end(&j);
	buf_addch(out, '\n');
	return buf_error(out) ? err_nomem(e) : 0;
}

static int write_local(struct workspace *ws, struct hub *hub,
		       const struct status_run *run, struct err *e)
{
	struct buf out = BUF_INIT, path = BUF_INIT;
	int rc = status_json(ws, hub, run, &out, e);

	buf_addf(&path, "%ssync_status.json", ws->vdir.p);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_replace_derived(path.p, out.p, out.n, e);
	buf_release(&out);
	buf_release(&path);
	return rc;
}

static void fill_row(const struct workspace *ws, const struct status_run *run,
		     struct state_run *row)
{
	memset(row, 0, sizeof(*row));
	row->begun = run->begun;
	row->ended = os_now();
	snprintf(row->what, sizeof(row->what), "%s", run->what);
	row->exit_code = run->exit_code;
	row->before = run->before;
	row->after = run->after;
	row->recorded = ws->recorded;
	row->changed = ws->rep.count[REPORT_CHANGED];
	row->received = ws->rep.count[REPORT_RECEIVED];
	row->conflicts = ws->rep.count[REPORT_CONFLICT];
	snprintf(row->message, sizeof(row->message), "%s", run->message);
}

int status_log(struct workspace *ws, const struct status_run *run,
	       struct err *e)
{
	struct state_run row;
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	fill_row(ws, run, &row);
	rc = state_run_add(ws->state, &row, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

/* The log and the facts of a complete run, in one transaction. */
static int write_state(struct workspace *ws, struct hub *hub,
		       const struct status_run *run, struct err *e)
{
	struct state_run row;
	int rc = state_begin(ws->state, e);

	if (rc < 0)
		return rc;
	fill_row(ws, run, &row);
	rc = state_run_add(ws->state, &row, e);
	if (!rc && ws->rep.change_id[0])
		rc = state_put_str(ws->state, META_PARKED, ws->rep.change_id,
				   e);
	else if (!rc && !run->rc)
		rc = state_del(ws->state, META_PARKED, e);
	if (!rc && hub && !run->rc)
		rc = state_put(ws->state, META_TOKEN, hub->token,
			       sizeof(hub->token), e);
	if (!rc && hub && !run->rc)
		rc = state_put_u64(ws->state, META_LAST_SYNC,
				   (uint64_t)os_now(), e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

int status_finish(struct workspace *ws, struct hub *hub,
		  const struct status_run *run, struct err *e)
{
	int rc = 0, rc2;

	if (hub)
		rc = write_presence(ws, hub, run->rc, e);
	if (hub && !rc)
		rc = hub_write_status(hub, e);
	if (!rc)
		rc = write_state(ws, hub, run, e);
	else
		write_state(ws, NULL, run, NULL);
	rc2 = write_local(ws, hub, run, rc ? NULL : e);
	return rc ? rc : rc2;
}
