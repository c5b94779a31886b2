/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_released.c - a record of released contents from arbitrary bytes.  What decodes must
 * encode to the same bytes, and finds what it lists.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/releasedfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct releasedfile f;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = releasedfile_decode(&f, data, size, &e);
	size_t i;

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!f.tips && !f.contents && !f.contents_n));
	if (rc == 0) {
		must(!releasedfile_encode(&b, &f));
		must(b.n == f.signed_n);
		releasedfile_encode_sig(&b, f.sig);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	for (i = 0; i < f.contents_n; i++)
		must(releasedfile_find(&f, f.contents[i].recipe) ==
		     &f.contents[i]);
	buf_release(&b);
	releasedfile_release(&f);
	return 0;
}
