/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pktline.h - git's packets, gitprotocol-common(5), as gitattributes(5) "Long
 * Running Filter Process" uses them (hubprotocol-filter(5)).
 *
 *	"%04x" length of all with these four digits: 0005 .. fff0
 *	content, 1 .. PKTLINE_DATA_MAX bytes
 *	or "0000": flush, the end of a list or of content
 */
#ifndef FMT_PKTLINE_H
#define FMT_PKTLINE_H

#include "base/buf.h"

#define PKTLINE_HEAD 4
#define PKTLINE_DATA_MAX 65516

/*
 * pktline_head(): what the first four bytes of a packet announce.  0: a flush;
 * > 0: so many bytes of content; HUB_ECORRUPT: no packet that may stand here
 * (an empty one, too long, a delimiter of the fetch protocol, capital digits are
 * as git reads them: fine).
 */
int pktline_head(const uint8_t p[PKTLINE_HEAD]);
/* pktline_make_head(): the opposite; ${n} 1 .. PKTLINE_DATA_MAX, 0: a flush. */
void pktline_make_head(uint8_t out[PKTLINE_HEAD], size_t n);
/* pktline_add(): append one packet of ${n} bytes, 0: a flush. */
void pktline_add(struct buf *out, const void *p, size_t n);
/* pktline_value(): the value of a line "KEY=value", with or without a newline
 * at its end; 1, 0 if the line has another key. */
int pktline_value(const void *p, size_t n, const char *key, struct span *ret);

#endif
