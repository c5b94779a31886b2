/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track.h - the content policy at work: which paths are large, and the edits of
 * .vibehub/policy that `hub track` makes (hubformat-policy(5)).
 */
#ifndef SYNC_TRACK_H
#define SYNC_TRACK_H

#include "base/buf.h"
#include "fmt/policy.h"

/* ---- deciding ---- */

struct track;

/* track_parse(): the policy of a tree, whose .vibehub/policy has these bytes;
 * ${p} NULL: there is none.  HUB_ECORRUPT (a line is none, with its number):
 * *ret is there all the same, with the defaults.  HUB_ENOMEM: it is not.  Owned:
 * track_free(). */
int track_parse(const void *p, size_t n, struct track **ret, struct err *e);
void track_free(struct track *t);	/* NULL is fine */
const struct policy *track_policy(const struct track *t);
/* track_rule(): which pattern decides about a path from the root, or about
 * the nearest folder above it. */
enum policy_rule track_rule(const struct track *t, const char *path, size_t n);
/*
 * track_large(): 1: the file belongs into the vault; 0: into a git blob.
 * ${head}: its first POLICY_HEAD bytes, or all.  ${was_large}: the path is a
 * pointer in the tree before.  Pure.
 */
int track_large(const struct track *t, const char *path, size_t path_n,
		const void *head, size_t head_n, uint64_t size, int was_large);
/* track_small_enough(): can no content of at most ${size} bytes be large here, but
 * by looking like a pointer?  For a scan that has not opened the file. */
int track_small_enough(const struct track *t, const char *path, size_t path_n,
		       uint64_t size);

/* ---- editing ---- */

/* track_read(): the policy file of the workspace at ${root}, in place of what
 * ${ret} held; empty if there is none.  HUB_ELIMIT over POLICY_MAX. */
int track_read(const char *root, struct buf *ret, struct err *e);
/* track_write(): replace it.  .vibehub/ is made; symlinks are not followed. */
int track_write(const char *root, const struct buf *text, struct err *e);
/*
 * Edits of the text; comments and order stay.  1: something changed; 0: it says
 * so already; HUB_EUSAGE: no pattern, no size.
 *
 * track_add(): the pattern is "large" or "small" from now on: an older line
 * with it goes, a new one is put at the end, where it wins.
 * track_remove(): lines with this pattern go.
 * track_limit(): "binary-over" or "text-over"; 0: the default again.
 */
int track_add(struct buf *text, const char *word, const char *pattern,
	      struct err *e);
int track_remove(struct buf *text, const char *pattern, struct err *e);
int track_limit(struct buf *text, const char *word, uint64_t size,
		struct err *e);

#endif
