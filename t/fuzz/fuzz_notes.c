/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_notes.c - the notes of a key slot from arbitrary bytes.  What decodes must encode to
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
	struct slot_notes n;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc = slot_notes_decode(&n, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		slot_notes_encode(&b, &n);
		must(b.n == n.signed_n);
		slot_notes_encode_sig(&b, &n);
		must(b.n == size && !memcmp(b.p, data, size));
	}
	buf_release(&b);
	return 0;
}
