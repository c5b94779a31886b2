/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - a workspace's git index, kept true so that plain git works at any
 * moment.  While a struct index is locked, .git/index.lock is ours (its text
 * begins "vibehub "), so no git process changes index or HEAD under us.
 */
#ifndef REPO_INDEX_H
#define REPO_INDEX_H

#include "repo/repo.h"
#include "repo/tree.h"
#include "os/os_file.h"

struct index;

/* index_open(): read .git/index (empty if there is none).  HUB_ECORRUPT if it
 * is damaged: the message says how to rebuild it (`git reset`); HUB_EVERSION
 * for split and sparse ones. */
int index_open(struct repo *r, struct index **ret, struct err *e);
/* index_peek(): the same for index_get() alone: nothing is written, not even a
 * temp file, and it cannot be locked. */
int index_peek(struct repo *r, struct index **ret, struct err *e);
/* index_lock(): take .git/index.lock, waiting up to ${wait_ms}; HUB_EBUSY.
 * Reads the index again if it changed since index_open(). */
int index_lock(struct index *x, unsigned wait_ms, struct err *e);
void index_close(struct index *x);	/* unlocks; NULL is fine */

struct index_entry {
	struct tree_leaf leaf;
	struct os_stat st;
	int stage;
	int skip;	/* `git update-index --skip-worktree`: not git's to see */
};

/* index_missing(): there was no .git/index: nothing is staged, and whoever
 * writes one has to put everything into it. */
int index_missing(const struct index *x);

/* index_get(): stage 0 entry; HUB_EABSENT (no message).  An entry in conflict
 * (stages 1-3) is HUB_ECONFLICT. */
int index_get(struct index *x, const char *path, size_t n,
	      struct index_entry *ret);
/* index_stat_matches(): would git take the file for unchanged? */
int index_stat_matches(const struct index_entry *en, const struct os_stat *st);
/* index_put(): add or replace, in place of a conflict too; ${st} NULL: git will
 * look at the content.  Cheap in path order. */
int index_put(struct index *x, const char *path, size_t n,
	      const struct tree_leaf *leaf, const struct os_stat *st,
	      struct err *e);
/* index_clashes(): 1 if an entry stands where ${path} needs a folder, or lies
 * below it: index_put() would drop that one. */
int index_clashes(struct index *x, const char *path, size_t n);
int index_remove(struct index *x, const char *path, size_t n, struct err *e);
uint64_t index_count(const struct index *x);
/* index_write(): durable replacement of .git/index; needs the lock and keeps
 * it.  git's tree cache is kept where it is valid, and git makes the rest. */
int index_write(struct index *x, struct err *e);

/* index_unlock_own(): recovery, while the workspace is locked: remove an
 * index.lock and copies that a killed run of hub left (the lock's text says so);
 * git's own are not touched. */
int index_unlock_own(struct repo *r, struct err *e);

#endif
