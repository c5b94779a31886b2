/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crypt.c - start of the room: libsodium chooses its code for this processor. */
#include <sodium.h>
#include "base/banned.h"
#include "crypt/sign.h"

int crypt_init(struct err *e)
{
	if (sodium_init() < 0)
		return err_set(e, HUB_EBUG, "libsodium does not start");
	return 0;
}
