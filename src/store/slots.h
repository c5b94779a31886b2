/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots.h - the key slots of a vault: make, open, list, renew, remove.
 * hubformat-slot(5) is what they are made of, place.h where they lie.
 *
 * Whoever opens a slot gets the keyring.  Nothing that a place says is believed:
 * a slot counts only if its notes are sealed by a member and signed by a chain
 * that begins at the identity key in the keyring.
 *
 * Codes besides those of place.h: HUB_EAUTH (wrong passphrase or key, a slot
 * that nobody who may has made), HUB_ECORRUPT, HUB_EVERSION, HUB_ENOMEM.
 */
#ifndef STORE_SLOTS_H
#define STORE_SLOTS_H

#include "fmt/removal.h"
#include "store/place.h"

/* How many passphrase slots are tried, so that a place cannot keep us busy with
 * key derivations for ever. */
#define SLOTS_PASS_MAX 16

/* Who makes or renews a slot. */
struct slots_by {
	const struct sign_secret *key;
	const struct cert_chain *chain;	/* NULL or empty: it is the identity */
};

/* What opening gives. */
struct slots_opened {
	struct keyring *ring;		/* owned */
	struct sign_secret *identity;	/* owned; NULL for a device slot */
	uint8_t id[SLOT_ID];
	struct slot_notes notes;
};
#define SLOTS_OPENED_INIT { NULL, NULL, { 0 }, { .flags = 0 } }
void slots_opened_release(struct slots_opened *o);

/*
 * slots_put_passphrase(): a new slot for a passphrase of ${n} bytes, read back
 * and opened before this returns.  ${identity}: the hub's identity key, which
 * is sealed into it and signs it.  One key derivation.  ${ret_id} may be NULL.
 */
int slots_put_passphrase(struct place *p, const struct keyring *ring,
			 const struct sign_secret *identity, const char *pass,
			 size_t n, const char *label, uint64_t now,
			 uint8_t *ret_id, struct err *e);
/* slots_cheap(): from now on write the cheapest key derivation that is accepted,
 * for tests (VIBEHUB_TEST_KDF=min). */
void slots_cheap(int on);
/* slots_put_device(): the slot of the device of ${c}; its id is the device's
 * UUID.  One that is there is replaced. */
int slots_put_device(struct place *p, const struct keyring *ring,
		     const struct slots_by *by, const struct cert *c,
		     const char *label, uint64_t now, struct err *e);

/*
 * slots_open_passphrase(): the first passphrase slot of hub ${hub} that opens.
 * HUB_EABSENT: the place has no such slot; HUB_EAUTH: none opens: the passphrase
 * is wrong.  What a damaged slot or an unreadable one says is told only when no
 * other opens.
 */
int slots_open_passphrase(struct place *p, const uint8_t hub[32],
			  const char *pass, size_t n, struct slots_opened *ret,
			  struct err *e);
/* slots_open_device(): ${identity} NULL: first contact, any is believed. */
int slots_open_device(struct place *p, const uint8_t hub[32],
		      const uint8_t device[16], const uint8_t box_seed[BOX_SEED],
		      const uint8_t *identity, struct slots_opened *ret,
		      struct err *e);

/* One slot as a member sees it. */
struct slots_info {
	uint8_t id[SLOT_ID];
	int rc;			/* 0, or why it does not count (below: unset) */
	struct err why;
	enum slot_type type;
	uint32_t epoch;		/* older than the keyring's: to be renewed */
	int gone;		/* it was removed when .epoch was the newest */
	struct slot_notes notes;
};
/* slots_each(): every slot, in order of id; what was removed is none. */
int slots_each(struct place *p, const struct keyring *ring,
	       int (*fn)(void *arg, const struct slots_info *s, struct err *e),
	       void *arg, struct err *e);

/* ---- removed ones ---- */

struct slots_gone_one {
	uint8_t id[SLOT_ID];
	uint32_t epoch;			/* the newest when it was removed */
	struct removal_body body;
	uint8_t hash[32];		/* of the file */
	uint8_t file[REMOVAL_SIZE];
};
#define SLOTS_GONE_MAX 4096	/* in one set */
/* A set of removals; it only grows. */
struct slots_gone {
	struct slots_gone_one *at;
	size_t n, alloc;
	uint8_t *other;		/* files that could not be opened: REMOVAL_SIZE
				   each */
	size_t other_n;		/* of them */
};
#define SLOTS_GONE_INIT { NULL, 0, 0, NULL, 0 }
void slots_gone_release(struct slots_gone *g);
/* slots_gone_load(): add those at a place that count beside what ${g} has.
 * HUB_ELIMIT: the place has more than SLOTS_GONE_MAX. */
int slots_gone_load(struct slots_gone *g, struct place *p,
		    const struct keyring *ring, struct err *e);
/* slots_gone_encode(), slots_gone_decode(): the files, one behind the other, to
 * be remembered.  One that cannot be opened (it is damaged, or of an epoch that
 * this keyring does not know) does not count, and is not forgotten. */
void slots_gone_encode(struct buf *out, const struct slots_gone *g);
int slots_gone_decode(struct slots_gone *g, const struct keyring *ring,
		      const void *p, size_t n, struct err *e);
/* slots_gone_find(): borrowed; NULL: it was not removed.  slots_gone_chain():
 * the removal of any device that a chain leads through. */
const struct slots_gone_one *slots_gone_find(const struct slots_gone *g,
					     const uint8_t id[SLOT_ID]);
const struct slots_gone_one *slots_gone_chain(const struct slots_gone *g,
					      const struct cert_chain *c);

struct slots_removal {
	uint8_t id[SLOT_ID];		/* there need not be such a slot */
	enum slot_type type;
	const char *label;
	uint64_t now;
	const struct removal_pin *pins;	/* ascending by place */
	size_t pins_n;			/* up to REMOVAL_PINS_MAX */
};
/*
 * slots_remove(): a removal takes the slot's place, for good, and what the
 * removed one had removed is signed again.  One that is there already stays.
 * The caller has the lock of slots_rotate().
 */
int slots_remove(struct place *p, const struct keyring *ring,
		 const struct slots_by *by, const struct slots_removal *what,
		 struct err *e);
/*
 * slots_merge(): the slots of two places of one hub become the same: removals
 * first, from either; then those of ${hub}; then what ${place} alone has and
 * counts (computers that enrolled themselves there).  ${ring}: of a member.
 */
int slots_merge(struct place *hub, struct place *place,
		const struct keyring *ring, struct err *e);

/*
 * slots_rotate(): a new epoch for every slot that counts; ${own}: the caller's.
 * A slot that one who was removed has signed is given a key only by the rotation
 * that follows that removal.  At most one at a time: the caller has a lock.
 *
 * Order: the caller's slot, marked "rotating"; all others; the caller's without
 * the mark.  After a kill the mark is in the notes of the opened slot, and
 * slots_rotate_finish() goes on.  *ret: the new keyring, owned, also when only
 * a part of the slots was reached (then with an error).
 */
int slots_rotate(struct place *p, const struct keyring *ring,
		 const struct slots_by *by, const uint8_t own[SLOT_ID],
		 uint64_t now, struct keyring **ret, struct err *e);
int slots_rotate_finish(struct place *p, const struct keyring *ring,
			const struct slots_by *by, const uint8_t own[SLOT_ID],
			struct err *e);

#endif
