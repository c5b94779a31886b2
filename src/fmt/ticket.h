/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket.h - the name of a file in hub.git/vibehub/queue/: one waiting writer
 * (hubformat-queue(5)).  The file is empty; its name says all:
 *
 *	offset size
 *	0	8	number, hexadecimal: one more than the highest in the folder
 *	8	1	'-'
 *	9	36	device id (UUID)
 *	45	1	'-'
 *	46	8	beat, hexadecimal: changes as long as the writer lives
 */
#ifndef FMT_TICKET_H
#define FMT_TICKET_H

#include "base/buf.h"

#define TICKET_NAME 54			/* bytes, without the NUL */

struct ticket {
	uint32_t number;
	char device[37];
	uint32_t beat;
};

/* ticket_encode(): BUG() for a device that is no presence_uuid_ok(). */
void ticket_encode(char out[TICKET_NAME + 1], const struct ticket *t);
/* ticket_decode(): 0, or HUB_ECORRUPT (*ret is all zero then). */
int ticket_decode(struct ticket *ret, const void *p, size_t n);
/* ticket_cmp(): who goes first: the lower number, then the lower device id. */
int ticket_cmp(const struct ticket *a, const struct ticket *b);

#endif
