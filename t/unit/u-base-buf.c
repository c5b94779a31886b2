/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-buf.c - buffers, the reading cursor, hexadecimal, object names. */
#include "base/hex.h"
#include "base/oid.h"
#include "base/rd.h"
#include "tap.h"

static void t_buf(void)
{
	struct buf b = BUF_INIT;
	char *p;
	size_t n;
	int i;

	ok(b.p[0] == 0 && b.n == 0, "empty text");
	buf_addstr(&b, "");
	buf_add(&b, NULL, 0);
	buf_setlen(&b, 0);
	buf_reset(&b);
	ok(!b.alloc && b.p == buf_empty, "nothing added, nothing allocated");
	buf_addstr(&b, "hello");
	buf_addch(&b, ' ');
	buf_addf(&b, "%d-%s", 42, "x");
	ok(!strcmp(b.p, "hello 42-x") && b.n == 10, "add, addch, addf");
	buf_insert(&b, 5, ",!", 2);
	ok(!strcmp(b.p, "hello,! 42-x"), "insert");
	buf_insert(&b, b.n, "$", 1);
	buf_insert(&b, 0, "^", 1);
	ok(!strcmp(b.p, "^hello,! 42-x$") && b.n == 14, "insert at the ends");
	buf_setlen(&b, 6);
	ok(!strcmp(b.p, "^hello") && b.n == 6, "setlen");
	p = buf_detach(&b, &n);
	ok(!strcmp(p, "^hello") && n == 6 && b.p == buf_empty, "detach");
	free(p);
	p = buf_detach(&b, &n);
	ok(p && !*p && !n, "detach of an empty buffer");
	free(p);
	for (i = 0; i < 1000; i++)
		buf_addf(&b, "%03d%s", i, "0123456789012345678901234567890123456");
	ok(b.n == 40000 && !memcmp(b.p + 39960, "999", 3) && !b.p[40000] &&
	   !buf_error(&b), "formatted text across growth");
	buf_wipe(&b);
	ok(b.p == buf_empty && !b.n && !b.alloc, "wipe");
}

static void t_fail(void)
{
	struct buf b = BUF_INIT;
	size_t n = 7;

	buf_addstr(&b, "abc");
	ok(buf_grow(&b, SIZE_MAX - 1) == HUB_ENOMEM && buf_error(&b), "too much");
	buf_addstr(&b, "def");
	buf_addf(&b, "%d", 1);
	buf_insert(&b, 0, "x", 1);
	ok(!strcmp(b.p, "abc") && b.n == 3, "failure is sticky");
	ok(!buf_detach(&b, &n) && !n && !b.n && !buf_error(&b),
	   "detach after a failure");
	buf_addstr(&b, "abc");
	buf_grow(&b, SIZE_MAX - 1);
	buf_reset(&b);
	buf_addstr(&b, "new");
	ok(!buf_error(&b) && !strcmp(b.p, "new"), "reset forgets the failure");
	buf_release(&b);
}

static void t_cmp(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	ok(!buf_cmp(&a, &b), "empty ones are equal");
	buf_addstr(&a, "ab");
	ok(buf_cmp(&a, &b) > 0 && buf_cmp(&b, &a) < 0, "shorter first");
	buf_addstr(&b, "b");
	ok(buf_cmp(&a, &b) < 0, "by bytes");
	ok(mem_cmp("\xff", 1, "a", 1) > 0, "bytes are unsigned");
	buf_release(&a);
	buf_release(&b);
}

static void t_rd(void)
{
	struct buf b = BUF_INIT;
	struct span s;
	struct rd r;
	uint8_t two[2] = { 9, 9 };

	buf_add_u8(&b, 0x12);
	buf_add_u16(&b, 0x3456);
	buf_add_u32(&b, 0x789abcde);
	buf_add_u64(&b, UINT64_C(0xf0123456789abcde));
	buf_addstr(&b, "xyline\n\nlast");
	s = buf_span(&b);
	ok(s.n == 27 && s.p[1] == 0x34 && s.p[3] == 0x78, "big-endian");
	rd_init(&r, s.p, s.n);
	ok(rd_u8(&r) == 0x12 && rd_u16(&r) == 0x3456 &&
	   rd_u32(&r) == 0x789abcde &&
	   rd_u64(&r) == UINT64_C(0xf0123456789abcde), "read back");
	rd_copy(&r, two, 2);
	ok(!memcmp(two, "xy", 2), "copy");
	s = rd_line(&r);
	ok(s.n == 4 && !memcmp(s.p, "line", 4), "line");
	s = rd_line(&r);
	ok(s.p && !s.n && !r.failed, "empty line");
	ok(rd_end(&r) == HUB_ECORRUPT && !r.failed, "something is left");
	s = rd_line(&r);
	ok(!s.p && !s.n && r.failed, "a last line without its newline");
	ok(rd_u8(&r) == 0 && rd_end(&r) == HUB_ECORRUPT, "failure is sticky");

	rd_init(&r, "abc", 3);
	s = rd_bytes(&r, 3);
	ok(s.n == 3 && !rd_end(&r), "bytes to the end");
	s = rd_bytes(&r, 0);
	ok(!s.n && !rd_end(&r), "no bytes at the end");
	s = rd_bytes(&r, 1);
	ok(!s.p && rd_end(&r) == HUB_ECORRUPT, "past the end");
	rd_init(&r, "a", 1);
	rd_copy(&r, two, 2);
	ok(!two[0] && !two[1] && rd_u8(&r) == 0, "short copy zeroes");
	rd_init(&r, "abc", 3);
	s = rd_bytes(&r, SIZE_MAX);
	ok(!s.p && r.failed, "a huge length");
	rd_init(&r, "abc", 3);
	ok(rd_u32(&r) == 0 && rd_u8(&r) == 0, "short number, then nothing");
	rd_init(&r, NULL, 0);
	ok(!rd_end(&r) && !rd_line(&r).p && r.failed, "nothing at all");
	buf_release(&b);
}

static void t_hex(void)
{
	struct buf b = BUF_INIT;
	uint8_t v[3] = { 0x00, 0xfa, 0x9c }, back[3];
	char text[7];

	hex_encode(text, v, 3);
	ok(!strcmp(text, "00fa9c"), "encode");
	hex_add(&b, v, 3);
	hex_add(&b, v, 0);
	ok(!strcmp(b.p, "00fa9c") && b.n == 6, "add");
	ok(!hex_decode(back, 3, text, 6) && !memcmp(v, back, 3), "decode");
	ok(hex_decode(back, 3, text, 5) == HUB_ECORRUPT &&
	   hex_decode(back, 2, text, 6) == HUB_ECORRUPT &&
	   hex_decode(back, 3, "00FA9C", 6) == HUB_ECORRUPT &&
	   hex_decode(back, 3, "00fa9g", 6) == HUB_ECORRUPT &&
	   hex_decode(back, 3, "00fa 9", 6) == HUB_ECORRUPT,
	   "length, case, other characters");
	buf_release(&b);
}

static int dec(const char *s, uint64_t *v)
{
	return hex_dec_u64(s, strlen(s), v);
}

static void t_dec(void)
{
	uint64_t v = 1;

	ok(!dec("0", &v) && !v, "0");
	ok(!dec("18446744073709551615", &v) && v == UINT64_MAX, "the largest");
	v = 5;
	ok(dec("18446744073709551616", &v) && dec("99999999999999999999", &v) &&
	   dec("", &v) && dec("00", &v) && dec("01", &v) && dec("-1", &v) &&
	   dec("+1", &v) && dec("1 ", &v) && dec("1a", &v) &&
	   dec("111111111111111111111", &v) && v == 5, "what is no number");
}

static void t_oid(void)
{
	const char *text = "0123456789abcdef0123456789abcdef01234567";
	struct oid a, b = oid_zero;

	ok(!oid_parse(&a, text, 40) && !strcmp(oid_hex(&a), text), "object name");
	ok(oid_parse(&b, text, 39) && oid_parse(&b, "x", 1), "bad names");
	b = oid_zero;
	ok(oid_is_zero(&b) && !oid_is_zero(&a), "zero");
	ok(oid_cmp(&a, &b) > 0 && oid_cmp(&b, &a) < 0 && !oid_cmp(&a, &a) &&
	   oid_eq(&a, &a) && !oid_eq(&a, &b), "order");
	ok(strcmp(oid_hex(&a), oid_hex(&b)), "two names in one message");
}

int main(void)
{
	t_buf();
	t_fail();
	t_cmp();
	t_rd();
	t_hex();
	t_dec();
	t_oid();
	return done();
}
