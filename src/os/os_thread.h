/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_thread.h - threads, for the few places that have workers.  A worker gets
 * whole jobs through a queue and owns what it touches; everything shared is
 * behind a mutex.
 */
#ifndef OS_OS_THREAD_H
#define OS_OS_THREAD_H

#include "base/err.h"

struct os_thread;
struct os_mutex;
struct os_cond;

/* os_thread_start(): run ${fn}(${arg}) in a thread of its own.  HUB_ELIMIT when
 * the system has no more.  Every thread must be joined; that frees it. */
int os_thread_start(void (*fn)(void *arg), void *arg, struct os_thread **ret,
		    struct err *e);
void os_thread_join(struct os_thread *t);	/* NULL is fine */
/* os_cpus(): processors that this process may use, at least 1; no more than
 * VIBEHUB_THREADS in the environment says, for tests that count calls. */
unsigned os_cpus(void);

/* NULL when out of memory; free accepts NULL.  Not recursive. */
struct os_mutex *os_mutex_new(void);
void os_mutex_free(struct os_mutex *m);
void os_mutex_lock(struct os_mutex *m);
void os_mutex_unlock(struct os_mutex *m);

struct os_cond *os_cond_new(void);
void os_cond_free(struct os_cond *c);
/* os_cond_wait(): ${m} is held; it is given up while waiting.  May return
 * without reason: ask the condition again. */
void os_cond_wait(struct os_cond *c, struct os_mutex *m);
/* os_cond_wait_ms(): as os_cond_wait(), for at most ${ms}. */
void os_cond_wait_ms(struct os_cond *c, struct os_mutex *m, unsigned ms);
void os_cond_wake(struct os_cond *c);		/* all that wait */

#endif
