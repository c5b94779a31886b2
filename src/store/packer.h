/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer.h - objects into sealed packs (hubformat-pack(5)): name, ask whether
 * it is known, compress, seal, decode again and compare, collect into packs of
 * a fixed size, hand these out.  Knows neither index nor place.
 *
 *	packer_open(&conf, &p, e);
 *	packer_add(p, PACK_SEGMENT, name, bytes, n, e);		one object, or
 *	packer_submit(p, batch); packer_next(p, &batch, e);	many chunks
 *	packer_flush(p, e);		all that was added has been put
 *	packer_close(p);
 *
 * Objects reach the packs in no order.  One thread uses a packer; its workers
 * are its own affair but for the call-backs, see there.  Memory: about 17 MB,
 * and with workers 22 MB for each of them, and the batches.
 */
#ifndef STORE_PACKER_H
#define STORE_PACKER_H

#include "base/err.h"
#include "crypt/keyring.h"
#include "fmt/pack.h"

#define PACKER_JOBS_MAX 16
#define PACKER_ITEMS_MAX 256		/* chunks of a batch */
#define PACKER_BATCH (4u << 20)		/* bytes of a batch */

/* A finished pack; all of it is borrowed during the call-back. */
struct packer_pack {
	uint8_t id[32];
	const uint8_t *bytes;
	size_t n;
	enum pack_kind kind;
	unsigned klass;
	uint32_t epoch;
	const struct pack_entry *entries;
	size_t entries_n;
};

/*
 * What a packer asks of its owner.  Call-backs may run in the thread of a
 * worker.  known() and done() are never called at the same time, and put() never
 * twice at once; put() may run beside the others.  What put() uses (a place)
 * nobody else may use between packer_submit() and the end of packer_flush().
 */
struct packer_conf {
	const struct keyring *keys;	/* borrowed until packer_close() */
	uint32_t epoch;			/* to seal with; 0: the newest */
	unsigned jobs;			/* workers; 0 and 1: none */
	/* known(): 1: the object needs not be stored; 0: it will be now, and
	 * known() has to say 1 for it from here on; < 0 fails the packer.  Not
	 * called for packer_add().  NULL: nothing is known, but each
	 * batch stores all it has. */
	int (*known)(void *arg, const uint8_t name[32], unsigned type,
		     struct err *e);
	/* put(): bring the pack where it shall be.  < 0 fails the packer. */
	int (*put)(void *arg, const struct packer_pack *pack, struct err *e);
	/* done(): after put() was successful; note where the objects are.  May
	 * be NULL.  < 0 fails the packer. */
	int (*done)(void *arg, const struct packer_pack *pack, struct err *e);
	void *arg;
};

/* What a packer did so far. */
struct packer_count {
	uint64_t objects, plain;	/* stored: number, bytes before */
	uint64_t stored;		/* and bytes of them sealed */
	uint64_t known, known_plain;	/* found to be known */
	uint64_t packs, bytes;		/* put, padding included */
};

struct packer_item {
	size_t at, n;		/* place in the batch's bytes */
	int named;		/* in: the name stands there already and the
				   object needs not be stored */
	uint8_t name[32];	/* out, unless named */
};

struct packer_batch {
	uint8_t *p;		/* PACKER_BATCH bytes */
	size_t n;		/* in use; for the caller alone */
	unsigned type;		/* of all items: PACK_CHUNK or PACK_RECIPE */
	size_t items_n;
	struct packer_item items[PACKER_ITEMS_MAX];
	/* the packer's own: */
	int state;
	struct packer_batch *next;
};

struct packer;

/* packer_open(): 0; HUB_EABSENT: the keyring lacks that epoch; HUB_ENOMEM;
 * HUB_ELIMIT (no thread). */
int packer_open(const struct packer_conf *conf, struct packer **ret,
		struct err *e);
/*
 * packer_add(): store one object of 1 .. PACK_PLAIN_MAX bytes under its name,
 * which the caller has made (keyring_name()) and found to be unknown.  The bytes
 * are not needed any more after the call.  Once a call failed all do, with the same
 * code.
 */
int packer_add(struct packer *p, unsigned type, const uint8_t name[32],
	       const void *plain, size_t n, struct err *e);
/* packer_offer(): make the name, ask known(), and store the object unless it is
 * known. */
int packer_offer(struct packer *p, unsigned type, const void *plain, size_t n,
		 uint8_t ret_name[32], struct err *e);
/* packer_batch_new(): an empty batch; owned: packer_batch_free() when it is not
 * submitted. */
struct packer_batch *packer_batch_new(void);
void packer_batch_free(struct packer_batch *b);
/* packer_submit(): name and store what the items say.  The batch is the
 * packer's until packer_next() gives it back. */
int packer_submit(struct packer *p, struct packer_batch *b, struct err *e);
/* packer_next(): wait for the batch that was submitted first; NULL if none is
 * out.  Also after a failure: then *ret is set and the code returned, until
 * all are back. */
int packer_next(struct packer *p, struct packer_batch **ret, struct err *e);
/* packer_flush(): finish the packs that are not full, the last of them in
 * small files.  Call with no batch out.  The packer may be used again. */
int packer_flush(struct packer *p, struct err *e);
/* packer_keys(), packer_jobs(): what it was opened with; jobs is at least 1. */
const struct keyring *packer_keys(const struct packer *p);
unsigned packer_jobs(const struct packer *p);
/* packer_count(): call with no batch out. */
void packer_count(const struct packer *p, struct packer_count *ret);
/* packer_close(): drops what was not flushed.  No batch may be out that the
 * caller still wants; those that are, are freed.  NULL is fine. */
void packer_close(struct packer *p);

#endif
