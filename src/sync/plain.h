/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain.h - a place that holds a sealed copy of a hub as a remote of plain git:
 * what git-remote-hub does where there is no git on the other side.
 *
 * No workspace is needed: a git repository, or none at all to look at the refs.
 * What is remembered lies in its folder vibehub-remote/<id of the place>/ (without
 * a repository: in the user's folder): the newest state seen, so that a place
 * that goes back or forks is noticed; a cache of its index; the git segments that
 * were taken.  All but the first can be lost without harm.
 *
 * The key is that of a device of this hub: one of this user's, else the passphrase
 * opens the place and enrols a new one.
 *
 * Codes: as those of store/vault.h; HUB_EABSENT: no sealed copy there; HUB_EAUTH:
 * wrong passphrase; HUB_EDENIED.
 */
#ifndef SYNC_PLAIN_H
#define SYNC_PLAIN_H

#include "fmt/vaultrefs.h"
#include "repo/repo.h"

#define PLAIN_HIDDEN "refs/vibehub/"	/* hub's own: not for git */

enum plain_kind { PLAIN_GIT, PLAIN_PLACE };

struct plain_conf {
	const char *path;		/* of the place, or of its vault of one
					   hub; or its address (site.h) */
	const char *gitdir;		/* NULL: outside of any repository */
	/* pass(): the passphrase, when no device of this user has a key. */
	int (*pass)(void *arg, struct buf *ret, struct err *e);
	/* progress(): non-zero: stop. */
	int (*progress)(void *arg, const char *what, uint64_t done,
			uint64_t total);
	void *arg;
};

/*
 * plain_kind(): what is there: a git repository (a hub, too), which git can work
 * with itself; else it is taken for a place.  Another computer is asked once: that
 * it has git is remembered.
 */
int plain_kind(const struct plain_conf *conf, enum plain_kind *ret,
	       struct err *e);

struct plain;

/* plain_open(): ${conf} and what it names are borrowed until plain_close(). */
int plain_open(const struct plain_conf *conf, struct plain **ret,
	       struct err *e);
void plain_close(struct plain *p);		/* NULL is fine */

/* plain_refs(): its refs as of its newest state, those of PLAIN_HIDDEN too;
 * borrowed until the next fetch or push.  None: ->head is "". */
const struct vaultrefs *plain_refs(const struct plain *p);

/* plain_fetch(): all history that the place has is in the repository, and ${want}
 * with all that they name.  Refs are git's to move.  HUB_ECORRUPT. */
int plain_fetch(struct plain *p, const struct oid *want, size_t n,
		struct err *e);

/* plain_tags(): for a repository that fetched from here before: tags that are not
 * in it yet come, with all that is new.  Without the objects git would not know
 * what they are tags of, and not follow them. */
int plain_tags(struct plain *p, struct err *e);
/* plain_peeled(): what an annotated tag is of: 1; 0: it is none, or not here. */
int plain_peeled(struct plain *p, const struct oid *tag, struct oid *ret);

/* One ref that is to move. */
struct plain_move {
	const char *dst;	/* full name; borrowed */
	struct oid now;		/* zero: delete it */
	int force, leased;
	struct oid lease;	/* where it must stand; zero: nowhere */
	struct buf error;	/* why not, in git's words; empty: done.  The
				   caller releases it */
};
#define PLAIN_ATOMIC 1		/* all or none */
#define PLAIN_DRY_RUN 2		/* look, and write nothing */

/*
 * plain_push(): ascending by dst.  What was refused has its ->error then, and the
 * return is 0; after < 0 nothing moved, or for HUB_EIO and the like nobody knows.
 * A ref that moved since plain_refs() counts as moved by another: no force goes
 * over that.
 */
int plain_push(struct plain *p, struct plain_move *m, size_t n, unsigned flags,
	       struct err *e);

#endif
