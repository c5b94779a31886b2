/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repair_internal.h - shared by repair*.c. */
#ifndef SYNC_REPAIR_INTERNAL_H
#define SYNC_REPAIR_INTERNAL_H

#include "base/map.h"
#include "store/file.h"
#include "store/slots.h"
#include "sync/collect.h"
#include "sync/places.h"
#include "sync/repair.h"

/* One repair on its way. */
struct repair_job {
	struct repair *r;
	const char *where;
	const char *path;		/* of the hub */
	struct workspace *ws;		/* or NULL */
	struct places_source *places;	/* opened at first need */
	int asked;
	struct vault *own;		/* more content: the hub's, of a place */
	uint64_t unread_n;		/* reads elsewhere that failed, */
	struct err unread;		/* and the first of them */
};

/* repair_act(): it was done (with dry_run: it would be). */
int repair_act(struct repair_job *j, struct err *e, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* repair_places(): the place number ${i} that answers; NULL. */
struct places_link *repair_places(struct repair_job *j, size_t i);
/* repair_from(): one object from wherever there is one; struct vault_repair.
 * HUB_EABSENT also if one of them could not be read: it is noted. */
int repair_from(void *job, struct file_want *w, struct err *e);
/* repair_unread(): a read failed: one disk that cannot be read ends no repair, as
 * others may have it, but it is told, as nobody knows what it has.  HUB_EABSENT;
 * ${rc} if that is about this run. */
int repair_unread(struct repair_job *j, int rc, const struct err *why,
		  struct err *e);
/* repair_tell_unread(): what was noted, as a finding that is left. */
int repair_tell_unread(struct repair_job *j, struct err *e);

/* repair_slots(): key slots at ${p} that do not count: put aside, and taken from
 * the places. */
int repair_slots(struct repair_job *j, struct place *p,
		 const struct keyring *ring, struct err *e);
/* repair_own_slot(): the slot of ${d} at ${p}, sealed again by itself. */
int repair_own_slot(struct repair_job *j, struct place *p,
		    const struct keyring *ring, const struct device *d,
		    struct err *e);
/* repair_may_go_on(): may it be mended, when ${rc} and ${why} came from opening it
 * only to look?  0, or HUB_EREMOTE: an alarm that nobody has ended. */
int repair_may_go_on(struct repair_job *j, int rc, const struct err *why,
		     struct err *e);
/* repair_vault(): vault_repair() of ${v}, its acts told. */
int repair_vault(struct repair_job *j, struct vault *v,
		 struct vault_repaired *ret, struct err *e);

/* repair_aside(): the damaged file ${path} goes to the folder ${dir}, by a name made
 * of what follows its first ${skip} bytes.  ${keep}: its old name stays, too.  0
 * also if it is gone. */
int repair_aside(struct repair_job *j, const char *dir, const char *path,
		 size_t skip, int keep, struct err *e);
/* repair_head(): HEAD in ${gitdir}, whose branches are in ${refs}; both end with
 * '/'.  1: it was mended (with dry_run: would be); 0: it is right, or nobody
 * knows what it was. */
int repair_head(struct repair_job *j, const char *gitdir, const char *refs,
		const char *aside, struct err *e);
/* repair_refs(): refs that are none; how many were (would be) mended.  What
 * nobody knows, or is not agreed on, stays as it is. */
struct repair_refs {
	const char *path;	/* of the repository */
	const char *dir;	/* where its refs are; ends with '/' */
	const char *aside;
	struct hub *hub;	/* it is this hub; NULL: a workspace */
	struct repo *other;	/* the workspace of the hub, or the hub of the
				   workspace; NULL: none */
};
int repair_refs(struct repair_job *j, const struct repair_refs *how,
		struct err *e);
/* repair_content(): what a file of the hub's history needs and its vault lacks
 * comes from the places and the working files; what nobody has is told. */
int repair_content(struct repair_job *j, struct hub *h, struct vault *v,
		   struct err *e);
/* repair_git(): objects of the repository ${gitdir}, of which git fsck complains:
 * from ${from} (NULL: none), and from the places.  Damaged files go to the folder ${aside}. */
int repair_git(struct repair_job *j, const char *gitdir, const char *aside,
	       const char *from, struct err *e);

#endif
