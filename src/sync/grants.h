/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grants.h - who may do what in a hub that is served: the records in the ref
 * refs/vibehub/meta (hubformat-grant(5)).
 */
#ifndef SYNC_GRANTS_H
#define SYNC_GRANTS_H

#include "fmt/grantfile.h"
#include "sync/hub.h"
#include "sync/keys.h"

#define GRANTS_REF "refs/vibehub/meta"

struct grants {
	struct grantfile *v;		/* owned: those that count */
	size_t n, alloc;
	size_t bad;			/* files that count for nothing */
	struct oid at;			/* the ref; zero: there is none */
};
#define GRANTS_INIT { NULL, 0, 0, 0, { { 0 } } }

/* grants_load(): all that the hub's ref names and that are valid, by ${identity}.
 * *ret is empty and to be released, also after a failure. */
int grants_load(struct hub *h, const uint8_t identity[32], struct grants *ret,
		struct err *e);
void grants_release(struct grants *g);

/* grants_find(): by id, or (4 characters and more) its begin, or by name; a
 * computer rather than an invitation.  NULL. */
const struct grantfile *grants_find(const struct grants *g, const char *what);
/* grants_redeemed(): the computer's grant that names this invitation; NULL. */
const struct grantfile *grants_redeemed(const struct grants *g,
					const char *invite);

/*
 * grants_put(): ${g} gets its hub, time, chain and signature by ${k}, and is the
 * hub's record of its id when this returns.  HUB_EDENIED: who signs may not give
 * that role.  grants_remove(): none of that id is left.  A race is run again;
 * HUB_EBUSY if it is lost all the time.
 */
int grants_put(struct hub *h, struct keys *k, struct grantfile *g,
	       struct err *e);
int grants_remove(struct hub *h, struct keys *k, const char *id,
		  struct err *e);

#endif
