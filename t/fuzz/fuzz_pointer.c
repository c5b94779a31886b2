/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_pointer.c - a pointer from arbitrary bytes.  What decodes must encode to
 * the same bytes, and look like a pointer.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/pointer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = pointer_decode(&ptr, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		pointer_encode(&b, &ptr);
		must(b.n == size && !memcmp(b.p, data, size));
		must(pointer_is(data, size));
	}
	buf_release(&b);
	return 0;
}
