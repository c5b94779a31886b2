/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pointed.h - which contents of large files does a history name, and where?
 *
 * Every commit is compared with its first parent: what it adds or changes is
 * looked at once, so that equal folders are never read again.
 *
 * A part of the history may be called old (pointed_old()).  A merge outside of
 * it whose first parent is old is compared with all of its parents
 * (hubformat-released(5), VALIDITY).
 */
#ifndef SYNC_POINTED_H
#define SYNC_POINTED_H

#include "fmt/pointer.h"
#include "repo/repo.h"

struct pointed;

struct pointed_at {
	const struct pointer *ptr;	/* NULL: a file that git holds itself */
	const struct oid *blob;
	const char *path;		/* borrowed, as all here */
	size_t n;
	int old;			/* by a commit that is old */
};
typedef int (*pointed_fn)(void *arg, const struct pointed_at *at,
			  struct err *e);

/* pointed_new(): ${r} is borrowed.  NULL: out of memory. */
struct pointed *pointed_new(struct repo *r);
void pointed_free(struct pointed *p);		/* NULL is fine */
/* pointed_all(): tell of the files that git holds itself, too. */
void pointed_all(struct pointed *p);
/* pointed_commits(): tell of every commit, before its files. */
typedef int (*pointed_commit_fn)(void *arg, const struct commit *c,
				 struct err *e);
void pointed_commits(struct pointed *p, pointed_commit_fn fn, void *arg);
/* pointed_pass(): pointed_run() goes on where a history cannot be read, and fails
 * in the end; ${e} must not be NULL then. */
void pointed_pass(struct pointed *p);
/* pointed_until(): pointed_run() ends with HUB_ELIMIT when os_mono_ms() is past
 * ${ms}; 0: never.  What it found so far need not be read again. */
void pointed_until(struct pointed *p, uint64_t ms);
/* pointed_old(): the history of these commits is old.  What is not there was
 * pruned by git.  ${skip}: and it is not looked at. */
int pointed_old(struct pointed *p, const struct oid *tips, size_t n, int skip,
		struct err *e);
/* pointed_whole(): HUB_ECORRUPT if what the ref ${name} has is not there. */
int pointed_whole(struct pointed *p, const char *name, const struct oid *id,
		  struct err *e);
/* pointed_tip(): a commit, or a tag of one, whose history counts.  Anything else,
 * and what is not there, names no file that could be found.  ${ret}: the commit;
 * zero if none; may be NULL. */
int pointed_tip(struct pointed *p, const struct oid *id, struct oid *ret,
		struct err *e);
/* pointed_seen(): was this commit a tip, or was it met by pointed_run()? */
int pointed_seen(const struct pointed *p, const struct oid *id);
/* pointed_run(): all commits that were not looked at before.  ${fn} < 0 ends
 * it.  HUB_ECORRUPT also where half of a history is not there. */
int pointed_run(struct pointed *p, pointed_fn fn, void *arg, struct err *e);

#endif
