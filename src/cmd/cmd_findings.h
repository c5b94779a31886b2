/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_findings.h - what hub verify and hub repair found, for programs. */
#ifndef CMD_CMD_FINDINGS_H
#define CMD_CMD_FINDINGS_H

#include "cmd/cmd.h"
#include "sync/verify.h"

/* cmd_findings_json(): add "findings" to the open object of ${j}, as
 * hub-verify(1) says. */
void cmd_findings_json(struct json *j, const struct verify *v);

#endif
