/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_internal.h - what the files of os/posix/ share. */
#ifndef OS_POSIX_INTERNAL_H
#define OS_POSIX_INTERNAL_H

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include "os/os_common.h"
#include "os/posix/sys.h"

struct os_dir {
	int fd;
	DIR *d;		/* NULL until the first os_dir_next(); owns fd then */
	int ended;	/* the next pass begins with a rewind */
	char *path;	/* for messages: as opened, then the names below */
};

/* RETRY(): a call that a signal interrupted is made again. */
#define RETRY(rc, call) do { (rc) = (call); } while ((rc) < 0 && errno == EINTR)

/* os_stat_fill(): the system's stat as ours. */
void os_stat_fill(struct os_stat *ret, const struct stat *st);
/* os_open(): openat, retried, with O_CLOEXEC.  -1 and errno on failure. */
int os_open(int dirfd, const char *path, int flags, unsigned mode);
/* os_env_clean(): take out of the environment what redirects git. */
void os_env_clean(void);
/* os_umask(): this process's umask. */
unsigned os_umask(void);
/* os_sync_dir_fd(): fsync of a folder's handle; file systems that have no such
 * thing count as done.  -1 and errno on failure. */
int os_sync_dir_fd(int fd);
/* os_rename_new_at(): rename that refuses an existing target, by whatever the
 * file system has.  With , EOPNOTSUPP where nothing exclusive exists;
 * else look, then rename.  -1 and errno (EEXIST) on failure. */
int os_rename_new_at(int fd1, const char *from, int fd2, const char *to,
		     int strict);

/* os_spawn(): start a program; as os_run() finds it. */
struct os_spawn {
	const char *const *argv, *const *env;
	const char *dir;
	int in;			/* -1: the null device */
	int out;
	int errout;		/* -1: our stderr */
};
int os_spawn(const struct os_spawn *s, pid_t *ret, struct err *e);

/* os_share_file(), os_share_file_in(), os_share_folder(): what was just made gets
 * the mode that os_share() asks for, if it lies there. */
void os_share_file(int fd, const char *path);
void os_share_file_in(int fd, const char *dir, const char *name);
void os_share_folder(const char *path);

#endif
