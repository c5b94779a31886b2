/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * released.h - contents that a person let go (hub prune, hub forget), as the ref
 * refs/vibehub/released records them (hubformat-released(5)).
 */
#ifndef SYNC_RELEASED_H
#define SYNC_RELEASED_H

#include "crypt/sign.h"
#include "fmt/pointer.h"
#include "fmt/releasedfile.h"
#include "sync/hub.h"

#define RELEASED_REF "refs/vibehub/released"

struct released;

/*
 * released_read(): the record in the commit ${at} of hub ${id}.  It must be signed
 * by an owner or admin; ${identity} NULL: of any hub (for messages only).
 * HUB_ECORRUPT, HUB_EAUTH, HUB_EVERSION: it counts as none.  HUB_EABSENT: there
 * is no such commit.  Owned: released_free().
 */
int released_read(struct repo *r, const struct oid *at, const uint8_t id[32],
		  const uint8_t *identity, struct released **ret,
		  struct err *e);
/* released_hub(): what the hub's ref says now; *ret is NULL if it has none, or
 * none that counts: then ${why} (may be NULL) tells.  In the place of one by a
 * computer that was removed stands the one before it. */
int released_hub(struct hub *h, const uint8_t *identity, struct released **ret,
		 struct err *why, struct err *e);
void released_free(struct released *r);		/* NULL is fine */

const struct releasedfile *released_file(const struct released *r);
/* released_at(): the commit that it was read from. */
const struct oid *released_at(const struct released *r);

/*
 * released_settle(): find out which contents were taken back: named again by
 * commits of ${repo} that ${tips} reach and that are not old.  ${back} is told
 * of each once, may be NULL.  Cost: the commits since the record.
 */
int released_settle(struct released *r, struct repo *repo,
		    const struct oid *tips, size_t n,
		    int (*back)(void *arg, const struct pointer *ptr),
		    void *arg, struct err *e);
/* released_gone(): is this content released, as far as released_settle() was
 * asked?  Borrowed; NULL: no.  ${r} may be NULL. */
const struct releasedfile_content *
released_gone(const struct released *r, const uint8_t recipe[32]);

/* released_say(): "its content was pruned on 2026-11-21 by laptop (hub prune)". */
void released_say(struct buf *b, const struct released *r,
		  const struct releasedfile_content *c);

/* released_write(): a new record becomes the hub's, if the ref is still at ${was}
 * (zero: absent).  ${f} is completed and signed by ${key}.  HUB_ECONFLICT,
 * HUB_EBUSY: somebody else was faster. */
int released_write(struct hub *h, const struct oid *was,
		   struct releasedfile *f, const struct sign_secret *key,
		   struct err *e);

#endif
