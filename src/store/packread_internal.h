/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packread_internal.h - for packread*.c only. */
#ifndef STORE_PACKREAD_INTERNAL_H
#define STORE_PACKREAD_INTERNAL_H

#include <zstd.h>
#include "crypt/aead.h"
#include "store/packread.h"

#define PACKREAD_SLOTS 32	/* packs whose keys are kept */
#define PACKREAD_NAMES 64	/* names checked at once */

/* An open pack. */
struct packread_pack {
	uint8_t id[32];
	uint64_t used;		/* when last; 0: empty slot */
	struct pack_head head;
	uint32_t dir_at, dir_n, entries;
	struct aead *aead;
};

struct packread {
	struct place *place;
	const struct keyring *keys;
	struct packread_pack slot[PACKREAD_SLOTS];
	uint64_t tick;
	ZSTD_DCtx *dctx;
	uint8_t *box;		/* a sealed object */
	size_t box_n;
};

/* packread_unlock(): a head's 136 bytes into ${k}, whose aead is made or
 * given another key. */
int packread_unlock(const struct keyring *keys, const uint8_t *head,
		    uint64_t size, struct packread_pack *k, struct err *e);
/* packread_decode(): an object's ${en->stored} sealed bytes, overwritten, to
 * plain ones at ${out}.  The name is not checked. */
int packread_decode(struct packread_pack *k, ZSTD_DCtx *dctx,
		    const struct pack_entry *en, uint8_t *box, uint8_t *out,
		    struct err *e);
/* packread_dir_open(): the sealed directory, overwritten, to entries.  Owned. */
int packread_dir_open(struct packread_pack *k, uint8_t *box,
		      struct pack_entry **ret, struct err *e);
/* packread_names(): are the contents what the wants name?  All of one type,
 * ${n} <= PACKREAD_NAMES.  The number of the first that is not, or ${n}. */
size_t packread_names(const struct keyring *keys,
		      const struct packread_want *want, size_t n);

#endif
