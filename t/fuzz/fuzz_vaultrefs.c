/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_vaultrefs.c - the refs of a vault from arbitrary bytes.  What decodes
 * must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>
#include "fmt/vaultrefs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vaultrefs r;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t i;
	int rc = vaultrefs_decode(&r, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!r.refs && !r.refs_n && !r.git_n));
	if (rc == 0) {
		vaultrefs_encode(&b, &r);
		must(b.n == size && !memcmp(b.p, data, size));
		for (i = 0; i < r.refs_n; i++)
			must(vaultrefs_find(&r, r.refs[i].name) ==
			     &r.refs[i].oid);
	}
	vaultrefs_release(&r);
	buf_release(&b);
	return 0;
}
