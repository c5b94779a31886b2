/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oid.c - names of git objects. */
#include <string.h>
#include "base/hex.h"
#include "base/oid.h"
#include "base/banned.h"

const struct oid oid_zero;

int oid_cmp(const struct oid *a, const struct oid *b)
{
	return memcmp(a->h, b->h, OID_SIZE);
}

int oid_eq(const struct oid *a, const struct oid *b)
{
	return !memcmp(a->h, b->h, OID_SIZE);
}

int oid_is_zero(const struct oid *a)
{
	return oid_eq(a, &oid_zero);
}

const char *oid_hex(const struct oid *a)
{
	static char text[4][OID_HEX + 1];
	static unsigned turn;
	char *s = text[turn++ % 4];

	hex_encode(s, a->h, OID_SIZE);
	return s;
}

int oid_parse(struct oid *ret, const char *s, size_t n)
{
	return hex_decode(ret->h, OID_SIZE, s, n);
}
