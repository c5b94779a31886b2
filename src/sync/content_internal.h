/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content_internal.h - shared by content.c (small files, links, data bases) and
 * content_large.c. */
#ifndef SYNC_CONTENT_INTERNAL_H
#define SYNC_CONTENT_INTERNAL_H

#include "sync/content.h"

/* What was noticed about a plain file. */
struct content_seen {
	struct pointer ptr;	/* size 0: it is none, or was not named */
	int grew;		/* while it was read */
	int bare;		/* a pointer lies there in place of the file */
};

/* ---- content.c ---- */

/* content_racy(): may a change after ${now_ns} leave the time as it is? */
int content_racy(int64_t mtime_ns, int64_t now_ns);
int content_same_file(const struct os_stat *a, const struct os_stat *b);
int content_store(const struct content_job *job, const void *p, size_t n,
		  struct oid *id, struct err *e);
/* content_prefix(): exactly ${n} bytes from the start; fewer if there are no
 * more. */
int content_prefix(int fd, struct buf *b, uint64_t n, const char *what,
		   struct err *e);
int content_being_written(const struct content_job *job, int fd,
			  const struct os_stat *st);

/* ---- content_large.c ---- */

/* content_large(): 1 it goes to the vault, or is compared with what is there;
 * 0, < 0. */
int content_large(const struct content_job *job, int fd, uint64_t size,
		  struct err *e);
/* content_is_bare(): does a pointer lie there in place of the file? */
int content_is_bare(const struct content_job *job, int fd, uint64_t size,
		    struct oid *id);
/* content_put_large(): ${size} bytes of ${fd} to the vault, or only their name;
 * ptr->size 0: not even that. */
int content_put_large(const struct content_job *job, int fd, uint64_t size,
		      struct pointer *ptr, struct tree_leaf *leaf,
		      enum content_verdict *v, struct err *e);
/* content_read_large(): an open plain file that goes there; ${st} its stat at
 * opening. */
int content_read_large(const struct content_job *job, int fd,
		       struct os_stat *st, struct content_seen *seen,
		       struct tree_leaf *leaf, enum content_verdict *v,
		       struct err *e);

#endif
