/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_pass.h - where passphrases come from.  In this order:
 *
 *	$VIBEHUB_PASSPHRASE		the passphrase
 *	$VIBEHUB_PASSPHRASE_FILE	a file: its first line
 *	$VIBEHUB_PASSPHRASE_COMMAND	a command line for the shell: the first
 *					line that it prints
 *	$VIBEHUB_PASSPHRASE_FD		the number of an open descriptor: its first
 *					line
 *	the terminal, if there is one
 *
 * A new one that replaces another: the same with VIBEHUB_NEW_PASSPHRASE.
 */
#ifndef CMD_CMD_PASS_H
#define CMD_CMD_PASS_H

#include "base/buf.h"
#include "crypt/pass.h"

/* OLD opens, NEW replaces or joins it; FIRST is that of a new hub, from the
 * sources of OLD. */
enum pass_want { PASS_WANT_OLD, PASS_WANT_NEW, PASS_WANT_FIRST };

/* cmd_pass_given(): does the environment name a source? */
int cmd_pass_given(enum pass_want want);
/*
 * cmd_pass_get(): from its source, else asked on the terminal with ${prompt} (NEW and
 * FIRST twice), in the form that keys are derived from.  ${kind} may be NULL.
 * HUB_EUSAGE: no source and no terminal, or NEW or FIRST of less than 8 bytes.
 * ${ret} is wiped by the caller.
 */
int cmd_pass_get(enum pass_want want, const char *prompt, struct buf *ret,
		 enum pass_kind *kind, struct err *e);
/* cmd_pass_make(): a new random one. */
int cmd_pass_make(struct buf *ret, struct err *e);

#endif
