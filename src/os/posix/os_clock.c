/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_clock.c - time; VIBEHUB_NOW replaces the civil clock in tests. */
#include <poll.h>
#include <time.h>
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_common.h"
#include "base/banned.h"

int64_t os_now_ns(void)
{
	struct timespec t;
	int64_t ns;

	if (os_clock_env(&ns))
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
