/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * site.h - where a place is: the folder, or the address, that `hub remote add`
 * was given, and what kind of place is behind it.
 *
 *	/abs/path		a folder (remote/folder.h)
 *	ssh://host/path		a computer with hub (remote/served.h)
 *	sftp://host/path	a box without hub (remote/sftpplace.h)
 *
 * Below it lies <hub id>/, the vault.
 */
#ifndef SYNC_SITE_H
#define SYNC_SITE_H

#include "repo/repo.h"
#include "store/place.h"

/* site_is_url(): an address of another computer, not a path. */
int site_is_url(const char *site);
/* site_is_served(): hub is there: what it answers was authenticated, and its
 * folder may hold the vaults of several hubs. */
int site_is_served(const char *site);
/* site_resolve(): the one form of what a person typed: an absolute path without
 * '/' at its end, or an address.  HUB_EUSAGE. */
int site_resolve(const char *given, struct buf *ret, struct err *e);

/*
 * site_open(): the vault of ${hub} there.  ${r}: whose configuration counts for
 * ssh; may be NULL.  HUB_EABSENT: there is no such folder (a disk that is not
 * mounted has none); HUB_EOFFLINE, HUB_EDENIED, HUB_EAUTH: of an address.
 */
int site_open(const char *site, struct repo *r, const uint8_t hub[32],
	      struct place **ret, struct err *e);

/* What a place cannot do, and people should know. */
enum {
	SITE_NO_SYNC = 1,	/* nobody knows when bytes are on its disk */
	SITE_NO_SYNC_NAMES = 2,	/* the same of names */
	SITE_NO_REPLACE = 4,	/* a file is away while it is replaced */
	SITE_ONE_WRITER = 8,	/* two computers could lose a state */
};
/* site_create(): make the vault's folders, in a folder that is there, and open
 * it.  *ret_lacks: SITE_*; NULL: nothing is tried. */
int site_create(const char *site, struct repo *r, const uint8_t hub[32],
		unsigned *ret_lacks, struct place **ret, struct err *e);
/* site_lacks(): in words: what of ${lacks} a person should know, one line a
 * call; NULL: no more.  *pos is 0 at first. */
const char *site_lacks(unsigned lacks, unsigned *pos);

/* site_each(): every name in its folder; < 0 ends it.  HUB_EABSENT: there is no
 * such folder. */
typedef int (*site_fn)(void *arg, const char *name, struct err *e);
int site_each(const char *site, struct repo *r, site_fn fn, void *arg,
	      struct err *e);

#endif
