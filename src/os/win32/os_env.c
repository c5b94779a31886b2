/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_env.c - what the environment says, in UTF-8: variables, home, names. */
#include <stdlib.h>
#include <string.h>
#include "os/os.h"
#include "os/win32/os_env.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

/* Values are kept here because callers borrow them. */
struct kept {
	struct kept *next;
	char *name, *value;
};

static struct kept *seen, *removed;

static struct kept *find(struct kept *k, const char *name)
{
	while (k && strcmp(k->name, name))
		k = k->next;
	return k;
}

/* Keep name and value, each a copy; the value as it was put there. */
static const char *keep(struct kept **list, const char *name, const char *value)
{
	struct kept *k = find(*list, name);
	size_t n = strlen(name) + 1, m = strlen(value) + 1;

	if (k && !strcmp(k->value, value))
		return k->value;
	/* An old value may still be borrowed: it is left where it is. */
	k = calloc(1, sizeof(*k));
	if (k) {
		k->name = malloc(n);
		k->value = malloc(m);
	}
	if (!k || !k->name || !k->value) {
		if (k) {
			free(k->name);
			free(k->value);
		}
		free(k);
		return NULL;
	}
	memcpy(k->name, name, n);
	memcpy(k->value, value, m);
	k->next = *list;
	*list = k;
	return k->value;
}

const char *os_env(const char *name)
{
	wchar_t *w = os_win_wide(name);
	const wchar_t *v = w ? _wgetenv(w) : NULL;
	struct buf b = BUF_INIT;
	const char *ret = NULL;

	if (v && *v) {
		os_win_text(&b, v);
		if (!buf_error(&b))
			ret = keep(&seen, name, b.p);
	}
	buf_release(&b);
	free(w);
	return ret;
}

/* Remove one variable if it redirects git; 1 if it was removed. */
static int clean_one(const wchar_t *var)
{
	struct buf b = BUF_INIT;
	char *eq;
	int gone = 0;

	os_win_text(&b, var);
	eq = buf_error(&b) ? NULL : strchr(b.p, '=');
	if (eq && os_env_redirects(b.p, (size_t)(eq - b.p))) {
		wchar_t *w;

		*eq = 0;
		keep(&removed, b.p, eq + 1);
		buf_setlen(&b, (size_t)(eq - b.p));
		buf_addch(&b, '=');
		w = os_win_wide(b.p);
		gone = w && !_wputenv(w);
		free(w);
	}
	buf_release(&b);
	return gone;
}

void os_env_clean(void)
{
	size_t i = 0;

	/* The table is made when it is first asked for. */
	_wgetenv(L"PATH");
	while (_wenviron && _wenviron[i])
		if (!clean_one(_wenviron[i]))
			i++;
}

const char *os_env_git(const char *name)
{
	struct kept *k = find(removed, name);

	return k ? k->value : NULL;
}

static int folder_of(const char *var, const char *tail, struct buf *ret,
		     struct err *e)
{
	const char *v = os_env(var);
	size_t was = ret->n;

	if (!v)
		return err_set(e, HUB_EABSENT, "%%%s%% is not set", var);
	buf_addstr(ret, v);
	os_win_slashes(ret, was);
	buf_addstr(ret, tail);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int os_home_dir(struct buf *ret, struct err *e)
{
	return folder_of(os_env("HOME") ? "HOME" : "USERPROFILE", "", ret, e);
}

int os_user_dir(struct buf *ret, struct err *e)
{
	if (os_env("VIBEHUB_HOME"))
		return folder_of("VIBEHUB_HOME", "", ret, e);
	return folder_of("APPDATA", "/vibehub", ret, e);
}

void os_hostname(struct buf *ret)
{
	const char *v = os_env("VIBEHUB_HOSTNAME");
	struct buf b = BUF_INIT;
	DWORD n = 256;
	wchar_t w[256];

	if (v)
		buf_addstr(&b, v);
	else if (GetComputerNameExW(ComputerNameDnsHostname, w, &n))
		os_win_text(&b, w);
	if (strcspn(b.p, "."))
		buf_add(ret, b.p, strcspn(b.p, "."));
	else
		buf_addstr(ret, "computer");
	buf_release(&b);
}

void os_username(struct buf *ret)
{
	const char *v = os_env("USERNAME");

	buf_addstr(ret, v ? v : "user");
}

void os_self_path(struct buf *ret)
{
	size_t was = ret->n;
	wchar_t w[4096];
	DWORD n = GetModuleFileNameW(NULL, w, 4096);

	if (!n || n >= 4096)
		return;
	os_win_text(ret, w);
	os_win_slashes(ret, was);
}
