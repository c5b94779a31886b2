/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_clock.c - time; VIBEHUB_NOW replaces the civil clock in tests. */
#include "os/os.h"
#include "os/os_clock.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

#define EPOCH INT64_C(116444736000000000)	/* 1970 in 100 ns since 1601 */

static int64_t ticks(const FILETIME *f)
{
	return (int64_t)((uint64_t)f->dwHighDateTime << 32 | f->dwLowDateTime);
}

int64_t os_now_ns(void)
{
	FILETIME f;
	int64_t ns;

	if (os_clock_env(&ns))
		return ns;
	GetSystemTimeAsFileTime(&f);
	return (ticks(&f) - EPOCH) * 100;
}

int64_t os_now(void)
{
	return os_now_ns() / 1000000000;
}

uint64_t os_mono_ms(void)
{
	return GetTickCount64();
}

void os_sleep_ms(unsigned ms)
{
	uint64_t end = os_mono_ms() + ms, now;

	while (!os_interrupted() && (now = os_mono_ms()) < end)
		Sleep(end - now < 100 ? (DWORD)(end - now) : 100);
}

int os_utc_offset(int64_t t)
{
	uint64_t utc = (uint64_t)(t * 10000000 + EPOCH);
	FILETIME f = { (DWORD)utc, (DWORD)(utc >> 32) }, local;
	SYSTEMTIME s, there;

	if (!FileTimeToSystemTime(&f, &s) ||
	    !SystemTimeToTzSpecificLocalTime(NULL, &s, &there) ||
	    !SystemTimeToFileTime(&there, &local))
		return 0;
	/* SYSTEMTIME has no finer part than milliseconds; zones have none. */
	return (int)((ticks(&local) - ticks(&f)) / 10000000);
}
