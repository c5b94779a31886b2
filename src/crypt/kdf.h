/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdf.h - a key from a passphrase: Argon2id v1.3, one lane (libsodium). */
#ifndef CRYPT_KDF_H
#define CRYPT_KDF_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define KDF_SALT 16
#define KDF_KEY 32
/* What is accepted from a disk: less would be a downgrade, more would let a
 * stranger's file take all our memory. */
#define KDF_OPS_MIN 2u
#define KDF_OPS_MAX 16u
#define KDF_KIB_MIN (64u * 1024)
#define KDF_KIB_MAX (2u * 1024 * 1024)
/* What is written. */
#define KDF_OPS 3u
#define KDF_KIB (256u * 1024)

/*
 * kdf_argon2id(): ${kib} KiB of memory for about ${kib} * ${ops} / 650 000 s.
 * 0; HUB_ELIMIT for figures out of the bounds above; HUB_ENOMEM.  The key is
 * the caller's to wipe.
 */
int kdf_argon2id(uint8_t key[KDF_KEY], const char *pass, size_t n,
		 const uint8_t salt[KDF_SALT], uint32_t ops, uint32_t kib,
		 struct err *e);

#endif
