/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_accepted.c - an accepted mass change from arbitrary bytes.  What decodes
 * must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/hubfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hubfile_accepted a;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = hubfile_accepted_decode(&a, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		hubfile_accepted_encode(&b, &a);
		must(b.n == a.signed_n);
		hubfile_accepted_encode_sig(&b, a.sig);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_release(&b);
	return 0;
}
