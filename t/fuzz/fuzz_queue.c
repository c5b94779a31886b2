/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_queue.c - the name of a ticket from arbitrary bytes.  What decodes must
 * encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ticket t;
	char out[TICKET_NAME + 1];
	int rc = ticket_decode(&t, data, size);

	must(rc == 0 || rc == HUB_ECORRUPT);
	if (rc == 0) {
		ticket_encode(out, &t);
		must(size == TICKET_NAME && !memcmp(out, data, size));
		must(!ticket_cmp(&t, &t));
	}
	return 0;
}
