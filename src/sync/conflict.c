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
	if (!k || k == n - base)	/* a version of nothing is none */
		return 0;
	if (orig) {
		buf_reset(orig);
		buf_add(orig, path, base + at);
		buf_add(orig, path + base + at + k, n - base - at - k);
	}
	return 1;
}

/* "2026-11-21 0729" */
static int64_t time_of(const char *s)
{
	char iso[] = "yyyy-mm-ddThh:mmZ";
	int64_t t;

	memcpy(iso, s, 10);
	memcpy(iso + 11, s + 11, 2);
	memcpy(iso + 14, s + 13, 2);
	return tm_parse(iso, 0, 0, &t) < 0 ? 0 : t;
}

int conflict_parse(const char *path, size_t n, struct buf *orig,
		   struct conflict_who *who)
{
	size_t base = path_base(path, n), at, k;
	const char *dev;

	if (!conflict_is_copy(path, n, orig))
		return 0;
	find_suffix(path + base, n - base, &at);
	dev = path + base + at + sizeof(OPEN) - 1;
	for (k = 0; dev[k] != ' '; k++)
		;
	memset(who, 0, sizeof(*who));
	memcpy(who->device, dev, k < sizeof(who->device) ? k :
	       sizeof(who->device) - 1);
	who->time = time_of(dev + k + 1);
	return 1;
}

/* A stem, then ${suffix}, then the extension; the stem is cut to fit. */
static void compose(const struct buf *orig, const struct buf *suffix,
		    struct buf *ret)
{
	size_t base = path_base(orig->p, orig->n);
	size_t name_n = orig->n - base;
	size_t ext = path_ext(orig->p + base, name_n);

	if (name_n - ext > 32)		/* not an extension: part of the name */
		ext = name_n;
	buf_add(ret, orig->p, base +
		utf8_cut(orig->p + base, ext,
			 PATH_NAME_MAX - suffix->n - (name_n - ext)));
	buf_add(ret, suffix->p, suffix->n);
	buf_add(ret, orig->p + base + ext, name_n - ext);
	ret->failed |= orig->failed | suffix->failed;
}

int conflict_rename(const char *path, size_t n, int attempt, struct buf *ret)
{
	struct buf orig = BUF_INIT, suffix = BUF_INIT;
	struct conflict_who who;
	int rc = HUB_EUSAGE;

	if (conflict_parse(path, n, &orig, &who)) {
		buf_addf(&suffix, " (%s ", who.device);
		tm_minute(&suffix, who.time);
		buf_setlen(&suffix, suffix.n - 4);	/* " UTC" */
		if (attempt)
			buf_addf(&suffix, " %d", attempt + 1);
		buf_addch(&suffix, ')');
		compose(&orig, &suffix, ret);
		rc = buf_error(ret);
	}
	buf_release(&orig);
	buf_release(&suffix);
	return rc;
}

int conflict_name(const char *path, size_t n, const char *device,
		  int64_t time, const void *content, size_t content_n,
		  int attempt, struct buf *ret)
{
	uint8_t h[HASH_SIZE];

	hash_once(h, content, content_n);
	return conflict_name_of(path, n, device, time, h, attempt, ret);
}

int conflict_name_of(const char *path, size_t n, const char *device,
		     int64_t time, const uint8_t h[HASH_SIZE], int attempt,
		     struct buf *ret)
{
	struct buf orig = BUF_INIT, suffix = BUF_INIT;
	char hex[2 * HASH_SIZE + 1];
	int digits = HEX_MIN + 4 * attempt;

	if (!conflict_is_copy(path, n, &orig))
		buf_add(&orig, path, n);
	hex_encode(hex, h, HASH_SIZE);
	if (digits > 64)
		digits = 64;
	buf_addf(&suffix, OPEN "%s ", device);
	tm_minute(&suffix, time);
	buf_addf(&suffix, " %.*s)", digits, hex);
	compose(&orig, &suffix, ret);
	buf_release(&orig);
	buf_release(&suffix);
	return buf_error(ret);
}
