/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_vaultstate.c - a state of a vault, opened, from arbitrary bytes: head,
 * then what its box holds.  What decodes must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>
#include "fmt/vaultstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

static int decode(const uint8_t *data, size_t size, struct vaultstate *s,
		  struct vaultstate_head *h, struct err *e)
{
	size_t body = 0;
	int rc = vaultstate_head_decode(h, data, size + VAULTSTATE_TAG, e);

	if (rc == 0 && size < VAULTSTATE_HEAD)
		rc = err_set(e, HUB_ECORRUPT, "short");
	if (rc == 0)
		rc = vaultstate_body_decode(s, h->klass, data + VAULTSTATE_HEAD,
					    size - VAULTSTATE_HEAD, &body, e);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vaultstate *s = calloc(1, sizeof(*s));
	struct vaultstate_head h;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t head[VAULTSTATE_HEAD];
	/* the decoder believes that the bytes are there: too few are none */
	int rc = size < VAULTSTATE_HEAD ? HUB_ECORRUPT
					: decode(data, size, s, &h, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	if (rc == 0) {
		must(vaultstate_covers(s->vector, s->vector_n, s->vector,
				       s->vector_n));
		vaultstate_body_encode(&b, s);
		must(vaultstate_plain(&b, &h, s->sig, &e) == 0);
		vaultstate_head_encode(head, &h);
		must(b.n + VAULTSTATE_HEAD == size &&
		     !memcmp(head, data, VAULTSTATE_HEAD) &&
		     !memcmp(b.p, data + VAULTSTATE_HEAD, b.n));
	}
	buf_release(&b);
	free(s);
	return 0;
}
