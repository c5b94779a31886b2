/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places_internal.h - shared by places*.c. */
#ifndef SYNC_PLACES_INTERNAL_H
#define SYNC_PLACES_INTERNAL_H

#include "fmt/pointer.h"
#include "repo/gitseg.h"
#include "store/file.h"
#include "sync/places.h"

/* Recipes of git segments whose objects are here. */
#define SET_GITSEG "gitseg"

/* What git segments are read from and written with, besides a vault. */
struct places_work {
	struct vault *vault;
	const char *tmp;	/* folder for a file on the way; to merge */
	const char *what;	/* name for messages: "the place 'usb'" */
	int (*progress)(void *arg, const char *doing, uint64_t done,
			uint64_t total, struct err *e);	/* or NULL */
	void *arg;
};
/* places_work(): of an open place; ${tmp} gets that folder, made if need be, or is
 * NULL. */
int places_work(struct places_link *l, struct buf *tmp,
		struct places_work *ret, struct err *e);
struct places_pointers;	/* below */
/* places_take(): one git segment into ${r}; pointers in it join ${large} unless
 * NULL. */
int places_take(const struct places_work *w, struct repo *r,
		const struct vaultrefs_git *g, struct places_pointers *large,
		struct gitseg_stats *ret, struct err *e);

/* places_known(): remember that a git segment's objects are here. */
int places_known(struct workspace *ws, const uint8_t recipe[32],
		 struct err *e);
/* places_track(): refs/remotes/<name>/ follows. */
int places_track(struct places_link *l, const struct vaultrefs *v,
		 struct err *e);

/* places_merge_from(): the first of the place's git segments that the next one
 * is to be merged with; their number if with none. */
size_t places_merge_from(const struct vaultrefs *was);
/* places_merge(): ${n} segments and a new one as one, to the packer.  *bad: one
 * of the old ones cannot be read, and nothing was read of ${seg}.  ${ret} may be one
 * of ${old}. */
int places_merge(const struct places_work *w, const struct vaultrefs_git *old,
		 size_t n, struct gitseg *seg, struct packer *to,
		 struct vaultrefs_git *ret, int *bad, struct err *e);
/* places_put(): ${seg}, unless it is empty, becomes one of the segments of ${to};
 * with ${merge} it is merged with the newest of these when they are many.
 * Pointers in it join ${large}.  *bad: as above.  HUB_ELIMIT: no room. */
int places_put(const struct places_work *w, struct gitseg *seg, int merge,
	       struct places_pointers *large, struct vault_put *pt,
	       struct vaultrefs *to, int *bad, struct err *e);

/* Pointers that passed by. */
struct places_pointers { struct pointer *v; size_t n, alloc; };
/* places_pointer(): a gitseg_blob_fn; ${arg} is a struct places_pointers. */
int places_pointer(void *arg, const void *p, size_t n);
/* places_pointer_add(): one more; HUB_ENOMEM. */
int places_pointer_add(void *arg, const struct pointer *ptr);
/* Where content comes from: any object; and vaults whose packs may be copied as
 * they are.  ${strict}: no pack with what is not wanted. */
struct places_from {
	struct file_store store;
	struct vault *v[2];
	int n, strict;
	uint64_t *sent;		/* what was missing is added, in bytes; or NULL */
};
/* places_carry(): content to the vault whose put is open. */
int places_carry(struct workspace *ws, const struct places_from *from,
		 struct vault_put *put, const struct places_pointers *l,
		 struct err *e);
/* places_carry_to(): content to the place, from wherever this workspace has
 * it: the hub, the outbox.  ${strict}: as above. */
int places_carry_to(struct places_link *l, struct vault_put *put,
		    const struct places_pointers *p, int strict,
		    struct err *e);
/*
 * places_let_go(): what the refs ${v} say is released leaves ${l}; what was taken
 * back joins it.  ${r} has the objects.
 */
int places_let_go(struct repo *r, const struct vaultrefs *v,
		  const struct keyring *ring, struct places_pointers *l,
		  struct err *e);
/* places_keep_record(): the workspace remembers what the refs ${v} say is
 * released. */
int places_keep_record(struct repo *r, const struct vaultrefs *v,
		       struct err *e);
/* places_carry_back(): content from the place to the hub's vault, while the hub
 * is there; else nothing. */
int places_carry_back(struct places_link *l, const struct places_pointers *p,
		      struct err *e);

#endif
