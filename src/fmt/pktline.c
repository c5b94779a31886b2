/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktline.c - git's packets as bytes. */
#include <string.h>
#include "base/banned.h"
#include "fmt/pktline.h"

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int pktline_head(const uint8_t p[PKTLINE_HEAD])
{
	int n = 0, i, d;

	for (i = 0; i < PKTLINE_HEAD; i++) {
		d = digit(p[i]);
		if (d < 0)
			return HUB_ECORRUPT;
		n = n * 16 + d;
	}
	if (!n)
		return 0;
	return n <= PKTLINE_HEAD || n > PKTLINE_DATA_MAX + PKTLINE_HEAD ?
		HUB_ECORRUPT : n - PKTLINE_HEAD;
}

void pktline_make_head(uint8_t out[PKTLINE_HEAD], size_t n)
{
	static const char hex[] = "0123456789abcdef";
	int i;

	if (n > PKTLINE_DATA_MAX)
		BUG("a packet of %zu bytes", n);
	if (n)
		n += PKTLINE_HEAD;
	for (i = PKTLINE_HEAD - 1; i >= 0; i--, n /= 16)
		out[i] = (uint8_t)hex[n % 16];
}

void pktline_add(struct buf *out, const void *p, size_t n)
{
	uint8_t head[PKTLINE_HEAD];

	pktline_make_head(head, n);
	buf_add(out, head, sizeof(head));
	buf_add(out, p, n);
}

int pktline_value(const void *p, size_t n, const char *key, struct span *ret)
{
	const uint8_t *s = p;
	size_t k = strlen(key);

	if (n && s[n - 1] == '\n')
		n--;
	if (n <= k || memcmp(s, key, k) || s[k] != '=')
		return 0;
	ret->p = s + k + 1;
	ret->n = n - k - 1;
	return 1;
}
