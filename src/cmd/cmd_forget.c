/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_forget.c - hub forget: let go of all that was ever at a path. */
#include "cmd/cmd_let_go.h"
#include "cmd/cmd_path.h"

static int json, dry_run, keep_current;

static const struct opt opts[] = {
	{ OPT_FLAG, 0, "keep-current", &keep_current, NULL,
	  "let only versions go that are in use nowhere" },
	{ OPT_FLAG, 'n', "dry-run", &dry_run, NULL,
	  "say what would be let go, change nothing" },
	{ OPT_FLAG, 0, "json", &json, NULL, "print one JSON document" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_forget;

static int forget_main(int argc, char **argv)
{
	struct prune_plan plan = { .dry_run = dry_run,
				   .keep_current = keep_current };
	struct cmd_paths paths = { NULL, 0 };
	struct workspace *ws;
	int code = 0, rc;
	size_t i;

	if (!argc)
		return cmd_usage(&cmd_forget, "name at least one path");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = cmd_paths(ws, argc, argv, &paths, &code);
	workspace_close(ws);
	for (i = 0; !rc && i < paths.n; i++)
		if (!paths.v[i][0])
			rc = code = cmd_usage(&cmd_forget, "that is the whole "
					      "workspace: name files or folders "
					      "in it");
	plan.paths = (const char *const *)paths.v;
	plan.paths_n = paths.n;
	if (!rc)
		code = cmd_let_go(NULL, &plan, json, "vibehub-forget-1");
	cmd_paths_free(&paths);
	return code;
}

const struct cmd cmd_forget = {
	.name = "forget", .summary = "let go of all that large files at a path "
		"ever held",
	.synopsis = "[--keep-current] [--dry-run] [--json] PATH...",
	.opts = opts, .run = forget_main,
};
