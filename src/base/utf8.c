/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.c - UTF-8 as RFC 3629 has it. */
#include "base/utf8.h"
#include "base/banned.h"

size_t utf8_next(const char *str, size_t n, uint32_t *ret_cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)str;
	uint32_t cp;
	size_t k, i;

	if (!n)
		return 0;
	if (s[0] < 0x80) {
		k = 1;
		cp = s[0];
	} else if (s[0] >= 0xc2 && s[0] < 0xe0) {
		k = 2;
		cp = s[0] & 0x1fu;
	} else if (s[0] >= 0xe0 && s[0] < 0xf0) {
		k = 3;
		cp = s[0] & 0x0fu;
	} else if (s[0] >= 0xf0 && s[0] < 0xf5) {
		k = 4;
		cp = s[0] & 0x07u;
	} else {
		return 0;
	}
	if (k > n)
		return 0;
	for (i = 1; i < k; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3fu);
	}
	if (cp < least[k] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return 0;
	if (ret_cp)
		*ret_cp = cp;
	return k;
}

int utf8_valid(const char *s, size_t n)
{
	size_t k;

	for (; n; s += k, n -= k) {
		k = utf8_next(s, n, NULL);
		if (!k)
			return 0;
	}
	return 1;
}

size_t utf8_cut(const char *s, size_t n, size_t max)
{
	size_t at = 0, k;

	while (at < n) {
		k = utf8_next(s + at, n - at, NULL);
		if (!k)
			k = 1;
		if (at + k > max)
			break;
		at += k;
	}
	return at;
}

int utf8_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c ||
	       cp == 0x200e || cp == 0x200f || cp == 0x2028 || cp == 0x2029 ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

void utf8_show(struct buf *b, const char *s, size_t n)
{
	size_t at = 0, k, i;
	uint32_t cp = 0;

	while (at < n) {
		k = utf8_next(s + at, n - at, &cp);
		if (k && !utf8_is_control(cp)) {
			buf_add(b, s + at, k);
		} else {
			k = k ? k : 1;
			for (i = 0; i < k; i++)
				buf_addf(b, "\\%03o", (unsigned char)s[at + i]);
		}
		at += k;
	}
}
