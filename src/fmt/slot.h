/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot.h - a key slot of a vault, keys/<32 hex of its id> (hubformat-slot(5)):
 * the hub's keyring, sealed to one key pair.  A passphrase slot holds the secret
 * half of its pair too, and the seed of the hub's identity, under a key from the
 * passphrase; of a device slot the device keeps it.  So a new epoch is sealed to
 * every slot without its passphrase.
 *
 *	  0  magic "VHsl"; version u8 1; suite u8 1; type u8; 0
 *	  8  hub 32; slot id 16; box pk 32
 *	 88  kdf u8 (0, 1 Argon2id); 3 zero; ops u32; KiB u32; salt 16
 *	116  passphrase slots: commit 32; nonce 24;
 *	     XA(passphrase key; box sk 32 || identity seed 32; AD = all before) 80
 *	 +0  n u32; sealed box to box pk of the keyring (ring.h), zeros to a
 *	     multiple of 1024
 *	 +n  epoch u32; commit 32; nonce 24;
 *	     XA(KH(epoch key, "vibehub-slot", ""); notes; AD = all before) 1168
 *
 * The notes are for all members: who made the slot and what people call it.
 * Their signature covers all that stands before them in the file too: so no
 * member seals a new epoch to a slot that a stranger put there.
 *
 *	flags u8; made u64; n u8, label; chain (cert.h); signature 64; zeros to
 *	1152 bytes
 */
#ifndef FMT_SLOT_H
#define FMT_SLOT_H

#include "base/buf.h"
#include "crypt/aead.h"
#include "crypt/box.h"
#include "crypt/kdf.h"
#include "fmt/cert.h"
#include "fmt/ring.h"

#define SLOT_CONTEXT "vibehub-slot"
#define SLOT_USE "slot"			/* of keyring_subkey() */
#define SLOT_ID 16
#define SLOT_SECRET (BOX_SECRET + SIGN_SEED_SIZE)
#define SLOT_SECRET_BOX (SLOT_SECRET + AEAD_TAG)
#define SLOT_PAD 1024
#define SLOT_KEYS_MAX ((RING_MAX + SLOT_PAD - 1) / SLOT_PAD * SLOT_PAD)
#define SLOT_NOTES 1152
#define SLOT_NOTES_BOX (SLOT_NOTES + AEAD_TAG)
#define SLOT_LABEL_MAX 64
#define SLOT_MAX 49152			/* bytes of a file */

enum slot_type { SLOT_PASSPHRASE = 1, SLOT_DEVICE };

/* The rotation that made the newest epoch has not reached every slot yet. */
#define SLOT_ROTATING 1

struct slot {
	enum slot_type type;
	uint8_t hub[32], id[SLOT_ID], box_pk[BOX_PUBLIC];
	uint32_t ops, kib;		/* these to secret: passphrase slots */
	uint8_t salt[KDF_SALT];
	uint8_t commit[AEAD_COMMIT], nonce[AEAD_NONCE];
	uint8_t secret[SLOT_SECRET_BOX];	/* sealed */
	struct span keys;		/* sealed; borrowed from the file */
	uint32_t epoch;
	uint8_t notes_commit[AEAD_COMMIT], notes_nonce[AEAD_NONCE];
	uint8_t notes[SLOT_NOTES_BOX];	/* sealed */
};

/* slot_encode_to_secret(), slot_encode_to_notes(): append what stands before
 * the two boxes, which is their associated data; slot_encode(): all. */
void slot_encode_to_secret(struct buf *out, const struct slot *s);
void slot_encode_to_notes(struct buf *out, const struct slot *s);
void slot_encode(struct buf *out, const struct slot *s);
/* slot_decode(): HUB_ECORRUPT; HUB_EVERSION for another version, suite or type.
 * Key derivation outside of the bounds of kdf.h is HUB_ECORRUPT. */
int slot_decode(struct slot *ret, const void *p, size_t n, struct err *e);

/* The keyring as it is sealed: slot_keys_size() bytes, padded, in locked
 * memory. */
size_t slot_keys_size(const struct keyring *r);
void slot_keys_encode(uint8_t *out, const struct keyring *r);
int slot_keys_decode(struct keyring **ret, const void *p, size_t n,
		     struct err *e);

struct slot_notes {
	uint8_t flags;
	uint64_t made;			/* seconds since 1970 */
	char label[SLOT_LABEL_MAX + 1];
	struct cert_chain chain;	/* empty: the identity key signed */
	uint8_t sig[SIGN_SIZE];
	size_t signed_n;		/* bytes of the notes that it covers */
};

/* slot_label_ok(): 1..64 bytes of UTF-8 without control characters. */
int slot_label_ok(const char *s);
/* slot_notes_encode(): what is signed behind slot_encode_to_notes();
 * slot_notes_encode_sig(): the signature and the padding. */
void slot_notes_encode(struct buf *out, const struct slot_notes *s);
void slot_notes_encode_sig(struct buf *out, const struct slot_notes *s);
int slot_notes_decode(struct slot_notes *ret, const void *p, size_t n,
		      struct err *e);

#endif
