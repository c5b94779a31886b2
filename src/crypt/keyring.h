/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyring.h - what a member of a hub knows: the keys that name, chunk and seal.
 *
 * Name key and chunker key are made once per hub and never change: the same
 * bytes have the same name for ever.  Sealing keys belong to epochs, the newest
 * seals, all of them open.  In locked memory, never in a struct buf but for the
 * moment of its encoding (fmt/keyring is the encoding, hubformat-slot(5)).
 */
#ifndef CRYPT_KEYRING_H
#define CRYPT_KEYRING_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define KEYRING_KEY 32
#define KEYRING_EPOCHS_MAX 1024

struct keyring_epoch {
	uint64_t created;	/* seconds since 1970 */
	uint32_t number;	/* from 1, ascending */
	uint8_t key_secret[KEYRING_KEY];
};

struct keyring {
	uint8_t hub[32];	/* the hub's id */
	uint8_t identity[32];	/* its identity's Ed25519 public key */
	uint8_t name_secret[KEYRING_KEY];
	uint8_t chunker_secret[KEYRING_KEY];
	uint32_t epochs_n;	/* 1 .. KEYRING_EPOCHS_MAX */
	struct keyring_epoch *epochs;	/* ascending, gaps are legal */
};

/* keyring_new(): an empty one with room for ${epochs} epochs, for a decoder.
 * NULL when out of (lockable) memory. */
struct keyring *keyring_new(uint32_t epochs);
/* keyring_make(): the keys of a new hub, epoch 1. */
struct keyring *keyring_make(const uint8_t hub[32], const uint8_t identity[32],
			     uint64_t now);
/* keyring_rotate(): a copy of ${r} with one more epoch.  NULL when out of
 * memory, or when there are KEYRING_EPOCHS_MAX. */
struct keyring *keyring_rotate(const struct keyring *r, uint64_t now);
struct keyring *keyring_copy(const struct keyring *r);
void keyring_free(struct keyring *r);	/* wipes; NULL is fine */

/* keyring_epoch(): the number of the newest epoch: what to seal with. */
uint32_t keyring_epoch(const struct keyring *r);
/*
 * keyring_subkey(): the key of ${epoch} for one use, "pack", "state", ...:
 * KH(epoch key, "vibehub-<use>", "").  0, or HUB_EABSENT: this device does not
 * know that epoch (a newer one: read the slot again).  The caller wipes it.
 */
int keyring_subkey(const struct keyring *r, uint32_t epoch, const char *use,
		   uint8_t out[KEYRING_KEY]);
/* keyring_name(): the name of an object: KH(name key, "vibehub-object-<type>",
 * ${plain}); ${type} 1..9.  Any number of threads at once. */
void keyring_name(const struct keyring *r, int type, const void *plain,
		  size_t n, uint8_t out[32]);

#endif
