/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_qr.h - a QR code for a terminal. */
#ifndef CMD_CMD_QR_H
#define CMD_CMD_QR_H

#include "base/buf.h"

/* cmd_qr(): append ${text} as a QR code of half blocks, light on dark; nothing
 * where hub was built without libqrencode. */
void cmd_qr(struct buf *b, const char *text);

#endif
