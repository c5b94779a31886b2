/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_pktline.c - a stream of packets from arbitrary bytes.  What was read
 * must encode to the same bytes, but for the case of the digits.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/pktline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static int same_head(const uint8_t *a, const uint8_t *b)
{
	int i;

	for (i = 0; i < PKTLINE_HEAD; i++)
		if ((a[i] >= 'A' && a[i] <= 'F' ? a[i] + 32 : a[i]) != b[i])
			return 0;
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT;
	struct span v;

	while (size >= PKTLINE_HEAD) {
		int n = pktline_head(data);

		if (n < 0 || (size_t)n > size - PKTLINE_HEAD)
			break;
		must(n <= PKTLINE_DATA_MAX);
		buf_reset(&out);
		pktline_add(&out, data + PKTLINE_HEAD, (size_t)n);
		must(out.n == (size_t)n + PKTLINE_HEAD);
		must(same_head(data, (const uint8_t *)out.p));
		must(!memcmp(out.p + PKTLINE_HEAD, data + PKTLINE_HEAD,
			     (size_t)n));
		if (pktline_value(data + PKTLINE_HEAD, (size_t)n, "pathname",
				  &v))
			must(v.n + 9 <= (size_t)n);
		data += PKTLINE_HEAD + (size_t)n;
		size -= PKTLINE_HEAD + (size_t)n;
	}
	buf_release(&out);
	return 0;
}
