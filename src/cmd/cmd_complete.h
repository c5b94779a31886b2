/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_complete.h - completions for shells. */
#ifndef CMD_CMD_COMPLETE_H
#define CMD_CMD_COMPLETE_H

#include "cmd/cmd.h"

/* cmd_complete(): what "bash", "zsh" or "fish" loads, of ${n} commands.  HUB_EUSAGE:
 * another shell. */
int cmd_complete(struct buf *out, const char *shell,
		 const struct cmd *const *cmds, size_t n);

#endif
