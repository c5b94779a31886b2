/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packread.h - objects out of sealed packs (hubformat-pack(5)), from a place.
 *
 * A pack's head is read once and its data key kept for a while; an object is
 * then one read of just its bytes.  What comes out has been opened, decoded
 * and compared with its name; nothing else ever comes out.
 */
#ifndef STORE_PACKREAD_H
#define STORE_PACKREAD_H

#include "base/buf.h"
#include "crypt/keyring.h"
#include "fmt/pack.h"
#include "store/place.h"

struct packread;

/* One object to be read. */
struct packread_want {
	uint8_t pack[32];
	struct pack_entry at;	/* as the index or a directory has it */
	uint8_t *out;		/* at.plain bytes */
};

/* packread_open(): reads from ${place} with ${keys}, both borrowed until
 * packread_close().  One thread at a time. */
int packread_open(struct place *place, const struct keyring *keys,
		  struct packread **ret, struct err *e);
void packread_close(struct packread *r);	/* NULL is fine */
/* packread_place(): read from another place that has packs of the same hub. */
void packread_place(struct packread *r, struct place *place);

/*
 * packread_head(): the head of a pack.  HUB_EABSENT, HUB_EIO, HUB_EOFFLINE, ... as the
 * place says; HUB_ECORRUPT; HUB_EVERSION; HUB_EAUTH: sealed under an epoch that
 * the keyring lacks, or by a foreign key.
 */
int packread_head(struct packread *r, const uint8_t pack[32],
		  struct pack_head *ret, struct err *e);
/* packread_dir(): all entries of a pack, in order of offset.  Owned: free(). */
int packread_dir(struct packread *r, const uint8_t pack[32],
		 struct pack_entry **ret, size_t *ret_n, struct err *e);
/*
 * packread_objects(): read ${n} objects; their names are checked together, which
 * is faster than one by one.  0, or the first failure, as packread_head() or
 * HUB_ECORRUPT; ${*ret_bad} is the number of the want that failed, or ${n} when
 * all are good (${ret_bad} may be NULL).  Nothing in ${out} counts after a failure.
 */
int packread_objects(struct packread *r, const struct packread_want *want,
		     size_t n, size_t *ret_bad, struct err *e);
/* packread_object(): one object, appended to ${ret}. */
int packread_object(struct packread *r, const uint8_t pack[32],
		    const struct pack_entry *at, struct buf *ret,
		    struct err *e);

/*
 * packread_check(): everything about a whole pack: id, head, directory, every
 * object with its name, padding.  ${each} (may be NULL) gets each entry and its
 * content, borrowed.  Codes as above.
 */
int packread_check(const struct keyring *keys, const uint8_t pack[32],
		   const void *bytes, size_t n,
		   int (*each)(void *arg, const struct pack_entry *en,
			       const uint8_t *plain, struct err *e),
		   void *arg, struct err *e);

/* packread_salvage(): what is whole of a damaged pack: ${each} gets every object
 * that can be opened and is what its name says.  HUB_ECORRUPT and the like: its
 * head or directory cannot be read, or, last, as ${each} said. */
int packread_salvage(const struct keyring *keys, const void *bytes, size_t n,
		     int (*each)(void *arg, const struct pack_entry *en,
				 const uint8_t *plain, struct err *e),
		     void *arg, struct err *e);

#endif
