/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_env.h - between os_init() and the environment. */
#ifndef OS_WIN32_ENV_H
#define OS_WIN32_ENV_H

/* os_env_clean(): take out of the environment what redirects git. */
void os_env_clean(void);

#endif
