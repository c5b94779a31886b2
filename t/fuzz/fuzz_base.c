/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_base.c - a base record from arbitrary bytes.  What decodes
 * must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/baserec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct baserec r;
	uint8_t out[BASEREC_MAX];
	size_t n;
	int rc = baserec_decode(&r, data, size);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	if (rc == 0) {
		n = baserec_encode(out, &r);
		must(n == size && !memcmp(out, data, size));
	}
	return 0;
}
