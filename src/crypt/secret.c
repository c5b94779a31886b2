/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secret.c - what all that hold secrets need. */
#include <sodium.h>
#include "base/banned.h"
#include "crypt/sign.h"

void secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}
