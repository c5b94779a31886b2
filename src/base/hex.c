/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hex.c - hexadecimal and decimal text, canonical forms only. */
#include "base/hex.h"
#include "base/banned.h"

static const char digits[] = "0123456789abcdef";

void hex_encode(char *out, const uint8_t *in, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * n] = 0;
}

void hex_add(struct buf *b, const uint8_t *in, size_t n)
{
	if (n >= SIZE_MAX / 4) {
		b->failed = 1;
		return;
	}
	if (buf_grow(b, 2 * n) || !n)
		return;
	hex_encode(b->p + b->n, in, n);
	b->n += 2 * n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int hex_decode(uint8_t *out, size_t n, const char *in, size_t in_len)
{
	size_t i;
	int hi, lo;

	if (in_len / 2 != n || in_len % 2)
		return HUB_ECORRUPT;
	for (i = 0; i < n; i++) {
		hi = digit(in[2 * i]);
		lo = digit(in[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return HUB_ECORRUPT;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

int hex_dec_u64(const char *s, size_t n, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (n < 1 || n > 20 || (n > 1 && s[0] == '0'))
		return HUB_ECORRUPT;
	for (i = 0; i < n; i++) {
		unsigned d = (unsigned char)s[i] - (unsigned)'0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return HUB_ECORRUPT;
		v = v * 10 + d;
	}
	*ret = v;
	return 0;
}
