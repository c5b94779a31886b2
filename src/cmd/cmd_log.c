/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_log.c - hub log: who recorded what, and when. */
#include "cmd/cmd_patch.h"

#include <string.h>

#include "base/utf8.h"
#include "cmd/cmd_path.h"
#include "sync/when.h"

static const char *at;
static uint64_t limit;
static int runs, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "begin at this time or commit and go back" },
	{ OPT_U64, 'n', "limit", &limit, "N", "at most N of them" },
	{ OPT_FLAG, 0, "runs", &runs, NULL,
	  "the runs of hub on this computer instead" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_log;

struct print { struct json j; uint64_t n; };

/* ---- commits ---- */

#define CONFLICT "Hub-Conflict: "

/* The next trailer in ${p}, or NULL; *n becomes the length of its value. */
static const char *next_conflict(const char *p, size_t *n)
{
	const size_t k = sizeof(CONFLICT) - 1;

	for (p = strchr(p, '\n'); p; p = strchr(p + 1, '\n'))
		if (!strncmp(p + 1, CONFLICT, k)) {
			*n = strcspn(p + 1 + k, "\n");
			return p + 1 + k;
		}
	return NULL;
}

static uint64_t count_conflicts(const struct commit *c)
{
	const char *p = c->message.p;
	uint64_t k = 0;
	size_t n;

	while ((p = next_conflict(p, &n)))
		k++;
	return k;
}

/* "Name <mail>": people want the name. */
static void add_name(struct buf *b, const struct buf *author)
{
	const char *mail = strstr(author->p, " <");
	size_t n = mail && mail > author->p ? (size_t)(mail - author->p) :
		author->n;

	utf8_show(b, author->p, utf8_cut(author->p, n, 24));
}

static void pad(struct buf *b, size_t from, size_t width)
{
	while (b->n - from < width && !buf_error(b))
		buf_addch(b, ' ');
}

static void commit_text(const struct history_entry *en)
{
	const struct commit *c = en->commit;
	uint64_t conflicts = count_conflicts(c);
	size_t from;

	buf_addf(&cmd_out, "%.10s  ", oid_hex(&c->id));
	cmd_time(&cmd_out, c->author_time);
	buf_addstr(&cmd_out, "  ");
	from = cmd_out.n;
	add_name(&cmd_out, &c->author);
	pad(&cmd_out, from, 16);
	buf_addf(&cmd_out, " %6llu file%s  ", (unsigned long long)en->changed,
		 en->changed == 1 ? " " : "s");
	utf8_show(&cmd_out, c->message.p, strcspn(c->message.p, "\n"));
	if (conflicts)
		buf_addf(&cmd_out, "  [%llu conflict%s]",
			 (unsigned long long)conflicts,
			 conflicts == 1 ? "" : "s");
	buf_addch(&cmd_out, '\n');
}

static void commit_json(struct json *j, const struct history_entry *en)
{
	const struct commit *c = en->commit;
	const char *p = c->message.p;
	size_t n;

	json_object(j, NULL);
	json_str(j, "commit", oid_hex(&c->id));
	json_int(j, "parents", (int64_t)c->parents_n);
	json_str(j, "author", c->author.p);
	json_time(j, "time", c->author_time);
	json_time(j, "committed", c->time);
	json_strn(j, "subject", c->message.p, strcspn(c->message.p, "\n"));
	json_int(j, "changed", (int64_t)en->changed);
	json_array(j, "conflicts");
	while ((p = next_conflict(p, &n)))
		json_strn(j, NULL, p, n);
	json_array_end(j);
	json_object_end(j);
}

static int on_commit(void *arg, const struct history_entry *en)
{
	struct print *p = arg;

	p->n++;
	if (json)
		commit_json(&p->j, en);
	else
		commit_text(en);
	return cmd_drain();
}

static int log_commits(struct workspace *ws, const struct cmd_paths *paths,
		       struct print *p, struct err *e)
{
	struct history_query q = {
		.paths = (const char *const *)paths->v, .paths_n = paths->n,
		.limit = limit, .count_changes = 1,
	};
	struct buf branch = BUF_INIT;
	struct when w;
	struct oid tip;
	int rc = repo_head(ws->repo, &branch, &tip, e);

	if (!rc && oid_is_zero(&tip) && !at)
		goto out;
	if (!rc)
		rc = when_resolve(ws->repo, &tip, at, &w, e);
	if (!rc)
		rc = history_log(ws->repo, &w.commit, &q, on_commit, p, e);
	if (!rc && !p->n && paths->n)
		rc = err_set(e, HUB_EABSENT, "no change ever touched %s",
			     paths->n == 1 ? "that path" : "those paths");
out:
	buf_release(&branch);
	return rc;
}

/* ---- runs ---- */

static void run_text(const struct state_run *r)
{
	buf_addf(&cmd_out, "%6lld  ", (long long)r->id);
	cmd_time(&cmd_out, r->begun);
	buf_addf(&cmd_out, "  %-8s exit %-3d recorded %llu, received %llu",
		 r->what, r->exit_code, (unsigned long long)r->changed,
		 (unsigned long long)r->received);
	if (r->conflicts)
		buf_addf(&cmd_out, ", conflicts %llu",
			 (unsigned long long)r->conflicts);
	if (r->message[0]) {
		buf_addstr(&cmd_out, ": ");
		utf8_show(&cmd_out, r->message, strlen(r->message));
	}
	buf_addch(&cmd_out, '\n');
}

static void tip_json(struct json *j, const char *key, const struct oid *id)
{
	json_str(j, key, oid_is_zero(id) ? NULL : oid_hex(id));
}

static void run_json(struct json *j, const struct state_run *r)
{
	json_object(j, NULL);
	json_int(j, "run", r->id);
	json_str(j, "what", r->what);
	json_time(j, "begun", r->begun);
	json_time(j, "ended", r->ended);
	json_int(j, "exit", r->exit_code);
	tip_json(j, "before", &r->before);
	tip_json(j, "recorded", &r->recorded);
	tip_json(j, "after", &r->after);
	json_int(j, "changed", (int64_t)r->changed);
	json_int(j, "received", (int64_t)r->received);
	json_int(j, "conflicts", (int64_t)r->conflicts);
	json_str(j, "message", r->message);
	json_object_end(j);
}

static int on_run(void *arg, const struct state_run *r)
{
	struct print *p = arg;

	if (limit && p->n == limit)
		return 1;
	p->n++;
	if (json)
		run_json(&p->j, r);
	else
		run_text(r);
	return cmd_drain();
}

static int log_all(struct workspace *ws, const struct cmd_paths *paths)
{
	struct print p = { .n = 0 };
	struct err e = ERR_INIT;
	int rc;

	json_init(&p.j, &cmd_out, 1);
	if (json) {
		json_object(&p.j, NULL);
		json_str(&p.j, "schema", runs ? "vibehub-runs-log-1" :
			 "vibehub-log-1");
		json_array(&p.j, runs ? "runs" : "commits");
	}
	rc = runs ? state_run_each(ws->state, on_run, &p, &e) :
		log_commits(ws, paths, &p, &e);
	if (json) {
		json_array_end(&p.j);
		json_object_end(&p.j);
	} else if (!rc && !p.n) {
		buf_addstr(&cmd_out, "nothing is recorded yet\n");
	}
	return cmd_drained(rc < 0 ? cmd_fail(rc, &e) : 0);
}

static int log_main(int argc, char **argv)
{
	struct cmd_paths paths = { NULL, 0 };
	struct workspace *ws;
	int code = 0;

	if (runs && (argc || at))
		return cmd_usage(&cmd_log, "--runs goes with neither --at nor "
				 "paths");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc, argv, &paths, &code))
		code = log_all(ws, &paths);
	cmd_paths_free(&paths);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_log = {
	.name = "log", .summary = "show the history",
	.synopsis = "[--at=WHEN] [-n N] [--json] [PATH...]\n"
		    "--runs [-n N] [--json]",
	.opts = opts, .run = log_main,
};
