/* SPDX-License-Identifier: GPL-2.0-or-later */
/* farside_internal.h - for farside*.c, and for far*.c, which name the small files
 * of a hub by the same hash. */
#ifndef SYNC_FARSIDE_INTERNAL_H
#define SYNC_FARSIDE_INTERNAL_H

#include "sync/farside.h"

/* farside_check_new(): may a computer of this id and key get keys? */
int farside_check_new(struct farside *s, const char *uuid,
		      const uint8_t key[32], struct err *e);

/* farside_hash(): of a small file. */
void farside_hash(uint8_t out[HUBOPS_HASH], const void *p, size_t n);

/* farside_path(): where a small file lies below ${dir}, the hub or its cache. */
int farside_path(const char *dir, enum hubops_kind kind, const char *name,
		 struct buf *ret, struct err *e);

/* The small files of one kind, sorted by name; free with farside_free(). */
struct farside_names { char **v; size_t n, alloc; };
int farside_list(const char *dir, enum hubops_kind kind,
		 struct farside_names *ret, struct err *e);
void farside_free(struct farside_names *l);

/* farside_counts(): of what was found and looked at, in the order of the message. */
struct verify;
void farside_counts(struct verify *v, uint64_t *at[HUBOPS_COUNTS]);

#endif
