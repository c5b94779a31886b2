/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.h - index segments and the segment list (hubformat-segment(5)): where
 * each object of a vault lies.
 *
 * A segment is read where it lies: struct segment is a view of the bytes, which
 * must stay.  The index of a vault is the union of its segments in their order:
 * what the newer one says of a name or of a pack counts.  A pack that its newest
 * mention drops is gone, with all entries that point to it.
 *
 *	0	version u8 1, 3 zero
 *	4	packs u32, then each: id 32, class u8, kind u8, flags u16 0,
 *		first-named time u64; ascending by id
 *		drops u32, then each: id 32, time u64; ascending by id
 *		entries u32, then each: name 32, pack u32 (its place in the list
 *		above), offset u32, stored u32, plain u32, codec u8, type u8,
 *		2 zero; ascending by name
 * and the list:
 *	0	version u8 1, 3 zero, number u32, then each: name 32, pack 32,
 *		entries u32, bytes u32; oldest first
 */
#ifndef FMT_SEGMENT_H
#define FMT_SEGMENT_H

#include "fmt/pack.h"

#define SEGMENT_MAX (12u << 20)		/* bytes */
#define SEGMENT_EMPTY 16u		/* bytes of one that says nothing */
#define SEGMENT_PACK 44u
#define SEGMENT_DROP 40u
#define SEGMENT_ENTRY 52u
#define SEGMENT_LIST_MAX (16u << 20)
#define SEGMENT_REF 72u
#define SEGMENT_REFS_MAX 100000u	/* in a list */

struct segment {
	const uint8_t *packs, *drops, *entries;	/* borrowed */
	uint32_t packs_n, drops_n, entries_n;
};

struct segment_pack {
	uint8_t id[32];
	uint8_t klass;
	uint8_t kind;		/* enum pack_kind */
	uint64_t named;		/* when a state named it first, seconds */
};
struct segment_drop { uint8_t id[32]; uint64_t time; };
struct segment_entry {
	struct pack_entry at;
	uint32_t pack;		/* index into the packs */
};

/* Where a segment itself lies. */
struct segment_ref {
	uint8_t name[32], pack[32];
	uint32_t entries, bytes;
};

/* segment_open(): a view of ${n} bytes, all of it checked.  HUB_ECORRUPT,
 * HUB_EVERSION; the view is empty then. */
int segment_open(struct segment *ret, const void *p, size_t n, struct err *e);
void segment_pack(const struct segment *s, uint32_t i, struct segment_pack *ret);
void segment_drop(const struct segment *s, uint32_t i, struct segment_drop *ret);
void segment_entry(const struct segment *s, uint32_t i,
		   struct segment_entry *ret);
/* segment_find(), segment_find_pack(), segment_find_drop(): the index of a name
 * or id, -1 if it is not there. */
int64_t segment_find(const struct segment *s, const uint8_t name[32]);
int64_t segment_find_pack(const struct segment *s, const uint8_t id[32]);
int64_t segment_find_drop(const struct segment *s, const uint8_t id[32]);

/*
 * segment_encode(): sorts the arrays in place and appends the segment.  The
 * entries' ${pack} are indexes into ${packs} as given; of equal names the last
 * given counts, of equal pack ids the earliest time.  A pack that is both named
 * and dropped is named.
 * HUB_ELIMIT if it would be over SEGMENT_MAX, HUB_ENOMEM.
 */
int segment_encode(struct buf *out, struct segment_pack *packs, size_t packs_n,
		   struct segment_drop *drops, size_t drops_n,
		   struct segment_entry *entries, size_t entries_n,
		   struct err *e);
/*
 * segment_merge(): one that says what ${older} and ${newer} together say.
 * Drops made before ${forget} are left out: only where nothing older exists.
 * HUB_ELIMIT, HUB_ENOMEM.
 */
int segment_merge(struct buf *out, const struct segment *older,
		  const struct segment *newer, uint64_t forget, struct err *e);

/* A segment_ref in other formats. */
void segment_ref_add(struct buf *out, const struct segment_ref *r);
void segment_ref_get(struct segment_ref *ret, const uint8_t p[SEGMENT_REF]);

/* segment_list_encode(): BUG() over SEGMENT_REFS_MAX. */
void segment_list_encode(struct buf *out, const struct segment_ref *refs,
			 size_t n);
/* segment_list_decode(): owned array: free().  HUB_ECORRUPT, HUB_EVERSION,
 * HUB_ENOMEM. */
int segment_list_decode(struct segment_ref **ret, size_t *ret_n, const void *p,
			size_t n, struct err *e);

#endif
