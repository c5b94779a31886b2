/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply_internal.h - shared by apply.c (order), apply_plan.c (what is to be
 * done), apply_recover.c, apply_look.c, apply_file.c (one path) and
 * apply_place.c (its name). */
#ifndef SYNC_APPLY_INTERNAL_H
#define SYNC_APPLY_INTERNAL_H

#include "base/map.h"
#include "fmt/baserec.h"
#include "fmt/pointer.h"
#include "repo/index.h"
#include "sync/changes.h"
#include "sync/content.h"
#include "sync/wdir.h"
#include "sync/workspace.h"

struct apply_op {
	char *path;			/* owned */
	size_t n;
	struct tree_leaf want;		/* mode 0: remove */
	struct tree_leaf base;		/* what the base says is on disk */
	int own;			/* of a commit made here: no guard asks */
	int again;			/* an earlier run left it behind */
	int parked;			/* by a guard */
	int staged;			/* the user's, neither old nor new: kept */
	int is_db;			/* the base says: a data base */
	int left;			/* as it was: behind */
	struct pointer ptr;		/* ${want} is one; size 0: not, or not
					   known yet */
	/* a file that lies finished in tmp/, waiting for its rename */
	char tmp[17];
	struct os_stat saw;		/* what was on disk when it was made */
	struct os_stat made;		/* the file that was made; a link: unset */
	int saw_any;
};

struct apply {
	struct workspace *ws;
	struct index *index;		/* locked */
	struct wdir dirs;
	struct os_dir *tmp;
	struct apply_op *ops;
	size_t n, alloc;
	int fresh;			/* first checkout: write in place */
	int own;			/* all was recorded here, by a killed run */
	int each_fsync;			/* few files: fsync each */
	size_t waiting_from;		/* ops from here have tmp files */
	uint64_t waiting_bytes;
	int64_t fs_now_ns;
	int repo_rc;			/* the repository failed, not the disk */
	struct err *e;
};

/* apply_open(): take index.lock.  apply_close() undoes what was not finished;
 * it may follow a failed apply_open(). */
int apply_open(struct apply *a, struct workspace *ws, struct err *e);
void apply_close(struct apply *a);

/* apply_plan(): before anything moves: what there is to do, may it, and is
 * there room?  ${recorded} may be NULL. */
int apply_plan(struct apply *a, struct hub *hub, const struct oid *from,
	       const struct oid *tip, const struct changes *recorded);

/* apply_finish(): steps 4 to 6 of apply.h, in one transaction.  If a power cut
 * takes it, the journal is there still, and they are done again. */
int apply_finish(struct apply *a, const struct oid *tip,
		 const struct changes *recorded);

enum apply_found {
	FOUND_NOTHING,
	FOUND_BASE,		/* what we last wrote or read */
	FOUND_WANTED,		/* has the wanted content already */
	FOUND_SETTLED,		/* and its base record says so */
	FOUND_OTHER,		/* a local change */
	FOUND_MINE,		/* not as wanted, but the base is: a change by
				   the user since, which the next run records */
	FOUND_FOLDER,
};

/* apply_look(): what is at the path now?  ${st} is valid unless nothing is
 * there. */
int apply_look(struct apply *a, struct apply_op *op, struct os_dir *d,
	       const char *name, struct os_stat *st, enum apply_found *ret);
/* apply_look_torn(): left by a killed first checkout: empty, or a beginning of
 * the content that may have lost its last blocks to a power cut. */
int apply_look_torn(struct apply *a, const struct apply_op *op,
		    struct os_dir *d, const char *name,
		    const struct os_stat *st);

/* apply_file_remove(), apply_file_write(): one path; a local change in the way
 * makes it BEHIND.  apply_file_flush(): rename what waits in tmp/. */
int apply_file_remove(struct apply *a, struct apply_op *op);
int apply_file_write(struct apply *a, struct apply_op *op);
int apply_file_flush(struct apply *a, size_t upto);
/* apply_file_behind(): keep the base as it is and try again at the next run. */
int apply_file_behind(struct apply *a, struct apply_op *op, const char *why);
/* apply_file_done(): base record and index entry of a path that is as wanted;
 * ${st} its stat, NULL if it was removed. */
int apply_file_done(struct apply *a, struct apply_op *op,
		    const struct os_stat *st);

/* More than any clock tick: how old a file written here is made. */
#define APPLY_PAST_NS 30000000
/* apply_write(): make the file that is wanted: in place at the first checkout,
 * else in tmp/, where it waits for apply_file_flush().  ${st}: what was seen
 * there, if ${any}. */
int apply_write(struct apply *a, struct apply_op *op, struct os_dir *d,
		const char *name, const struct os_stat *st, int any);
/* apply_large_write(): the content that op->ptr points to, as a new file ${name}
 * in ${d}, durable.  What is the vault's trouble, not ours, leaves the path
 * behind: 1, then ${why} says it. */
int apply_large_write(struct apply *a, const struct apply_op *op,
		      struct os_dir *d, const char *name, struct buf *why);
/* apply_large_forms(): the forms in which a file of which the disk can't say
 * what it is may be equal to what is wanted, and to the base. */
int apply_large_forms(struct apply *a, struct apply_op *op,
		      enum content_form ret[2]);

/* apply_staged_mark(): mark the operations whose path has something staged that
 * is nowhere else; never those that ${recorded} (may be NULL) brings.  An index
 * that somebody removed is made anew, else all the rest would look like staged
 * deletions. */
int apply_staged_mark(struct apply *a, const struct oid *from,
		      const struct changes *recorded);
/* apply_staged(): does the index hold what is neither ${base} nor ${want}? */
int apply_staged(struct index *x, const char *path, size_t n,
		 const struct tree_leaf *base, const struct tree_leaf *want);

/* apply_staged_marked(): is it none of git's business (skip-worktree)? */
int apply_staged_marked(struct index *x, const char *path, size_t n);

#define APPLY_MARKED "marked skip-worktree"
#define APPLY_STAGED_WHY "a newer version is in the hub; commit or unstage this"

/* apply_place(): tmp/${op->tmp} becomes ${name} in ${d}.  0 and the stat of what
 * is there now, all zero if it has been changed since; 1 if somebody changed it
 * before: theirs stays, and tmp/ is empty again. */
int apply_place(struct apply *a, struct apply_op *op, struct os_dir *d,
		const char *name, struct os_stat *st);
/* apply_place_stat(): the stat of ${name}, all zero if it is not ${ours}. */
int apply_place_stat(struct apply *a, struct os_dir *d, const char *name,
		     const struct os_stat *ours, struct os_stat *st);
/* apply_place_remove(): 0: ${name}, which was ${saw}, is no more; 1: it became
 * something else, which stays. */
int apply_place_remove(struct apply *a, struct os_dir *d, const char *name,
		       const struct os_stat *saw);
/* apply_place_tmp_name(): a new name for tmp/. */
void apply_place_tmp_name(char ret[17]);

#endif
