/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_spawn.c - find a program and start it: what os_run() and os_child_start()
 * have in common.
 *
 * Windows hands over one command line; quoting is what CommandLineToArgvW
 * undoes.  Only what is in the list of handles is inherited.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "os/os.h"
#include "os/os_proc.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

static int is_program(const char *path)
{
	struct os_stat st;

	return !os_win_stat(path, 1, &st) && st.type == OS_REG;
}

static int has_ext(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && name[n - 4] == '.';
}

int os_find_program(const char *name, struct buf *ret, struct err *e)
{
	const char *s = os_env("PATH");
	size_t was = ret->n, n;

	for (; s && *name && !strpbrk(name, "/\\:") && *s; s += n + !!s[n]) {
		n = strcspn(s, ";");
		if (n < 3 || s[1] != ':' || (s[2] != '\\' && s[2] != '/'))
			continue;
		buf_add(ret, s, n);
		os_win_slashes(ret, was);
		buf_addf(ret, "/%s%s", name, has_ext(name) ? "" : ".exe");
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
	if (!strpbrk(name, "/\\:"))
		return os_find_program(name, ret, e);
	if (name[0] != '/' && name[0] != '\\' && name[1] != ':')
		return err_set(e, HUB_EUSAGE, "the path of program '%s' is not "
			       "absolute", name);
	buf_addstr(ret, name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* One argument, quoted: backslashes double only before a quote. */
static void quote(struct buf *b, const char *s)
{
	size_t slashes;

	buf_addch(b, '"');
	for (; *s; s++) {
		for (slashes = 0; *s == '\\'; s++)
			slashes++;
		for (; slashes; slashes--)
			buf_addstr(b, *s && *s != '"' ? "\\" : "\\\\");
		if (!*s)
			break;
		if (*s == '"')
			buf_addch(b, '\\');
		buf_addch(b, *s);
	}
	buf_addch(b, '"');
}

static wchar_t *command_line(const char *const *argv)
{
	struct buf b = BUF_INIT;
	wchar_t *w = NULL;
	size_t i;

	for (i = 0; argv[i]; i++) {
		if (i)
			buf_addch(&b, ' ');
		quote(&b, argv[i]);
	}
	if (!buf_error(&b))
		w = os_win_wide(b.p);
	buf_release(&b);
	return w;
}

/* Is the variable  ("NAME=value") set anew in ? */
static int overridden(const char *var, const char *const *env)
{
	size_t n = strcspn(var, "=");

	for (; env && *env; env++)
		if (!_strnicmp(*env, var, n) && (*env)[n] == '=')
			return 1;
	return 0;
}

/* UTF-16 strings one after the other, each with its NUL, and one more. */
static wchar_t *env_block(const char *const *env)
{
	struct buf b = BUF_INIT, one = BUF_INIT;
	wchar_t *w = NULL;
	size_t i;
	int n;

	for (i = 0; _wenviron && _wenviron[i]; i++) {
		buf_reset(&one);
		os_win_text(&one, _wenviron[i]);
		if (!overridden(one.p, env))
			buf_add(&b, one.p, one.n + 1);
	}
	for (i = 0; env && env[i]; i++)
		buf_add(&b, env[i], strlen(env[i]) + 1);
	buf_addch(&b, 0);
	if (!buf_error(&b) && !buf_error(&one) && b.n < INT_MAX) {
		n = MultiByteToWideChar(CP_UTF8, 0, b.p, (int)b.n, NULL, 0);
		w = calloc((size_t)n + 1, sizeof(*w));
		if (w)
			MultiByteToWideChar(CP_UTF8, 0, b.p, (int)b.n, w, n);
	}
	buf_release(&b);
	buf_release(&one);
	return w;
}

static HANDLE or_stderr(HANDLE h)
{
	return h ? h : GetStdHandle(STD_ERROR_HANDLE);
}

/* CreateProcess with exactly three inherited handles. */
static BOOL spawn(const struct os_win_spawn *r, const wchar_t *path, wchar_t *line, wchar_t *env,
		  const wchar_t *dir, PROCESS_INFORMATION *pi)
{
	STARTUPINFOEXW si;
	HANDLE h[3];
	SIZE_T size = 0;
	DWORD i, n = 0;
	BOOL good = FALSE;

	memset(&si, 0, sizeof(si));
	si.StartupInfo.cb = sizeof(si);
	si.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	si.StartupInfo.hStdInput = r->in;
	si.StartupInfo.hStdOutput = or_stderr(r->out);
	si.StartupInfo.hStdError = or_stderr(r->errout);
	h[n++] = r->in;
	h[n++] = si.StartupInfo.hStdOutput;
	/* The list must not name a handle twice. */
	if (si.StartupInfo.hStdError != h[1])
		h[n++] = si.StartupInfo.hStdError;
	for (i = 0; i < n; i++)
		SetHandleInformation(h[i], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
	InitializeProcThreadAttributeList(NULL, 1, 0, &size);
	si.lpAttributeList = malloc(size);
	if (si.lpAttributeList &&
	    InitializeProcThreadAttributeList(si.lpAttributeList, 1, 0, &size)) {
		good = UpdateProcThreadAttribute(si.lpAttributeList, 0,
				PROC_THREAD_ATTRIBUTE_HANDLE_LIST, h,
				n * sizeof(*h), NULL, NULL) &&
		       CreateProcessW(path, line, NULL, NULL, TRUE,
				CREATE_UNICODE_ENVIRONMENT |
				EXTENDED_STARTUPINFO_PRESENT, env, dir,
				&si.StartupInfo, pi);
		if (!good)
			os_win_errno();
		DeleteProcThreadAttributeList(si.lpAttributeList);
	}
	free(si.lpAttributeList);
	return good;
}

static int start(const struct os_win_spawn *s, const char *program,
		 HANDLE *ret, struct err *e)
{
	wchar_t *path = os_win_path(program);
	wchar_t *line = command_line(s->argv);
	wchar_t *env = env_block(s->env);
	wchar_t *dir = s->dir ? os_win_path(s->dir) : NULL;
	PROCESS_INFORMATION pi;
	struct os_stat st;
	int rc = 0;

	if (!path || !line || !env || (s->dir && !dir)) {
		rc = err_nomem(e);
	} else if (s->dir && os_win_stat(s->dir, 1, &st) < 0) {
		rc = err_set(e, HUB_EIO, "no folder '%s' to work in", s->dir);
	} else if (!spawn(s, path, line, env, dir, &pi)) {
		rc = err_os(e, "run", program);
	} else {
		*ret = pi.hProcess;
		CloseHandle(pi.hThread);
	}
	free(path);
	free(line);
	free(env);
	free(dir);
	return rc;
}

int os_win_spawn(const struct os_win_spawn *s, HANDLE *ret, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = find(s->argv[0], &path, e);

	if (rc == 0)
		rc = start(s, path.p, ret, e);
	buf_release(&path);
	return rc;
}

int os_exec(const char *const *argv, const char *const *env, struct err *e)
{
	struct os_win_spawn sp = {
		.argv = argv, .env = env, .in = GetStdHandle(STD_INPUT_HANDLE),
		.out = GetStdHandle(STD_OUTPUT_HANDLE),
	};
	HANDLE process = NULL;
	DWORD status = 1;
	int rc = os_win_spawn(&sp, &process, e);

	if (rc < 0)
		return rc;
	WaitForSingleObject(process, INFINITE);
	GetExitCodeProcess(process, &status);
	ExitProcess(status);
}

int os_become_owner(const char *path, struct err *e)
{
	return 0;
}
