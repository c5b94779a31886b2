/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os.h - start and end of a process, and what the environment says.
 *
 * os/ is the only room with system headers.  posix/ and win32/ implement the
 * same headers; nothing outside os/ assumes POSIX.  Every system call that can
 * fail goes through the table of os/posix/sys.h.
 */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/buf.h"

/*
 * os_init(): first call of every program.  Opens closed standard handles on
 * the null device (so that no file of ours gets number 0-2), ignores SIGPIPE,
 * turns SIGINT, SIGTERM and SIGHUP into os_interrupted() (a second one ends
 * the process), removes the GIT_* variables that redirect git from the
 * environment (GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY,
 * GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_NAMESPACE, GIT_CONFIG_PARAMETERS, ...;
 * the list is in os_env.c; kept are identities, GIT_SSH*, GIT_CONFIG_GLOBAL,
 * _SYSTEM and _NOSYSTEM, traces), seeds map_seed, turns stdio to binary on
 * Windows.
 */
void os_init(void);

/* os_env_git(): the value that a variable had which os_init() removed, or
 * NULL.  For programs that git starts: `hub hook` needs GIT_QUARANTINE_PATH and
 * GIT_OBJECT_DIRECTORY, git-remote-hub needs GIT_DIR.  Borrowed for ever. */
const char *os_env_git(const char *name);

/* os_interrupted(): the number of the signal that asked us to stop, or 0. */
int os_interrupted(void);

/* os_env(): value of a variable, or NULL if unset or empty.  Borrowed. */
const char *os_env(const char *name);

/*
 * os_user_dir(): the user's folder of hub: $VIBEHUB_HOME, else
 * $XDG_CONFIG_HOME/vibehub, $HOME/.config/vibehub (home from the user data
 * base when HOME is unset), on Windows %APPDATA%/vibehub.  Not created.
 * 0, HUB_EABSENT if the system knows no home for this user.
 */
int os_user_dir(struct buf *ret, struct err *e);

/* os_home_dir(): the user's home folder; as above. */
int os_home_dir(struct buf *ret, struct err *e);

/* os_hostname(): name of this computer, up to the first dot; never fails
 * ("computer" if unknown).  VIBEHUB_HOSTNAME overrides, for tests. */
void os_hostname(struct buf *ret);
/* os_username(): login name, "user" if unknown. */
void os_username(struct buf *ret);
/* os_self_path(): absolute path of the running program, "" if unknown. */
void os_self_path(struct buf *ret);

/* os_random(): ${n} bytes from the system's generator; aborts if it has none. */
void os_random(void *p, size_t n);

/* os_tty(): is standard stream ${fd} (0, 1, 2) a terminal? */
int os_tty(int fd);
/* os_tty_width(): columns of stderr's terminal, 80 if unknown. */
int os_tty_width(void);
/*
 * os_read_secret(): write ${prompt} to stderr and read a line from stdin without
 * showing it, in place of what ${ret} held; at most ${max} bytes, without its
 * newline.  HUB_EUSAGE if stdin and stderr are not both a terminal: nothing is
 * asked then; HUB_ECANCEL at the end of input or when a signal asks us to stop.
 * The caller wipes ${ret}.
 */
int os_read_secret(const char *prompt, struct buf *ret, size_t max,
		   struct err *e);
/* os_ask_secret(): the same of the terminal that this process belongs to, for
 * programs whose standard streams are another program's pipes. */
int os_ask_secret(const char *prompt, struct buf *ret, size_t max,
		  struct err *e);
/* os_write_std(): write text to stdout (1) or stderr (2), whole.  0 or
 * HUB_EIO (for example a closed pipe). */
int os_write_std(int fd, const void *p, size_t n);
/* os_read_line(): one line from stdin without its newline, in place of what
 * ${ret} held; 0, HUB_EABSENT at the end of input, HUB_ELIMIT over ${max} bytes,
 * HUB_ECANCEL when a signal asks us to stop.  Reads ahead: only
 * os_read_std() sees what follows, a child process would not. */
int os_read_line(struct buf *ret, size_t max, struct err *e);
/* os_read_std(): up to ${n} bytes from stdin; >= 0 bytes read, 0 at the end. */
int os_read_std(void *p, size_t n, struct err *e);

#endif
