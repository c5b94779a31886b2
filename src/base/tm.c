/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tm.c - civil time in UTC as text, and what people write for a time.
 *
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar; the
 * year begins in March inside the arithmetic, so that the leap day is last
 * (the usual trick; checked day by day in the unit test).
 */
#include <string.h>
#include "base/tm.h"
#include "base/banned.h"

#define DAY 86400
#define T_MAX INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

struct civil { int year, month, day, hour, min, sec; };

static void from_days(int64_t days, struct civil *c)
{
	int64_t z = days + 719468;	/* days since 0000-03-01 */
	int64_t era = z / 146097;
	int64_t doe = z % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

static int64_t to_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = y / 400, yoe = y % 400;
	int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void split(int64_t t, struct civil *c)
{
	if (t < 0)
		t = 0;
	if (t > T_MAX)
		t = T_MAX;
	from_days(t / DAY, c);
	c->hour = (int)(t % DAY / 3600);
	c->min = (int)(t % 3600 / 60);
	c->sec = (int)(t % 60);
}

void tm_iso(struct buf *b, int64_t t)
{
	struct civil c;

	split(t, &c);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day,
		 c.hour, c.min, c.sec);
}

void tm_minute(struct buf *b, int64_t t)
{
	struct civil c;

	split(t, &c);
	buf_addf(b, "%04d-%02d-%02d %02d%02d UTC", c.year, c.month, c.day,
		 c.hour, c.min);
}

static const struct unit { const char *name; int64_t seconds; } units[] = {
	{ "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", DAY },
	{ "week", 7 * DAY }, { "month", 30 * DAY }, { "year", 365 * DAY },
};
#define N_UNITS ((int)(sizeof(units) / sizeof(units[0])))

void tm_ago(struct buf *b, int64_t t, int64_t now)
{
	uint64_t age = (uint64_t)now - (uint64_t)t, n;
	int i;

	if (t > now) {
		buf_addstr(b, "in the future");
		return;
	}
	if (age < 2) {
		buf_addstr(b, "just now");
		return;
	}
	/* The largest unit of which there are at least two: "90 minutes ago". */
	for (i = N_UNITS - 1; i && age < 2 * (uint64_t)units[i].seconds; i--)
		;
	n = age / (uint64_t)units[i].seconds;
	buf_addf(b, "%llu %ss ago", (unsigned long long)n, units[i].name);
}

/*  decimal digits at *s, moved behind them; -1 if there are fewer. */
static int number(const char **s, int digits)
{
	int v = 0;

	for (; digits; digits--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static int month_days(int year, int month)
{
	static const int days[12] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	if (month == 2 && !(year % 4) && (year % 100 || !(year % 400)))
		return 29;
	return days[month - 1];
}

/* "YYYY-MM-DD", moved behind it. */
static int parse_date(const char **s, struct civil *c)
{
	c->year = number(s, 4);
	if (c->year < 1970 || *(*s)++ != '-')
		return 0;
	c->month = number(s, 2);
	if (c->month < 1 || c->month > 12 || *(*s)++ != '-')
		return 0;
	c->day = number(s, 2);
	return c->day >= 1 && c->day <= month_days(c->year, c->month);
}

/* "HH:MM" or "HH:MM:SS", moved behind it. */
static int parse_clock(const char **s, struct civil *c)
{
	c->hour = number(s, 2);
	if (c->hour < 0 || c->hour > 23 || *(*s)++ != ':')
		return 0;
	c->min = number(s, 2);
	if (c->min < 0 || c->min > 59)
		return 0;
	c->sec = 0;
	if (**s == ':') {
		(*s)++;
		c->sec = number(s, 2);
	}
	return c->sec >= 0 && c->sec <= 59;
}

static int parse_absolute(const char *s, int utc_offset, int64_t *ret)
{
	struct civil c = { .hour = 23, .min = 59, .sec = 59 };
	int64_t t;

	if (!parse_date(&s, &c))
		return HUB_EUSAGE;
	if (*s) {
		if (*s != 'T' && *s != ' ')
			return HUB_EUSAGE;
		s++;
		if (!parse_clock(&s, &c))
			return HUB_EUSAGE;
	}
	if (*s == 'Z') {
		utc_offset = 0;
		s++;
	}
	if (*s)
		return HUB_EUSAGE;
	t = to_days(c.year, c.month, c.day) * DAY + c.hour * 3600 +
	    c.min * 60 + c.sec - utc_offset;
	if (t < 0 || t > T_MAX)
		return HUB_EUSAGE;
	*ret = t;
	return 0;
}

/* A number of at most 12 digits at *s, moved behind it. */
static int64_t count(const char **s)
{
	int64_t v = 0;
	int i;

	for (i = 0; **s >= '0' && **s <= '9'; i++, (*s)++) {
		if (i == 12)
			return -1;
		v = v * 10 + (**s - '0');
	}
	return i ? v : -1;
}

static int parse_ago(const char *s, int64_t now, int64_t *ret)
{
	int64_t n = count(&s);
	size_t k;
	int i;

	if (n < 0 || *s++ != ' ')
		return HUB_EUSAGE;
	for (i = 0; i < N_UNITS; i++) {
		k = strlen(units[i].name);
		if (strncmp(s, units[i].name, k))
			continue;
		s += k;
		if (*s == 's')
			s++;
		if (strcmp(s, " ago") || n > now / units[i].seconds)
			return HUB_EUSAGE;
		*ret = now - n * units[i].seconds;
		return 0;
	}
	return HUB_EUSAGE;
}

int tm_parse(const char *s, int64_t now, int utc_offset, int64_t *ret)
{
	int64_t t;

	if (s[0] == '@') {
		s++;
		t = count(&s);
		if (t < 0 || t > T_MAX || *s)
			return HUB_EUSAGE;
		*ret = t;
		return 0;
	}
	if (!strcmp(s, "yesterday")) {
		if (now < DAY)
			return HUB_EUSAGE;
		*ret = now - DAY;
		return 0;
	}
	if (!parse_ago(s, now, ret))
		return 0;
	return parse_absolute(s, utc_offset, ret);
}
