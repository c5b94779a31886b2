/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter_internal.h - a session of git's filter protocol, and its packets. */
#ifndef SYNC_FILTER_INTERNAL_H
#define SYNC_FILTER_INTERNAL_H

#include "fmt/pktline.h"
#include "sync/content.h"
#include "sync/filter.h"

struct filter {
	struct workspace *ws;
	const struct filter_io *io;
	struct rule rule;
	uint8_t packet[PKTLINE_DATA_MAX];
	size_t packet_n;
	enum { CLEAN, SMUDGE, OTHER } command;
	struct buf path;
	struct buf mem;			/* content, if fd is -1 */
	int fd, out;			/* the temp file, to read and to write */
	uint64_t size;
	struct err *e;
};

/* filter_packet(): the next one, in f->packet.  1; 0 a flush; *end: git has closed
 * its end. */
int filter_packet(struct filter *f, int *end);
/* filter_write(): one packet; ${n} 0: a flush. */
int filter_write(struct filter *f, const void *p, size_t n);
/* filter_line(): a packet with that text. */
int filter_line(struct filter *f, const char *s);
int filter_flush(struct filter *f);
/* filter_piece(): content, in as many packets as it takes; ${arg} is the filter. */
int filter_piece(void *arg, const void *p, size_t n);

#endif
