/* SPDX-License-Identifier: GPL-2.0-or-later */
/* large_internal.h - shared by large.c (open, close), large_put.c, large_get.c,
 * large_out.c and large_heal.c (the outbox). */
#ifndef SYNC_LARGE_INTERNAL_H
#define SYNC_LARGE_INTERNAL_H

#include "store/file.h"
#include "store/vault.h"
#include "sync/keys.h"
#include "sync/large.h"
#include "sync/places.h"

/* A vault that is opened when it is needed. */
struct large_side {
	int asked;			/* rc and why are set */
	int rc;
	struct err why;
	struct place *place;
	struct vault *v;
	struct vault_put *put;		/* NULL: nothing put since the commit */
	struct buf cache;
};

struct large {
	struct workspace *ws;
	struct keys *keys;		/* the hub's; NULL while it is away */
	struct slots_opened own;	/* by the slot that the outbox keeps */
	const struct keyring *ring;	/* of either; NULL: not opened yet */
	int away;			/* the hub did not answer: the outbox */
	int ring_rc;
	struct err ring_why;
	struct vault_signer signer;
	struct buf counter;
	struct os_lock *lock;		/* the workspace's, for the outbox of a
					   run that does not have it */
	struct large_side hub, out;
	struct places_source *places;	/* opened at first need */
};

/* large_of(): ws->large, made if need be; NULL when out of memory. */
struct large *large_of(struct workspace *ws);
/* large_keys(): the keyring, from the hub or, if that is away, as the outbox
 * keeps it.  0 or why there is none. */
int large_keys(struct large *l, struct err *e);
/* large_hub(): the hub's vault; HUB_EOFFLINE, ...  ${make}: one without a state
 * yet is fine, one that was never made is made. */
int large_hub(struct large *l, int make, struct err *e);
/* large_out(): the outbox; without ${make} HUB_EABSENT if there is none. */
int large_out(struct large *l, int make, struct err *e);
/* large_side_close(): forget it; what was not committed is given up. */
void large_side_close(struct large_side *s);

/* large_away(): is its hub out of reach?  By its path alone. */
int large_away(struct large *l);
/* large_out_room(): may ${size} bytes more wait here?  0 or HUB_ELIMIT. */
int large_out_room(struct large *l, uint64_t size, struct err *e);
/* large_out_path(): <gitdir>/vibehub/outbox${tail}. */
int large_out_path(struct large *l, const char *tail, struct buf *ret,
		   struct err *e);
/* large_out_waits(): is there anything, or was there?  Opens no keys. */
int large_out_waits(struct large *l);
/* large_out_lock(): two runs do not empty and fill the outbox at once. */
int large_out_lock(struct large *l, struct err *e);

/* ---- large_heal.c ---- */
/* large_heal_look(): is the outbox as it was left?  1: something in it is damaged
 * or missing, and ${why} says what; 0; or why it could not be found out. */
int large_heal_look(struct large *l, struct err *why, struct err *e);
/* large_heal_note(): ws->rep tells of it; ${what} was damaged. */
void large_heal_note(struct large *l, const char *what);
/* large_heal_states(): it cannot be opened: its states go aside, so that new ones
 * can be made.  Packs stay, and are sent. */
int large_heal_states(struct large *l, struct err *e);
/* large_heal_flag(): from now on, until large_sent(), content may be lost that
 * commits name.  large_heal_flagged(): 1, 0. */
int large_heal_flag(struct large *l, struct err *e);
int large_heal_flagged(struct large *l);

/* large_put_into(): store a file in one side. */
int large_put_into(struct large *l, struct large_side *s,
		   const struct large_file *f, struct pointer *ret,
		   struct err *e);
/* large_explain(): it could not be had, ${rc}: if it was let go ${e} says so. */
void large_explain(struct workspace *ws, const struct pointer *ptr, int rc,
		   struct err *e);
/* large_jobs(): worker threads. */
unsigned large_jobs(void);
/* large_step(): tell how far it is; HUB_ECANCEL. */
struct large_step { struct workspace *ws; const char *what; uint64_t total; };
int large_step(void *arg, uint64_t done, struct err *e);

#endif
