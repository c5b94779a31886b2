/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_removal.c - the record of a removed key slot from arbitrary
 * bytes.  What decodes must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/removal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct removal r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = removal_decode(&r, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		must(removal_is(data, size));
		removal_encode(&b, &r);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_release(&b);
	return 0;
}
