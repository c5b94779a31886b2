/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_clock.c - time; VIBEHUB_NOW replaces the civil clock in tests. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "base/banned.h"

/* "<seconds>[.<fraction>]" in nanoseconds; 0 if it is no such text. */
static int parse_now(const char *s, int64_t *ret)
{
	size_t n = strcspn(s, "."), i;
	uint64_t sec, frac = 0;

	if (hex_dec_u64(s, n, &sec) < 0 || sec > INT64_MAX / 1000000000 - 1)
		return 0;
	for (i = 0; i < 9; i++) {
		frac *= 10;
		if (s[n] && s[n + 1] >= '0' && s[n + 1] <= '9')
			frac += (uint64_t)(s[++n] - '0');
	}
	*ret = (int64_t)(sec * 1000000000 + frac);
	return 1;
}

int64_t os_now_ns(void)
{
	const char *v = os_env("VIBEHUB_NOW");
	struct timespec t;
	int64_t ns;

	if (v && parse_now(v, &ns))
		return ns;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t os_now(void)
{
	return os_now_ns() / 1000000000;
}

uint64_t os_mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void os_sleep_ms(unsigned ms)
{
	uint64_t end = os_mono_ms() + ms, now;

	/* In slices: a signal may come just before we begin to wait. */
	while (!os_interrupted() && (now = os_mono_ms()) < end)
		poll(NULL, 0, end - now < 100 ? (int)(end - now) : 100);
}

int os_utc_offset(int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	tzset();
	if (!localtime_r(&when, &tm))
		return 0;
	return (int)tm.tm_gmtoff;
}
