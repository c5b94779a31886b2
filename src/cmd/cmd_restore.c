/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_restore.c - hub restore: bring files back as they were. */
#include "cmd/cmd_path.h"

#include "base/utf8.h"
#include "sync/act.h"
#include "sync/restore.h"

static const char *at;
static int dry_run, quiet, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "a time or a commit (default: what was recorded last)" },
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "only list what would change" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_restore;

static void print_json(const struct restore *r, int code, const struct err *e)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_str(&j, "schema", "vibehub-restore-1");
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_bool(&j, "dry_run", dry_run);
	json_str(&j, "from", oid_is_zero(&r->when.commit) ? NULL :
		 oid_hex(&r->when.commit));
	json_time(&j, "time", r->when.time);
	json_str(&j, "commit", oid_is_zero(&r->made) ? NULL :
		 oid_hex(&r->made));
	json_array(&j, "changes");
	for (i = 0; i < r->list.n; i++) {
		json_object(&j, NULL);
		json_path(&j, "path", r->list.v[i].path, r->list.v[i].n);
		json_str(&j, "action", r->list.v[i].from.mode ? "write" :
			 "remove");
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void print_plan(const struct restore *r)
{
	size_t i;

	for (i = 0; i < r->list.n; i++) {
		buf_addstr(&cmd_out, !r->list.v[i].from.mode ?
			   "remove   " : r->list.v[i].to.mode ? "replace  " : "bring    ");
		utf8_show(&cmd_out, r->list.v[i].path, r->list.v[i].n);
		buf_addch(&cmd_out, '\n');
	}
	if (!r->list.n)
		buf_addstr(&cmd_out, "nothing would change\n");
}

static void print_done(const struct restore *r)
{
	if (!r->list.n) {
		buf_addstr(&cmd_out, "nothing to do: all is as it was then\n");
		return;
	}
	buf_addf(&cmd_out, "restored %llu, removed %llu as of ",
		 (unsigned long long)r->written,
		 (unsigned long long)r->removed);
	cmd_time(&cmd_out, r->when.time);
	buf_addf(&cmd_out, " (%.10s)\nnext: `hub sync` sends it; `hub undo` "
		 "takes it back\n", oid_hex(&r->when.commit));
}

static int restore(struct workspace *ws, const struct cmd_paths *p)
{
	struct restore r = RESTORE_INIT;
	struct err e = ERR_INIT;
	int code, rc;

	cmd_progress(ws);
	rc = restore_run(ws, (const char *const *)p->v, p->n, at, dry_run, &r,
			 &e);
	code = act_exit(ws, rc);
	cmd_report(ws, 1);
	if (r.refused)
		cmd_say("%llu names are none that a file may have: left out",
			(unsigned long long)r.refused);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);	/* of what failed on the way, and did not matter */
	if (json)
		print_json(&r, code, &e);
	else if (!rc && dry_run)
		print_plan(&r);
	else if (!rc && !quiet)
		print_done(&r);
	restore_release(&r);
	return code;
}

static int restore_main(int argc, char **argv)
{
	struct cmd_paths p = { NULL, 0 };
	struct workspace *ws;
	int code = 0;

	if (!argc)
		return cmd_usage(&cmd_restore, "which files or folders? '.' is "
				 "this one with all in it");
	ws = cmd_open(dry_run ? WORKSPACE_READ : WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc, argv, &p, &code))
		code = restore(ws, &p);
	cmd_paths_free(&p);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_restore = {
	.name = "restore", .summary = "bring files back as they were",
	.synopsis = "[--at=WHEN] [-n] [-q] [--json] PATH...", .opts = opts,
	.run = restore_main,
};
