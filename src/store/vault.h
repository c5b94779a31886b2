/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault.h - a vault at a place: its chain of states, its index, reading and
 * adding objects (hubformat-vault(5)).
 *
 * A vault is opened once per run.  vault_open() reads the newest state and checks
 * it: the signature of a device of this hub, and that the chain leads back to
 * the state that this computer saw last.  The index is kept in a folder of this
 * computer (store/catalog.h), which may be removed at any time.
 *
 * Codes: HUB_EREMOTE: the place shows an older or another history than before;
 * HUB_ECORRUPT: what is there is damaged; HUB_EAUTH: made by somebody who is no
 * device of this hub, or sealed with keys that this device does not have;
 * HUB_EOFFLINE, HUB_EIO, HUB_EDENIED: it could not be found out.
 *
 * One thread uses a vault at a time.  Several processes may use the same place
 * and the same cache folder.
 */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "crypt/keyring.h"
#include "crypt/sign.h"
#include "fmt/vaultfile.h"
#include "fmt/vaultrefs.h"
#include "fmt/vaultstate.h"
#include "store/place.h"

struct map;			/* base/map.h */
struct packer;			/* store/packer.h */
struct file_store;		/* store/file.h */
struct file_want;

/* Who makes new states here.  All borrowed until vault_close(). */
struct vault_signer {
	uint8_t device[16];
	const struct sign_secret *key;
	const struct cert_chain *chain;	/* ends at this device */
	/* The file with this device's number of states tried, one for all its
	 * vaults; made if need be. */
	const char *counter;
};

struct vault_conf {
	struct place *place;		/* borrowed until vault_close() */
	const struct keyring *keys;	/* borrowed until vault_close() */
	const struct vault_signer *signer;	/* NULL: for reading only */
	struct place *members;		/* borrowed; whose key slots say who was
					   removed, besides those of .place; or
					   NULL */
	const char *cache;		/* folder of this vault's cache; made if
					   need be */
	unsigned jobs;			/* of the packer */
	uint64_t progress;		/* bytes between two progress states; 0:
					   1 GiB.  Less, and 1 minute for 10,
					   where a transfer may be cut off */
	int no_index;			/* to look: open also where parts of
					   the index cannot be read */
	int mend;			/* for vault_repair(): also where the
					   newest states are damaged or gone */
};

struct vault;

/* vault_init(): a new vault at an empty place: its format file, with a random
 * place id.  HUB_ECONFLICT if there is one.  It has no state until the first
 * commit. */
int vault_init(struct place *p, const uint8_t hub[32], int64_t now,
	       struct err *e);
/* vault_format(): the format file of a place, decoded. */
int vault_format(struct place *p, struct vaultfile *ret, struct err *e);

/* vault_open(): owned: vault_close().  HUB_EABSENT: no vault at this place. */
int vault_open(const struct vault_conf *conf, struct vault **ret,
	       struct err *e);
void vault_close(struct vault *v);	/* NULL is fine */
/* vault_refresh(): look whether there is a newer state; 1 if so, 0, or a code
 * (the vault stays as it was). */
int vault_refresh(struct vault *v, struct err *e);

/* vault_pin(): the newest state that a cache folder remembers, and of which
 * place.  HUB_EABSENT. */
struct removal_pin;
int vault_pin(const char *cache, struct removal_pin *ret, struct err *e);

const struct vaultfile *vault_file(const struct vault *v);
/* vault_seq(): number of the newest state known; 0: none yet. */
uint64_t vault_seq(const struct vault *v);
/* vault_state(): that state; borrowed until the next refresh or commit.  All
 * zero while there is none. */
const struct vaultstate *vault_state(const struct vault *v);
/* vault_hash(): H of its bytes; what tokens are made of. */
void vault_hash(const struct vault *v, uint8_t out[32]);
/* vault_refs(): its refs; HUB_EABSENT if it has none.  vaultrefs_release(). */
int vault_refs(struct vault *v, struct vaultrefs *ret, struct err *e);
/* vault_index_lost(): with no_index: how many segments could not be read. */
unsigned vault_index_lost(const struct vault *v);
struct place *vault_place(const struct vault *v);
const struct keyring *vault_keys(const struct vault *v);

/* ---- reading ---- */

struct vault_at {
	uint8_t pack[32];
	struct pack_entry at;
};

/* vault_find(): 1 and where an object lies, 0 if the vault has none of this
 * name, or a code. */
int vault_find(struct vault *v, const uint8_t name[32], struct vault_at *ret,
	       struct err *e);
/* vault_read(): the plain bytes of an object, appended.  What comes out has
 * this name, always.  HUB_EABSENT: not in the index; HUB_ECORRUPT: it, or its
 * pack, is damaged or missing. */
int vault_read(struct vault *v, const uint8_t name[32], unsigned type,
	       struct buf *ret, struct err *e);

/* vault_store(): the vault as the store that file_get() reads from; borrowed
 * from ${v}. */
void vault_store(struct vault *v, struct file_store *ret);

/* ---- adding ---- */

struct vault_put;

/*
 * vault_put_begin(): one at a time for a vault, with a signer.  Owned:
 * vault_put_end(), which gives up what was not committed: it stays at the place
 * as packs that no state names.
 */
int vault_put_begin(struct vault *v, struct vault_put **ret, struct err *e);
void vault_put_end(struct vault_put *pt);	/* NULL is fine */

/* vault_put_object(): store one object unless it is known; its name.  Call with
 * no batch of the packer out. */
int vault_put_object(struct vault_put *pt, unsigned type, const void *plain,
		     size_t n, uint8_t ret_name[32], struct err *e);
/* vault_put_has(): 1: the vault has it, or this put stored it; 0; or a code. */
int vault_put_has(struct vault_put *pt, const uint8_t name[32], struct err *e);
/*
 * vault_put_pack(): copy a whole pack of ${from}, another vault of the same hub,
 * as it is, if at least half of its bytes are of ${wanted} (names, 32 bytes) and
 * not here.  ${strict}: nor has it anything else that is not here.  1: all that
 * is in it is known now; 0: it is not worth it, or cannot be read.  Call with no
 * batch of the packer out.
 */
int vault_put_pack(struct vault_put *pt, struct vault *from,
		   const uint8_t pack[32], const struct map *wanted,
		   int strict, struct err *e);
/*
 * vault_put_packer(): the packer of this put, for many objects at once
 * (store/packer.h) and for file_put().  Borrowed; what it flushes is not named
 * before the next commit.  While a batch is out the vault and its place are the
 * packer's.
 *
 * Every 1 GiB, or 10 minutes, the packs put so far are named by a progress state
 * from within, so that an interrupted run need not put them again.
 */
struct packer *vault_put_packer(struct vault_put *pt);

struct vault_change {
	enum vaultstate_kind kind;	/* 0: VAULTSTATE_ORDINARY */
	const struct vaultrefs *refs;	/* NULL: they stay as they are */
	uint64_t change;		/* this device's change number, 0: as it
					   was; never goes down */
	const struct vaultstate_vec *join;	/* of another chain; or NULL */
	size_t join_n;
	const uint8_t (*drops)[32];	/* packs that are gone; or NULL */
	size_t drops_n;
};

/*
 * vault_put_commit(): make all that was put durable and create the state that
 * names it.  Lost races are repeated on the newer state.  After 0 the vault
 * stands at the new state, and the put may go on.
 *
 * HUB_ECONFLICT: another one moved the refs meanwhile (only with c->refs): the
 * vault stands at the newest state, what was put is still there; merge, and
 * commit again.
 * HUB_EABSENT: content that this put found to be known is gone: end it, and put
 * everything again.
 * HUB_EBUSY: the race was lost for 60 seconds.
 * HUB_EIO and the like after the create: whether the state exists is not known;
 * the next vault_refresh() tells.
 */
int vault_put_commit(struct vault_put *pt, const struct vault_change *c,
		     struct err *e);

/* ---- checking ---- */

enum vault_what { VAULT_STATE, VAULT_SEGMENT, VAULT_LIST, VAULT_REFS,
		  VAULT_PACK, VAULT_CHUNK };

struct vault_problem {
	enum vault_what what;
	uint64_t seq;		/* of a state */
	uint8_t id[32];		/* of a pack, else the name of the object */
	uint8_t pack[32];	/* of an object: where it lies */
	const struct err *why;
};

struct vault_report {
	uint64_t states, packs, objects, bytes;	/* looked at */
	uint64_t damaged;	/* problems found */
	uint64_t unnamed, unnamed_bytes;	/* packs in no index */
};

struct vault_check {
	int read_data;		/* read every byte of every pack */
	int pass_unread;	/* a pack that the disk does not give is a problem,
				   whose ->why is HUB_EIO, and no end */
	/* problem(), progress(): < 0 ends the check.  Either may be NULL. */
	int (*problem)(void *arg, const struct vault_problem *p, struct err *e);
	int (*progress)(void *arg, const struct vault_report *r, struct err *e);
	void *arg;
};

/* vault_check(): look at all states that can be read, and at all packs.  0 also
 * if there are problems; < 0 if it could not be found out. */
int vault_check(struct vault *v, const struct vault_check *c,
		struct vault_report *ret, struct err *e);

/* vault_rebuild(): an index built anew from the directories of all packs that
 * are not dropped, and a state that has it, everything else as in the newest
 * one.  Packs that cannot be read go through problem(). */
int vault_rebuild(struct vault *v, const struct vault_check *c,
		  struct vault_report *ret, struct err *e);

/* ---- mending (vault_repair.c) ---- */

/* vault_format_mend(): a place's format file is made again. */
int vault_format_mend(struct place *p, const uint8_t hub[32],
		      const uint8_t id[32], int64_t now, struct err *e);

struct vault_repair {
	int dry_run;		/* look, and count what could be mended */
	/* from(): one object from elsewhere, as struct file_store.read() of one
	 * want; NULL: there is nowhere else. */
	int (*from)(void *arg, struct file_want *w, struct err *e);
	/* problem(), progress(): as in struct vault_check. */
	int (*problem)(void *arg, const struct vault_problem *p, struct err *e);
	int (*progress)(void *arg, const struct vault_report *r, struct err *e);
	void *arg;
};

struct vault_repaired {
	uint64_t problems;	/* found */
	uint64_t states, packs;	/* put aside */
	uint64_t objects;	/* of damaged or missing packs, stored again */
	uint64_t lost;		/* of these, in no place that was asked */
	uint64_t unread;	/* packs that the disk does not give: they stay */
	int rebuilt;		/* the index was made anew */
};

/*
 * vault_repair(): what vault_check() finds is mended: ${v} was opened with
 * ->mend and a signer.  Objects of damaged packs are read, from these packs
 * where they are whole, else from elsewhere, and stored in new ones; a lost
 * index is built anew; all of that becomes the newest state, of kind
 * VAULTSTATE_CHECKPOINT, and only then the damaged files are put aside.  A run
 * that is killed leaves what the next one finishes.
 *
 * What nobody had is lost: its pack is not named any more, so that whoever has
 * the file stores it again.  Refs that cannot be read are the caller's to make
 * again.
 */
int vault_repair(struct vault *v, const struct vault_repair *how,
		 struct vault_repaired *ret, struct err *e);

#endif
