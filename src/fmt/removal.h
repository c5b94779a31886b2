/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removal.h - what lies in the place of a key slot that was removed,
 * keys/<32 hex of its id> (hubformat-removal(5)): so it is never put back from a
 * place that still has it, and what its device signs later is not believed.
 *
 *	  0  magic "VHrm"; version u8 1; suite u8 1; 2 zero
 *	  8  hub 32; slot id 16; epoch u32
 *	 60  commit 32; nonce 24
 *	116  XA(KH(epoch key, "vibehub-removal", ""); body; AD = first 60) 3980
 *
 * Always 4096 bytes.  The body is for members:
 *
 *	time u64; type u8 (slot.h); n u8, label; n u8, {place 32, seq u64,
 *	hash 32} ascending by place; chain (cert.h); signature 64; zeros
 */
#ifndef FMT_REMOVAL_H
#define FMT_REMOVAL_H

#include "fmt/slot.h"

#define REMOVAL_CONTEXT "vibehub-removal"
#define REMOVAL_USE "removal"		/* of keyring_subkey() */
#define REMOVAL_SIZE 4096u
#define REMOVAL_AD 60u
#define REMOVAL_BOX_AT 116u
#define REMOVAL_BOX (REMOVAL_SIZE - REMOVAL_BOX_AT)
#define REMOVAL_PLAIN (REMOVAL_BOX - AEAD_TAG)
#define REMOVAL_PINS_MAX 32

struct removal {
	uint8_t hub[32], id[SLOT_ID];
	uint32_t epoch;
	uint8_t commit[AEAD_COMMIT], nonce[AEAD_NONCE];
	uint8_t box[REMOVAL_BOX];
};

/* The newest state of a place that was believed when the slot was removed. */
struct removal_pin { uint8_t place[32]; uint64_t seq; uint8_t hash[32]; };

struct removal_body {
	uint64_t time;			/* seconds since 1970 */
	enum slot_type type;		/* what it was */
	char label[SLOT_LABEL_MAX + 1];
	uint8_t pins_n;
	struct removal_pin pins[REMOVAL_PINS_MAX];
	struct cert_chain chain;	/* who removed it; empty: the identity */
	uint8_t sig[SIGN_SIZE];
	size_t signed_n;		/* bytes of the body that it covers, and
					   the first REMOVAL_AD of the file */
};

/* removal_is(): does a file of keys/ claim to be one? */
int removal_is(const void *p, size_t n);
/* removal_encode_ad(): append the first REMOVAL_AD bytes; removal_encode(): all. */
void removal_encode_ad(struct buf *out, const struct removal *r);
void removal_encode(struct buf *out, const struct removal *r);
/* removal_decode(): HUB_ECORRUPT, HUB_EVERSION; all zero then. */
int removal_decode(struct removal *ret, const void *p, size_t n,
		   struct err *e);

/* removal_body_encode(): what is signed; removal_body_encode_sig(): the
 * signature and the padding, to REMOVAL_PLAIN bytes in all. */
void removal_body_encode(struct buf *out, const struct removal_body *b);
void removal_body_encode_sig(struct buf *out, const struct removal_body *b);
int removal_body_decode(struct removal_body *ret, const void *p, size_t n,
			struct err *e);

#endif
