/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packout.h - git objects as a stream of bytes, for a repository that is
 * reached over a session.
 *
 * The stream is a row of git packs, each cut into pieces:
 *
 *	{ u32 length > 0, bytes } ...  u32 0		one pack
 *
 * A pack of the repository that is wanted whole goes as it is; the rest is
 * written anew, like objects beside each other, as differences where that pays.
 * No pack needs anything that the stream before it, or what the receiver said
 * to have, does not hold.
 *
 * Memory: about 64 bytes an object of the set, and two objects.
 */
#ifndef REPO_PACKOUT_H
#define REPO_PACKOUT_H

#include "repo/repo.h"

struct packout_stats { uint64_t objects, bytes, packs; };

/* Where the bytes go; < 0 ends the work with that code. */
typedef int (*packout_fn)(void *arg, const void *p, size_t n, struct err *e);

/*
 * packout_write(): everything reachable from ${tips}, but not from ${have}
 * (those that ${r} does not know count for nothing).  Without any ${have} that
 * counts, all of the repository.  A missing object is HUB_ECORRUPT naming it.
 */
int packout_write(struct repo *r, const struct oid *tips, size_t tips_n,
		  const struct oid *have, size_t have_n, packout_fn fn,
		  void *arg, struct packout_stats *st, struct err *e);

#endif
