/* SPDX-License-Identifier: GPL-2.0-or-later */
/* overview_json.c - the document of `hub status --json`. */
#include <string.h>

#include "base/hex.h"
#include "sync/overview.h"

static void id_or_null(struct json *j, const char *key, const struct oid *id)
{
	json_str(j, key, oid_is_zero(id) ? NULL : oid_hex(id));
}

static void number(struct json *j, const char *key, uint64_t n)
{
	if (n == OVERVIEW_UNKNOWN)
		json_null(j, key);
	else
		json_int(j, key, (int64_t)n);
}

static void hub(struct workspace *ws, const struct overview *o, struct json *j)
{
	char id[65];

	hex_encode(id, ws->hub_id, 32);
	json_object(j, "hub");
	json_str(j, "id", id);
	json_path(j, "url", ws->hub_url.p, ws->hub_url.n);
	json_str(j, "state", !o->hub_rc ? "online" :
		 o->hub_rc == HUB_EOFFLINE ? "offline" : "error");
	json_str(j, "message", o->hub_rc ? o->hub_err.msg : "");
	json_str(j, "branch", o->hub_branch.n ? o->hub_branch.p : NULL);
	id_or_null(j, "tip", &o->hub_tip);
	json_object_end(j);
}

static void last_run(const struct overview *o, struct json *j)
{
	if (!o->ran) {
		json_null(j, "last_run");
		return;
	}
	json_object(j, "last_run");
	json_str(j, "what", o->last_run.what);
	json_time(j, "begun", o->last_run.begun);
	json_time(j, "ended", o->last_run.ended);
	json_int(j, "exit", o->last_run.exit_code);
	json_str(j, "message", o->last_run.message);
	json_object_end(j);
}

static void computer(const struct overview_device *d, struct json *j)
{
	json_object(j, NULL);
	json_str(j, "device", d->id);
	json_bool(j, "this", d->own);
	json_bool(j, "removed", d->removed);
	if (d->damaged) {
		json_str(j, "damaged", d->damaged);
		json_object_end(j);
		return;
	}
	json_str(j, "name", d->name);
	json_str(j, "state", presence_state_name(d->state));
	json_time(j, "last_seen", d->seen);
	json_int(j, "pending", (int64_t)d->pending);
	number(j, "behind", d->behind);
	json_object_end(j);
}

void overview_place_json(const struct places_seen *p, struct json *j)
{
	json_object(j, NULL);
	json_str(j, "name", p->one.name);
	json_path(j, "url", p->one.url, strlen(p->one.url));
	json_bool(j, "removable", p->one.removable);
	json_str(j, "state", places_state(p));
	json_int(j, "seq", (int64_t)p->note.seq);
	json_int(j, "pending_bytes", (int64_t)p->pending);
	if (p->note.done)
		json_time(j, "up_to_date", p->note.done);
	if (p->note.time)
		json_time(j, "last_try", p->note.time);
	if (p->note.why[0])
		json_str(j, "why", p->note.why);
	json_object_end(j);
}

static void here(struct workspace *ws, const struct overview *o,
		 struct json *j)
{
	json_path(j, "workspace", ws->root.p, ws->root.n - 1);
	json_object(j, "device");
	json_str(j, "id", ws->dev.id);
	json_str(j, "name", ws->dev.name);
	json_object_end(j);
	hub(ws, o, j);
	json_str(j, "branch", o->branch.n ? o->branch.p : NULL);
	id_or_null(j, "head", &o->head);
	json_str(j, "operation", o->operation);
	json_bool(j, "unfinished", o->unfinished);
	number(j, "to_send", o->to_send);
	number(j, "to_bring_in", o->to_bring);
	json_time(j, "last_complete_sync", o->last_sync);
	last_run(o, j);
}

void overview_json(struct workspace *ws, const struct overview *o,
		   struct json *j)
{
	size_t i;

	json_object(j, NULL);
	json_str(j, "schema", "vibehub-status-1");
	here(ws, o, j);
	json_object(j, "changes");
	json_int(j, "new", (int64_t)o->added);
	json_int(j, "changed", (int64_t)o->changed);
	json_int(j, "removed", (int64_t)o->removed);
	json_object_end(j);
	json_str(j, "parked_change", ws->rep.change_id[0] ?
		 ws->rep.change_id : NULL);
	json_str(j, "parked_direction", ws->rep.change_id[0] ?
		 ws->rep.parked_direction : NULL);
	json_array(j, "computers");
	for (i = 0; i < o->dev_n; i++)
		computer(&o->dev[i], j);
	json_array_end(j);
	json_array(j, "places");
	for (i = 0; i < o->places_n; i++)
		overview_place_json(&o->places[i], j);
	json_array_end(j);
	report_json(j, &ws->rep);
	json_object_end(j);
}
