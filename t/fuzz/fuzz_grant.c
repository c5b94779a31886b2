/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_grant.c - a grant from arbitrary bytes.  What decodes must encode to the
 * same bytes, and covers the paths that it lists.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/grantfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grantfile g;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = grantfile_decode(&g, data, size, &e);
	size_t i;

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!g.paths_n && !g.id[0]));
	if (rc == 0) {
		must(!grantfile_encode(&b, &g));
		must(b.n == g.signed_n);
		grantfile_encode_sig(&b, g.sig);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	for (i = 0; i < g.paths_n; i++)
		must(grantfile_covers(&g, g.paths[i], strlen(g.paths[i])));
	buf_release(&b);
	grantfile_release(&g);
	return 0;
}
