/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refact.h - one line of hub.git/vibehub/acts (hubformat-acts(5)): a ref of the
 * hub was deleted, or moved to what is no descendant, because somebody said so:
 *
 *	<old: 40 hex> <new: 40 hex> <seconds> <ref>
 */
#ifndef FMT_REFACT_H
#define FMT_REFACT_H

#include "base/buf.h"
#include "base/oid.h"

#define REFACT_LINE_MAX 4096		/* bytes of a line, with its newline */

struct refact {
	struct oid old, now;		/* ${old} is never zero */
	int64_t time;			/* seconds since 1970, to the year 9999 */
	struct span ref;		/* full name; borrowed */
};

/* refact_encode(): append the line with its newline; a time is moved into
 * 1970..9999.  HUB_ELIMIT if the line would be too long, HUB_ECORRUPT if no
 * decoder would take it; nothing is appended then. */
int refact_encode(struct buf *out, const struct refact *a);
/* refact_decode(): a line without its newline; ${ref} is borrowed from it.  0,
 * or HUB_ECORRUPT (*ret is all zero then). */
int refact_decode(struct refact *ret, const void *p, size_t n);

#endif
