/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_cert.c - a certificate from arbitrary bytes.  What decodes must encode to
 * the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cert c;
	struct err e = ERR_INIT;
	uint8_t b[CERT_SIZE];
	int rc = cert_decode(&c, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0) {
		cert_encode(b, &c);
		must(size == CERT_SIZE && !memcmp(b, data, size));
	}
	return 0;
}
