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

#endif
