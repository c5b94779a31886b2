/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_segment.c - an index segment from arbitrary bytes.  What opens is found
 * by name, and merged with itself or with nothing it stays as it is. */
#include <stdlib.h>
#include <string.h>
#include "fmt/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void whole(const struct segment *s, const uint8_t *data, size_t size)
{
	struct segment none = { NULL, NULL, NULL, 0, 0, 0 };
	struct segment_entry en;
	struct buf b = BUF_INIT;
	uint32_t i;

	for (i = 0; i < s->entries_n; i++) {
		segment_entry(s, i, &en);
		must(segment_find(s, en.at.name) == i && en.pack < s->packs_n);
	}
	must(segment_merge(&b, s, s, 0, NULL) == 0);
	must(b.n == size && !memcmp(b.p, data, size));
	buf_reset(&b);
	must(segment_merge(&b, &none, s, 0, NULL) == 0);
	must(b.n == size && !memcmp(b.p, data, size));
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment s;
	struct err e = ERR_INIT;
	int rc = segment_open(&s, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0)
		whole(&s, data, size);
	else
		must(!s.packs_n && !s.drops_n && !s.entries_n);
	return 0;
}
