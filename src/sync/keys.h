/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - the keys of a hub that is reached by path: made by `hub init` (or
 * later by `hub key init`), taken by every workspace, changed by `hub key`.
 *
 * In the hub: vibehub/vault/keys/ (the slots) and vibehub/key, the key file of
 * the hub's own device "hub".  Who can read the hub's folder can read all of its
 * history anyway, so that key opens the vault and enrols computers without a
 * passphrase.  It never leaves the hub.
 */
#ifndef SYNC_KEYS_H
#define SYNC_KEYS_H

#include "store/slots.h"
#include "store/vault.h"
#include "sync/device.h"
#include "sync/hub.h"

#define KEYS_HUB_NAME "hub"		/* label of its slot */
#define KEYS_PASS_LABEL "passphrase"	/* of the first one */

/* Open keys: they stay in locked memory until keys_close(). */
struct keys {
	struct buf dir;			/* of the hub */
	struct place *place;		/* its vault */
	struct slots_opened open;	/* keyring, and by which slot */
	struct device dev;		/* as whom we act; .secret NULL: as the
					   identity, which the passphrase gave */
};

/*
 * keys_make(): keyring, identity, the slots of the passphrase and of the hub,
 * the hub's key file.  HUB_ECONFLICT if there are keys, or something was sealed
 * with keys that are lost; leftovers of an attempt that was killed are replaced.
 */
int keys_make(const char *hub_dir, const uint8_t hub[32], const char *pass,
	      size_t n, struct err *e);
/* keys_exist(): is the hub's key file there?  1, 0, or a code. */
int keys_exist(const char *hub_dir, struct err *e);
/* keys_used(): were its keys ever in use: does its vault have a slot of a device
 * besides the hub's, a state or a pack?  1, 0, or a code. */
int keys_used(const char *hub_dir, struct err *e);
/* keys_restore(): make the hub's own device and key file again; ${k} is from
 * keys_open_passphrase(). */
int keys_restore(struct keys *k, struct err *e);

/*
 * keys_open(): by the slot of ${d} if it has one, else by the hub's own key;
 * then ${d}, unless NULL, is enrolled: it gets a slot, its key file is written,
 * and we act as it.  HUB_EABSENT: this hub has no keys yet; HUB_EDENIED: this user may not
 * read the hub's key.
 */
int keys_open(const char *hub_dir, const uint8_t hub[32], struct device *d,
	      struct keys **ret, struct err *e);
/* keys_open_passphrase(): also gives the identity key, which makes passphrase
 * slots.  HUB_EAUTH: wrong passphrase. */
int keys_open_passphrase(const char *hub_dir, const uint8_t hub[32],
			 const char *pass, size_t n, struct keys **ret,
			 struct err *e);
void keys_close(struct keys *k);	/* NULL is fine */

/* ---- over a session (keys_far.c) ---- */
struct far;
/*
 * keys_open_hub(), keys_open_far(): as keys_open().  Over a session ${d} must not
 * be NULL; if it has no slot yet the hub makes it one, by its own key.
 */
int keys_open_hub(struct hub *h, struct device *d, struct keys **ret,
		  struct err *e);
int keys_open_far(struct far *f, const uint8_t hub[32], struct device *d,
		  struct keys **ret, struct err *e);
/* keys_open_ws(): of the hub of ${ws}, whichever way it is reached; by a passphrase
 * (${pass} not NULL) or as keys_open_hub(). */
struct workspace;
int keys_open_ws(struct workspace *ws, const char *pass, size_t n,
		 struct keys **ret, struct err *e);
/* keys_far_enrol(): what the hub ${hub_dir} does then: ${p} is the request
 * (fmt/hubops.h), ${ret} its answer.  HUB_EABSENT, HUB_EDENIED as keys_open(). */
int keys_far_enrol(const char *hub_dir, const uint8_t hub[32],
		   enum cert_role role, const void *p, size_t n,
		   struct buf *ret, struct err *e);
/* keys_redeem_far(): ${f} is reached by an invitation's key: ${d} gets its keys, as
 * if it had asked for them, and ${ssh} lets it in from now on. */
int keys_redeem_far(struct far *f, const uint8_t hub[32], struct device *d,
		    const uint8_t ssh[32], struct err *e);

/* keys_signer(): as whom the vault's states are signed; borrowed from ${k}.  The
 * counter file is the caller's to name.  BUG() without a device. */
void keys_signer(const struct keys *k, struct vault_signer *ret);
/* keys_enrol(): make the slot of ${d} and complete its key file. */
int keys_enrol(struct keys *k, struct device *d, struct err *e);
/*
 * keys_enrol_new(): for a new workspace: as keys_open() with ${d}; a hub without
 * keys, one whose key this user may not read, or that cannot be written is no
 * failure: the workspace works without, and is enrolled later.
 */
int keys_enrol_new(const char *hub_dir, const uint8_t hub[32],
		   struct device *d, struct err *e);

/* keys_add(): a passphrase slot; ${k} is from keys_open_passphrase(). */
int keys_add(struct keys *k, const char *pass, size_t n, const char *label,
	     uint8_t ret_id[SLOT_ID], struct err *e);
/* The newest states that are believed, one for each place; ascending. */
struct keys_pins { struct removal_pin at[REMOVAL_PINS_MAX]; size_t n; };
/* keys_remove(): ${s} as keys_find() gave it; ${pins} may be NULL.  HUB_EGUARD
 * for the last passphrase slot that counts and for the hub's own. */
int keys_remove(struct keys *k, const struct slots_info *s,
		const struct keys_pins *pins, struct err *e);
/* keys_rotate(): a new epoch; one that was interrupted is completed first.
 * HUB_EBUSY if another run does it now. */
int keys_rotate(struct keys *k, struct err *e);
/* keys_rotate_finish(): only what an interrupted one has left to do. */
int keys_rotate_finish(struct keys *k, struct err *e);
/* keys_rotate_left(): the same for a run that came for something else: a failure
 * is the next one's.  The keyring of ${k} may be another one then. */
void keys_rotate_left(struct keys *k);
/* keys_find(): the slot that ${what} means: a label, 4 or more hex digits of an
 * id, or a UUID; else one that was removed (->gone).  HUB_EABSENT; HUB_EUSAGE if
 * it means several. */
int keys_find(struct keys *k, const char *what, struct slots_info *ret,
	      struct err *e);

#endif
