/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_patch.h - long output, and differences as text: log, show, diff. */
#ifndef CMD_CMD_PATCH_H
#define CMD_CMD_PATCH_H

#include "cmd/cmd.h"
#include "repo/history.h"
#include "sync/delta.h"

/* cmd_drain(): write cmd_out if much has gathered there; non-zero if nobody
 * reads it: stop, and return what cmd_drained() says. */
int cmd_drain(void);
int cmd_drained(int code);

/* cmd_patch_out(): a history_out; ${arg} is a struct cmd_patch.  On a terminal
 * control characters of the text are shown, not obeyed. */
struct cmd_patch { struct buf line; int tty; };
int cmd_patch_out(void *arg, const char *p, size_t n);
void cmd_patch_begin(struct cmd_patch *c);
void cmd_patch_end(struct cmd_patch *c);

/* cmd_patch_delta(): unified diff of each item; content that is only on disk is
 * read there. */
int cmd_patch_delta(struct workspace *ws, const struct delta *d,
		    struct err *e);

/* cmd_delta_names(): "changed  PATH" lines.  cmd_delta_json(): array "changes"
 * of {path, action} into the open object. */
void cmd_delta_names(const struct delta *d);
void cmd_delta_json(struct json *j, const struct delta *d);

#endif
