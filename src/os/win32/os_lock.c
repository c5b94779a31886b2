/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_lock.c - a lock that dies with its holder (LockFileEx). */
#include <stdlib.h>
#include "os/win32/os_win.h"
#include "base/banned.h"

struct os_lock {
	HANDLE h;
};

int os_lock_take(const char *path, struct os_lock **ret, struct err *e)
{
	wchar_t *w = os_win_path(path);
	struct os_lock *l = malloc(sizeof(*l));
	OVERLAPPED o = { 0 };
	int rc = 0;

	if (!w || !l) {
		free(w);
		free(l);
		return err_nomem(e);
	}
	/* Not shared for deletion: the name stays what we have locked. */
	l->h = CreateFileW(w, GENERIC_READ | GENERIC_WRITE,
			   FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
			   FILE_ATTRIBUTE_NORMAL, NULL);
	free(w);
	if (l->h == INVALID_HANDLE_VALUE) {
		os_win_errno();
		rc = err_os(e, "open the lock", path);
	} else if (!LockFileEx(l->h, LOCKFILE_EXCLUSIVE_LOCK |
			       LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &o)) {
		os_win_errno();
		rc = errno == EBUSY
		     ? err_set(e, HUB_EBUSY, "'%s' is locked by another "
			       "process", path)
		     : err_os(e, "lock", path);
	}
	if (rc < 0)
		os_lock_drop(l);
	else
		*ret = l;
	return rc;
}

void os_lock_drop(struct os_lock *l)
{
	if (!l)
		return;
	if (l->h != INVALID_HANDLE_VALUE)
		CloseHandle(l->h);
	free(l);
}

int os_being_written(int fd)
{
	(void)fd;
	return -1;
}
