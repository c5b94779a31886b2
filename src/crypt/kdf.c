/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdf.c - Argon2id within bounds. */
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "crypt/kdf.h"

_Static_assert(KDF_SALT == crypto_pwhash_argon2id_SALTBYTES, "");

int kdf_argon2id(uint8_t key[KDF_KEY], const char *pass, size_t n,
		 const uint8_t salt[KDF_SALT], uint32_t ops, uint32_t kib,
		 struct err *e)
{
	memset(key, 0, KDF_KEY);
	if (ops < KDF_OPS_MIN || ops > KDF_OPS_MAX || kib < KDF_KIB_MIN ||
	    kib > KDF_KIB_MAX)
		return err_set(e, HUB_ELIMIT, "a key slot asks for %u passes "
			       "over %u MiB, outside of %u..%u and %u..%u MiB",
			       ops, kib / 1024, KDF_OPS_MIN, KDF_OPS_MAX,
			       KDF_KIB_MIN / 1024, KDF_KIB_MAX / 1024);
	if (crypto_pwhash_argon2id(key, KDF_KEY, pass, n, salt, ops,
				   (size_t)kib * 1024,
				   crypto_pwhash_argon2id_ALG_ARGON2ID13))
		return err_set(e, HUB_ENOMEM, "the passphrase needs %u MiB of "
			       "memory, and there is not so much", kib / 1024);
	return 0;
}
