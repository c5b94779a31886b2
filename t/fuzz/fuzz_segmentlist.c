/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_segmentlist.c - a list of segments from arbitrary bytes.  What decodes
 * must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>
#include "fmt/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment_ref *r = NULL;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t n = 0;
	int rc = segment_list_decode(&r, &n, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0] && !rc == !!r);
	if (rc == 0) {
		segment_list_encode(&b, r, n);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	free(r);
	buf_release(&b);
	return 0;
}
