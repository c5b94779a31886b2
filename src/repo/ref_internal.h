/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_internal.h - git's two stores of refs, read as they are: a file per ref
 * ("loose") and packed-refs.  Only ref*.c and repo_head() include it.
 */
#ifndef REPO_REF_INTERNAL_H
#define REPO_REF_INTERNAL_H

#include "repo/repo_internal.h"

#define REF_NAME_MAX 1024
#define REF_FILE_MAX 4096
#define PACKED_REFS_MAX (256u << 20)
#define REF_SYMREF_DEPTH 5

/* ref_valid(): git's rules for a full name; "HEAD" too.  Unlike ref_name_ok()
 * it allows a leading '-': such refs exist and must be read. */
int ref_valid(const char *name);

/* ref_path(): where ${name} lies as a file (HEAD: in the worktree's folder). */
int ref_path(struct repo *r, const char *name, struct buf *ret, struct err *e);

/*
 * ref_loose(): read the file of ${name}.  HUB_EABSENT if there is none or a
 * folder; HUB_ECORRUPT.  A symbolic one: ${target} is its target, ${id} zero;
 * else ${target} is empty.
 */
int ref_loose(struct repo *r, const char *name, struct oid *id,
	      struct buf *target, struct err *e);

/*
 * packed-refs, whole and checked: every line is "<id> <name>", "^<id>" (the
 * object a tag stands for) or the "# pack-refs" header; names are valid, unique
 * and, if the header says so, sorted; the last line ends with a newline.
 * Anything else is HUB_ECORRUPT: git passes over it in silence and shows an
 * empty repository.
 */
struct ref_packed {
	struct buf text;		/* owned */
	size_t body;			/* offset of the first ref */
	struct ref_packed_line {	/* owned array; each points into text */
		const char *p;
		size_t n;
	} *lines;
	size_t n, alloc;
};
#define REF_PACKED_INIT { .text = BUF_INIT }

/* ref_packed_load(): no file is an empty one. */
int ref_packed_load(struct repo *r, struct ref_packed *ret, struct err *e);
void ref_packed_release(struct ref_packed *p);
/* ref_packed_name(): name of line ${i} (not NUL-ended), its length in *n. */
const char *ref_packed_name(const struct ref_packed *p, size_t i, size_t *n);
void ref_packed_id(const struct ref_packed *p, size_t i, struct oid *ret);
/* ref_packed_find(): 1 and the line's number, else 0 and where it would be. */
int ref_packed_find(const struct ref_packed *p, const char *name, size_t n,
		    size_t *ret);

/* ---- changing ---- */
struct ref_lock { struct buf path, temp; int held; };
#define REF_LOCK_INIT { BUF_INIT, BUF_INIT, 0 }
/* ref_lock_take(): ${path}.lock with the content given; HUB_EBUSY.  Makes the
 * parents of ${path}.  On failure ${l} is as before. */
int ref_lock_take(struct ref_lock *l, struct repo *r, const char *path,
		  const void *p, size_t n, struct err *e);
/* ref_lock_commit(): rename it onto ${path}; ${durable}, or after a power cut
 * the ref may be what it was before (never torn). */
int ref_lock_commit(struct ref_lock *l, const char *path, int durable,
		    struct err *e);
/* ref_lock_drop(): remove what is left of it.  Needed in every case. */
void ref_lock_drop(struct ref_lock *l);
/* ref_lock_sweep(): remove temp files of dead runs that are older than
 * ${min_age_s}, and ${path}.lock if it is one of them. */
void ref_lock_sweep(struct repo *r, const char *path, int64_t min_age_s);
/* ref_prune_folders(): remove a folder if nothing but folders is in it. */
void ref_prune_folders(const char *path);

/* ref_log_add(): a line in the log of ${name} ("HEAD" too), if there should be
 * one.  ${ident} is "Name <mail>".  Not ${durable}: a power cut may take the line
 * away, or tear it. */
int ref_log_add(struct repo *r, const char *name, const struct oid *old,
		const struct oid *new, const char *ident, const char *why,
		int durable, struct err *e);
void ref_log_remove(struct repo *r, const char *name);

#endif
