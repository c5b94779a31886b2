/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring.h - a keyring as bytes (hubformat-slot(5), "Keyring"): what every slot
 * of a vault seals.
 *
 *	magic "VHkr", version u8 1, 3 zero; hub 32; identity pk 32; name key 32;
 *	chunker key 32; n u32 (1..1024); n times { number u32 ascending from 1,
 *	created u64, key 32 }
 */
#ifndef FMT_RING_H
#define FMT_RING_H

#include "base/rd.h"
#include "crypt/keyring.h"

#define RING_HEAD 140
#define RING_EPOCH 44
#define RING_MAX (RING_HEAD + RING_EPOCH * KEYRING_EPOCHS_MAX)

/* ring_size(): bytes of its encoding. */
size_t ring_size(const struct keyring *r);
/* ring_encode(): ring_size() bytes to ${out}, which is locked memory. */
void ring_encode(uint8_t *out, const struct keyring *r);
/* ring_decode(): reads on from ${r}; what follows is the caller's.  HUB_ECORRUPT,
 * HUB_EVERSION, HUB_ENOMEM; *ret owned: keyring_free(). */
int ring_decode(struct keyring **ret, struct rd *r, struct err *e);

#endif
