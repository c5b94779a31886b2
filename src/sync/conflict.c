/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conflict.c - names of kept versions. */
#include "sync/conflict.h"

#include <string.h>

#include "base/hex.h"
#include "base/path.h"
#include "base/tm.h"
#include "base/utf8.h"
#include "crypt/hash.h"

#define OPEN " (conflict "
#define HEX_MIN 7

static int is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Does "dddd-dd-dd dddd UTC <hex>)" stand at ${s}?  Length, or 0. */
static size_t date_and_hex(const char *s, size_t n)
{
	static const char shape[] = "dddd-dd-dd dddd UTC ";
	size_t i, h;

	if (n < sizeof(shape) - 1 + HEX_MIN + 1)
		return 0;
	for (i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' :
		    s[i] != shape[i])
			return 0;
	for (h = 0; i + h < n && is_hex(s[i + h]); h++)
		;
	if (h < HEX_MIN || i + h >= n || s[i + h] != ')')
		return 0;
	return i + h + 1;
}

/* Where in a component does our suffix begin, and how long is it? 0: none. */
static size_t find_suffix(const char *name, size_t n, size_t *at)
{
	size_t open = sizeof(OPEN) - 1, i, d, k;

	for (i = n; i-- > 0; ) {
		if (n - i < open || memcmp(name + i, OPEN, open))
			continue;
		for (d = i + open; d < n && name[d] != ' '; d++)
			;
		if (d == i + open || d >= n)
			continue;
		k = date_and_hex(name + d + 1, n - d - 1);
		if (!k)
			continue;
		*at = i;
		return d + 1 + k - i;
	}
	return 0;
}

int conflict_is_copy(const char *path, size_t n, struct buf *orig)
{
	size_t base = path_base(path, n), at, k;

	k = find_suffix(path + base, n - base, &at);
	if (!k)
		return 0;
	if (orig) {
		buf_reset(orig);
		buf_add(orig, path, base + at);
		buf_add(orig, path + base + at + k, n - base - at - k);
	}
	return 1;
}

int conflict_name(const char *path, size_t n, const char *device,
		  int64_t time, const void *content, size_t content_n,
		  int attempt, struct buf *ret)
{
	struct buf orig = BUF_INIT, suffix = BUF_INIT;
	uint8_t h[HASH_SIZE];
	char hex[2 * HASH_SIZE + 1];
	size_t base, name_n, ext, room;
	int digits = HEX_MIN + 4 * attempt;

	if (!conflict_is_copy(path, n, &orig))
		buf_add(&orig, path, n);
	hash_once(h, content, content_n);
	hex_encode(hex, h, sizeof(h));
	if (digits > 64)
		digits = 64;
	buf_addf(&suffix, OPEN "%s ", device);
	tm_minute(&suffix, time);
	buf_addf(&suffix, " %.*s)", digits, hex);
	base = path_base(orig.p, orig.n);
	name_n = orig.n - base;
	ext = path_ext(orig.p + base, name_n);
	if (name_n - ext > 32)		/* not an extension: part of the name */
		ext = name_n;
	room = PATH_NAME_MAX - suffix.n - (name_n - ext);
	buf_add(ret, orig.p, base + utf8_cut(orig.p + base, ext, room));
	buf_add(ret, suffix.p, suffix.n);
	buf_add(ret, orig.p + base + ext, name_n - ext);
	if (buf_error(&orig) || buf_error(&suffix))
		ret->failed = 1;
	buf_release(&orig);
	buf_release(&suffix);
	return buf_error(ret);
}
