/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_acts.c - a line of the record of moved refs from arbitrary bytes.  What decodes must
 * encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/refact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refact a;
	struct buf b = BUF_INIT;
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	size_t n = nl ? (size_t)(nl - data) : size;
	int rc = refact_decode(&a, data, n);

	must(rc == 0 || rc == HUB_ECORRUPT);
	if (rc == 0) {
		must(!refact_encode(&b, &a));
		must(b.n == n + 1 && !memcmp(b.p, data, n));
	}
	buf_release(&b);
	return 0;
}
