/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_remotes.c - a workspace's list of places from arbitrary bytes.  What
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
	struct remotes v;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t i;
	int rc = remotes_decode(&v, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!v.n && !v.at));
	for (i = 0; i < v.n; i++)
		must(remotes_find(&v, v.at[i].name) == &v.at[i]);
	if (rc == 0) {
		remotes_encode(&b, &v);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	remotes_release(&v);
	buf_release(&b);
	return 0;
}
