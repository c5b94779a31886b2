/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_keyring.c - a keyring from arbitrary bytes.  What decodes must encode to
 * the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "crypt/sign.h"
#include "fmt/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring *r = NULL;
	struct err e = ERR_INIT;
	uint8_t *b;
	int rc;

	must(crypt_init(NULL) == 0);
	rc = slot_keys_decode(&r, data, size, &e);
	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0] && !rc == !!r);
	if (rc == 0) {
		must(slot_keys_size(r) == size);
		b = malloc(size);
		must(b != NULL);
		slot_keys_encode(b, r);
		must(!memcmp(b, data, size));
		free(b);
	}
	keyring_free(r);
	return 0;
}
