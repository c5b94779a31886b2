/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo.h - a git repository: a workspace's or a bare one (the hub's).  repo/ is
 * the only room with <git2.h>.  libgit2 reads; what hub writes goes through
 * sink.h (objects), ref.h (refs of a hub) and index.h (a workspace's index).
 * Nothing here runs a hook, a filter or any program named by a configuration.
 * One thread per handle.
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/buf.h"
#include "base/oid.h"

struct repo;

/* repo_lib_init(): once per process: libgit2 with fsync of what it writes,
 * owner validation off (we run nothing from a repository; see DESIGN 5), cache
 * limits for 150 MB in all. */
int repo_lib_init(struct err *e);
void repo_lib_shutdown(void);

/*
 * repo_open(): open the repository at exactly ${path} (no search upwards): a
 * bare one, or a folder with .git in it (a .git file and `git worktree` too).
 * HUB_EABSENT: no repository there.  HUB_EVERSION: SHA-256, reftable, split or
 * sparse index: the message says which and how to turn it off.  HUB_ECORRUPT,
 * HUB_EIO, HUB_EDENIED.  Owned: repo_close().
 */
int repo_open(const char *path, struct repo **ret, struct err *e);
/* repo_open_git(): as git has it: also by the path of its .git folder, and
 * whatever its index and working tree are: for objects and refs only. */
int repo_open_git(const char *path, struct repo **ret, struct err *e);
void repo_close(struct repo *r);		/* NULL is fine */

/* repo_create(): a new repository with branch main, bare or with a working
 * tree; no template, no sample hooks.  ${path} may exist and be empty, or, for
 * a working tree, hold files.  Durable. */
int repo_create(const char *path, int bare, struct err *e);

/* repo_discover(): the working tree that contains ${path} (searching upwards,
 * staying on its file system).  HUB_EABSENT. */
int repo_discover(const char *path, struct buf *ret_workdir, struct err *e);

const char *repo_gitdir(const struct repo *r);	/* ends with '/'; borrowed */
const char *repo_commondir(const struct repo *r); /* where refs and objects are; ends with '/' */
const char *repo_workdir(const struct repo *r);	/* ends with '/'; NULL if bare */
int repo_is_bare(const struct repo *r);

/* repo_operation(): *ret: "merge", "rebase", "bisect", "cherry-pick", "revert",
 * "am" if one is under way in the workspace, else NULL. */
int repo_operation(struct repo *r, const char **ret, struct err *e);

/* repo_head(): full name of the current branch ("refs/heads/main") and its
 * tip, zero if unborn.  Detached: ${branch} is empty and ${tip} is set. */
int repo_head(struct repo *r, struct buf *branch, struct oid *tip,
	      struct err *e);

/* repo_set_branch(): make ${branch} ("refs/heads/x") the current one; it may
 * be unborn.  Touches no file but HEAD. */
int repo_set_branch(struct repo *r, const char *branch, struct err *e);

/* Configuration of this repository (get: all levels; set: its own file). */
int repo_config_get(struct repo *r, const char *key, struct buf *ret,
		    struct err *e);	/* HUB_EABSENT, no message */
int repo_config_set(struct repo *r, const char *key, const char *value,
		    struct err *e);	/* value NULL: remove */
int repo_config_get_bool(struct repo *r, const char *key, int dflt);
/* repo_config_sweep(): remove what repo_config_set() left when it was killed,
 * more than a minute ago. */
void repo_config_sweep(struct repo *r);

/* repo_identity(): "Name <mail>" to commit with: GIT_AUTHOR_*, user.name and
 * user.email, else login@computer.  Never fails. */
void repo_identity(struct repo *r, struct buf *ret);

/* ---- objects ---- */
enum obj_type { OBJ_COMMIT = 1, OBJ_TREE = 2, OBJ_BLOB = 3, OBJ_TAG = 4 };

/* repo_read(): the content, verified against its name, replacing ${ret}.
 * HUB_EABSENT: a fact; HUB_ECORRUPT (names the object); HUB_ELIMIT over ${max}
 * bytes (0: no limit), or of the system (e->os); HUB_EOFFLINE: the folder of
 * objects is gone; HUB_EBUSY, HUB_EDENIED, HUB_EIO, HUB_ENOMEM. */
int repo_read(struct repo *r, const struct oid *id, enum obj_type *type,
	      uint64_t max, struct buf *ret, struct err *e);
/* repo_read_as(): the same; another type is HUB_ECORRUPT. */
int repo_read_as(struct repo *r, const struct oid *id, enum obj_type type,
		 uint64_t max, struct buf *ret, struct err *e);
/* repo_size(): type and size without the content. */
int repo_size(struct repo *r, const struct oid *id, enum obj_type *type,
	      uint64_t *size, struct err *e);
/* repo_has(): 1; 0: it is not there, and that is a fact; < 0: we could not
 * look (see repo_read()). */
int repo_has(struct repo *r, const struct oid *id, struct err *e);
/* repo_has_quick(): 1; 0: not there, or just added by another process, or we
 * could not look: a hint only. */
int repo_has_quick(struct repo *r, const struct oid *id);
/* repo_refresh(): notice packs that others added or removed. */
int repo_refresh(struct repo *r, struct err *e);
/* repo_hash(): name of an object (collision-detecting SHA-1).  Any thread. */
int repo_hash(enum obj_type type, const void *p, size_t n, struct oid *ret);
/* repo_add_objects(): also read objects of the folder ${path} (git's
 * quarantine during a push; in memory only). */
int repo_add_objects(struct repo *r, const char *path, struct err *e);
/* repo_add_alternate(): also read objects of ${other} (in memory only). */
int repo_add_alternate(struct repo *r, struct repo *other, struct err *e);

/* ---- commits ---- */
#define COMMIT_MAX (16u << 20)
struct commit {
	struct oid id, tree;
	struct oid *parents;		/* owned */
	size_t parents_n;
	struct buf author, committer;	/* "Name <mail>" */
	int64_t author_time, time;	/* seconds, UTC */
	int author_tz, tz;		/* minutes east */
	struct buf message;
};
#define COMMIT_INIT { .author = BUF_INIT, .committer = BUF_INIT, \
		      .message = BUF_INIT }
int commit_read(struct repo *r, const struct oid *id, struct commit *ret,
		struct err *e);
void commit_release(struct commit *c);
/* commit_encode(): git's text of it (id is not used). */
int commit_encode(struct buf *out, const struct commit *c);
/* commit_trailer(): value of the LAST trailer "Key: value" in the last
 * paragraph of the message; 1 found, 0 not. */
int commit_trailer(const struct commit *c, const char *key, struct buf *ret);
/* commit_is_auto(): was it made by `hub sync` ("Auto-sync: " subject)? */
int commit_is_auto(const struct commit *c);

/* repo_merge_base(): best common ancestor; HUB_EABSENT if unrelated. */
int repo_merge_base(struct repo *r, const struct oid *a, const struct oid *b,
		    struct oid *ret, struct err *e);
/* repo_is_ancestor(): 1 if ${a} is ${b} or an ancestor of it, 0, < 0. */
int repo_is_ancestor(struct repo *r, const struct oid *a, const struct oid *b,
		     struct err *e);
/* repo_walk(): commits reachable from ${tip} and from none of ${hide}, in
 * topological order, parents first if ${oldest_first}.  ${fn} returns non-zero
 * to stop; its value is returned. */
int repo_walk(struct repo *r, const struct oid *tip, const struct oid *hide,
	      size_t hide_n, int oldest_first,
	      int (*fn)(void *arg, const struct oid *id), void *arg,
	      struct err *e);
/* repo_count(): number of commits of that walk. */
int repo_count(struct repo *r, const struct oid *tip, const struct oid *hide,
	       uint64_t *ret, struct err *e);
/* repo_resolve(): what a person writes (branch, id prefix, HEAD~2, tag) to a
 * commit.  HUB_EUSAGE if it names none. */
int repo_resolve(struct repo *r, const char *spec, struct oid *ret,
		 struct err *e);
/* repo_resolve_any(): the same to any object, as it is. */
int repo_resolve_any(struct repo *r, const char *spec, struct oid *ret,
		     struct err *e);
/* repo_commit_at(): newest commit on the first-parent line from ${tip} whose
 * committer time is <= ${t}; HUB_EABSENT if all are younger. */
int repo_commit_at(struct repo *r, const struct oid *tip, int64_t t,
		   struct oid *ret, struct err *e);

#endif
