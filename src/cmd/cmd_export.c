/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_export.c - hub export: a recorded state as a plain folder. */
#include "cmd/cmd_path.h"

#include "sync/export.h"

static const char *at;
static int quiet;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "at", &at, "WHEN",
	  "a time or a commit (default: what was recorded last)" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when it went well" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_export;

static void say(const struct export_result *r, const char *dir)
{
	buf_addf(&cmd_out, "%llu file%s, %llu bytes in '%s'\n",
		 (unsigned long long)r->files, r->files == 1 ? "" : "s",
		 (unsigned long long)r->bytes, dir);
	if (r->left_out)
		buf_addf(&cmd_out, "left out: %llu (submodules, names that no "
			 "file may have here)\n",
			 (unsigned long long)r->left_out);
}

static int export_main(int argc, char **argv)
{
	static char all[] = "";
	char *everything[] = { all };
	struct cmd_paths paths = { NULL, 0 };
	struct export_result r;
	struct buf dir = BUF_INIT;
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	if (!argc)
		return cmd_usage(&cmd_export, "give a folder");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	cmd_progress(ws);
	if (!cmd_paths(ws, argc - 1, argv + 1, &paths, &code)) {
		char **v = argc > 1 ? paths.v : everything;

		rc = cmd_file(argv[0], &dir, &e);
		if (!rc)
			rc = export_run(ws, (const char *const *)v,
					argc > 1 ? paths.n : 1, at, dir.p, &r,
					&e);
		cmd_progress_end();
		if (rc < 0)
			code = cmd_fail(rc, &e);
		else if (!quiet)
			say(&r, dir.p);
	}
	cmd_paths_free(&paths);
	buf_release(&dir);
	workspace_close(ws);
	return code;
}

const struct cmd cmd_export = {
	.name = "export", .summary = "write a recorded state into a plain folder",
	.synopsis = "[--at=WHEN] [-q] DIR [PATH...]", .opts = opts,
	.run = export_main,
};
