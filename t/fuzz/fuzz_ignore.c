/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_ignore.c - rule files and patterns.  The input's first byte says where
 * the path ends that stands after it; the rest is the rule file.
 */
#include <stdlib.h>

#include "repo/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ignore *ig;
	const char *path, *rules;
	size_t path_n, base_n, i;
	int r;

	if (!n)
		return 0;
	path_n = data[0] < n ? data[0] : n - 1;
	path = (const char *)data + 1;
	rules = path + path_n;
	n -= 1 + path_n;
	for (base_n = i = 0; i < path_n / 2; i++)
		if (path[i] == '/')
			base_n = i + 1;
	if (ignore_parse(rules, n, path, base_n, &ig, NULL))
		return 0;
	if (ignore_count(ig) > n)
		abort();
	for (i = 0; i < 2; i++) {
		r = ignore_match(ig, path, path_n, (int)i);
		if (r < -1 || r > 1 || (!ignore_count(ig) && r != -1))
			abort();
	}
	ignore_free(ig);
	ignore_wildmatch(rules, n, path, path_n);
	return 0;
}
