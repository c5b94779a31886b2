/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refact.c - records of moved refs: hubformat-acts(5). */
#include "fmt/refact.h"

#include <string.h>

#include "base/hex.h"
#include "fmt/text.h"

#define IDS (2 * OID_HEX + 2)		/* both, each with a blank */

/* As much of git-check-ref-format(1) as keeps a line a line. */
static int ref_ok(const uint8_t *p, size_t n)
{
	size_t i;

	if (n < 6 || memcmp(p, "refs/", 5))
		return 0;
	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] == 0x7f)
			return 0;
	return 1;
}

int refact_encode(struct buf *out, const struct refact *a)
{
	int64_t t = a->time < 0 ? 0 : a->time > (int64_t)TEXT_TIME_MAX ?
		(int64_t)TEXT_TIME_MAX : a->time;

	if (!ref_ok(a->ref.p, a->ref.n) || oid_is_zero(&a->old))
		return HUB_ECORRUPT;
	if (a->ref.n > REFACT_LINE_MAX - IDS - 14)
		return HUB_ELIMIT;
	hex_add(out, a->old.h, OID_SIZE);
	buf_addch(out, ' ');
	hex_add(out, a->now.h, OID_SIZE);
	buf_addf(out, " %lld ", (long long)t);
	buf_add(out, a->ref.p, a->ref.n);
	buf_addch(out, '\n');
	return buf_error(out) ? HUB_ENOMEM : 0;
}

static int decode(struct refact *ret, const char *s, size_t n)
{
	const char *t = s + IDS, *space;
	uint64_t time;

	if (n >= REFACT_LINE_MAX || n <= IDS || s[OID_HEX] != ' ' ||
	    t[-1] != ' ' || oid_parse(&ret->old, s, OID_HEX) ||
	    oid_parse(&ret->now, s + OID_HEX + 1, OID_HEX) ||
	    oid_is_zero(&ret->old))
		return HUB_ECORRUPT;
	space = memchr(t, ' ', n - IDS);
	if (!space || hex_dec_u64(t, (size_t)(space - t), &time) ||
	    time > TEXT_TIME_MAX)
		return HUB_ECORRUPT;
	ret->time = (int64_t)time;
	ret->ref.p = (const uint8_t *)space + 1;
	ret->ref.n = n - (size_t)(space + 1 - s);
	if (!ref_ok(ret->ref.p, ret->ref.n) ||
	    ret->ref.n > REFACT_LINE_MAX - IDS - 14)
		return HUB_ECORRUPT;
	return 0;
}

int refact_decode(struct refact *ret, const void *p, size_t n)
{
	memset(ret, 0, sizeof(*ret));
	if (!decode(ret, p, n))
		return 0;
	memset(ret, 0, sizeof(*ret));
	return HUB_ECORRUPT;
}
