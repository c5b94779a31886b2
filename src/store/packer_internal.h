/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packer_internal.h - for packer*.c only. */
#ifndef STORE_PACKER_INTERNAL_H
#define STORE_PACKER_INTERNAL_H

#include <zstd.h>
#include "crypt/aead.h"
#include "crypt/hash.h"
#include "os/os_thread.h"
#include "store/packer.h"

/* ---- packer_encode.c: one object, compressed or not ---- */

struct packer_coder {
	ZSTD_CCtx *cctx;
	ZSTD_DCtx *dctx;
	uint8_t *out, *back;	/* compressed; decoded again */
	size_t out_n, back_n;	/* room */
};

/* What an object became. */
struct packer_code {
	const uint8_t *p;	/* borrowed from the coder, or the plain bytes */
	size_t n;
	enum pack_codec codec;
};

void packer_coder_release(struct packer_coder *c);
int packer_encode(struct packer_coder *c, const void *plain, size_t n,
		  struct packer_code *ret, struct err *e);
/* ---- packer_build.c: one pack that fills ---- */

struct packer_build {
	enum pack_kind kind;
	uint8_t *p;		/* PACK_SIZE_MAX bytes, touched as it fills */
	size_t n;		/* in use; 0: no pack begun */
	size_t room;		/* size of the file that it may become */
	struct pack_entry *entries;
	size_t entries_n, entries_alloc;
	uint8_t (*leaf)[HASH_SIZE];	/* of the tree hash, but the first */
	size_t leaves_n;	/* hashed so far, the first counted */
	struct aead *aead;	/* under the pack's data key */
	uint8_t key_secret[32];
};

/* packer_check(): does the object added last, which ${code} was sealed as, come
 * back as ${plain}?  HUB_EBUG if not. */
int packer_check(struct packer_coder *c, struct packer_build *b,
		 const struct packer_code *code, const void *plain, size_t n,
		 struct err *e);

/* The key that packs of an epoch are sealed with. */
struct packer_seal {
	uint8_t hub[32], commit[32], key_secret[32];
	uint32_t epoch;
};

int packer_build_begin(struct packer_build *b, enum pack_kind kind,
		       size_t room, struct err *e);
void packer_build_release(struct packer_build *b);
/* packer_build_fits(): is there room for an object of ${n} encoded bytes? */
int packer_build_fits(const struct packer_build *b, size_t n);
/* packer_build_size(): bytes that the file needs as it is. */
size_t packer_build_size(const struct packer_build *b);
/* packer_build_add(): seal it behind the others.  ${en} without its place. */
int packer_build_add(struct packer_build *b, const struct pack_entry *en,
		     const uint8_t *p, size_t n, struct err *e);
/* packer_build_open(): object number ${i} again, to stored - PACK_TAG bytes at
 * ${out}. */
int packer_build_open(struct packer_build *b, size_t i, uint8_t *out,
		      struct err *e);
/* packer_build_check(): 1: the object added last opens to the bytes ${want}. */
int packer_build_check(struct packer_build *b, const uint8_t *want);
/* packer_build_end(): directory, padding, head, id; checked.  The build is
 * full then: only packer_build_reset() may follow. */
int packer_build_end(struct packer_build *b, const struct packer_seal *s,
		     struct packer_pack *ret, struct err *e);
void packer_build_reset(struct packer_build *b);

/* ---- packer.c, packer_work.c, packer_tail.c ---- */

struct packer_worker {
	struct packer *p;
	struct os_thread *thread;	/* NULL: the caller's own */
	struct packer_coder coder;
	struct packer_build build[2];	/* data, meta */
	struct packer_count count;
	struct err err;		/* the first failure of this worker */
};

struct packer {
	struct packer_conf conf;
	struct packer_seal seal;
	struct packer_worker self, worker[PACKER_JOBS_MAX];
	unsigned workers;
	struct os_mutex *lock;		/* the fields below */
	struct os_mutex *asking;	/* known() and done() */
	struct os_mutex *putting;	/* put() */
	struct os_cond *changed;
	struct packer_batch *first, *last;	/* submitted, in order */
	int stop;
	int rc;			/* the first failure, for all later calls */
	struct err err;
};

/* packer_failed(): the failure of before, if any, to ${e}. */
int packer_failed(struct packer *p, struct err *e);
/* packer_fail(): note a failure; returns ${rc}. */
int packer_fail(struct packer *p, int rc, const struct err *e);
/* packer_put(): finish a build and hand it out. */
int packer_put(struct packer_worker *w, struct packer_build *b,
	       struct err *e);
/* packer_store(): encode, seal and check one object. */
int packer_store(struct packer_worker *w, unsigned type,
		 const uint8_t name[32], const void *plain, size_t n,
		 struct err *e);
/* packer_work(): one batch. */
int packer_work(struct packer_worker *w, struct packer_batch *b, struct err *e);
/* packer_worker_main(): the thread of a worker. */
void packer_worker_main(void *worker);
/* packer_tail(): put the builds of one kind that are not full. */
int packer_tail(struct packer *p, enum pack_kind kind, struct err *e);

#endif
