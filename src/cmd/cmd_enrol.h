/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_enrol.h - the key slot of this computer. */
#ifndef CMD_CMD_ENROL_H
#define CMD_CMD_ENROL_H

#include "cmd/cmd.h"

/*
 * cmd_enrol(): this workspace's computer has a slot in the hub afterwards: by
 * the hub's own key, or, where this user may not read that, by the passphrase.
 * HUB_EABSENT: the hub has no keys.  HUB_EAUTH: a wrong passphrase, or nobody to
 * ask.  HUB_EDENIED: the hub cannot be written.
 */
int cmd_enrol(struct workspace *ws, struct err *e);

#endif
