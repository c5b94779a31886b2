/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mend.h - damaged files among a repository's objects: which, and what is still
 * whole in them. */
#ifndef REPO_MEND_H
#define REPO_MEND_H

#include "repo/repo.h"

enum mend_what {
	MEND_LOOSE,	/* a loose object */
	MEND_PACK,	/* a .pack: not what its checksum says, or gone */
	MEND_IDX,	/* an .idx of a .pack that is whole: damaged, or gone */
};

/* mend_each(): every file in ${objects} that cannot be right; all of them are
 * read.  ${path} of MEND_PACK and MEND_IDX is without ".pack", ".idx".  < 0 ends
 * it, and is what could not be found out. */
typedef int (*mend_fn)(void *arg, enum mend_what what, const char *path,
		       struct err *e);
int mend_each(const char *objects, mend_fn fn, void *arg, struct err *e);

/*
 * mend_salvage(): the objects that the index ${idx} names, as far as ${from} can
 * read them, into a new pack of the empty repository ${scratch}; *ret: how many.
 * *name: "pack-<...>", or "" if none.  HUB_ECORRUPT: the index cannot be read.
 */
int mend_salvage(struct repo *from, const char *idx, struct repo *scratch,
		 uint64_t *ret, char name[64], struct err *e);

/* mend_copy(): a damaged pack and its index as ${to}.pack and ${to}.idx, head and
 * trailer of the pack as the index wants them.  HUB_EABSENT, HUB_ECORRUPT: there
 * is nothing to be had of it. */
int mend_copy(const char *stem, const char *to, struct err *e);

#endif
