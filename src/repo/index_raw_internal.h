/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_raw_internal.h - what the files of index_raw share.
 *
 * Invariants: at[] has the offset of every entry of the old file, whose paths
 * (then stages) ascend strictly and all lie inside the data; gone[] marks those
 * that the new file leaves out; edits hold what it has instead, found by path.
 */
#ifndef REPO_INDEX_RAW_INTERNAL_H
#define REPO_INDEX_RAW_INTERNAL_H

#include <string.h>

#include "base/map.h"
#include "base/rd.h"
#include "repo/index_raw.h"

#define HEAD 12			/* "DIRC", version, count */
#define FIXED 62		/* of an entry: before its path */
#define ENTRY_MIN 64
#define MTIME_AT 8
#define SIZE_AT 36
#define SUM 20
#define NAME_MASK 0x0fff
#define EXTENDED 0x4000
#define VALID 0x8000
#define SKIP 0x4000		/* of the extended flags */
#define INTENT 0x2000

struct index_raw_edit {
	char *path;		/* owned */
	size_t n;
	int removed;
	struct index_raw_entry en;
};

struct index_raw {
	struct buf data;
	uint32_t version, n;
	uint32_t *at;
	uint8_t *gone;
	struct index_raw_edit **edits;	/* owned, on the heap: by_path's */
	size_t edits_n, alloc;
	struct map by_path;
};

/* index_raw_parse(): x->data, into all but the edits.  0; HUB_ECORRUPT;
 * HUB_EVERSION; HUB_ENOMEM. */
int index_raw_parse(struct index_raw *x);
/* index_raw_sum(): the SHA-1 of ${p}.  0 or HUB_ENOMEM. */
int index_raw_sum(const void *p, size_t n, uint8_t out[SUM]);

static inline uint32_t index_raw_u32(const char *s)
{
	return rd_be32((const uint8_t *)s);
}

static inline unsigned index_raw_flags_at(const struct index_raw *x,
					  uint32_t at)
{
	const uint8_t *p = (const uint8_t *)x->data.p + at + FIXED - 2;

	return (unsigned)p[0] << 8 | p[1];
}

static inline int index_raw_stage_at(const struct index_raw *x, uint32_t at)
{
	return (int)(index_raw_flags_at(x, at) >> 12 & 3);
}

static inline const char *index_raw_path_at(const struct index_raw *x,
					    uint32_t at)
{
	return x->data.p + at + FIXED +
		(index_raw_flags_at(x, at) & EXTENDED ? 2 : 0);
}

/* Bytes of an entry whose path ends at ${end}: 1 to 8 NULs fill it up. */
static inline size_t index_raw_padded(size_t bytes)
{
	return (bytes + 8) & ~(size_t)7;
}

static inline int index_raw_cmp_at(const struct index_raw *x, uint32_t i,
				   const char *path, size_t n)
{
	const char *p = index_raw_path_at(x, x->at[i]);

	return mem_cmp(p, strlen(p), path, n);
}

#endif
