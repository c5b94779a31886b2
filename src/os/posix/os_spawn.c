/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_spawn.c - find a program and start it: what os_run() and os_child_start()
 * have in common. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "os/os.h"
#include "os/os_proc.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

extern char **environ;

static int is_program(const char *path)
{
	struct stat st;
	int rc;

	RETRY(rc, sys.fstatat(AT_FDCWD, path, &st, 0));
	return !rc && S_ISREG(st.st_mode) && !access(path, X_OK);
}

int os_find_program(const char *name, struct buf *ret, struct err *e)
{
	const char *path = os_env("PATH"), *s;
	size_t was = ret->n, n;

	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (s = path; *name && !strchr(name, '/') && *s; s += n + !!s[n]) {
		n = strcspn(s, ":");
		if (*s != '/')
			continue;
		buf_add(ret, s, n);
		buf_addf(ret, "/%s", name);
		if (buf_error(ret))
			return err_nomem(e);
		if (is_program(ret->p + was))
			return 0;
		buf_setlen(ret, was);
	}
	return err_set(e, HUB_EABSENT, "no program '%s' in PATH", name);
}

static int find(const char *name, struct buf *ret, struct err *e)
{
	if (!strchr(name, '/'))
		return os_find_program(name, ret, e);
	if (name[0] != '/')
		return err_set(e, HUB_EUSAGE, "the path of program '%s' is not "
			       "absolute", name);
	buf_addstr(ret, name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* Does  ("NAME=value") stand in  under the same name? */
static int overridden(const char *var, const char *const *env)
{
	size_t n = strcspn(var, "=");

	for (; *env; env++)
		if (!strncmp(*env, var, n) && (*env)[n] == '=')
			return 1;
	return 0;
}

/* Our environment with  over it: owned array of borrowed strings. */
static char **merge_env(const char *const *env)
{
	size_t n = 1, i, k = 0;
	char **ret;

	for (i = 0; environ[i]; i++)
		n++;
	for (i = 0; env[i]; i++)
		n++;
	ret = calloc(n, sizeof(*ret));
	if (!ret)
		return NULL;
	for (i = 0; environ[i]; i++)
		if (!overridden(environ[i], env))
			ret[k++] = environ[i];
	for (i = 0; env[i]; i++)
		ret[k++] = (char *)env[i];
	return ret;
}

static int actions_fill(posix_spawn_file_actions_t *a,
			const struct os_spawn *s)
{
	int err = 0;

	if (s->in < 0)
		err = posix_spawn_file_actions_addopen(a, 0, "/dev/null",
						       O_RDONLY, 0);
	else
		err = posix_spawn_file_actions_adddup2(a, s->in, 0);
	/* stdout first: it may go where our stderr is now. */
	if (!err)
		err = posix_spawn_file_actions_adddup2(a, s->out, 1);
	if (!err && s->errout >= 0)
		err = posix_spawn_file_actions_adddup2(a, s->errout, 2);
	if (!err && s->dir)
		err = posix_spawn_file_actions_addchdir_np(a, s->dir);
	return err;
}

/* What we ignore or block must not be inherited. */
static int attr_fill(posix_spawnattr_t *at)
{
	sigset_t def, none;
	int err;

	sigemptyset(&none);
	sigemptyset(&def);
	sigaddset(&def, SIGPIPE);
	err = posix_spawnattr_setsigdefault(at, &def);
	if (!err)
		err = posix_spawnattr_setsigmask(at, &none);
	if (!err)
		err = posix_spawnattr_setflags(at, POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK);
	return err;
}

/* Else a missing folder would look like a missing program. */
static int check_dir(const char *dir, struct err *e)
{
	struct os_stat st;
	int rc = os_stat(dir, &st, e);

	if (rc == HUB_EABSENT)
		return err_set(e, HUB_EIO, "no folder '%s' to work in", dir);
	return rc;
}

static int spawn(const struct os_spawn *s, const char *path, char **env,
		 pid_t *ret)
{
	posix_spawn_file_actions_t a;
	posix_spawnattr_t at;
	int err;

	posix_spawn_file_actions_init(&a);
	posix_spawnattr_init(&at);
	err = actions_fill(&a, s);
	if (!err)
		err = attr_fill(&at);
	if (!err)
		err = posix_spawn(ret, path, &a, &at, (char *const *)s->argv,
				  env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&a);
	return err;
}

int os_spawn(const struct os_spawn *s, pid_t *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	char **env = environ;
	int rc = find(s->argv[0], &path, e);

	if (!rc && s->dir)
		rc = check_dir(s->dir, e);
	if (!rc && s->env) {
		env = merge_env(s->env);
		if (!env)
			rc = err_nomem(e);
	}
	if (!rc) {
		errno = spawn(s, path.p, env, ret);
		if (errno)
			rc = err_os(e, "run", path.p);
	}
	if (env != environ)
		free(env);
	buf_release(&path);
	return rc;
}

int os_exec(const char *const *argv, const char *const *env, struct err *e)
{
	struct buf path = BUF_INIT;
	char **all = environ;
	int rc = find(argv[0], &path, e);

	if (!rc && env) {
		all = merge_env(env);
		rc = all ? 0 : err_nomem(e);
	}
	if (rc == 0) {
		signal(SIGPIPE, SIG_DFL);
		execve(path.p, (char *const *)argv, all);
		rc = err_os(e, "run", path.p);
	}
	if (all != environ)
		free(all);
	buf_release(&path);
	return rc;
}

int os_become_owner(const char *path, struct err *e)
{
	struct os_stat st;
	struct passwd *pw;

	if (geteuid() || os_stat(path, &st, NULL) < 0 || !st.uid)
		return 0;
	pw = getpwuid(st.uid);
	if ((pw ? initgroups(pw->pw_name, pw->pw_gid) :
	     setgroups(0, NULL)) < 0 ||
	    setgid(pw ? pw->pw_gid : st.gid) < 0 || setuid(st.uid) < 0)
		return err_os(e, "become the owner of", path);
	if (pw)
		setenv("HOME", pw->pw_dir, 1);
	return 0;
}
