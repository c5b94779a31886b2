/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os.c - start of a process, randomness, the standard streams. */
#define _CRT_RAND_S
#include <stdlib.h>
#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <string.h>
#include "base/map.h"
#include "os/os.h"
#include "os/win32/os_env.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

static volatile LONG stop_signal;

/* Runs in a thread of its own.  The second time the system ends us. */
static BOOL WINAPI on_stop(DWORD event)
{
	LONG sig = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT
		   ? SIGINT : SIGTERM;

	return InterlockedExchange(&stop_signal, sig) == 0;
}

static void open_std_handles(void)
{
	int fd, got;

	for (fd = 0; fd < 3; fd++) {
		if (_get_osfhandle(fd) < 0) {
			got = _open("NUL", _O_RDWR | _O_BINARY);
			if (got >= 0 && got != fd) {
				_dup2(got, fd);
				_close(got);
			}
		}
		_setmode(fd, _O_BINARY);
	}
}

void os_init(void)
{
	open_std_handles();
	SetConsoleCtrlHandler(on_stop, TRUE);
	/* Our text is UTF-8, and no dialogue box stops an unattended run. */
	SetConsoleOutputCP(CP_UTF8);
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
	os_env_clean();
	os_random(&map_seed, sizeof(map_seed));
}

int os_interrupted(void)
{
	return (int)stop_signal;
}

void os_random(void *p, size_t n)
{
	size_t done = 0, k;
	unsigned v;

	for (; done < n; done += k) {
		if (rand_s(&v))
			BUG("the system gives no random bytes");
		k = n - done < sizeof(v) ? n - done : sizeof(v);
		memcpy((char *)p + done, &v, k);
	}
}

int os_tty(int fd)
{
	DWORD mode;

	/* NUL is a character device, too: ask the console. */
	return _isatty(fd) && GetConsoleMode((HANDLE)_get_osfhandle(fd), &mode);
}

int os_tty_width(void)
{
	CONSOLE_SCREEN_BUFFER_INFO i;

	if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_ERROR_HANDLE), &i))
		return 80;
	return i.srWindow.Right - i.srWindow.Left + 1;
}

int os_write_std(int fd, const void *p, size_t n)
{
	return os_write(fd, p, n, "standard output", NULL) < 0 ? HUB_EIO : 0;
}

int os_stdin_read(char *p, size_t n, struct err *e)
{
	DWORD k = 0;

	if (os_interrupted())
		return err_set(e, HUB_ECANCEL, "interrupted");
	if (n > 1 << 30)
		n = 1 << 30;
	if (!ReadFile((HANDLE)_get_osfhandle(0), p, (DWORD)n, &k, NULL) &&
	    GetLastError() != ERROR_BROKEN_PIPE) {
		os_win_errno();
		return err_os(e, "read", "standard input");
	}
	return (int)k;
}
