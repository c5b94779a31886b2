/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_index.c - git's index as arbitrary bytes (the checksum left out, as git
 * itself may).  What is taken can be edited, written, and is then taken again
 * with the edits in it.
 */
#include <stdlib.h>
#include <string.h>

#include "repo/index_raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void edited(struct index_raw *x)
{
	struct index_raw_entry en = { .mode = 0100644 }, got;
	struct index_raw *again = NULL;
	struct buf out = BUF_INIT;

	must(!index_raw_put(x, "a/b", 3, &en));
	must(!index_raw_put(x, "m", 1, &en));
	must(!index_raw_remove(x, "z", 1));
	must(!index_raw_text(x, 5, &out));
	must(!index_raw_open(&out, &again));
	must(!index_raw_get(again, "a/b", 3, 0, &got) && got.mode == 0100644);
	must(!index_raw_get(again, "m", 1, 0, &got) && !got.intent);
	must(index_raw_get(again, "m", 1, 1, &got) == HUB_EABSENT);
	must(index_raw_get(again, "a", 1, 0, &got) == HUB_EABSENT);
	must(index_raw_get(again, "z", 1, 0, &got) == HUB_EABSENT);
	index_raw_close(again);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT;
	struct index_raw *x = NULL;
	int rc;

	buf_add(&b, data, size);
	if (size >= 20)
		memset(b.p + size - 20, 0, 20);
	rc = index_raw_open(&b, &x);
	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	if (!rc)
		edited(x);
	index_raw_close(x);
	buf_release(&b);
	return 0;
}
