/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-fmt-pktline.c - git's packets, and their vectors. */
#include "fmt/pktline.h"
#include "vec.h"

static int head(const char *s)
{
	return pktline_head((const uint8_t *)s);
}

static void test_heads(void)
{
	static const char *const bad[] = {
		"0001", "0002", "0003", "0004", "fff1", "ffff", "00 5", "-005",
		"0x05", "000g", "+005",
	};
	size_t i;

	ok(head("0000") == 0, "flush");
	ok(head("0005") == 1, "one byte");
	ok(head("fff0") == PKTLINE_DATA_MAX, "the longest");
	ok(head("FFF0") == PKTLINE_DATA_MAX, "capital digits");
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(head(bad[i]) == HUB_ECORRUPT, "'%s' is no packet", bad[i]);
}

static void test_make(void)
{
	struct buf b = BUF_INIT;

	pktline_add(&b, "hello\n", 6);
	pktline_add(&b, NULL, 0);
	ok(b.n == 14 && !memcmp(b.p, "000ahello\n0000", 14), "made");
	buf_release(&b);
}

static void test_value(void)
{
	struct span v = { NULL, 0 };

	ok(pktline_value("pathname=a b\n", 13, "pathname", &v) && v.n == 3 &&
	   !memcmp(v.p, "a b", 3), "value");
	ok(pktline_value("pathname=", 9, "pathname", &v) && !v.n, "empty");
	ok(!pktline_value("pathname", 8, "pathname", &v), "no =");
	ok(!pktline_value("pathnames=x", 11, "pathname", &v), "another key");
	ok(!pktline_value("", 0, "pathname", &v), "nothing");
}

/* A whole stream; what is read encodes to the same, but for capital digits. */
static void stream(const struct vec *v)
{
	const uint8_t *p = v->data.n ? (const uint8_t *)v->data.p : NULL;
	size_t left = v->data.n;
	struct buf b = BUF_INIT;
	int n = 0;

	while (n >= 0 && left) {
		n = left < PKTLINE_HEAD ? HUB_ECORRUPT : pktline_head(p);
		if (n >= 0 && (size_t)n > left - PKTLINE_HEAD)
			n = HUB_ECORRUPT;
		if (n < 0)
			break;
		pktline_add(&b, p + PKTLINE_HEAD, (size_t)n);
		p += PKTLINE_HEAD + n;
		left -= PKTLINE_HEAD + (size_t)n;
	}
	ok(vec_expected(v, n < 0 ? n : 0, NULL), "%s", v->name);
	if (n >= 0)
		ok(b.n == v->data.n && (!strcmp(v->name, "pktline/ok-upper") ||
					!memcmp(b.p, v->data.p, b.n)),
		   "... the same bytes again");
	buf_release(&b);
}

int main(void)
{
	vec_each("pktline", 25, stream);
	test_heads();
	test_make();
	test_value();
	return done();
}
