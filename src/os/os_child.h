/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_child.h - a program that runs beside us, with pipes to its stdin and from
 * its stdout.  As os_run(): never a shell, an absolute path or a name from
 * PATH's absolute entries.
 *
 *	os_child_start(&(struct os_child_arg){ .argv = argv }, &c, e);
 *	s = os_child_stream(c);		read, write and wait: os_stream.h
 *	os_child_end(c, 5000, &status, e);
 *	os_child_free(c);
 */
#ifndef OS_OS_CHILD_H
#define OS_OS_CHILD_H

#include "os/os_stream.h"

#define OS_CHILD_TAIL 4096	/* so much of stderr is kept */

struct os_child;

/* stderr: goes where ours does; its end is kept; both. */
enum os_child_errout { OS_CHILD_OURS = 0, OS_CHILD_KEEP, OS_CHILD_SHOW };

struct os_child_arg {
	const char *const *argv;	/* argv[0] is the program, NULL-ended */
	const char *const *env;		/* "NAME=value" over ours, or NULL */
	const char *dir;		/* working folder, NULL: ours */
	enum os_child_errout errout;
};

/* os_child_start(): HUB_EABSENT if there is no such program.  Owned:
 * os_child_free(). */
int os_child_start(const struct os_child_arg *a, struct os_child **ret,
		   struct err *e);
/* os_child_stream(): what it reads and writes; borrowed, never closed by the
 * caller.  A stderr that is kept is taken in whenever the stream is waited for. */
struct os_stream *os_child_stream(struct os_child *c);
/*
 * os_child_end(): its pipes are closed and its end is waited for: ${grace_ms},
 * then SIGTERM, 2 s later SIGKILL.  *ret_status: exit status, 128 + signal if
 * killed.  Again: the same status.  HUB_ECANCEL when a signal asks us to stop;
 * then it is ended at once.
 */
int os_child_end(struct os_child *c, unsigned grace_ms, int *ret_status,
		 struct err *e);
/* os_child_tail(): the end of a stderr that was kept; borrowed.  Complete after
 * os_child_end(). */
const char *os_child_tail(struct os_child *c);
/* os_child_free(): ended first if it runs, without grace.  NULL is fine. */
void os_child_free(struct os_child *c);

#endif
