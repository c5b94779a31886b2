/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secret.c - what all that hold secrets need. */
#include <string.h>
#include <sodium.h>
#include "base/banned.h"
#include "crypt/sign.h"

void secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void secret_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

void *secret_new(size_t n)
{
	void *p = sodium_malloc(n);

	if (p)
		memset(p, 0, n);
	return p;
}

void secret_free(void *p)
{
	sodium_free(p);
}

int secret_same(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}
