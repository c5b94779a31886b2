/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_presence.c - a presence file from arbitrary bytes.  What decodes
 * must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/presence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct presence p;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	char name[PRESENCE_NAME_MAX + 1];
	int rc = presence_decode(&p, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!p.tips && !p.tips_n));
	if (rc == 0) {
		presence_encode(&b, &p);
		must(b.n == p.signed_n);
		presence_encode_sig(&b, p.sig);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_reset(&b);
	buf_add(&b, data, size);
	presence_name_from(name, b.p);
	must(presence_name_ok(name));
	buf_release(&b);
	presence_release(&p);
	return 0;
}
