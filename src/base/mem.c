/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem.c - the order of byte strings, declared in buf.h. */
#include <string.h>
#include "base/buf.h"
#include "base/banned.h"

int mem_cmp(const void *a, size_t an, const void *b, size_t bn)
{
	size_t n = an < bn ? an : bn;
	int c = n ? memcmp(a, b, n) : 0;

	if (c)
		return c;
	return (an > bn) - (an < bn);
}
