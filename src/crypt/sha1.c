/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sha1.c - SHA-1 of a stream, by libcrypto.  See hash.h for what it is for. */
#include <stdlib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "base/banned.h"
#include "base/err.h"
#include "crypt/hash.h"

struct sha1 { EVP_MD_CTX *ctx; };

struct sha1 *sha1_new(void)
{
	struct sha1 *s = NULL;

	/* Without this libcrypto reads the system's openssl.cnf, which may
	 * load code of its own and costs more than many a hash. */
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->ctx = EVP_MD_CTX_new();
	if (!s->ctx || !EVP_DigestInit_ex(s->ctx, EVP_sha1(), NULL)) {
		sha1_free(s);
		return NULL;
	}
	return s;
}

void sha1_add(struct sha1 *s, const void *p, size_t n)
{
	if (!EVP_DigestUpdate(s->ctx, p, n))
		BUG("SHA-1 failed");
}

void sha1_end(struct sha1 *s, uint8_t out[20])
{
	unsigned n = 0;

	/* The second call keeps the algorithm and allocates nothing. */
	if (!EVP_DigestFinal_ex(s->ctx, out, &n) || n != 20 ||
	    !EVP_DigestInit_ex(s->ctx, NULL, NULL))
		BUG("SHA-1 failed");
}

void sha1_free(struct sha1 *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}
