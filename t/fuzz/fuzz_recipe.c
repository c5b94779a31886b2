/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_recipe.c - a recipe's node from arbitrary bytes.  What decodes must encode
 * to the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include "fmt/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct recipe_node r;
	static uint8_t out[RECIPE_NODE_MAX];
	struct err e = ERR_INIT;
	int rc = recipe_decode(&r, data, size, &e);

	must(rc == 0 || rc == HUB_ECORRUPT || rc == HUB_EVERSION);
	must(rc == e.rc && !rc == !e.msg[0]);
	if (rc == 0)
		must(recipe_encode(out, &r) == size && !memcmp(out, data, size));
	return 0;
}
