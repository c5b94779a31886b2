/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain_internal.h - shared by plain*.c. */
#ifndef SYNC_PLAIN_INTERNAL_H
#define SYNC_PLAIN_INTERNAL_H

#include "sync/clone.h"
#include "sync/device.h"
#include "sync/places_internal.h"
#include "sync/plain.h"

#define PLAIN_FOLDER "vibehub-remote/"

struct plain {
	struct plain_conf c;
	struct clone_place at;		/* its ->open: by whichever key */
	struct device dev;		/* ->vault NULL: for reading only */
	struct repo *repo;		/* NULL: none */
	struct buf cache;		/* folder of what is remembered */
	struct buf counter, name;
	struct vault_signer signer;
	struct vault *vault;
	struct vaultrefs refs;		/* as of plain_refs() */
	struct buf taken;		/* recipes, in hex, one a line */
};

/* plain_keys(): p->at is opened: p->at.open and p->dev are set. */
int plain_keys(struct plain *p, struct err *e);
/* plain_enrolled(): HUB_EDENIED, saying why, if p->dev has no key. */
int plain_enrolled(struct plain *p, struct err *e);

/* plain_work(): what git segments are handled with. */
void plain_work(struct plain *p, struct places_work *ret);

/* plain_taken(): are the objects of a git segment in the repository? */
int plain_taken(const struct plain *p, const struct vaultrefs_git *g);
/* plain_take_note(): those of ${v} for which ${is} is set are; no others. */
int plain_take_note(struct plain *p, const struct vaultrefs *v,
		    const uint8_t is[VAULTREFS_GIT_MAX], struct err *e);

/* plain_reread(): p->refs is as of the vault's newest known state. */
int plain_reread(struct plain *p, struct err *e);

/* ---- plain_rules.c ---- */
/* plain_rules(): which of ${m} may be done on the refs ${was}: each one's ->error.
 * ${seen}: as they were when the user was shown them. */
int plain_rules(struct plain *p, const struct vaultrefs *was,
		const struct vaultrefs *seen, struct plain_move *m, size_t n,
		struct err *e);
/* plain_rules_apply(): ${was} with those of ${m} that have no error.  Two names
 * that exclude each other ("a", "a/b") become an error: 1, and all is asked
 * again. */
int plain_rules_apply(const struct vaultrefs *was, struct plain_move *m,
		      size_t n, struct vaultrefs *ret, struct err *e);

#endif
