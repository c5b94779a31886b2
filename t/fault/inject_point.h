/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject_point.h - which call is the N-th, and what happens to it.
 *
 * The number is counted in a shared mapping of $HUB_FAULT_STATE, so that it
 * runs on over all processes of one trial.  Only calls that concern something
 * below $HUB_FAULT_ROOT count.
 */
#ifndef FAULT_INJECT_POINT_H
#define FAULT_INJECT_POINT_H

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define F_CHANGE 1u		/* changes the disk */
#define F_READ 2u		/* only looks */
#define F_ROOM 4u		/* may find no room */
#define F_FD 8u			/* makes a descriptor */
#define F_DATA 16u		/* may be done by half */
#define F_INTR 32u		/* may be interrupted by a signal */

#define GO 0
#define FAIL (-1)
#define HALF 1

struct shared { atomic_ulong count, fired, rival; };

static struct {
	int on, log, record, nosync;
	unsigned klass;			/* F_CHANGE, F_READ: what is counted */
	unsigned long n;		/* the point; 0: none */
	char mode[16];
	int error, sticky;
	unsigned need;			/* flags that a call must have */
	char root[PATH_MAX];
	size_t root_n;
	const char *rival_at, *rival;	/* part of a name; a command */
	struct shared *shared;
} fault = { .log = -1, .record = -1 };

static _Thread_local int kill_after;

/* The system call itself: none of ours, none of libc's wrappers. */
static long raw(long nr, long a, long b, long c, long d)
{
	long ret;
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	ret = x0;
#else
#error "t/fault knows no system call of this processor"
#endif
	return ret;
}

static int env_fd(const char *name, int flags)
{
	const char *path = getenv(name);

	if (!path)
		return -1;
	return (int)raw(SYS_openat, AT_FDCWD, (long)path,
			flags | O_CLOEXEC | O_CREAT, 0666);
}

/* "N:mode" or "N:mode+" (that call and all later ones it applies to) */
static void parse_fault(const char *s)
{
	static const struct { const char *name; int error; unsigned need; } m[] = {
		{ "kill-before", 0, 0 }, { "kill-after", 0, 0 },
		{ "torn", 0, F_DATA }, { "short", 0, F_DATA },
		{ "EIO", EIO, 0 }, { "ENOSPC", ENOSPC, F_ROOM },
		{ "EDQUOT", EDQUOT, F_ROOM }, { "EMFILE", EMFILE, F_FD },
		{ "EINTR", EINTR, F_INTR }, { "EACCES", EACCES, F_FD },
	};
	size_t i, n;
	char *end;

	fault.n = strtoul(s, &end, 10);
	snprintf(fault.mode, sizeof(fault.mode), "%s", *end ? end + 1 : "");
	n = strlen(fault.mode);
	if (n && fault.mode[n - 1] == '+') {
		fault.sticky = 1;
		fault.mode[n - 1] = '\0';
	}
	for (i = 0; i < sizeof(m) / sizeof(*m); i++)
		if (!strcmp(fault.mode, m[i].name)) {
			fault.error = m[i].error;
			fault.need = m[i].need;
			return;
		}
	fprintf(stderr, "inject: no mode '%s'\n", fault.mode);
	_exit(125);
}

static void read_class(void)
{
	const char *c = getenv("HUB_FAULT_CLASS");

	fault.klass = !c || !strcmp(c, "change") ? F_CHANGE :
		!strcmp(c, "read") ? F_READ : F_CHANGE | F_READ;
}

__attribute__((constructor)) static void set_up(void)
{
	const char *prog = getenv("HUB_FAULT_PROG"), *s;
	int fd;

	if (strcmp(program_invocation_short_name, prog ? prog : "hub"))
		return;
	s = getenv("HUB_FAULT_ROOT");
	if (!s)
		return;
	fault.root_n = (size_t)snprintf(fault.root, sizeof(fault.root), "%s", s);
	fault.nosync = getenv("HUB_FAULT_NOSYNC") != NULL;
	read_class();
	fd = env_fd("HUB_FAULT_STATE", O_RDWR);
	if (fd >= 0 && !raw(SYS_ftruncate, fd, sizeof(struct shared), 0, 0)) {
		fault.shared = mmap(NULL, sizeof(struct shared),
				    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		raw(SYS_close, fd, 0, 0, 0);
	}
	fault.rival_at = getenv("HUB_FAULT_RIVAL_AT");
	fault.rival = getenv("HUB_FAULT_RIVAL");
	fault.log = env_fd("HUB_FAULT_LOG", O_WRONLY | O_APPEND);
	fault.record = env_fd("HUB_FAULT_RECORD", O_WRONLY | O_APPEND);
	s = getenv("HUB_FAULT");
	if (s)
		parse_fault(s);
	fault.on = fault.shared && fault.shared != MAP_FAILED;
}

/* path_full(): the absolute name of ${path} under ${dirfd}; of the descriptor
 * itself if ${path} is NULL or empty.  1 if it is ours to look at. */
static int path_full(char full[PATH_MAX], int dirfd, const char *path)
{
	char link[64];
	long n = 0;

	if (!fault.on)
		return 0;
	if (!path || path[0] != '/') {
		snprintf(link, sizeof(link), dirfd == AT_FDCWD ?
			 "/proc/self/cwd" : "/proc/self/fd/%d", dirfd);
		n = raw(SYS_readlinkat, AT_FDCWD, (long)link, (long)full,
			PATH_MAX - 2);
		if (n < 0)
			return 0;
		full[n] = '\0';
	}
	if (path && *path)
		snprintf(full + n, PATH_MAX - (size_t)n, "%s%s",
			 n && path[0] != '/' ? "/" : "", path);
	return !strncmp(full, fault.root, fault.root_n);
}

static void die(void)
{
	raw(SYS_kill, raw(SYS_getpid, 0, 0, 0, 0), SIGKILL, 0, 0);
	for (;;)
		pause();
}

/* One number for each way that the program comes here; the same in every run,
 * wherever it is loaded. */
static unsigned long place(void)
{
	void *at[64];
	int i, n = backtrace(at, 64);
	unsigned long h = 5381;

	for (i = 1; i < n; i++) {
		Dl_info in = { .dli_fbase = NULL };

		dladdr(at[i], &in);
		h = h * 1000003 ^ (unsigned long)((char *)at[i] -
						  (char *)in.dli_fbase);
	}
	return h;
}

static void log_call(unsigned long at, const char *name, unsigned flags,
		     const char *full)
{
	char line[PATH_MAX + 96];
	int n = snprintf(line, sizeof(line), "%lu %s %u %lx %s\n", at, name,
			 flags, place(), full + fault.root_n);

	raw(SYS_write, fault.log, (long)line, n, 0);
}

static int fail(void)
{
	errno = fault.error;
	return FAIL;
}

/* point(): count a call; GO, FAIL with errno set, or HALF for data. */
static int point(const char *name, unsigned flags, const char *full)
{
	unsigned long at;

	if (!(flags & fault.klass))
		return fault.sticky && fault.error &&
			atomic_load(&fault.shared->fired) &&
			(flags & fault.need) && (fault.need & F_FD) ?
			fail() : GO;
	at = atomic_fetch_add(&fault.shared->count, 1) + 1;
	if (fault.log >= 0)
		log_call(at, name, flags, full);
	if (!fault.n || (fault.need & flags) != fault.need)
		return GO;
	if (at != fault.n && !(fault.sticky && at > fault.n))
		return GO;
	atomic_store(&fault.shared->fired, 1);
	if (fault.error)
		return fail();
	if (!strcmp(fault.mode, "kill-before"))
		die();
	kill_after = strcmp(fault.mode, "short") != 0;
	return fault.need & F_DATA ? HALF : GO;
}

/* rival(): somebody else is quicker than the first call that gives something
 * such a name. */
static void rival(const char *name)
{
	if (fault.rival && fault.rival_at && strstr(name, fault.rival_at) &&
	    !atomic_exchange(&fault.shared->rival, 1) && system(fault.rival))
		raw(SYS_write, 2, (long)"inject: the rival failed\n", 25, 0);
}

/* point_end(): after the real call. */
static void point_end(void)
{
	if (kill_after)
		die();
}

#endif
