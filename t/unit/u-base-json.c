/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-json.c - the JSON writer. */
#include "base/json.h"
#include "tap.h"

static struct buf b = BUF_INIT;

static int is(const char *want)
{
	int same = !strcmp(b.p, want);

	if (!same)
		printf("# %s\n# not %s\n", b.p, want);
	buf_reset(&b);
	return same;
}

static void t_plain(void)
{
	struct json j;

	json_init(&j, &b, 0);
	json_object(&j, NULL);
	json_str(&j, "s", "x");
	json_int(&j, "min", INT64_MIN);
	json_bool(&j, "t", 7);
	json_bool(&j, "f", 0);
	json_null(&j, "n");
	json_str(&j, "none", NULL);
	json_time(&j, "at", 1795248000);
	json_time(&j, "never", 0);
	json_array(&j, "a");
	json_int(&j, NULL, 1);
	json_object(&j, NULL);
	json_object_end(&j);
	json_array(&j, NULL);
	json_array_end(&j);
	json_array_end(&j);
	json_int(&j, "last", 2);
	json_object_end(&j);
	ok(is("{\"s\":\"x\",\"min\":-9223372036854775808,\"t\":true,\"f\":false,"
	      "\"n\":null,\"none\":null,\"at\":\"2026-11-21T08:00:00Z\","
	      "\"never\":null,\"a\":[1,{},[]],\"last\":2}"), "all kinds");
	json_init(&j, &b, 0);
	json_int(&j, NULL, 5);
	ok(is("5"), "a bare value");
}

static void t_pretty(void)
{
	struct json j;

	json_init(&j, &b, 1);
	json_object(&j, NULL);
	json_array(&j, "a");
	json_int(&j, NULL, 1);
	json_int(&j, NULL, 2);
	json_array_end(&j);
	json_object(&j, "empty");
	json_object_end(&j);
	json_path(&j, "p", "\xff", 1);
	json_object_end(&j);
	ok(is("{\n  \"a\": [\n    1,\n    2\n  ],\n  \"empty\": {},\n"
	      "  \"p\": \"\xef\xbf\xbd\",\n  \"p_hex\": \"ff\"\n}\n"), "pretty");
}

static void t_text(void)
{
	struct json j;

	json_init(&j, &b, 0);
	json_strn(&j, NULL, "\"\\/\n\t\r\0\x1b\x7f", 9);
	ok(is("\"\\\"\\\\/\\n\\t\\u000d\\u0000\\u001b\\u007f\""), "escapes");
	json_str(&j, NULL, "\xc3\xa4\xc2\x9b\xe2\x80\xae\xff\xf0\x9f\x98\x80");
	ok(is("\"\xc3\xa4\\u009b\\u202e\xef\xbf\xbd\xf0\x9f\x98\x80\""),
	   "C1, bidi, a bad byte");
	json_object(&j, NULL);
	json_path(&j, "p", "a\xff/b", 4);
	json_path(&j, "q", "good", 4);
	json_object_end(&j);
	ok(is("{\"p\":\"a\xef\xbf\xbd/b\",\"p_hex\":\"61ff2f62\",\"q\":\"good\"}"),
	   "a path that is not UTF-8 has its bytes beside it");
	json_object(&j, NULL);
	json_int(&j, "k\"", 1);
	json_object_end(&j);
	ok(is("{\"k\\\"\":1}"), "keys are escaped");
}

int main(void)
{
	t_plain();
	t_pretty();
	t_text();
	buf_release(&b);
	return done();
}
