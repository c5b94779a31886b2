/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_invite.c - an invitation, and a key line of SSH, from arbitrary bytes.  What
 * decodes must encode to the same, but for the blanks around it.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/invite.h"
#include "fmt/sshkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct invite v;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t pk[32];
	size_t i;
	int rc = invite_decode(&v, text, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		invite_encode(&b, &v);
		for (i = 0; i + b.n <= size; i++)
			if (!memcmp(text + i, b.p, b.n))
				break;
		must(i + b.n <= size);
	}
	buf_reset(&b);
	if (!sshkey_public_decode(text, size, pk)) {
		sshkey_public(&b, pk);
		must(b.n <= size && !memcmp(b.p, text, b.n));
	}
	buf_release(&b);
	return 0;
}
