/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_filter_process.c - hub filter-process: called by git in a workspace. */
#include "cmd/cmd.h"

#include "os/os.h"
#include "sync/filter.h"

static const struct opt opts[] = {
	CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_filter_process;

static int from_git(void *arg, void *p, size_t n, struct err *e)
{
	(void)arg;
	return os_read_std(p, n, e);
}

static int to_git(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	return os_write_std(1, p, n) < 0 ?
		err_set(e, HUB_EIO, "git does not listen any more") : 0;
}

static int filter_main(int argc, char **argv)
{
	static const struct filter_io io = { from_git, to_git, NULL };
	struct workspace *ws;
	struct err e = ERR_INIT;
	int code = 0, rc;

	(void)argv;
	if (argc)
		return cmd_usage(&cmd_filter_process, "takes no arguments");
	ws = cmd_open(WORKSPACE_READ, &code);
	if (!ws)
		return code;
	rc = filter_run(ws, &io, &e);
	workspace_close(ws);
	return rc < 0 ? cmd_fail(rc, &e) : 0;
}

const struct cmd cmd_filter_process = {
	.name = "filter-process",
	.summary = "called by git in a workspace, not by people",
	.synopsis = "", .opts = opts, .run = filter_main, .plumbing = 1,
};
