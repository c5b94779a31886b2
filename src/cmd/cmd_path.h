/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_path.h - paths as a user writes them, and times as a user reads them. */
#ifndef CMD_CMD_PATH_H
#define CMD_CMD_PATH_H

#include "cmd/cmd.h"

/*
 * cmd_path(): ${arg} is relative to the folder in which hub was started (or
 * -C DIR), or absolute.  Replaces ${ret} by the path from the workspace's root,
 * without a '/' at its end; "" is the root.  "." and ".." are resolved by
 * their text and the last component is never followed, so that a symlink and
 * what is not there (any more) can be named.  HUB_EUSAGE if it leads out of the
 * workspace, or is empty.
 */
int cmd_path(const struct workspace *ws, const char *arg, struct buf *ret,
	     struct err *e);

/* cmd_paths(): the same for all of argv[0..argc); ends with exit code *code and
 * a message if one is wrong.  Owned: cmd_paths_free(). */
struct cmd_paths { char **v; size_t n; };
int cmd_paths(const struct workspace *ws, int argc, char **argv,
	      struct cmd_paths *ret, int *code);
void cmd_paths_free(struct cmd_paths *p);

/* cmd_file(): ${arg} names a file or folder anywhere; replaces ${ret} by what
 * it means from here: -C DIR put before it if it is relative. */
int cmd_file(const char *arg, struct buf *ret, struct err *e);

/* cmd_hub(): ${arg} is the address of a hub; replaces ${ret} by what it means
 * from here.  HUB_EUSAGE if it is none. */
int cmd_hub(const char *arg, struct buf *ret, struct err *e);

/* cmd_hub_path(): the same as a path on this computer. */
int cmd_hub_path(const char *arg, struct buf *ret, struct err *e);

/* cmd_time(): add "2026-11-21 08:32:07 +0100", the local zone's time. */
void cmd_time(struct buf *b, int64_t t);

#endif
