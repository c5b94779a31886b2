/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_workspace.c - the configuration of a workspace from arbitrary bytes.  What decodes
 * must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/wsconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wsconfig v;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = wsconfig_decode(&v, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		wsconfig_encode(&b, &v);
		must(b.n == size && !memcmp(b.p, data, size));
		wsconfig_release(&v);
	}
	buf_release(&b);
	return 0;
}
