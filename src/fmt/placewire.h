/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * placewire.h - the operations of a place over a session: the heads of their
 * requests (hubprotocol-session(5), "Places").  One operation of struct place_ops
 * each, and a few about which vault.
 */
#ifndef FMT_PLACEWIRE_H
#define FMT_PLACEWIRE_H

#include "fmt/frame.h"

enum placewire_op {		/* head of the request -> of the answer */
	PLACEWIRE_SELECT = 16,	/* id, flags -> */
	PLACEWIRE_HUBS,		/* -> 32 bytes for each hub */
	PLACEWIRE_FORMAT_GET,	/* -> bytes */
	PLACEWIRE_FORMAT_PUT,	/* with a body -> */
	PLACEWIRE_STATE_NEWEST,	/* seq: a hint -> u64 */
	PLACEWIRE_STATE_GET,	/* seq -> bytes */
	PLACEWIRE_STATE_CREATE,	/* seq, with a body -> */
	PLACEWIRE_STATE_DELETE,	/* seq -> */
	PLACEWIRE_PACK_PUT,	/* id, flags (1: replace), with a body -> */
	PLACEWIRE_PACK_GET,	/* id, off, n -> u64: the pack's size; a body of
				   n bytes, or less at the pack's end */
	PLACEWIRE_PACK_STAT,	/* id -> u64 */
	PLACEWIRE_PACK_EACH,	/* -> a body: 32 bytes, u64 for each pack */
	PLACEWIRE_PACK_DELETE,	/* id -> */
	PLACEWIRE_SLOT_EACH,	/* -> 16 bytes for each slot */
	PLACEWIRE_SLOT_GET,	/* slot -> bytes */
	PLACEWIRE_SLOT_PUT,	/* slot, with a body -> */
	PLACEWIRE_SLOT_DELETE,	/* slot -> */
	PLACEWIRE_ASIDE,	/* what, seq, id -> */
	PLACEWIRE_FLUSH,	/* -> */
	PLACEWIRE_FREE_SPACE,	/* -> u64 */
	PLACEWIRE_SWEEP,	/* seq: age in seconds -> */
	PLACEWIRE_OVERVIEW,	/* -> a body: records of what a run begins with */
	PLACEWIRE_END		/* no operation */
};

enum placewire_select {
	PLACEWIRE_MAKE = 1,	/* make it where there is none */
	PLACEWIRE_SINGLE = 2,	/* ... also if only for one writer at a time */
};

/*
 * A record of an overview: what (1 byte), id (16), seq (8), length (4), bytes.
 *	0	the format file, if there is one
 *	2	the newest state: seq 0 and no bytes if there is none
 *	1	a key slot, by its id
 *	3	no bytes: these were all key slots
 */
#define PLACEWIRE_RECORD 29
#define PLACEWIRE_OVERVIEW_MAX (1u << 20)	/* bytes of all records */
enum placewire_record {
	PLACEWIRE_R_FORMAT, PLACEWIRE_R_SLOT, PLACEWIRE_R_STATE, PLACEWIRE_R_END
};
struct placewire_record_head {
	enum placewire_record what;
	uint8_t id[16];
	uint64_t seq;
	uint32_t n;
};
void placewire_record_encode(struct buf *b,
			     const struct placewire_record_head *h);
/* placewire_record_decode(): exactly PLACEWIRE_RECORD bytes.  HUB_ECORRUPT. */
int placewire_record_decode(const void *p, struct placewire_record_head *ret);

#define PLACEWIRE_GET_MAX (16u << 20)	/* bytes in one PACK_GET */

struct placewire {
	uint8_t id[32];		/* of a hub, a pack, a slot (16 and zeros) */
	uint64_t seq, off;
	uint32_t n;
	unsigned flags;		/* or what, of ASIDE */
};

/* placewire_encode(): appended; fields that the operation does not have are not
 * looked at. */
void placewire_encode(struct buf *b, int op, const struct placewire *w);
/* placewire_decode(): the others are zero.  HUB_ECORRUPT; HUB_EVERSION: no such
 * operation. */
int placewire_decode(int op, const void *p, size_t n, struct placewire *ret);

#endif
