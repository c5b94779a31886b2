/* SPDX-License-Identifier: GPL-2.0-or-later */
/* served_internal.h - what the files of a served place share. */
#ifndef REMOTE_SERVED_INTERNAL_H
#define REMOTE_SERVED_INTERNAL_H

#include "fmt/placewire.h"
#include "remote/served.h"

#define SERVED_FLIGHT 64u		/* packs whose answer is awaited */
#define SERVED_LIST_MAX (1u << 30)	/* bytes of a listing of packs */
#define SERVED_WANTS 128u		/* ranges that were announced */
#define SERVED_WANTS_MAX (4u << 20)	/* bytes of them under way */
#define SERVED_PIECES 4
#define SERVED_AHEAD_MIN (64u << 10)	/* read at once, of a pack */
#define SERVED_AHEAD_MAX (2u << 20)

/* A piece of one pack, read beyond what was asked for. */
struct served_piece {
	uint8_t id[PLACE_PACK_ID];
	uint8_t *p;
	uint64_t off;
	size_t n, alloc;	/* n 0: nothing is in it */
	size_t step;		/* how much to read at once next time */
	unsigned used;		/* the oldest goes first */
};

/* What came at once, served_overview.c. */
struct served_overview {
	int fresh;
	uint64_t when;
	struct buf format, state;
	struct buf slots;	/* records, with their heads */
	int slots_all;
	uint64_t seq;
	int seq_known;		/* and not yet told */
};

/* Ranges that were announced: [taken .. asked) are under way, served_want.c. */
struct served_wants {
	struct place_range v[SERVED_WANTS];
	size_t n, asked, taken;
	size_t bytes;		/* under way */
};

struct served {
	struct place place;	/* first */
	char *name;
	struct session *s;
	unsigned puts;		/* packs whose answer is awaited */
	struct err why;		/* the first of them that failed */
	struct served_overview over;
	struct served_wants want;
	struct served_piece piece[SERVED_PIECES];
	unsigned tick;
	void (*done)(void *arg);
	void *done_arg;
};

struct served *served_of(struct place *p);
/* served_send(): a request, ${body} NULL: without one. */
int served_send(struct served *s, int op, const struct placewire *w,
		const void *body, size_t n, struct err *e);
/* served_settle(): take the answers to packs, until ${left} are awaited, and
 * those that are there.  Only a broken session fails. */
int served_settle(struct served *s, unsigned left, struct err *e);
/* served_failed(): the code of the first pack that failed, once; 0. */
int served_failed(struct served *s, struct err *e);
/* served_forget(): what was read ahead.  served_release(): its memory. */
void served_forget(struct served *s);
void served_release(struct served *s);

/* served_overview_*(): 1 if it is remembered, and appended or stored. */
int served_overview_format(struct served *s, struct buf *ret);
int served_overview_newest(struct served *s, uint64_t hint, uint64_t *ret);
int served_overview_state(struct served *s, uint64_t seq, struct buf *ret);
int served_overview_slots(struct served *s, place_slot_fn fn, void *arg,
			  int *ret_rc, struct err *e);
int served_overview_slot(struct served *s, const uint8_t id[PLACE_SLOT_ID],
			 struct buf *ret);
void served_overview_drop(struct served *s);
void served_overview_release(struct served *s);

/* served_want(): announced ranges are asked for as far as there is room. */
void served_want(struct place *p, const struct place_range *v, size_t n);
/* served_want_get(): 1 if the next of them is this one: *ret_rc. */
int served_want_get(struct served *s, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, int *ret_rc,
		    struct err *e);
/* served_want_drop(): what is under way is not wanted any more. */
int served_want_drop(struct served *s, struct err *e);
/* served_piece_answer(): the answer to PACK_GET, ${least} to ${n} bytes. */
int served_piece_answer(struct served *s, uint64_t off, void *to, size_t least,
			size_t n, size_t *got, struct err *e);

int served_pack_put(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    const void *bytes, size_t n, enum place_put how,
		    struct err *e);
int served_pack_get(struct place *p, const uint8_t id[PLACE_PACK_ID],
		    uint64_t off, void *buf, size_t n, struct err *e);

#endif
