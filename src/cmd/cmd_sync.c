/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_sync.c - hub sync, push, pull: one run of the engine. */
#include "cmd/cmd.h"

#include "sync/guard.h"
#include "sync/status.h"

static int quiet, json, accept_clock;
static const char *accept;

#define COMMON \
	{ OPT_STRING, 0, "accept-mass-change", &accept, "ID", \
	  "let the parked change with this id through" }, \
	{ OPT_FLAG, 0, "accept-clock", &accept_clock, NULL, \
	  "this computer's clock is right" }, \
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "only say what needs a person" }, \
	{ OPT_FLAG, 0, "json", &json, NULL, "print the run's report as JSON" }, \
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END }

static const struct opt opts[] = { COMMON };

extern const struct cmd cmd_sync, cmd_push, cmd_pull;

static void print_json(struct workspace *ws, int code, const struct err *e)
{
	struct json j;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_str(&j, "device", ws->dev.name);
	json_int(&j, "objects_sent", (int64_t)ws->rep.objects_sent);
	json_int(&j, "objects_received", (int64_t)ws->rep.objects_got);
	json_int(&j, "folded", (int64_t)ws->rep.folded);
	if (ws->rep.change_id[0]) {
		json_str(&j, "parked_change", ws->rep.change_id);
		json_str(&j, "parked_direction", ws->rep.parked_direction);
	}
	report_json(&j, &ws->rep);
	json_object_end(&j);
	buf_addch(&cmd_out, '\n');
}

static int engine(const struct cmd *c, enum engine_what what, int argc)
{
	struct engine_options o = { .what = what,
				    .accept_clock = accept_clock };
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc = 0;

	if (argc)
		return cmd_usage(c, "takes no arguments");
	ws = cmd_open(WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	if (accept)
		rc = guard_accept(ws, accept, &e);
	cmd_progress(ws);
	if (!rc)
		rc = engine_run(ws, &o, &e);
	code = engine_exit(ws, rc);
	if (!rc)
		err_clear(&e);	/* of what failed on the way, and did not matter */
	cmd_report(ws, quiet || json || rc < 0);
	/* Offline and busy mend themselves: with -q the status says it. */
	if (rc < 0 && !(quiet && (rc == HUB_EOFFLINE || rc == HUB_EBUSY)))
		cmd_say("%s", e.msg);
	if (json)
		print_json(ws, code, &e);
	workspace_close(ws);
	return code;
}

static int sync_main(int argc, char **argv)
{
	(void)argv;
	return engine(&cmd_sync, ENGINE_SYNC, argc);
}

static int push_main(int argc, char **argv)
{
	(void)argv;
	return engine(&cmd_push, ENGINE_PUSH, argc);
}

static int pull_main(int argc, char **argv)
{
	(void)argv;
	return engine(&cmd_pull, ENGINE_PULL, argc);
}

#define SYNOPSIS "[--accept-mass-change=ID] [--accept-clock] [-q] [--json]"

const struct cmd cmd_sync = {
	.name = "sync",
	.summary = "record, bring in and send: make all computers the same",
	.synopsis = SYNOPSIS, .opts = opts, .run = sync_main,
};
const struct cmd cmd_push = {
	.name = "push", .summary = "record what changed here and send it",
	.synopsis = SYNOPSIS, .opts = opts, .run = push_main,
};
const struct cmd cmd_pull = {
	.name = "pull", .summary = "record what changed here and bring in the rest",
	.synopsis = SYNOPSIS, .opts = opts, .run = pull_main,
};
