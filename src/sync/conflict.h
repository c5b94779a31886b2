/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conflict.h - the name under which the version that loses a path is kept:
 *
 *   <stem> (conflict <device> <YYYY-MM-DD HHMM> UTC <7 hex>)<ext>
 *
 * device: registered name; date: author time of the last commit that touched
 * that version; hex: BLAKE2b-256 of the raw bytes.  The stem is cut at a
 * character boundary so that the whole has at most 255 bytes; an existing
 * suffix is replaced, not nested.  The same on every computer.
 */
#ifndef SYNC_CONFLICT_H
#define SYNC_CONFLICT_H

#include "base/buf.h"

/* conflict_name(): append the path of the copy of ${path} to ${ret}; attempt
 * > 0 lengthens the hex by 4 digits each (another file has the name). */
int conflict_name(const char *path, size_t n, const char *device,
		  int64_t time, const void *content, size_t content_n,
		  int attempt, struct buf *ret);

/* conflict_name_of(): the same for content whose BLAKE2b-256 is known. */
int conflict_name_of(const char *path, size_t n, const char *device,
		     int64_t time, const uint8_t hash[32], int attempt,
		     struct buf *ret);

/* conflict_is_copy(): is ${path} such a name?  *orig (may be NULL) becomes the
 * path of the file it is a version of. */
int conflict_is_copy(const char *path, size_t n, struct buf *orig);

/* conflict_parse(): the same, and what the name says: the device (cut at 32
 * bytes) and the time, 0 if it is none. */
struct conflict_who { char device[33]; int64_t time; };
int conflict_parse(const char *path, size_t n, struct buf *orig,
		   struct conflict_who *who);

/* conflict_rename(): append to ${ret} the path that the copy ${path} gets when
 * both versions are to stay: "<stem> (<device> <YYYY-MM-DD HHMM>)<ext>";
 * attempt > 0 adds a number.  HUB_EUSAGE if it is no copy. */
int conflict_rename(const char *path, size_t n, int attempt, struct buf *ret);

#endif
