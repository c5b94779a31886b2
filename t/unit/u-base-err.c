/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-err.c - messages: set, prefixed, cut and made harmless. */
#include "base/err.h"
#include "base/utf8.h"
#include "tap.h"

static void t_set(void)
{
	struct err e = ERR_INIT;

	ok(err_set(&e, HUB_EIO, "cannot read '%s'", "x") == HUB_EIO &&
	   e.rc == HUB_EIO && !strcmp(e.msg, "cannot read 'x'"), "set");
	ok(err_set(NULL, HUB_EIO, "x") == HUB_EIO, "no struct err");
	err_set(&e, HUB_EABSENT, "again: %s", e.msg);
	ok(!strcmp(e.msg, "again: cannot read 'x'"),
	   "the old message may be an argument");
	e.os = 5;
	err_set(&e, HUB_EIO, "x");
	ok(e.os == 0, "errno is forgotten");
	ok(err_nomem(&e) == HUB_ENOMEM && e.rc == HUB_ENOMEM && e.msg[0],
	   "out of memory");
	err_clear(&e);
	ok(!e.rc && !e.os && !e.msg[0], "clear");
}

static void t_clean(void)
{
	struct err e = ERR_INIT;

	err_set(&e, HUB_EIO, "%s", "a\nb\x1b[1mc\x7f" "d\xc2\x9b" "e\xff\xe2\x80\xae"
		"f\xc3\xa4");
	ok(!strcmp(e.msg, "a?b?[1mc?d??e????f\xc3\xa4"),
	   "control, bidi and bad bytes become '?': %s", e.msg);
}

static void t_long(void)
{
	struct err e = ERR_INIT;
	char s[2000];
	size_t i, bad = 0;

	for (i = 0; i < 4; i++) {
		size_t k;

		/* Shift a two-byte character over the place of the cut. */
		memset(s, 'x', i);
		for (k = i; k + 2 < sizeof(s); k += 2)
			memcpy(s + k, "\xc3\xa4", 2);
		s[k] = 0;
		err_set(&e, HUB_EIO, "%s", s);
		bad += strlen(e.msg) < ERR_MSG_MAX - 4 || strchr(e.msg, '?') ||
		       !utf8_valid(e.msg, strlen(e.msg));
	}
	ok(!bad, "cut at a character");
	err_set(&e, HUB_EIO, "reason");
	ok(err_in(&e, "%s", s) == HUB_EIO, "long prefix");
	ok(strlen(e.msg) < ERR_MSG_MAX && strlen(e.msg) > 400 &&
	   !strcmp(e.msg + strlen(e.msg) - 8, ": reason"),
	   "the reason is kept, the prefix is cut");
	err_set(&e, HUB_EIO, "%s", s);
	err_in(&e, "prefix");
	ok(strlen(e.msg) < ERR_MSG_MAX && e.msg[0] == 'x',
	   "no room for a prefix");
}

static void t_in(void)
{
	struct err e = ERR_INIT;

	err_set(&e, HUB_ECORRUPT, "bad magic");
	ok(err_in(&e, "state %d", 7) == HUB_ECORRUPT &&
	   !strcmp(e.msg, "state 7: bad magic"), "prefix");
	ok(err_in(NULL, "x") == HUB_EBUG, "prefix without struct err");
}

static void t_damage(void)
{
	int rc, n = 0;

	for (rc = 0; rc > -30; rc--)
		n += err_is_damage(rc) == 1;
	ok(n == 3 && err_is_damage(HUB_ECORRUPT) && err_is_damage(HUB_EAUTH) &&
	   err_is_damage(HUB_EVERSION), "what is a verdict about the bytes");
}

int main(void)
{
	int rc, bad = 0;

	t_set();
	t_clean();
	t_long();
	t_in();
	t_damage();
	ok(!strcmp(err_name(0), "OK") && !strcmp(err_name(HUB_EABSENT), "EABSENT") &&
	   !strcmp(err_name(HUB_EUSAGE), "EUSAGE") &&
	   !strcmp(err_name(HUB_EGUARD), "EGUARD"), "names");
	for (rc = 3; rc > -30; rc--)
		bad += !err_name(rc)[0];
	ok(!bad && !strcmp(err_name(-17), "E?") && !strcmp(err_name(1), "E?"),
	   "names of what is no code");
	return done();
}
