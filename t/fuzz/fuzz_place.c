/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_place.c - what is remembered of a place, from arbitrary bytes.  What
 * decodes must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/remotes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct remotes_note v;
	struct buf b = BUF_INIT;
	int rc = remotes_note_decode(&v, data, size);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(v.rc <= 0 && v.time >= 0 && v.done >= 0);
	if (rc == 0) {
		remotes_note_encode(&b, &v);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_release(&b);
	return 0;
}
