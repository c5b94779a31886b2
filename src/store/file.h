/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.h - large files into chunks and recipes, and back (hubformat-recipe(5)).
 * Streaming: memory does not depend on the size of the file.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "fmt/pointer.h"
#include "store/chunker.h"
#include "store/packer.h"
#include "store/packread.h"

/* Called now and then with the bytes done so far; < 0 ends the work with that
 * code (HUB_ECANCEL, ...). */
typedef int (*file_progress_fn)(void *arg, uint64_t done, struct err *e);

/* Where a file's content comes from, front to back. */
struct file_source {
	/* read(): up to ${n} bytes; fewer only at the end. */
	int (*read)(void *arg, void *p, size_t n, size_t *ret_n, struct err *e);
	/* zeros(): skip the next ${n} bytes if all of them are known to be zero
	 * without reading: 1; else 0, and nothing is skipped.  May be NULL. */
	int (*zeros)(void *arg, uint64_t n, struct err *e);
	file_progress_fn progress;	/* may be NULL */
	void *arg;
};

/*
 * file_put(): cut, name and store a file; what known() of the packer knows
 * is not stored again, so that a put that was interrupted goes on where it
 * was, at the speed of reading.  Nothing is flushed: the pointer counts when
 * packer_flush() has returned 0.  HUB_EUSAGE for
 * an empty file; HUB_ELIMIT over 2^60 bytes; what source and packer say.  No
 * batch of the packer may be out, and none is afterwards.
 */
int file_put(struct packer *p, const struct file_source *src,
	     struct pointer *ret, struct err *e);
/* file_put_fd(): the first ${size} bytes of an open file (all if it is
 * shorter, and then ret->size says so); holes are not read. */
int file_put_fd(struct packer *p, int fd, uint64_t size, const char *what,
		file_progress_fn progress, void *arg, struct pointer *ret,
		struct err *e);

/* One object of a file, to be read. */
struct file_want {
	uint8_t name[32];
	unsigned type;		/* PACK_CHUNK or PACK_RECIPE */
	uint32_t n;		/* bytes, of a chunk; out: of a recipe node */
	uint8_t *out;		/* room: ${n}; of a node RECIPE_NODE_MAX */
};

/* Where objects come from: a vault.  They have been checked against their
 * names. */
struct file_store {
	/* read(): all of ${n} wants.  A chunk whose size is another than the
	 * want says is HUB_ECORRUPT.  HUB_EABSENT: nobody knows that name. */
	int (*read)(void *arg, struct file_want *want, size_t n, struct err *e);
	void *arg;
};

/* Where a file's content goes, front to back. */
struct file_sink {
	int (*write)(void *arg, const void *p, size_t n, struct err *e);
	/* zeros(): ${n} zeros; NULL: they are written. */
	int (*zeros)(void *arg, uint64_t n, struct err *e);
	file_progress_fn progress;	/* may be NULL */
	void *arg;
};

/*
 * file_get(): the content of a pointer.  HUB_EABSENT: a chunk or a node is not
 * there; HUB_ECORRUPT: a node is no node, or sizes do not fit.  What was
 * written before a failure is right, and not all.
 */
int file_get(const struct file_store *store, const struct pointer *ptr,
	     const struct file_sink *sink, struct err *e);
/* file_get_range(): ${n} bytes from ${from}, both within the file. */
int file_get_range(const struct file_store *store, const struct pointer *ptr,
		   uint64_t from, uint64_t n, const struct file_sink *sink,
		   struct err *e);
/* file_get_fd(): to a new, empty file; zeros become holes where the file
 * system has them.  The caller syncs. */
int file_get_fd(const struct file_store *store, const struct pointer *ptr,
		int fd, const char *what, file_progress_fn progress, void *arg,
		struct err *e);

/*
 * file_each(): every object that a pointer needs, recipe nodes included, each
 * node before what is below it; for marking and for asking what is missing.
 * Same names may come more than once.  Only recipe nodes are read.  ${fn} < 0
 * ends it; 1 for a node: what is below is known, leave it out.
 */
int file_each(const struct file_store *store, const struct pointer *ptr,
	      int (*fn)(void *arg, const uint8_t name[32], unsigned type,
			uint64_t size, struct err *e),
	      void *arg, struct err *e);

#endif
