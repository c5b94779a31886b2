/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_slot.c - a key slot from arbitrary bytes.  What decodes must encode to
 * the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slot s;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = slot_decode(&s, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	must(rc == 0 || (!s.keys.p && !s.keys.n));
	if (rc == 0) {
		slot_encode(&b, &s);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_release(&b);
	return 0;
}
