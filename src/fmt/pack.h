/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pack.h - the layout of a pack: objects, sealed, in a file of a fixed size
 * (hubformat-pack(5)).  Only the layout: sealing is the packer's, opening the
 * reader's.
 *
 *	offset	size
 *	0	4	magic "VHpk"
 *	4	1	version, 1
 *	5	1	suite, 1
 *	6	1	kind
 *	7	1	class: the file has 2^class bytes
 *	8	4	number of the key epoch
 *	12	4	zero
 *	16	32	commitment to the epoch's pack key
 *	48	24	nonce
 *	72	64	sealed under that key: data key 32, offset and sealed size
 *			of the directory, number of entries, zero (4 each)
 *	136		objects, back to back, each sealed under the data key
 *			then the directory, sealed: 48 bytes an entry
 *			then zeros, sealed, to the end of the file
 */
#ifndef FMT_PACK_H
#define FMT_PACK_H

#include "base/buf.h"

#define PACK_HEAD 136u
#define PACK_COMMIT_AT 16u
#define PACK_NONCE_AT 48u
#define PACK_BOX_AT 72u
#define PACK_AD 48u		/* what the head's box is bound to */
#define PACK_INNER 48u		/* what is in that box */
#define PACK_ENTRY 48u
#define PACK_OBJECT_AD 38u
#define PACK_TAG 16u		/* what sealing adds */

#define PACK_CLASS_MIN 12
#define PACK_CLASS_MAX 24
#define PACK_SIZE_MAX (1u << PACK_CLASS_MAX)
/* What every pack has beside its objects and entries: head, tag of the
 * directory, and at least the tag of the padding. */
#define PACK_FIXED (PACK_HEAD + PACK_TAG + PACK_TAG)
#define PACK_PLAIN_MAX (PACK_SIZE_MAX - PACK_FIXED - PACK_ENTRY - PACK_TAG)
#define PACK_CHUNK_MAX (1u << 20)	/* plain bytes of a data chunk */
#define PACK_ENTRIES_MAX \
	((PACK_SIZE_MAX - PACK_FIXED) / (PACK_ENTRY + PACK_TAG + 1))

/* Counters of the cipher under the data key: objects have their number. */
#define PACK_COUNTER_DIR ((uint64_t)1 << 32)
#define PACK_COUNTER_PAD (((uint64_t)1 << 32) + 1)

enum pack_kind { PACK_DATA = 1, PACK_META = 2 };
enum pack_codec { PACK_RAW = 0, PACK_ZSTD = 1 };
enum pack_type {
	PACK_CHUNK = 1,		/* these two in data packs */
	PACK_RECIPE = 2,
	PACK_SEGMENT = 3,	/* these in meta packs */
	PACK_LIST = 4,
	PACK_REFS = 5,
	PACK_OTHER = 6,
};

struct pack_head {
	enum pack_kind kind;
	unsigned klass;
	uint32_t epoch;		/* >= 1 */
	uint8_t commit[32], nonce[24], box[PACK_INNER + PACK_TAG];
};

struct pack_inner {
	uint8_t key[32];	/* secret: the caller wipes it */
	uint32_t dir_at, dir_n, entries;	/* dir_n: sealed */
};

struct pack_entry {
	uint8_t name[32];
	uint32_t at, stored;	/* stored: with its tag */
	uint32_t plain;
	uint8_t codec, type;
};

/* pack_kind_of(): the kind of pack that has objects of a type; 0: no type. */
int pack_kind_of(unsigned type);
/* pack_class_ok(): is it 12, 14 or 16..24? */
int pack_class_ok(unsigned klass);
/* pack_class_for(): the smallest class whose file holds ${n} bytes; 0 if none. */
unsigned pack_class_for(uint64_t n);
/* pack_name_context(): what a name of an object of this type is a keyed hash
 * of, before the NUL and the plain bytes: "vibehub-object-1".  Static. */
const char *pack_name_context(unsigned type);

/* pack_head_encode(): BUG() for what no reader would accept. */
void pack_head_encode(uint8_t out[PACK_HEAD], const struct pack_head *h);
/* pack_head_decode(): of the first ${n} >= PACK_HEAD bytes of a file of
 * ${size} bytes.  HUB_ECORRUPT, HUB_EVERSION (version or suite). */
int pack_head_decode(struct pack_head *ret, const void *p, size_t n,
		     uint64_t size, struct err *e);
/* pack_head_ad(): the bytes that the head's box is bound to. */
void pack_head_ad(uint8_t ad[PACK_AD], const uint8_t *head,
		  const uint8_t hub[32]);

void pack_inner_encode(uint8_t out[PACK_INNER], const struct pack_inner *in);
/* pack_inner_decode(): HUB_ECORRUPT if it does not fit the file of class
 * ${klass}; ${ret} is zero then. */
int pack_inner_decode(struct pack_inner *ret, unsigned klass,
		      const uint8_t p[PACK_INNER], struct err *e);

void pack_entry_encode(uint8_t out[PACK_ENTRY], const struct pack_entry *en);
/*
 * pack_dir_decode(): the opened directory of ${in->entries} entries into
 * ${ret}, which has room for so many.  Checks all that can be known without
 * opening the objects: they stand back to back from the head to the
 * directory, their types fit ${kind}, their sizes their codec.  HUB_ECORRUPT.
 */
int pack_dir_decode(struct pack_entry *ret, enum pack_kind kind,
		    const struct pack_inner *in, const void *p, size_t n,
		    struct err *e);
/* pack_entry_check(): 0 or HUB_ECORRUPT: codec, type, sizes of one entry (also
 * of an index that repeats it). */
int pack_entry_check(const struct pack_entry *en, enum pack_kind kind);
/* pack_object_ad(): the bytes that a sealed object is bound to. */
void pack_object_ad(uint8_t ad[PACK_OBJECT_AD], const struct pack_entry *en);

#endif
