/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tm.h - civil time in UTC, as text.  Pure: no clock, no time zone data base.
 * Times are seconds since 1970-01-01T00:00:00Z in int64_t; years 1970..9999.
 */
#ifndef BASE_TM_H
#define BASE_TM_H

#include "base/buf.h"

/* tm_iso(): "2026-11-21T07:29:00Z". */
void tm_iso(struct buf *b, int64_t t);
/* tm_minute(): "2026-11-21 0729 UTC", for conflict names. */
void tm_minute(struct buf *b, int64_t t);
/* tm_ago(): "3 minutes ago", "in the future", for people. */
void tm_ago(struct buf *b, int64_t t, int64_t now);
/*
 * tm_parse(): what a person writes after --at.  Accepts
 *   2026-11-21  2026-11-21T07:29[:00][Z]  2026-11-21 07:29[:00]  @<seconds>
 *   "yesterday"  "<n> minutes|hours|days|weeks|months|years ago" (30-day months)
 * ${utc_offset} is the local zone's seconds east of UTC, used where the text
 * names no zone; a bare date means the end of that day (23:59:59).
 * 0 or HUB_EUSAGE if it is no time.
 */
int tm_parse(const char *s, int64_t now, int utc_offset, int64_t *ret);

#endif
