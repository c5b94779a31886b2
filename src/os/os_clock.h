/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_clock.h - time.  VIBEHUB_NOW=<seconds>[.<ns>] in the environment sets the
 * civil clock for tests; the monotonic one is never changed. */
#ifndef OS_OS_CLOCK_H
#define OS_OS_CLOCK_H

#include <stdint.h>

int64_t os_now(void);		/* seconds since 1970, UTC */
int64_t os_now_ns(void);
uint64_t os_mono_ms(void);
/* os_sleep_ms(): returns early when a signal asks us to stop. */
void os_sleep_ms(unsigned ms);
/* os_utc_offset(): seconds east of UTC of the local zone at ${t}. */
int os_utc_offset(int64_t t);

#endif
