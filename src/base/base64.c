/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64.c - three bytes are four characters. */
#include "base/base64.h"

#include <string.h>

#include "base/banned.h"

static const char *alphabet(enum base64_kind kind)
{
	return kind == BASE64_URL ?
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_" :
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
}

void base64_add(struct buf *b, enum base64_kind kind, const void *p, size_t n)
{
	const char *a = alphabet(kind);
	const uint8_t *s = p;
	size_t i, k;

	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;

		k = n - i < 3 ? n - i : 3;
		if (k > 1)
			v |= (uint32_t)s[i + 1] << 8;
		if (k > 2)
			v |= s[i + 2];
		buf_addch(b, a[v >> 18]);
		buf_addch(b, a[v >> 12 & 63]);
		if (k > 1)
			buf_addch(b, a[v >> 6 & 63]);
		if (k > 2)
			buf_addch(b, a[v & 63]);
		for (; kind == BASE64_PADDED && k < 3; k++)
			buf_addch(b, '=');
	}
}

/* The last one or two bytes, of ${n} = 2 or 3 characters in ${v}. */
static int tail(struct buf *ret, uint32_t v, size_t n)
{
	if (n == 1 || (n == 2 && v & 15) || (n == 3 && v & 3))
		return HUB_ECORRUPT;
	if (n == 2)
		buf_addch(ret, (char)(v >> 4));
	if (n == 3) {
		buf_addch(ret, (char)(v >> 10));
		buf_addch(ret, (char)(v >> 2));
	}
	return 0;
}

int base64_decode(struct buf *ret, enum base64_kind kind, const char *s,
		  size_t n)
{
	const char *a = alphabet(kind), *at;
	uint32_t v = 0;
	size_t i, have = 0;
	int rc;

	if (kind == BASE64_PADDED) {
		if (n % 4)
			return HUB_ECORRUPT;
		for (i = 0; i < 2 && n && s[n - 1] == '='; i++)
			n--;
	}
	for (i = 0; i < n; i++) {
		at = s[i] ? strchr(a, s[i]) : NULL;
		if (!at)
			return HUB_ECORRUPT;
		v = v << 6 | (uint32_t)(at - a);
		if (++have == 4) {
			buf_addch(ret, (char)(v >> 16));
			buf_addch(ret, (char)(v >> 8));
			buf_addch(ret, (char)v);
			v = 0;
			have = 0;
		}
	}
	rc = tail(ret, v, have);
	return rc ? rc : buf_error(ret) ? HUB_ENOMEM : 0;
}
