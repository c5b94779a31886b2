/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_status.c - hub status.  One line a topic, and only topics that say
 * something: when all is well it is four lines and the computers.
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/tm.h"
#include "base/utf8.h"
#include "os/os_clock.h"
#include "sync/overview.h"

#define SHOWN 10		/* paths of one kind */

static int json;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_status;

static const char *s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void topic(const char *name)
{
	buf_addf(&cmd_out, "%-11s", name);
}

static void line(const char *name, const char *fmt, ...) ERR_PRINTF(2, 3);
static void line(const char *name, const char *fmt, ...)
{
	va_list ap;

	topic(name);
	va_start(ap, fmt);
	buf_vaddf(&cmd_out, fmt, ap);
	va_end(ap);
	buf_addch(&cmd_out, '\n');
}

/* The first paths of a kind: "    changed  a/b" or "    a/b: why". */
static void paths(const struct report *r, enum report_kind k)
{
	size_t i;

	for (i = 0; i < r->items_n[k] && i < SHOWN; i++) {
		const struct report_item *it = &r->items[k][i];

		buf_addstr(&cmd_out, "    ");
		if (k == REPORT_CHANGED)
			buf_addf(&cmd_out, "%-9s", it->why ? it->why :
				 "changed");
		utf8_show(&cmd_out, it->path, it->n);
		if (it->why && k != REPORT_CHANGED && k != REPORT_CONFLICT) {
			buf_addstr(&cmd_out, ": ");
			utf8_show(&cmd_out, it->why, strlen(it->why));
		}
		buf_addch(&cmd_out, '\n');
	}
	if (r->count[k] > i)
		buf_addf(&cmd_out, "    and %llu more\n",
			 (unsigned long long)(r->count[k] - i));
}

/* ---- here ---- */

static void say_workspace(const struct workspace *ws,
			  const struct overview *o)
{
	topic("workspace");
	utf8_show(&cmd_out, ws->root.p, ws->root.n - 1);
	buf_addf(&cmd_out, ", computer '%s'", ws->dev.name);
	if (!ws->dev.secret)
		buf_addstr(&cmd_out, " (a copy: gets a name of its own at the "
			   "next sync)");
	buf_addch(&cmd_out, '\n');
	if (!o->branch.n)
		line("branch", "none (detached HEAD): `git switch main`, then "
		     "sync");
	else if (strcmp(o->branch.p, o->hub_branch.p) && o->hub_branch.n)
		line("branch", "%s; the hub's is %s", o->branch.p,
		     o->hub_branch.p);
	if (o->operation)
		line("git", "a %s is under way: sync waits until it is finished",
		     o->operation);
}

static void say_relation(const struct overview *o)
{
	unsigned long long send = o->to_send, bring = o->to_bring;

	if (o->to_send == OVERVIEW_UNKNOWN || o->to_bring == OVERVIEW_UNKNOWN)
		buf_addstr(&cmd_out, "reachable, histories differ in what is "
			   "not here");
	else if (!send && !bring)
		buf_addstr(&cmd_out, "same as here");
	if (o->to_bring != OVERVIEW_UNKNOWN && bring)
		buf_addf(&cmd_out, "%llu commit%s to bring in%s", bring,
			 s(bring), send ? ", " : "");
	if (o->to_send != OVERVIEW_UNKNOWN && send)
		buf_addf(&cmd_out, "%llu commit%s to send", send, s(send));
}

static void say_hub(const struct workspace *ws, const struct overview *o)
{
	topic("hub");
	utf8_show(&cmd_out, ws->hub_url.p, ws->hub_url.n);
	buf_addstr(&cmd_out, ": ");
	if (!o->hub_rc)
		say_relation(o);
	else if (o->hub_rc == HUB_EOFFLINE)
		buf_addstr(&cmd_out, "offline");
	else
		buf_addf(&cmd_out, "not usable: %s", o->hub_err.msg);
	buf_addch(&cmd_out, '\n');
}

static void say_last(const struct overview *o, int64_t now)
{
	topic("last sync");
	if (o->last_sync)
		tm_ago(&cmd_out, o->last_sync, now);
	else
		buf_addstr(&cmd_out, "never");
	if (o->ran && (o->last_run.exit_code || o->last_run.message[0])) {
		buf_addf(&cmd_out, "; last run: %s ", o->last_run.what);
		tm_ago(&cmd_out, o->last_run.ended, now);
		buf_addf(&cmd_out, ", exit %d", o->last_run.exit_code);
		if (o->last_run.message[0])
			buf_addf(&cmd_out, ": %s", o->last_run.message);
	}
	if (o->unfinished)
		buf_addstr(&cmd_out, "; a run is at work, or was interrupted");
	buf_addch(&cmd_out, '\n');
}

static void say_changes(const struct report *r, const struct overview *o)
{
	static const char *const word[] = { "new", "changed", "removed" };
	const uint64_t n[] = { o->added, o->changed, o->removed };
	const char *sep = "";
	size_t i;

	if (!r->count[REPORT_CHANGED])
		return;
	topic("changes");
	for (i = 0; i < 3; i++) {
		if (!n[i])
			continue;
		buf_addf(&cmd_out, "%s%llu %s", sep, (unsigned long long)n[i],
			 word[i]);
		sep = ", ";
	}
	buf_addstr(&cmd_out, o->last_sync ? " here since then\n" :
		   " here\n");
	paths(r, REPORT_CHANGED);
}

static void say_parked(const struct report *r)
{
	if (!r->change_id[0])
		return;
	line("parked", "an %s change of %llu files; if it is meant:",
	     r->parked_direction, (unsigned long long)r->count[REPORT_PARKED]);
	buf_addf(&cmd_out, "    hub sync --accept-mass-change=%s\n",
		 r->change_id);
}

static void say_waiting(const struct report *r)
{
	static const struct { enum report_kind k; const char *name, *text; }
	w[] = {
		{ REPORT_CONFLICT, "conflicts",
		  "kept beside the file (hub conflicts, hub resolve)" },
		{ REPORT_LARGE, "pending", "large, and the vault cannot take it now" },
		{ REPORT_STAGED, "pending",
		  "staged with git, and changed since" },
		{ REPORT_UNSTABLE, "pending", "changing while read" },
		{ REPORT_UNREADABLE, "unreadable", "could not be read" },
		{ REPORT_UNWRITTEN, "behind",
		  "could not be brought up to date on this disk" },
		{ REPORT_BAD_NAME, "bad name", "that no hub can hold" },
	};
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(*w); i++) {
		uint64_t n = r->count[w[i].k];

		if (!n)
			continue;
		line(w[i].name, "%llu %s%s %s", (unsigned long long)n,
		     w[i].k == REPORT_CONFLICT ? "version" : "file", s(n),
		     w[i].text);
		paths(r, w[i].k);
	}
}

static void say_left_out(const struct report *r)
{
	static const struct { enum report_kind k; const char *one, *many; }
	w[] = {
		{ REPORT_IGNORED, "ignored by .gitignore",
		  "ignored by .gitignore" },
		{ REPORT_NESTED, "git folder of another repository",
		  "git folders of other repositories" },
		{ REPORT_SPECIAL, "special file", "special files" },
	};
	const char *sep = "";
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(*w); i++) {
		uint64_t n = r->count[w[i].k];

		if (!n)
			continue;
		if (!*sep)
			topic("not synced");
		buf_addf(&cmd_out, "%s%llu %s", sep, (unsigned long long)n,
			 n == 1 ? w[i].one : w[i].many);
		sep = ", ";
	}
	if (*sep)
		buf_addch(&cmd_out, '\n');
}

/* ---- the computers ---- */

static const char *state_text(enum presence_state st)
{
	static const char *const text[] = {
		[PRESENCE_OK] = "well",
		[PRESENCE_BEHIND] = "could not write some files",
		[PRESENCE_CONFLICT] = "got a conflict",
		[PRESENCE_PARKED] = "waits for a decision",
		[PRESENCE_ERROR] = "its last run failed",
	};

	return text[st];
}

static void say_computer(const struct overview_device *d, int width,
			 int64_t now)
{
	struct buf ago = BUF_INIT;

	if (d->damaged) {
		buf_addf(&cmd_out, "    %-*s  unknown: %s\n", width, "?",
			 d->damaged);
		return;
	}
	tm_ago(&ago, d->seen, now);
	buf_addf(&cmd_out, "    %-*s  %-15s  ", width, d->name, ago.p);
	if (d->removed) {
		buf_addf(&cmd_out, "was removed from the hub%s\n",
			 d->own ? " (this one)" : "");
		buf_release(&ago);
		return;
	}
	if (d->behind == OVERVIEW_UNKNOWN)
		buf_addstr(&cmd_out, "has another history");
	else if (!d->behind)
		buf_addstr(&cmd_out, "up to date");
	else
		buf_addf(&cmd_out, "%llu commit%s behind",
			 (unsigned long long)d->behind, s(d->behind));
	if (d->state != PRESENCE_OK)
		buf_addf(&cmd_out, ", %s", state_text(d->state));
	if (d->pending)
		buf_addf(&cmd_out, ", %llu file%s pending",
			 (unsigned long long)d->pending, s(d->pending));
	buf_addstr(&cmd_out, d->own ? " (this one)\n" : "\n");
	buf_release(&ago);
}

static void say_computers(const struct overview *o, int64_t now)
{
	int width = 1;
	size_t i;

	if (!o->dev_n)
		return;
	for (i = 0; i < o->dev_n; i++)
		if ((int)strlen(o->dev[i].name) > width)
			width = (int)strlen(o->dev[i].name);
	buf_addstr(&cmd_out, "computers\n");
	for (i = 0; i < o->dev_n; i++)
		say_computer(&o->dev[i], width, now);
}

/* ---- the places ---- */

static void say_place(const struct places_seen *p, int width, int64_t now)
{
	const char *state = places_state(p);

	buf_addf(&cmd_out, "    %-*s  ", width, p->one.name);
	if (!p->note.done) {
		buf_addstr(&cmd_out, "nothing was copied there yet");
	} else {
		if (p->pending) {
			buf_addstr(&cmd_out, "pending: about ");
			cmd_bytes(&cmd_out, p->pending);
			buf_addstr(&cmd_out, "; ");
		}
		buf_addstr(&cmd_out, p->pending ? "last confirmed " :
			   "confirmed ");
		tm_ago(&cmd_out, p->note.done, now);
	}
	if (p->note.rc) {
		buf_addf(&cmd_out, "; %s, tried ", state);
		tm_ago(&cmd_out, p->note.time, now);
		if (p->note.rc != HUB_EOFFLINE)
			buf_addf(&cmd_out, ": %s", p->note.why);
	}
	buf_addch(&cmd_out, '\n');
}

static void say_places(const struct overview *o, int64_t now)
{
	int width = 1;
	size_t i;

	if (!o->places_n)
		return;
	for (i = 0; i < o->places_n; i++)
		if ((int)strlen(o->places[i].one.name) > width)
			width = (int)strlen(o->places[i].one.name);
	buf_addstr(&cmd_out, "places\n");
	for (i = 0; i < o->places_n; i++)
		say_place(&o->places[i], width, now);
}

static void print(const struct workspace *ws, const struct overview *o)
{
	int64_t now = os_now();

	say_workspace(ws, o);
	say_hub(ws, o);
	say_last(o, now);
	say_changes(&ws->rep, o);
	say_parked(&ws->rep);
	say_waiting(&ws->rep);
	say_left_out(&ws->rep);
	say_places(o, now);
	say_computers(o, now);
}

static int status_main(int argc, char **argv)
{
	struct workspace *ws;
	struct overview o;
	struct err e = ERR_INIT;
	struct json j;
	int rc, code = 0;

	(void)argv;
	if (argc)
		return cmd_usage(&cmd_status, "takes no arguments");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	cmd_progress(ws);
	rc = overview_look(ws, &o, &e);
	cmd_progress_end();
	if (rc < 0) {
		code = cmd_fail(rc, &e);
	} else {
		json_init(&j, &cmd_out, 1);
		if (json)
			overview_json(ws, &o, &j);
		else
			print(ws, &o);
		overview_release(&o);
	}
	workspace_close(ws);
	return code;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "what is here, at the hub, and on every computer",
	.synopsis = "[--json]", .opts = opts, .run = status_main,
};
