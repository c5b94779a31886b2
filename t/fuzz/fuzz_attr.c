/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_attr.c - the merge attribute.  The input: a byte that says how long the path is,
 * the path, and two attribute files with a NUL byte between: the root's, and that of the
 * path's first folder if it lies in one.
 */
#include <stdlib.h>
#include <string.h>

#include "repo/attr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct attr_file f[2];
	const uint8_t *slash, *nul;
	const char *path;
	size_t path_n;
	enum attr_merge one, both;

	if (!n)
		return 0;
	path_n = data[0] < n ? data[0] : n - 1;
	path = (const char *)data + 1;
	data += 1 + path_n;
	n -= 1 + path_n;
	memset(f, 0, sizeof(f));
	nul = n ? memchr(data, 0, n) : NULL;
	f[0].text.p = data;
	f[0].text.n = nul ? (size_t)(nul - data) : n;
	one = attr_merge(f, 1, path, path_n);
	if (one != ATTR_MERGE_LINES && one != ATTR_MERGE_NEVER &&
	    one != ATTR_MERGE_UNION)
		abort();
	slash = path_n ? memchr(path, '/', path_n) : NULL;
	if (!slash || !nul)
		return 0;
	f[1].base_n = (size_t)((const char *)slash - path) + 1;
	f[1].text.p = nul + 1;
	f[1].text.n = n - f[0].text.n - 1;
	both = attr_merge(f, 2, path, path_n);
	if (attr_merge(f, 2, path, path_n) != both)
		abort();
	f[1].text.n = 0;		/* a file without rules changes nothing */
	if (attr_merge(f, 2, path, path_n) != one)
		abort();
	return 0;
}
