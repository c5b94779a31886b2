/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_thread.c - threads, by POSIX.
 *
 * Signals stay with the first thread, so that its sleeps and waits are the ones
 * that end early when somebody wants us to stop.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/banned.h"
#include "os/os_common.h"
#include "os/os_thread.h"

struct os_thread {
	pthread_t id;
	void (*fn)(void *arg);
	void *arg;
};
struct os_mutex { pthread_mutex_t m; };
struct os_cond { pthread_cond_t c; };

static void *start(void *arg)
{
	struct os_thread *t = arg;

	t->fn(t->arg);
	return NULL;
}

int os_thread_start(void (*fn)(void *arg), void *arg, struct os_thread **ret,
		    struct err *e)
{
	struct os_thread *t = malloc(sizeof(*t));
	sigset_t all, old;
	int failed;

	if (!t)
		return err_nomem(e);
	t->fn = fn;
	t->arg = arg;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(&t->id, NULL, start, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed) {
		free(t);
		return err_set(e, HUB_ELIMIT, "cannot start a thread: %s",
			       strerror(failed));
	}
	*ret = t;
	return 0;
}

void os_thread_join(struct os_thread *t)
{
	if (!t)
		return;
	if (pthread_join(t->id, NULL))
		BUG("a thread cannot be joined");
	free(t);
}

unsigned os_cpus(void)
{
#ifdef __linux__
	cpu_set_t set;
	int n;

	if (!sched_getaffinity(0, sizeof(set), &set)) {
		n = CPU_COUNT(&set);
		return n > 0 ? os_cpus_env((unsigned)n) : 1;
	}
#endif
	return 1;
}

struct os_mutex *os_mutex_new(void)
{
	struct os_mutex *m = malloc(sizeof(*m));

	if (m && pthread_mutex_init(&m->m, NULL)) {
		free(m);
		return NULL;
	}
	return m;
}

void os_mutex_free(struct os_mutex *m)
{
	if (m)
		pthread_mutex_destroy(&m->m);
	free(m);
}

void os_mutex_lock(struct os_mutex *m)
{
	if (pthread_mutex_lock(&m->m))
		BUG("a mutex cannot be locked");
}

void os_mutex_unlock(struct os_mutex *m)
{
	if (pthread_mutex_unlock(&m->m))
		BUG("a mutex cannot be unlocked");
}

/* Waits are by the clock that nobody sets. */
static int init(pthread_cond_t *c)
{
	pthread_condattr_t a;
	int err = pthread_condattr_init(&a);

	if (err)
		return err;
#ifndef __APPLE__
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
#endif
	err = pthread_cond_init(c, &a);
	pthread_condattr_destroy(&a);
	return err;
}

struct os_cond *os_cond_new(void)
{
	struct os_cond *c = malloc(sizeof(*c));

	if (c && init(&c->c)) {
		free(c);
		return NULL;
	}
	return c;
}

void os_cond_free(struct os_cond *c)
{
	if (c)
		pthread_cond_destroy(&c->c);
	free(c);
}

void os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	pthread_cond_wait(&c->c, &m->m);
}

void os_cond_wait_ms(struct os_cond *c, struct os_mutex *m, unsigned ms)
{
	struct timespec t;

#ifndef __APPLE__
	clock_gettime(CLOCK_MONOTONIC, &t);
#else
	clock_gettime(CLOCK_REALTIME, &t);
#endif
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&c->c, &m->m, &t);
}

void os_cond_wake(struct os_cond *c)
{
	pthread_cond_broadcast(&c->c);
}
