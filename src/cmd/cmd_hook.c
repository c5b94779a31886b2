/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_hook.c - hub hook NAME: called by the hooks that `hub init` installs. */
#include "cmd/cmd.h"

#include <string.h>

#include "os/os.h"
#include "sync/hook.h"

static const struct opt opts[] = {
	CMD_OPT_HELP, { .kind = OPT_END },
};

extern const struct cmd cmd_hook;

static int hook_main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct buf line = BUF_INIT;
	int code, rc = 0;
	enum hook_kind kind;

	if (argc == 1 && !strcmp(argv[0], "pre-receive"))
		kind = HOOK_PRE_RECEIVE;
	else if (argc == 1 && !strcmp(argv[0], "post-receive"))
		kind = HOOK_POST_RECEIVE;
	else
		return cmd_usage(&cmd_hook, "give pre-receive or post-receive");
	if (cmd_libs(&code))
		return code;
	while (!rc) {
		buf_reset(&line);
		rc = os_read_line(&line, 8192, &e);
		if (rc == HUB_EABSENT)
			break;
		if (!rc)
			rc = hook_ref(".", kind, line.p, &e);
	}
	buf_release(&line);
	return rc == HUB_EABSENT ? 0 : cmd_fail(rc, &e);
}

const struct cmd cmd_hook = {
	.name = "hook", .summary = "called by git in a hub, not by people",
	.synopsis = "pre-receive\npost-receive", .opts = opts,
	.run = hook_main, .plumbing = 1,
};
