/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vault_internal.h - what the files of the vault share. */
#ifndef STORE_VAULT_INTERNAL_H
#define STORE_VAULT_INTERNAL_H

#include "base/map.h"
#include "os/os_thread.h"
#include "store/catalog.h"
#include "store/packer.h"
#include "store/packread.h"
#include "store/slots.h"
#include "store/vault.h"

#define VAULT_CHECKPOINT 256u	/* every such state is a checkpoint */
#define VAULT_TAKE_BACK 86400u	/* a pack dropped longer ago is gone for writers */
#define VAULT_SILENCE (60 * 86400u)	/* a cache older than this is read anew */

/* What this computer remembers of a vault: its newest state so far. */
struct vault_mark {
	uint64_t seq;		/* 0: nothing */
	uint8_t hash[32];
	struct vaultstate_vec vector[VAULTSTATE_VECTOR_MAX];
	size_t vector_n;
};

/* A meta object that this process has just written. */
struct vault_fresh {
	struct vault_fresh *next;
	uint8_t name[32];
	struct buf bytes;
};

struct vault {
	struct vault_conf conf;
	char *cache;			/* owned copy of conf.cache */
	struct vaultfile file;
	uint64_t seq;
	uint8_t hash[32];		/* of the newest state's bytes */
	struct vaultstate *st;		/* it; all zero while seq is 0 */
	struct vault_mark *mark;
	struct catalog *catalog;
	struct packread *read;
	struct vault_fresh *fresh;
	unsigned lost;			/* segments that could not be read */
	uint64_t top;			/* with mend: the highest state that is or
					   was there, if not ->seq; else 0 */
	const struct map *skip;		/* packs that a rebuild leaves out */
	int cache_bad;			/* the cache was found damaged */
	struct slots_gone gone;		/* who was removed, as last asked */
	uint64_t refused;		/* the last state that was not believed
					   for it; 0 */
	uint64_t counter, counter_end;	/* reserved device sequence numbers */
	struct vault_put *put;		/* the one that is open */
};

/* ---- vault.c ---- */
/* vault_take(): the bytes of state ${seq}, the newest, become ours, if all of it
 * is right: 1; else a code, and nothing changed but the cache. */
int vault_take(struct vault *v, uint64_t seq, const struct buf *b,
	       struct err *e);

/* ---- vault_state.c ---- */
/* vault_state_open(): a state's bytes, opened and checked: box, signature,
 * certificates, role.  HUB_ECORRUPT, HUB_EAUTH, HUB_EVERSION. */
int vault_state_open(const struct vault *v, uint64_t seq, const void *p,
		     size_t n, struct vaultstate_head *head,
		     struct vaultstate *ret, struct err *e);
/* vault_state_seal(): the bytes of a state; signs with the signer. */
int vault_state_seal(const struct vault *v, struct vaultstate_head *head,
		     const struct vaultstate *s, struct buf *ret,
		     struct err *e);
/* vault_state_chain(): does the newest state ${seq}, whose head is ${head} and
 * whose bytes have ${hash}, continue what this computer has seen? */
int vault_state_chain(struct vault *v, uint64_t seq,
		      const struct vaultstate_head *head,
		      const uint8_t hash[32], const struct vaultstate *s,
		      struct err *e);

/* vault_repair_refresh(): vault_refresh() of a vault with conf.mend. */
int vault_repair_refresh(struct vault *v, struct err *e);

/* ---- vault_gone.c ---- */
/* vault_gone_check(): HUB_EREMOTE for the state ${seq} of a device that was
 * removed from the hub before this computer, or who removed it, had seen it. */
int vault_gone_check(struct vault *v, uint64_t seq, const uint8_t hash[32],
		     const struct vaultstate *s, struct err *e);

/* ---- vault_mark.c ---- */
/* vault_mark_load(): what there is; nothing if it is missing or damaged. */
int vault_mark_load(struct vault *v, struct err *e);
/* vault_mark_raise(): v->seq and v->hash are durably remembered. */
int vault_mark_raise(struct vault *v, struct err *e);
/* vault_mark_count(): a new device sequence number, durably used up. */
int vault_mark_count(struct vault *v, uint64_t *ret, struct err *e);

/* ---- vault_index.c ---- */
/* vault_index_load(): bring the catalog to v->st. */
int vault_index_load(struct vault *v, struct err *e);
/* vault_index_object(): a meta object by its name and pack, appended; fresh
 * ones from memory. */
int vault_index_object(struct vault *v, unsigned type, const uint8_t name[32],
		       const uint8_t pack[32], struct buf *ret, struct err *e);
/* vault_index_list(): the segments of the list of ${s}, oldest first.  Owned:
 * free(). */
int vault_index_list(struct vault *v, const struct vaultstate *s,
		     struct segment_ref **ret, size_t *ret_n, struct err *e);
int vault_index_fresh(struct vault *v, const uint8_t name[32], const void *p,
		      size_t n, struct err *e);
void vault_index_forget_fresh(struct vault *v);
/* vault_index_find(): as catalog_find(), the cache made anew if damaged. */
int vault_index_find(struct vault *v, const uint8_t name[32],
		     struct catalog_at *ret, struct err *e);

/* vault_index_drops(): all packs that are dropped now, and when; of those whose
 * drop is not forgotten.  Ascending by id; owned: free(). */
int vault_index_drops(struct vault *v, struct segment_drop **ret,
		      size_t *ret_n, struct err *e);

/* ---- vault_put.c ---- */

/* A meta object that was stored: where. */
struct vault_meta { uint8_t name[32], pack[32]; unsigned type; };

struct vault_put {
	struct vault *v;
	struct packer *packer;		/* of data */
	struct packer *metas;		/* of meta objects, during a commit */
	struct os_mutex *lock;		/* all below, v->st and the catalog */
	struct map pending;		/* names that are on their way */
	struct map relied;		/* packs that made something known */
	struct segment_pack *packs;	/* put, not named by a state yet */
	size_t packs_n, packs_alloc;
	struct segment_entry *entries;
	size_t entries_n, entries_alloc;
	struct segment_drop *drops;	/* during a commit */
	size_t drops_n;
	struct vault_meta *meta;	/* stored by this put */
	size_t meta_n, meta_alloc;
	struct vaultstate_obj base_refs;	/* that our refs come after */
	uint64_t bytes;			/* put since the last state */
	uint64_t since_ms;
	uint64_t until_ms;		/* lost races are repeated till then */
	struct vaultstate *base;	/* borrowed: whose index is built on,
					   instead of the newest state's; then a
					   lost race ends the commit */
};

/* vault_put_note(): a pack and its entries will be in the next state. */
int vault_put_note(struct vault_put *pt, const struct segment_pack *pack,
		   const struct pack_entry *entries, size_t n, struct err *e);
/* vault_put_look(): 1 if an object is there, or on its way: the next state relies
 * on its pack.  The lock is held. */
int vault_put_look(struct vault_put *pt, const uint8_t name[32], struct err *e);
/* vault_put_step(): a progress state of what was put before, if it is time. */
int vault_put_step(struct vault_put *pt, struct err *e);
/* vault_put_clear(): what was noted is in a state now. */
int vault_put_clear(struct vault_put *pt, struct err *e);

/* ---- vault_commit.c ---- */
/* vault_commit(): as vault_put_commit() says, for what was noted; the caller
 * holds the lock, or no batch is out. */
int vault_commit(struct vault_put *pt, const struct vault_change *c,
		 struct err *e);

/* vault_put_take(): the next state names a pack again, with all that is in it.
 * HUB_EABSENT: it is gone. */
int vault_put_take(struct vault_put *pt, const uint8_t pack[32],
		   struct err *e);
/* vault_commit_index(): the index of ${from} to ${s}. */
void vault_commit_index(struct vaultstate *s, const struct vaultstate *from);
/* vault_commit_count(): what was noted into the number of packs of data that the
 * index names, and their bytes. */
void vault_commit_count(struct vault_put *pt, struct vaultstate *s);

/* ---- vault_level.c ---- */
/*
 * vault_level(): the index of ${s} becomes its present one and what was noted.
 * New segments are put through vault_commit_store().
 */
int vault_level(struct vault_put *pt, struct vaultstate *s, struct err *e);
/* vault_commit_store(): add a meta object to the commit's packer, unless this
 * put has stored it already; it lies somewhere after vault_commit_flush(). */
int vault_commit_store(struct vault_put *pt, unsigned type, const void *p,
		       size_t n, uint8_t ret_name[32], struct err *e);
int vault_commit_flush(struct vault_put *pt, struct err *e);
/* vault_commit_where(): the pack that a stored object lies in. */
int vault_commit_where(const struct vault_put *pt, unsigned type,
		       const uint8_t name[32], uint8_t ret_pack[32]);

#endif
