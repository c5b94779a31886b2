/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_proc.h - run another program.  Never through a shell: an argument vector
 * and an absolute path (or a name looked up in PATH's absolute entries only;
 * the current folder is never searched).
 */
#ifndef OS_OS_PROC_H
#define OS_OS_PROC_H

#include "base/buf.h"

struct os_proc {
	const char *const *argv;	/* argv[0] is the program, NULL-ended */
	const char *const *env;		/* "NAME=value" added to ours, or NULL */
	const char *dir;		/* working folder, NULL: ours */
	struct buf *out;		/* collects stdout; NULL: to our stderr */
	struct buf *errout;		/* collects stderr; NULL: our stderr */
	size_t out_max;			/* HUB_ELIMIT beyond, child killed; 0: 1 MiB */
	unsigned timeout_ms;		/* HUB_EOFFLINE beyond, child killed; 0: none */
};

/* os_run(): run to the end, stdin from the null device.  Returns 0 and the
 * exit status (128 + signal if killed); HUB_EABSENT if there is no such
 * program; HUB_ECANCEL when a signal asks us to stop.  A child that is stopped
 * gets SIGTERM, and SIGKILL 2 s later.  What it collected so far stays in the
 * buffers, also on failure. */
int os_run(const struct os_proc *p, int *ret_status, struct err *e);

/* os_exec(): become that program, which gets our standard streams, and ${env}
 * ("NAME=value", or NULL) over our environment; what is open otherwise is closed.
 * Returns only when it cannot.  (On Windows: run it, and end with its status.) */
int os_exec(const char *const *argv, const char *const *env, struct err *e);

/* os_become_owner(): the superuser becomes the owner of ${path}, for good, with
 * that user's groups; anybody else, or of one's own, nothing.  A path that is
 * not there: nothing. */
int os_become_owner(const char *path, struct err *e);

/* os_find_program(): absolute path of ${name} in PATH; HUB_EABSENT. */
int os_find_program(const char *name, struct buf *ret, struct err *e);

#endif
