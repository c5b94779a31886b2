/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_resolve.c - hub resolve: settle conflicts. */
#include "cmd/cmd_path.h"

#include <string.h>

#include "base/utf8.h"
#include "sync/act.h"
#include "sync/resolve.h"

static const char *keep;
static int quiet, json;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "keep", &keep, "WHICH",
	  "path (default): the file as it is now; copy: the other; both" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_resolve;

static int which(enum resolve_keep *ret)
{
	static const char *const names[] = { "path", "copy", "both" };
	int i;

	for (i = 0; i < 3; i++)
		if (!strcmp(keep ? keep : "path", names[i])) {
			*ret = (enum resolve_keep)i;
			return 0;
		}
	return cmd_usage(&cmd_resolve, "--keep is path, copy or both");
}

static void print_json(const struct resolve *r, int code, const struct err *e)
{
	struct json j;
	size_t i;

	json_init(&j, &cmd_out, 1);
	json_object(&j, NULL);
	json_int(&j, "exit", code);
	json_str(&j, "message", e->msg);
	json_str(&j, "commit", oid_is_zero(&r->made) ? NULL :
		 oid_hex(&r->made));
	json_array(&j, "resolved");
	for (i = 0; i < r->n && !oid_is_zero(&r->made); i++) {
		const struct resolve_item *it = &r->v[i];

		if (!it->picked)
			continue;
		json_object(&j, NULL);
		json_path(&j, "path", it->path, it->path_n);
		json_path(&j, "copy", it->copy, it->copy_n);
		json_str(&j, "kept", keep ? keep : "path");
		if (it->name)
			json_path(&j, "name", it->name, strlen(it->name));
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void print_done(const struct resolve *r, enum resolve_keep k)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct resolve_item *it = &r->v[i];

		if (!it->picked)
			continue;
		utf8_show(&cmd_out, it->path, it->path_n);
		if (k == RESOLVE_BOTH) {
			buf_addf(&cmd_out, ": stays, %s's version is now ",
				 it->who.device);
			utf8_show(&cmd_out, it->name, strlen(it->name));
		} else if (k == RESOLVE_COPY) {
			buf_addf(&cmd_out, ": is %s's version now",
				 it->who.device);
		} else {
			buf_addf(&cmd_out, ": stays, %s's version is removed",
				 it->who.device);
		}
		buf_addch(&cmd_out, '\n');
	}
	buf_addstr(&cmd_out, "next: `hub sync` sends it; `hub undo` takes it "
		   "back\n");
}

static int resolve(struct workspace *ws, const struct cmd_paths *p,
		   enum resolve_keep k)
{
	struct resolve r = RESOLVE_INIT;
	struct err e = ERR_INIT;
	int code, rc;

	cmd_progress(ws);
	rc = resolve_run(ws, (const char *const *)p->v, p->n, k, &r, &e);
	code = act_exit(ws, rc);
	cmd_report(ws, 1);
	if (rc < 0)
		cmd_say("%s", e.msg);
	else
		err_clear(&e);	/* of what failed on the way, and did not matter */
	if (json)
		print_json(&r, code, &e);
	else if (!rc && !quiet)
		print_done(&r, k);
	resolve_release(&r);
	return code;
}

static int resolve_main(int argc, char **argv)
{
	struct cmd_paths p = { NULL, 0 };
	enum resolve_keep k = RESOLVE_PATH;
	struct workspace *ws;
	int code = which(&k);

	if (code)
		return code;
	if (!argc)
		return cmd_usage(&cmd_resolve, "which conflicts? `hub "
				 "conflicts` lists them");
	ws = cmd_open(WORKSPACE_WRITE, &code);
	if (!ws)
		return code;
	if (!cmd_paths(ws, argc, argv, &p, &code))
		code = resolve(ws, &p, k);
	cmd_paths_free(&p);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_resolve = {
	.name = "resolve", .summary = "settle conflicts",
	.synopsis = "[--keep=WHICH] [-q] [--json] PATH...", .opts = opts,
	.run = resolve_main,
};
