/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_common.h - what the files of this room share that work on every system:
 * those of src/os/ itself stand on os_file.h and on the few functions here that
 * posix/ and win32/ each provide.
 */
#ifndef OS_COMMON_H
#define OS_COMMON_H

#include "os/os_file.h"

/* So much of a path is shown at most: the reason must fit behind it. */
#define OS_WHAT_MAX 320

/* ---- err_os.c ---- */
/* err_os_as(): as err_os(), but with the given code. */
int err_os_as(struct err *e, int rc, const char *doing, const char *what);
/* err_os_in(): as err_os() for  in the folder . */
int err_os_in(struct err *e, const char *doing, const char *dir,
	      const char *name);

/* ---- os_names.c ---- */
/* os_name_ok(): is it one component that does not lead upwards?  Sets errno
 * (EINVAL) if not. */
int os_name_ok(const char *name);
/* os_env_redirects(): is this the name of a variable by which git would work on
 * another repository, or with other settings, than the one that we name? */
int os_env_redirects(const char *name, size_t n);
/* os_parent(): the folder that holds , appended ("." if it names none);
 * returns the offset of the last component in path. */
size_t os_parent(const char *path, struct buf *ret);
/* os_cpus_env(): ${n}, or the fewer that VIBEHUB_THREADS asks for. */
unsigned os_cpus_env(unsigned n);
/* os_clock_env(): the time that VIBEHUB_NOW sets; 0 if it sets none. */
int os_clock_env(int64_t *ret_ns);

/* ---- posix/, win32/ ---- */
/* os_dir_open_real(): as os_dir_open(), but a symlink is not followed. */
int os_dir_open_real(const char *path, struct os_dir **ret, struct err *e);
/* os_dir_create_mode(): as os_dir_create(); 0600 if . */
int os_dir_create_mode(struct os_dir *d, const char *name, int exec, int secret,
		       int *ret_fd, struct err *e);
/* os_realpath(): absolute path of what exists, symlinks resolved, appended.  -1
 * and errno on failure. */
int os_realpath(const char *path, struct buf *ret);
/* os_stdin_read(): read some input, past os_read_line()'s buffer: the number of
 * bytes, 0 at the end, or a code. */
int os_stdin_read(char *p, size_t n, struct err *e);

#endif
