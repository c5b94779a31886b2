/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_win.h - what the files of os/win32/ share.
 *
 * Paths are UTF-8 with '/' outside, UTF-16 with '\\' inside.  Failures of
 * Windows become errno values, so that err_os() serves both systems.
 */
#ifndef OS_WIN_H
#define OS_WIN_H

#define WIN32_LEAN_AND_MEAN
#include <errno.h>
#include <windows.h>
#include "os/os_common.h"

#define OS_WIN_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/*
 * A folder is held by its path: no handle keeps it in place, unlike in
 * os/posix/.  Every name is one component and links are looked for before a
 * folder is entered, but whoever swaps a folder for a link in between wins.
 */
struct os_dir {
	char *path;
	HANDLE find;		/* INVALID_HANDLE_VALUE between two passes */
	WIN32_FIND_DATAW data;
	struct buf name;	/* the entry that os_dir_next() returned */
};

/* os_win_wide(): UTF-8 to UTF-16 as it is.  Owned: free(); NULL and errno. */
wchar_t *os_win_wide(const char *s);
/* os_win_path(): a path for Windows, also beyond 260 characters.  Owned. */
wchar_t *os_win_path(const char *path);
/* os_win_text(): UTF-16 appended as UTF-8; what is no UTF-16 becomes U+FFFD. */
void os_win_text(struct buf *ret, const wchar_t *w);
/* os_win_slashes(): '\\' to '/' from offset  on. */
void os_win_slashes(struct buf *b, size_t at);
/* os_win_errno(): errno from GetLastError(); returns -1. */
int os_win_errno(void);
/* os_win_fd(): a C handle around , which is consumed.  -1 and errno. */
int os_win_fd(HANDLE h, int flags);
/* os_win_stat(), os_win_fstat(): -1 and errno on failure. */
int os_win_stat(const char *path, int follow, struct os_stat *ret);
int os_win_fstat(HANDLE h, struct os_stat *ret);
/* os_win_rename(): MoveFileEx, again while a virus scanner holds the file. */
int os_win_rename(const char *from, const char *to, int replace);
/* os_win_remove(): a file or link, read-only ones too.  -1 and errno. */
int os_win_remove(const char *path);
/* os_win_fail_new(): err_os(), with HUB_ECONFLICT for EEXIST and ENOTEMPTY. */
int os_win_fail_new(struct err *e, const char *doing, const char *path);
/* os_win_spawn(): start a program; as os_run() finds it.  *ret: its process. */
struct os_win_spawn {
	const char *const *argv, *const *env;
	const char *dir;
	HANDLE in, out, errout;	/* NULL: our stderr, of the last two */
};
int os_win_spawn(const struct os_win_spawn *s, HANDLE *ret, struct err *e);

#endif
