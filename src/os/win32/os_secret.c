/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_secret.c - ask for a passphrase on the console, without showing it. */
#include <string.h>
#include "os/os.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

static void add_utf8(struct buf *ret, const WCHAR *w, DWORD n, size_t max,
		     struct err *e)
{
	int need = WideCharToMultiByte(CP_UTF8, 0, w, (int)n, NULL, 0, NULL,
				       NULL);

	if (need < 0 || (size_t)need > max) {
		err_set(e, HUB_ELIMIT, "a passphrase has at most %lu bytes",
			(unsigned long)max);
		return;
	}
	/* buf_grow() was for max + 1. */
	WideCharToMultiByte(CP_UTF8, 0, w, (int)n, ret->p, need, NULL, NULL);
	ret->n = (size_t)need;
	ret->p[ret->n] = '\0';
}

static int ask(HANDLE in, HANDLE out, const char *prompt, struct buf *ret,
	       size_t max, struct err *e)
{
	WCHAR line[1100];
	DWORD was, n = 0;
	struct err why = ERR_INIT;

	if (!GetConsoleMode(in, &was))
		return err_set(e, HUB_EUSAGE, "there is no terminal to ask on");
	buf_reset(ret);
	if (buf_grow(ret, max + 1))
		return err_nomem(e);
	WriteFile(out, prompt, (DWORD)strlen(prompt), &n, NULL);
	SetConsoleMode(in, (was | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT) &
		       ~(DWORD)ENABLE_ECHO_INPUT);
	n = 0;
	if (!ReadConsoleW(in, line, sizeof(line) / sizeof(*line), &n, NULL) ||
	    !n)
		err_set(&why, HUB_ECANCEL, "no passphrase was given");
	SetConsoleMode(in, was);
	WriteFile(out, "\n", 1, &was, NULL);
	while (n && (line[n - 1] == L'\n' || line[n - 1] == L'\r'))
		n--;
	if (!why.rc)
		add_utf8(ret, line, n, max, &why);
	SecureZeroMemory(line, sizeof(line));
	if (!why.rc)
		return 0;
	buf_wipe(ret);
	return err_set(e, why.rc, "%s", why.msg);
}

int os_read_secret(const char *prompt, struct buf *ret, size_t max,
		   struct err *e)
{
	if (!os_tty(0) || !os_tty(2))
		return err_set(e, HUB_EUSAGE, "there is no terminal to ask on");
	return ask(GetStdHandle(STD_INPUT_HANDLE),
		   GetStdHandle(STD_ERROR_HANDLE), prompt, ret, max, e);
}

int os_ask_secret(const char *prompt, struct buf *ret, size_t max,
		  struct err *e)
{
	HANDLE in = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE,
				OS_WIN_SHARE, NULL, OPEN_EXISTING, 0, NULL);
	HANDLE out = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE,
				 OS_WIN_SHARE, NULL, OPEN_EXISTING, 0, NULL);
	int rc = ask(in, out, prompt, ret, max, e);

	if (in != INVALID_HANDLE_VALUE)
		CloseHandle(in);
	if (out != INVALID_HANDLE_VALUE)
		CloseHandle(out);
	return rc;
}
