/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import_internal.h - shared by import.c (order), import_place.c (names) and
 * import_file.c (one file's content). */
#ifndef SYNC_IMPORT_INTERNAL_H
#define SYNC_IMPORT_INTERNAL_H

#include "crypt/hash.h"
#include "repo/scan.h"
#include "sync/dbside.h"
#include "sync/import.h"
#include "sync/wdir.h"

/* A copy that lies finished in tmp/ and waits for its name. */
struct import_wait {
	char tmp[17];
	char *path;			/* owned */
	size_t n;
};

struct import {
	struct workspace *ws;
	const struct import_options *o;
	struct import_result *ret;
	struct buf src;			/* absolute, ends with '/' */
	struct buf dst;			/* path being looked at */
	size_t into_n;			/* length of into with its '/' */
	struct buf tmp_path;		/* of tmp/ */
	struct os_dir *tmp;
	struct wdir dirs;		/* of the workspace */
	struct dbside dbs;
	struct report conflicts;	/* for ws->rep, once all is recorded */
	struct import_wait *waits;
	size_t waits_n;
	uint64_t waits_bytes;
	uint64_t files, done, need;	/* of the first pass, and so far */
	void *io;			/* two buffers of IMPORT_IO bytes */
	struct err *e;
};

#define IMPORT_IO (128u << 10)
#define IMPORT_BATCH 1000		/* size of waits */

/* One file to be copied. */
struct import_src {
	const struct scan_entry *en;
	int fd;				/* -1: a symlink */
	uint64_t size;
	struct buf link;		/* target of a symlink */
	struct buf copy;		/* snapshot of a data base, to be removed */
	int is_db;
};
#define IMPORT_SRC_INIT { .fd = -1, .link = BUF_INIT, .copy = BUF_INIT }

/* import_src_open(): 0; 1 if there is nothing to be copied: it is gone, or
 * could not be read, which was noted; < 0 to stop. */
int import_src_open(struct import *im, const struct scan_entry *en,
		    struct import_src *s);
void import_src_close(struct import_src *s);

/* import_src_same(): 1 if ${name} in ${d} holds the same; 0; < 0. */
int import_src_same(struct import *im, struct import_src *s, struct os_dir *d,
		    const char *name, const struct os_stat *st);
/* import_src_hash(): BLAKE2b-256 of the content. */
int import_src_hash(struct import *im, struct import_src *s,
		    uint8_t ret[HASH_SIZE]);
/* import_src_copy(): to the new name ${tmp} in im->tmp.  0; 1 if it changed
 * meanwhile, which was noted; < 0 to stop. */
int import_src_copy(struct import *im, struct import_src *s, const char *tmp);

/* import_note(): a file of the source that is left out. */
void import_note(struct import *im, enum report_kind k,
		 const struct scan_entry *en, const char *why);

/* import_place(): compare, copy, queue: what on_file() found goes to im->dst. */
int import_place(struct import *im, struct import_src *s);
/* import_place_flush(): give what waits in tmp/ its name. */
int import_place_flush(struct import *im);

#endif
