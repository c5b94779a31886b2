/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_env.c - what the environment says: variables, home, names. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "os/os.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

extern char **environ;

/* "NAME=value" strings that were removed; kept for the life of the process. */
static char **removed;
static size_t n_removed, max_removed;

void os_env_clean(void)
{
	size_t from, to = 0, count = 0;

	while (environ && environ[count])
		count++;
	if (!count)
		return;
	if (!removed) {
		removed = calloc(count, sizeof(*removed));
		max_removed = removed ? count : 0;
	}
	for (from = 0; from < count; from++) {
		char *var = environ[from];

		if (!os_env_redirects(var, strcspn(var, "=")))
			environ[to++] = var;
		else if (n_removed < max_removed)
			removed[n_removed++] = var;
	}
	environ[to] = NULL;
}

const char *os_env_git(const char *name)
{
	size_t i, k = strlen(name);

	for (i = 0; i < n_removed; i++)
		if (!strncmp(removed[i], name, k) && removed[i][k] == '=')
			return removed[i] + k + 1;
	return NULL;
}

const char *os_env(const char *name)
{
	const char *v = getenv(name);

	return v && *v ? v : NULL;
}

int os_home_dir(struct buf *ret, struct err *e)
{
	const char *home = os_env("HOME");
	struct passwd *pw;

	if (!home || home[0] != '/') {
		pw = getpwuid(geteuid());
		home = pw ? pw->pw_dir : NULL;
	}
	if (!home || home[0] != '/')
		return err_set(e, HUB_EABSENT, "the system knows no home folder "
			       "for this user: set HOME");
	buf_addstr(ret, home);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int os_user_dir(struct buf *ret, struct err *e)
{
	const char *v = os_env("VIBEHUB_HOME");
	int rc;

	if (v) {
		buf_addstr(ret, v);
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	v = os_env("XDG_CONFIG_HOME");
	if (v && v[0] == '/') {
		buf_addstr(ret, v);
		buf_addstr(ret, "/vibehub");
	} else {
		rc = os_home_dir(ret, e);
		if (rc < 0)
			return rc;
		buf_addstr(ret, "/.config/vibehub");
	}
	return buf_error(ret) ? err_nomem(e) : 0;
}

void os_hostname(struct buf *ret)
{
	const char *v = os_env("VIBEHUB_HOSTNAME");
	char name[256];

	if (!v) {
		if (gethostname(name, sizeof(name)) < 0)
			name[0] = 0;
		name[sizeof(name) - 1] = 0;
		v = name;
	}
	if (strcspn(v, "."))
		buf_add(ret, v, strcspn(v, "."));
	else
		buf_addstr(ret, "computer");
}

void os_username(struct buf *ret)
{
	struct passwd *pw = getpwuid(geteuid());
	const char *name = pw ? pw->pw_name : NULL;

	if (!name || !*name)
		name = os_env("USER");
	buf_addstr(ret, name ? name : "user");
}
