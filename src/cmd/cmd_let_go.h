/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_let_go.h - what hub prune and hub forget have in common. */
#ifndef CMD_CMD_LET_GO_H
#define CMD_CMD_LET_GO_H

#include "cmd/cmd.h"
#include "sync/prune.h"

/* cmd_let_go(): prune_run() on the hub ${arg} (NULL: that of the workspace), and
 * say what it did.  The exit code. */
int cmd_let_go(const char *arg, const struct prune_plan *plan, int json,
	       const char *schema);

#endif
