/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-base-tm.c - civil time as text, and back. */
#include "base/tm.h"
#include "tap.h"

static const int64_t now = 1795248000;	/* 2026-11-21T08:00:00Z */

static int shows(void (*f)(struct buf *, int64_t), int64_t t, const char *want)
{
	struct buf b = BUF_INIT;
	int same;

	f(&b, t);
	same = !strcmp(b.p, want);
	if (!same)
		printf("# %lld: %s, not %s\n", (long long)t, b.p, want);
	buf_release(&b);
	return same;
}

static int ago(int64_t t, const char *want)
{
	struct buf b = BUF_INIT;
	int same;

	tm_ago(&b, t, now);
	same = !strcmp(b.p, want);
	if (!same)
		printf("# %s, not %s\n", b.p, want);
	buf_release(&b);
	return same;
}

static int is(const char *s, int utc_offset, int64_t want)
{
	int64_t t = -1;
	int rc = tm_parse(s, now, utc_offset, &t);

	if (rc || t != want)
		printf("# %s: %d %lld\n", s, rc, (long long)t);
	return !rc && t == want;
}

static int no(const char *s)
{
	int64_t t = 77;

	return tm_parse(s, now, 0, &t) == HUB_EUSAGE && t == 77;
}

/* Every day to the year 9999 follows from the one before by the calendar. */
static void t_every_day(void)
{
	static const int len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y = 1970, m = 1, d = 1, bad = 0;
	struct buf b = BUF_INIT;
	int64_t t, back;
	char want[64];

	for (t = 0; y < 10000; t += 86400) {
		snprintf(want, sizeof(want), "%04d-%02d-%02dT00:00:00Z", y, m, d);
		buf_reset(&b);
		tm_iso(&b, t);
		bad += strcmp(b.p, want) != 0;
		bad += tm_parse(b.p, now, 3600, &back) != 0 || back != t;
		if (++d > len[m - 1] + (m == 2 && !(y % 4) &&
					(y % 100 || !(y % 400)))) {
			d = 1;
			if (++m > 12) {
				m = 1;
				y++;
			}
		}
	}
	ok(!bad, "every day from 1970 to 9999, there and back");
	buf_release(&b);
}

static void t_show(void)
{
	ok(shows(tm_iso, 0, "1970-01-01T00:00:00Z"), "the beginning");
	ok(shows(tm_iso, now - 1, "2026-11-21T07:59:59Z"), "a second");
	ok(shows(tm_iso, -5, "1970-01-01T00:00:00Z") &&
	   shows(tm_iso, INT64_MAX, "9999-12-31T23:59:59Z"), "out of range");
	ok(shows(tm_minute, now + 61, "2026-11-21 0801 UTC"), "minute");
	ok(ago(now, "just now") && ago(now - 2, "2 seconds ago") &&
	   ago(now - 119, "119 seconds ago") && ago(now - 120, "2 minutes ago") &&
	   ago(now - 7200, "2 hours ago") && ago(now - 86400, "24 hours ago") &&
	   ago(now - 3 * 86400, "3 days ago") &&
	   ago(now - 15 * 86400, "2 weeks ago") &&
	   ago(now - 100 * 86400, "3 months ago") &&
	   ago(now - 1000 * 86400, "2 years ago") && ago(now + 1, "in the future") &&
	   ago(0, "56 years ago"), "ago");
}

static void t_parse(void)
{
	ok(is("2026-11-21", 0, now + 16 * 3600 - 1), "a date is its last second");
	ok(is("2026-11-21", 3600, now + 15 * 3600 - 1), "in the local zone");
	ok(is("2026-11-21T08:00", 0, now) && is("2026-11-21 08:00:07", 0, now + 7),
	   "minutes, seconds");
	ok(is("2026-11-21T09:00", 3600, now) && is("2026-11-21T08:00Z", 3600, now) &&
	   is("2026-11-21 00:30:00", -27000, now), "zones");
	ok(is("@0", 5, 0) && is("@1795248000", 5, now), "seconds");
	ok(is("yesterday", 0, now - 86400) && is("1 minute ago", 0, now - 60) &&
	   is("90 minutes ago", 0, now - 5400) && is("2 hours ago", 0, now - 7200) &&
	   is("3 days ago", 0, now - 259200) && is("1 weeks ago", 0, now - 604800) &&
	   is("2 months ago", 0, now - 60 * 86400) &&
	   is("1 year ago", 0, now - 365 * 86400), "ago");
	ok(is("2024-02-29", 0, 1709251199) && no("2026-02-29") && no("2100-02-29") &&
	   is("2000-02-29", 0, 951868799), "leap days");
	ok(no("") && no("2026") && no("2026-13-01") && no("2026-00-01") &&
	   no("2026-01-00") && no("2026-04-31") && no("2026-1-1") &&
	   no("1969-12-31") && no("2026-11-21T") && no("2026-11-21T24:00") &&
	   no("2026-11-21T08:60") && no("2026-11-21T08:00:60") &&
	   no("2026-11-21T08") && no("2026-11-21T08:00x") &&
	   no("2026-11-21T08:00Z1") && no("2026-11-21x08:00"), "bad dates");
	ok(no("@") && no("@-1") && no("@1x") && no("@99999999999999") &&
	   no("ago") && no("3 ago") && no("3 days") && no("days ago") &&
	   no("3 fortnights ago") && no("-3 days ago") && no("3days ago") &&
	   no("999999999999 years ago") && no("100 years ago") &&
	   no("9999999999999999999999 days ago") && no("3 days ago "),
	   "bad distances");
}

int main(void)
{
	t_every_day();
	t_show();
	t_parse();
	return done();
}
