/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_session.c - frames, HELLO and heads of requests from arbitrary bytes.  What
 * decodes must encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/frame.h"
#include "fmt/placewire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static void head(const struct frame *f)
{
	struct frame_hello h;
	struct placewire w;
	struct buf b = BUF_INIT;

	if (frame_hello_decode(f->data.p, f->data.n, &h) == 0 &&
	    h.version == FRAME_VERSION) {
		frame_hello_encode(&b, &h);
		must(b.n == f->data.n && !memcmp(b.p, f->data.p, b.n));
	}
	buf_reset(&b);
	if (placewire_decode(f->op, f->data.p, f->data.n, &w) == 0) {
		placewire_encode(&b, f->op, &w);
		must(b.n == f->data.n &&
		     (!b.n || !memcmp(b.p, f->data.p, b.n)));
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT;
	struct frame f;
	int n;

	while ((n = frame_parse(data, size, &f)) > 0) {
		must((size_t)n <= size && f.data.n <= (size_t)n);
		if (f.type == FRAME_REQUEST || f.type == FRAME_ANSWER)
			head(&f);
		buf_reset(&b);
		frame_add(&b, &f);
		/* Statuses that only newer ones have become one. */
		must(b.n == (size_t)n && (f.status == HUB_EIO ||
					  !memcmp(b.p, data, b.n)));
		data += n;
		size -= (size_t)n;
	}
	must(n == 0 || n == HUB_ECORRUPT || n == HUB_EVERSION);
	buf_release(&b);
	return 0;
}
