/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_map.c - a file seen as memory (MapViewOfFile). */
#include <stdlib.h>
#include "os/os_map.h"
#include "os/win32/os_win.h"
#include "base/banned.h"

int os_map_read(const char *path, struct os_map *ret, struct err *e)
{
	wchar_t *w = os_win_path(path);
	HANDLE h, m = NULL;
	LARGE_INTEGER size;
	int rc = 0;

	if (!w)
		return err_nomem(e);
	h = CreateFileW(w, GENERIC_READ, OS_WIN_SHARE, NULL, OPEN_EXISTING,
			FILE_ATTRIBUTE_NORMAL, NULL);
	free(w);
	if (h == INVALID_HANDLE_VALUE) {
		os_win_errno();
		return err_os(e, "open", path);
	}
	if (!GetFileSizeEx(h, &size)) {
		os_win_errno();
		rc = err_os(e, "examine", path);
	} else if (size.QuadPart <= 0) {
		rc = err_set(e, HUB_ECORRUPT, "'%s' is empty", path);
	} else if ((uint64_t)size.QuadPart > SIZE_MAX) {
		rc = err_set(e, HUB_ELIMIT, "'%s' is too large", path);
	} else {
		m = CreateFileMappingW(h, NULL, PAGE_READONLY, 0, 0, NULL);
		ret->p = m ? MapViewOfFile(m, FILE_MAP_READ, 0, 0, 0) : NULL;
		ret->n = ret->p ? (size_t)size.QuadPart : 0;
		if (!ret->p) {
			os_win_errno();
			rc = err_os(e, "map", path);
		}
	}
	if (m)
		CloseHandle(m);		/* the view keeps it */
	CloseHandle(h);
	return rc;
}

void os_map_random(const struct os_map *m)
{
}

void os_map_drop(struct os_map *m)
{
	if (m->p)
		UnmapViewOfFile(m->p);
	m->p = NULL;
	m->n = 0;
}
