/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_internal.h - what the files of repo/ share among themselves: the
 * libgit2 handles behind a struct repo and the translation of its errors.
 * Only files of this room include it.
 */
#ifndef REPO_INTERNAL_H
#define REPO_INTERNAL_H

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <string.h>

#include "base/banned.h"
#include "base/map.h"
#include "repo/repo.h"

/*
 * gitdir is the workspace's own (index, HEAD); commondir holds refs, objects
 * and config, and differs only in a `git worktree`.  All end with '/'.
 */
struct repo {
	git_repository *g;	/* owned */
	git_odb *odb;		/* owned reference */
	git_config *cfg;	/* owned reference; NULL until first asked for */
	const char *gitdir, *commondir;	/* borrowed from g */
	const char *workdir;		/* borrowed; NULL if bare */
	struct map packs;		/* .idx paths found sound, see repo_look() */
	struct buf added;		/* folders of objects, each with its NUL */
	struct repo_packs *own;		/* see repo_pack_read() */
	unsigned reads;
	int index_left;			/* index.lock, ours, could not be removed */
};

/*
 * repo_fail(): the error of a libgit2 call that returned ${git_rc} < 0, as one
 * of ours: "<doing>: <libgit2's message>".  Returns the HUB_E* code.
 */
int repo_fail(struct err *e, int git_rc, const char *fmt, ...) ERR_PRINTF(3, 4);

/* repo_config_check(): was the repository's own configuration read? */
int repo_config_check(struct repo *r, struct err *e);

/* repo_config_share(): core.sharedRepository holds for what we make, too. */
int repo_config_share(struct repo *r, struct err *e);

/* repo_path(): ${base}${rest} as a new path in ${ret}; HUB_ENOMEM. */
int repo_path(struct buf *ret, const char *base, const char *rest,
	      struct err *e);

/*
 * repo_look(): libgit2 said "not found", but it says so too when it could not
 * look.  1: the object is there; 0: it is not, and that is a fact; or why we
 * cannot know: HUB_ECORRUPT, HUB_EDENIED, HUB_EIO, HUB_ELIMIT of a folder or
 * pack on the way, HUB_EOFFLINE if a folder of objects is gone, HUB_EBUSY.
 * Each pack's index is read whole once per handle.
 */
int repo_look(struct repo *r, const struct oid *id, struct err *e);

/* repo_damage(): 0 if everything where objects may lie can be read. */
int repo_damage(struct repo *r, struct err *e);

/* repo_damage_pack(): is the .idx sound, and the .pack beside it its own?
 * HUB_EABSENT: removed meanwhile. */
int repo_damage_pack(const char *idx, struct err *e);

/* repo_mkdirs(): os_mkdirs() of a folder in ${r}, unless the repository went
 * away (unmounted): HUB_EOFFLINE, and nothing is made in its place. */
int repo_mkdirs(struct repo *r, const char *path, struct err *e);

/*
 * repo_pack_read(): an object out of a pack, verified against its name, once
 * this handle has read REPO_PACK_AFTER others: 1.  0: read it another way; then
 * ${ret} holds anything.  repo_pack_drop(): packs may have come or gone.
 */
#define REPO_PACK_AFTER 64
#define REPO_PACK_MAX 64
#define REPO_PACK_OBJECT (1u << 30)
struct repo_packs;
int repo_pack_read(struct repo *r, const struct oid *id, enum obj_type *type,
		   uint64_t max, struct buf *ret);
void repo_pack_drop(struct repo *r);
/* repo_pack_name(): as repo_hash(), of a content that was named before, without
 * looking for collisions.  ${sum} is empty, and is so again. */
struct sha1;
void repo_pack_name(struct sha1 *sum, enum obj_type type, const void *p,
		    size_t n, struct oid *ret);

/* repo_freshen(): 1 if ${r} has the object; its file's time is set to now, so
 * that a running `git gc` spares it (git does the same).  0 if it is not there
 * or may be unknown yet (no second look). */
int repo_freshen(struct repo *r, const struct oid *id);

/* repo_type_name(): "commit", "tree", ...; "unknown". */
const char *repo_type_name(enum obj_type t);

static inline void repo_to_git(git_oid *d, const struct oid *s)
{
	memcpy(d->id, s->h, OID_SIZE);
}

static inline void repo_from_git(struct oid *d, const git_oid *s)
{
	memcpy(d->h, s->id, OID_SIZE);
}

#endif
