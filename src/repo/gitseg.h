/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gitseg.h - git objects as one stream of bytes, for a place that has no git
 * repository: a git segment.
 *
 * A git segment (hubformat-gitsegment(5)) is a git pack of whole objects:
 * no deltas, and every zlib stream holds stored blocks only.  What stores it
 * compresses it, together with its neighbours.  Therefore objects that are
 * alike stand together: all versions of a file after each other, newest first,
 * and files in the order of their paths.  Blobs come first, then trees, commits
 * (oldest first) and tags.  `git index-pack` understands it.
 *
 * Memory: about 64 bytes an object, and one object.
 */
#ifndef REPO_GITSEG_H
#define REPO_GITSEG_H

#include "repo/repo.h"

#define GITSEG_BLOB_MAX (1u << 30)

/* A blob that passes by; < 0 ends the work with that code. */
typedef int (*gitseg_blob_fn)(void *arg, const void *p, size_t n);

struct gitseg_stats { uint64_t commits, objects, bytes; };

/* ---- making one ---- */
struct gitseg;

/*
 * gitseg_open(): everything reachable from ${tips}, but not from ${have}:
 * tips of refs that the reader has whole (those that ${r} does not know count
 * for nothing).  A missing object is HUB_ECORRUPT naming it.  Owned:
 * gitseg_close().
 */
int gitseg_open(struct repo *r, const struct oid *tips, size_t tips_n,
		const struct oid *have, size_t have_n, struct gitseg **ret,
		struct err *e);
/* gitseg_stats(): commits and objects in it, and bytes given out so far. */
void gitseg_stats(const struct gitseg *s, struct gitseg_stats *ret);
/* gitseg_size(): bytes of all objects in it, before they are read; what watches
 * sees its blobs. */
int gitseg_size(struct gitseg *s, uint64_t *ret, struct err *e);
/* gitseg_read(): the next ${n} bytes, fewer only at the end.  Every object is
 * verified against its name. */
int gitseg_read(struct gitseg *s, void *p, size_t n, size_t *got,
		struct err *e);
/* gitseg_watch(): ${fn} sees every blob of at most ${max} bytes. */
void gitseg_watch(struct gitseg *s, size_t max, gitseg_blob_fn fn, void *arg);
/* gitseg_strict(): gitseg_read() refuses trees that are not well formed, or hold
 * names that no computer may write (".git"): HUB_EDENIED. */
void gitseg_strict(struct gitseg *s);
void gitseg_close(struct gitseg *s);		/* NULL is fine */

/* ---- taking one in ---- */
struct gitseg_in;

int gitseg_in_open(struct repo *r, struct gitseg_in **ret, struct err *e);
void gitseg_in_watch(struct gitseg_in *s, size_t max, gitseg_blob_fn fn,
		     void *arg);
/* gitseg_in_trust(): call it first: whoever gives the bytes has compared them with
 * keyed hashes, so the checksum at the end, which costs as much as all names
 * of objects, is not computed.  Those of the objects are. */
void gitseg_in_trust(struct gitseg_in *s);
/* gitseg_in_add(): the next bytes, however they are cut.  HUB_ECORRUPT for what
 * is no git segment; HUB_ELIMIT for an object over its limit. */
int gitseg_in_add(struct gitseg_in *s, const void *p, size_t n,
		  struct err *e);
/* gitseg_in_end(): the stream is complete: its checksum is compared, then all
 * objects are in the repository, durable.  Frees ${s} in every case.  ${ret}
 * may be NULL. */
int gitseg_in_end(struct gitseg_in *s, struct gitseg_stats *ret,
		  struct err *e);
void gitseg_in_abort(struct gitseg_in *s);	/* NULL is fine */

#endif
