/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - a place that holds a vault: sealed packs, states and key slots, as
 * bytes under names.  Whatever holds them (a folder, a computer behind SSH, an
 * object store) implements struct place_ops; t/unit/lib-place.h is the suite
 * that every implementation must pass.
 *
 * A place knows no key and understands no content.  One place is used by one
 * thread at a time; several processes and computers may use the same place.
 *
 * Durability: what state_create(), format_put(), slot_put(), slot_delete() and
 * pack_delete() did survives a power failure once they have returned 0.  What
 * pack_put() did survives once a flush() that was called after it has returned
 * 0.  Nothing ever shows half of an object under its name, whatever happens.
 *
 * Errors mean the same everywhere:
 *	HUB_EABSENT	the place answered, and it has no such thing
 *	HUB_ECONFLICT	it has one already (format_put, state_create)
 *	HUB_EOFFLINE	the place does not answer: not mounted, no connection
 *	HUB_EDENIED	it answers, and refuses
 *	HUB_ELIMIT	it is full, or the object is larger than it may be
 *	HUB_EIO		it could not be found out, or not be written
 *	HUB_ECORRUPT	there is something under this name that cannot be it
 * "Could not look" is never HUB_EABSENT, and after any failure of state_create()
 * but HUB_ECONFLICT the state may or may not be there: look before trying again.
 */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include "base/buf.h"

#define PLACE_PACK_ID 32	/* bytes of a pack's id */
#define PLACE_SLOT_ID 16	/* bytes of a slot's id */
#define PLACE_PACK_MAX (16u << 20)	/* bytes of a pack */
#define PLACE_STATE_MAX (64u << 10)	/* bytes of a state */
#define PLACE_SLOT_MAX (64u << 10)	/* bytes of a slot */
#define PLACE_FORMAT_MAX 4096u	/* bytes of the format file */

struct place;

/* Put over what lies there: for a pack that was found damaged. */
enum place_put { PLACE_NEW = 0, PLACE_REPLACE = 1 };

/* What can be put aside: a pack or a slot by its id, a state by its number. */
enum place_what { PLACE_FORMAT, PLACE_SLOT, PLACE_STATE, PLACE_PACK };

/* One name of a listing; < 0 ends it, and is what the listing returns. */
typedef int (*place_pack_fn)(void *arg, const uint8_t id[PLACE_PACK_ID],
			     uint64_t size, struct err *e);
typedef int (*place_slot_fn)(void *arg, const uint8_t id[PLACE_SLOT_ID],
			     struct err *e);

/* ${n} bytes of a pack, from ${off}. */
struct place_range {
	uint8_t id[PLACE_PACK_ID];
	uint64_t off;
	uint32_t n;
};

struct place_ops {
	void (*close)(struct place *p);

	/* The format file; format_put() only where there is none. */
	int (*format_get)(struct place *p, struct buf *ret, struct err *e);
	int (*format_put)(struct place *p, const void *bytes, size_t n,
			  struct err *e);

	/*
	 * state_newest(): the highest number of a state that is there, 0 if
	 * there is none.  ${hint}: a number that was there once, or 0; states
	 * are looked for from there on, and only if the hint is not there (any
	 * more) the place is listed.  A number below the hint says that the
	 * place went back: the caller judges.
	 */
	int (*state_newest)(struct place *p, uint64_t hint, uint64_t *ret,
			    struct err *e);
	/* state_get(): appended to ${ret}, at most PLACE_STATE_MAX bytes. */
	int (*state_get)(struct place *p, uint64_t seq, struct buf *ret,
			 struct err *e);
	/* state_create(): exclusive: of any number of callers with this number,
	 * one gets 0, for good. */
	int (*state_create)(struct place *p, uint64_t seq, const void *bytes,
			    size_t n, struct err *e);
	/* state_delete(): old ones, behind the horizon. */
	int (*state_delete)(struct place *p, uint64_t seq, struct err *e);

	/* pack_put(): a pack that is there already is not written again, unless
	 * with PLACE_REPLACE. */
	int (*pack_put)(struct place *p, const uint8_t id[PLACE_PACK_ID],
			const void *bytes, size_t n, enum place_put how,
			struct err *e);
	/* pack_get(): exactly ${n} bytes from ${off}; HUB_ECORRUPT if the pack
	 * ends before. */
	int (*pack_get)(struct place *p, const uint8_t id[PLACE_PACK_ID],
			uint64_t off, void *buf, size_t n, struct err *e);
	int (*pack_stat)(struct place *p, const uint8_t id[PLACE_PACK_ID],
			 uint64_t *ret_size, struct err *e);
	/* pack_each(): every pack, in any order; one that is put or deleted
	 * meanwhile may be among them or not. */
	int (*pack_each)(struct place *p, place_pack_fn fn, void *arg,
			 struct err *e);
	int (*pack_delete)(struct place *p, const uint8_t id[PLACE_PACK_ID],
			   struct err *e);

	/* Key slots; slot_put() replaces. */
	int (*slot_each)(struct place *p, place_slot_fn fn, void *arg,
			 struct err *e);
	int (*slot_get)(struct place *p, const uint8_t id[PLACE_SLOT_ID],
			struct buf *ret, struct err *e);
	int (*slot_put)(struct place *p, const uint8_t id[PLACE_SLOT_ID],
			const void *bytes, size_t n, struct err *e);
	int (*slot_delete)(struct place *p, const uint8_t id[PLACE_SLOT_ID],
			   struct err *e);

	/*
	 * aside(): what is damaged leaves its name and is kept, bytes and all,
	 * where nothing reads it.  Durable.  Of a state ${seq} an empty one
	 * stays, so that the numbers have no gap; also where there was none.
	 * HUB_EABSENT: there is nothing (never of a state).
	 */
	int (*aside)(struct place *p, enum place_what what, const uint8_t *id,
		     uint64_t seq, struct err *e);

	/* flush(): see "Durability". */
	int (*flush)(struct place *p, struct err *e);
	/* free_space(): bytes that may still be put; UINT64_MAX: unknown. */
	int (*free_space)(struct place *p, uint64_t *ret, struct err *e);
	/* sweep(): remove what interrupted puts left ${age_s} seconds ago or
	 * earlier. */
	int (*sweep)(struct place *p, int64_t age_s, struct err *e);

	/* pack_want(): these will be asked of pack_get() next, in this order: a
	 * hint, so that a place far away can send them without a question each.
	 * May be NULL. */
	void (*pack_want)(struct place *p, const struct place_range *v,
			  size_t n);
};

/* An implementation has this as its first member. */
struct place {
	const struct place_ops *ops;
	const char *name;	/* for messages; owned by the implementation */
};

/* place_close(): NULL is fine. */
void place_close(struct place *p);

#endif
