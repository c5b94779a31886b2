/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_pack.c - the layout of a pack from arbitrary bytes: head, what its box
 * holds, directory, one behind the other (as in t/vectors/pack/).  What decodes
 * must encode to the same bytes, and lie inside the file.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void directory(const struct pack_head *h, const struct pack_inner *in,
		      const uint8_t *p, size_t n)
{
	struct pack_entry *en = NULL;
	uint8_t b[PACK_ENTRY];
	struct err e = ERR_INIT;
	uint32_t i;
	int rc;

	must(in->entries && in->entries <= PACK_ENTRIES_MAX);
	must((uint64_t)in->dir_at + in->dir_n + PACK_TAG <= 1u << h->klass);
	/* An opened directory has just the size that dir_n says. */
	if (n != in->dir_n - PACK_TAG)
		return;
	en = calloc(in->entries, sizeof(*en));
	must(en != NULL);
	rc = pack_dir_decode(en, h->kind, in, p, n, &e);
	must(rc == 0 || rc == HUB_ECORRUPT);
	must(rc == e.rc && !rc == !e.msg[0]);
	for (i = 0; rc == 0 && i < in->entries; i++) {
		must(en[i].at >= PACK_HEAD && en[i].stored > PACK_TAG &&
		     (uint64_t)en[i].at + en[i].stored <= in->dir_at);
		must(en[i].plain && en[i].plain <= PACK_PLAIN_MAX);
		pack_entry_encode(b, &en[i]);
		must(!memcmp(b, p + i * PACK_ENTRY, PACK_ENTRY));
	}
	free(en);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pack_head h;
	struct pack_inner in;
	struct err e = ERR_INIT;
	uint8_t b[PACK_HEAD];
	int rc = pack_head_decode(&h, data, size,
				  size > 7 ? 1ull << (data[7] & 63) : 0, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc < 0)
		return 0;
	pack_head_encode(b, &h);
	must(!memcmp(b, data, PACK_HEAD));
	if (size < PACK_HEAD + PACK_INNER)
		return 0;
	rc = pack_inner_decode(&in, h.klass, data + PACK_HEAD, &e);
	must(rc == 0 || rc == HUB_ECORRUPT);
	if (rc == 0) {
		pack_inner_encode(b, &in);
		must(!memcmp(b, data + PACK_HEAD, PACK_INNER));
		directory(&h, &in, data + PACK_HEAD + PACK_INNER,
			  size - PACK_HEAD - PACK_INNER);
	}
	return 0;
}
