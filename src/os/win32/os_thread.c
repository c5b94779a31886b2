/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_thread.c - threads, by Windows. */
#include <stdlib.h>
#include "os/win32/os_win.h"
#include "base/banned.h"
#include "os/os_common.h"
#include "os/os_thread.h"

struct os_thread {
	HANDLE h;
	void (*fn)(void *arg);
	void *arg;
};
struct os_mutex { SRWLOCK m; };
struct os_cond { CONDITION_VARIABLE c; };

static DWORD WINAPI start(LPVOID arg)
{
	struct os_thread *t = arg;

	t->fn(t->arg);
	return 0;
}

int os_thread_start(void (*fn)(void *arg), void *arg, struct os_thread **ret,
		    struct err *e)
{
	struct os_thread *t = malloc(sizeof(*t));

	if (!t)
		return err_nomem(e);
	t->fn = fn;
	t->arg = arg;
	t->h = CreateThread(NULL, 0, start, t, 0, NULL);
	if (!t->h) {
		free(t);
		return err_set(e, HUB_ELIMIT, "cannot start a thread: error %lu",
			       (unsigned long)GetLastError());
	}
	*ret = t;
	return 0;
}

void os_thread_join(struct os_thread *t)
{
	if (!t)
		return;
	if (WaitForSingleObject(t->h, INFINITE) != WAIT_OBJECT_0)
		BUG("a thread cannot be joined");
	CloseHandle(t->h);
	free(t);
}

unsigned os_cpus(void)
{
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	return os_cpus_env(info.dwNumberOfProcessors ? info.dwNumberOfProcessors : 1);
}

struct os_mutex *os_mutex_new(void)
{
	struct os_mutex *m = malloc(sizeof(*m));

	if (m)
		InitializeSRWLock(&m->m);
	return m;
}

void os_mutex_free(struct os_mutex *m)
{
	free(m);
}

void os_mutex_lock(struct os_mutex *m)
{
	AcquireSRWLockExclusive(&m->m);
}

void os_mutex_unlock(struct os_mutex *m)
{
	ReleaseSRWLockExclusive(&m->m);
}

struct os_cond *os_cond_new(void)
{
	struct os_cond *c = malloc(sizeof(*c));

	if (c)
		InitializeConditionVariable(&c->c);
	return c;
}

void os_cond_free(struct os_cond *c)
{
	free(c);
}

void os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	SleepConditionVariableSRW(&c->c, &m->m, INFINITE, 0);
}

void os_cond_wait_ms(struct os_cond *c, struct os_mutex *m, unsigned ms)
{
	SleepConditionVariableSRW(&c->c, &m->m, ms, 0);
}

void os_cond_wake(struct os_cond *c)
{
	WakeAllConditionVariable(&c->c);
}
