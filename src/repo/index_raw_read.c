/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_raw_read.c - take the bytes of an index file apart. */
#include "repo/index_raw_internal.h"

#include <stdlib.h>

#include "crypt/hash.h"

/* The entry at ${at}: its size, 0 if it does not fit before ${end}. */
static size_t entry_size(const struct index_raw *x, size_t at, size_t end)
{
	const char *path, *nul;
	size_t size;

	if (end - at < ENTRY_MIN)
		return 0;
	path = index_raw_path_at(x, (uint32_t)at);
	nul = memchr(path, 0, (size_t)(x->data.p + end - path));
	if (!nul || nul == path)
		return 0;
	size = index_raw_padded((size_t)(nul - (x->data.p + at)));
	return size <= end - at ? size : 0;
}

/* 1 if the entry ${i} comes after the one before it. */
static int ascends(const struct index_raw *x, uint32_t i)
{
	int c;

	if (i == 0)
		return 1;
	c = strcmp(index_raw_path_at(x, x->at[i - 1]), index_raw_path_at(x, x->at[i]));
	return c < 0 || (c == 0 && index_raw_stage_at(x, x->at[i - 1]) <
			 index_raw_stage_at(x, x->at[i]));
}

static int parse_entries(struct index_raw *x, size_t *ret_end)
{
	size_t at = HEAD, end = x->data.n - SUM, size;
	uint32_t i;

	for (i = 0; i < x->n; i++) {
		size = entry_size(x, at, end);
		if (!size)
			return HUB_ECORRUPT;
		x->at[i] = (uint32_t)at;
		if (!ascends(x, i))
			return HUB_ECORRUPT;
		if (x->version == 2 && (index_raw_flags_at(x, x->at[i]) & EXTENDED))
			return HUB_ECORRUPT;
		at += size;
	}
	*ret_end = at;
	return 0;
}

/* Extensions: a name that begins with a capital may be ignored. */
static int parse_extensions(const struct index_raw *x, size_t at)
{
	size_t end = x->data.n - SUM;

	while (at < end) {
		if (end - at < 8 || index_raw_u32(x->data.p + at + 4) > end - at - 8)
			return HUB_ECORRUPT;
		if (x->data.p[at] < 'A' || x->data.p[at] > 'Z')
			return HUB_EVERSION;
		at += 8 + index_raw_u32(x->data.p + at + 4);
	}
	return 0;
}

int index_raw_sum(const void *p, size_t n, uint8_t out[SUM])
{
	struct sha1 *s = sha1_new();

	if (!s)
		return HUB_ENOMEM;
	sha1_add(s, p, n);
	sha1_end(s, out);
	sha1_free(s);
	return 0;
}

/* The last 20 bytes are the SHA-1 of all before, or zero (index.skipHash). */
static int check_sum(const struct buf *d)
{
	static const uint8_t none[SUM];
	const char *end = d->p + d->n - SUM;
	uint8_t sum[SUM];
	int rc;

	if (!memcmp(end, none, SUM))
		return 0;
	rc = index_raw_sum(d->p, d->n - SUM, sum);
	return rc < 0 ? rc : memcmp(end, sum, SUM) ? HUB_ECORRUPT : 0;
}

int index_raw_parse(struct index_raw *x)
{
	size_t end;
	int rc;

	x->version = 2;
	if (!x->data.n)
		return 0;
	if (x->data.n < HEAD + SUM || x->data.n > UINT32_MAX / 2 ||
	    memcmp(x->data.p, "DIRC", 4))
		return HUB_ECORRUPT;
	x->version = index_raw_u32(x->data.p + 4);
	x->n = index_raw_u32(x->data.p + 8);
	if (x->version != 2 && x->version != 3)
		return HUB_EVERSION;
	if (x->n > x->data.n / FIXED)
		return HUB_ECORRUPT;
	rc = check_sum(&x->data);
	if (rc < 0)
		return rc;
	x->at = malloc((x->n + 1) * sizeof(*x->at));
	x->gone = calloc(x->n + 1, 1);
	if (!x->at || !x->gone)
		return HUB_ENOMEM;
	rc = parse_entries(x, &end);
	return rc < 0 ? rc : parse_extensions(x, end);
}
