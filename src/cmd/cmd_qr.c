/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_qr.c - a QR code in a terminal, by libqrencode where it was found.
 *
 * Two rows of modules are one line of text.  Colours are set, not assumed: a
 * reader wants dark on light, whatever the terminal's own are.
 */
#include "cmd/cmd_qr.h"

#ifdef HAVE_QRENCODE

#include <string.h>
#include <qrencode.h>
#include "crypt/sign.h"

#define QUIET 2			/* modules around the code */

static int dark(const QRcode *q, int x, int y)
{
	if (x < 0 || y < 0 || x >= q->width || y >= q->width)
		return 0;
	return q->data[y * q->width + x] & 1;
}

void cmd_qr(struct buf *b, const char *text)
{
	/* top dark, bottom dark: as if printed on white paper */
	static const char *const block[] = { " ", "\xe2\x96\x84",
					     "\xe2\x96\x80", "\xe2\x96\x88" };
	QRcode *q = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	int x, y;

	if (!q)
		return;
	for (y = -QUIET; y < q->width + QUIET; y += 2) {
		buf_addstr(b, "    \033[30;107m");
		for (x = -QUIET; x < q->width + QUIET; x++)
			buf_addstr(b, block[dark(q, x, y) * 2 +
					    dark(q, x, y + 1)]);
		buf_addstr(b, "\033[0m\n");
	}
	secret_wipe(q->data, (size_t)q->width * (size_t)q->width);
	QRcode_free(q);
}

#else

void cmd_qr(struct buf *b, const char *text)
{
	(void)b;
	(void)text;
}

#endif
