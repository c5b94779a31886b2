/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone.h - make a workspace of a hub. */
#ifndef SYNC_CLONE_H
#define SYNC_CLONE_H

#include "fmt/vaultfile.h"
#include "store/slots.h"
#include "sync/join.h"

struct repo;

enum clone_result { CLONE_MADE, CLONE_ADOPTED, CLONE_WAS };

/*
 * clone_prepare(): everything but the first sync: the repository, the device
 * and its key, .git/vibehub/.  ${dir} NULL: named after the hub.  A missing or
 * empty folder becomes a new workspace, a plain git clone of the same hub is
 * adopted with all that is in it, a workspace of this hub stays what it is (an
 * interrupted clone goes on).  ${name}: the device's name, NULL: this
 * computer's.  ${j}: as the computer that redeemed an invitation, or NULL.
 * *root is the workspace's absolute path.
 * *ret_far: the session with a hub on another computer, for far_adopt(); else NULL.
 * HUB_EABSENT: no hub at ${url}; HUB_ECONFLICT: something else is in ${dir}.
 */
struct far;
int clone_prepare(const char *url, const char *dir, const char *name,
		  const struct join *j, struct buf *root,
		  enum clone_result *ret, struct far **ret_far, struct err *e);

/* A place that the passphrase opened. */
struct clone_place {
	struct buf root;		/* the place, as site_resolve() has it */
	struct place *place;
	struct vaultfile f;
	struct slots_opened open;	/* with the identity key */
};

/* clone_place_find(): the same without opening it; ->open stays empty.  ${r}: whose
 * configuration counts for ssh; may be NULL. */
int clone_place_find(const char *dir, struct repo *r, struct clone_place *ret,
		     struct err *e);

/* clone_place_open(): ${dir} is the folder or address of a place, or the vault in it.
 * HUB_EABSENT, HUB_EAUTH, HUB_EUSAGE as clone_from().  clone_place_close() it in
 * every case. */
int clone_place_open(const char *dir, const char *pass, size_t n,
		     struct clone_place *ret, struct err *e);
void clone_place_close(struct clone_place *c);

struct clone_from {
	const char *place;		/* folder given to `hub remote add` */
	const char *dir;		/* of the new workspace */
	const char *name;		/* of the device; NULL: this computer's */
	const char *pass;		/* passphrase, pass_n bytes */
	size_t pass_n;
};

/*
 * clone_from(): a workspace from a place alone, as clone_prepare().  It is
 * enrolled as an owner's computer, knows no hub, and has the place as its
 * remote "place".  HUB_EABSENT: no place there; HUB_EAUTH: wrong passphrase;
 * HUB_EUSAGE: copies of several hubs; HUB_ECONFLICT: ${dir} is not empty.
 */
int clone_from(const struct clone_from *o, struct buf *root, struct err *e);

#endif
