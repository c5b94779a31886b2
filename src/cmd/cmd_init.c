/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_init.c - hub init: make the master. */
#include "cmd/cmd.h"

#include "os/os_file.h"
#include "sync/init.h"

static const char *template;
static int quiet;

static const struct opt opts[] = {
	{ OPT_STRING, 0, "template", &template, "NAME",
	  "begin with a layout of folders: central" },
	{ OPT_FLAG, 'q', "quiet", &quiet, NULL, "say nothing when all is well" },
	CMD_OPT_C, CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_init;

static int init(int argc, char **argv)
{
	struct err e = ERR_INIT;
	enum init_result what;
	int code, rc;

	if (argc != 1)
		return cmd_usage(&cmd_init, "give the folder of the new hub");
	if (cmd_libs(&code))
		return code;
	rc = cmd_dir ? os_chdir(cmd_dir, &e) : 0;
	if (!rc)
		rc = init_hub(argv[0], template, &what, &e);
	if (rc < 0)
		return rc == HUB_ECONFLICT ? (cmd_fail(rc, &e), 128) :
			cmd_fail(rc, &e);
	if (quiet)
		return 0;
	if (what == INIT_WAS_HUB)
		buf_addf(&cmd_out, "'%s' is a hub already: nothing was "
			 "changed\n", argv[0]);
	else
		buf_addf(&cmd_out, "%s '%s'\nnext, on each computer: hub clone "
			 "'%s' DIR\n", what == INIT_ADOPTED ?
			 "the bare repository is now a hub:" :
			 "made the hub", argv[0], argv[0]);
	return 0;
}

const struct cmd cmd_init = {
	.name = "init", .summary = "make a hub, the master of all computers",
	.synopsis = "[--template=NAME] [-q] DIR", .opts = opts, .run = init,
};
