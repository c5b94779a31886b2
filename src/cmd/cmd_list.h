/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_list.h - every command, in the order of `hub -h`. */
#ifndef CMD_CMD_LIST_H
#define CMD_CMD_LIST_H

#include "cmd/cmd.h"

extern const struct cmd cmd_key, cmd_device, cmd_share, cmd_init, cmd_clone,
	cmd_sync, cmd_push, cmd_pull, cmd_hook, cmd_filter_process, cmd_serve, cmd_export,
	cmd_ls, cmd_cat, cmd_config, cmd_remote, cmd_verify, cmd_repair,
	cmd_gc, cmd_prune, cmd_forget, cmd_track,
	cmd_status, cmd_conflicts, cmd_resolve,
	cmd_restore, cmd_undo, cmd_import,
	cmd_log, cmd_show, cmd_diff;

#define CMD_LIST \
	&cmd_init, &cmd_clone, &cmd_sync, &cmd_push, &cmd_pull, \
	&cmd_status, &cmd_conflicts, &cmd_resolve, \
	&cmd_log, &cmd_show, &cmd_diff, \
	&cmd_ls, &cmd_cat, &cmd_config, &cmd_remote, &cmd_verify, &cmd_repair, \
	&cmd_gc, &cmd_prune, &cmd_forget, &cmd_track, \
	&cmd_restore, &cmd_undo, &cmd_import, &cmd_export, &cmd_key, \
	&cmd_device, &cmd_share, \
	&cmd_hook, &cmd_filter_process, &cmd_serve

#endif
