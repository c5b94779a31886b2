/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_win.c - text, error codes and times between Windows and the rest of hub. */
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "os/win32/os_win.h"
#include "base/banned.h"

/* Windows refuses longer paths unless they are absolute and prefixed. */
#define PLAIN_MAX 240
#define RENAME_TRIES 10
#define RENAME_WAIT_MS 30

static const struct { DWORD win; int err; } codes[] = {
	{ ERROR_FILE_NOT_FOUND, ENOENT }, { ERROR_PATH_NOT_FOUND, ENOENT },
	{ ERROR_INVALID_DRIVE, ENOENT }, { ERROR_BAD_NETPATH, ENOENT },
	{ ERROR_BAD_NET_NAME, ENOENT }, { ERROR_NOT_READY, ENOENT },
	{ ERROR_DIRECTORY, ENOTDIR }, { ERROR_ACCESS_DENIED, EACCES },
	{ ERROR_PRIVILEGE_NOT_HELD, EPERM }, { ERROR_WRITE_PROTECT, EROFS },
	{ ERROR_SHARING_VIOLATION, EBUSY }, { ERROR_LOCK_VIOLATION, EBUSY },
	{ ERROR_BUSY, EBUSY }, { ERROR_USER_MAPPED_FILE, EBUSY },
	{ ERROR_FILE_EXISTS, EEXIST }, { ERROR_ALREADY_EXISTS, EEXIST },
	{ ERROR_DIR_NOT_EMPTY, ENOTEMPTY }, { ERROR_DISK_FULL, ENOSPC },
	{ ERROR_HANDLE_DISK_FULL, ENOSPC }, { ERROR_FILE_TOO_LARGE, EFBIG },
	{ ERROR_NOT_ENOUGH_MEMORY, ENOMEM }, { ERROR_OUTOFMEMORY, ENOMEM },
	{ ERROR_TOO_MANY_OPEN_FILES, EMFILE },
	{ ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG },
	{ ERROR_NOT_SAME_DEVICE, EXDEV }, { ERROR_INVALID_PARAMETER, EINVAL },
	{ ERROR_INVALID_NAME, EINVAL }, { ERROR_NOT_SUPPORTED, ENOSYS },
	{ ERROR_INVALID_FUNCTION, ENOSYS }, { ERROR_INVALID_HANDLE, EBADF },
	{ ERROR_CANT_RESOLVE_FILENAME, ELOOP }, { ERROR_BROKEN_PIPE, EPIPE },
	{ ERROR_NO_DATA, EPIPE }, { ERROR_NOT_A_REPARSE_POINT, EINVAL },
};

int os_win_errno(void)
{
	DWORD err = GetLastError();
	size_t i;

	errno = EIO;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].win == err)
			errno = codes[i].err;
	return -1;
}

wchar_t *os_win_wide(const char *s)
{
	int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, -1, NULL, 0);
	wchar_t *w;

	if (n <= 0) {
		errno = EINVAL;
		return NULL;
	}
	w = malloc((size_t)n * sizeof(*w));
	if (w)
		MultiByteToWideChar(CP_UTF8, 0, s, -1, w, n);
	else
		errno = ENOMEM;
	return w;
}

/* The absolute form with its prefix; consumes . */
static wchar_t *long_form(wchar_t *w)
{
	static const wchar_t disk[] = L"\\\\?\\", unc[] = L"\\\\?\\UNC\\";
	DWORD n = GetFullPathNameW(w, 0, NULL, NULL);
	size_t room = (size_t)n + 16, at;
	wchar_t *full = n ? malloc(room * sizeof(*full)) : NULL;
	wchar_t *ret = full ? malloc(room * sizeof(*ret)) : NULL;

	if (ret && GetFullPathNameW(w, n, full, NULL) < n) {
		/* "\\server\share" loses its two backslashes. */
		at = full[0] == L'\\' && full[1] == L'\\' ? 2 : 0;
		wcscpy(ret, at ? unc : disk);
		wcscat(ret, full + at);
	} else {
		free(ret);
		ret = NULL;
		errno = n ? ENOMEM : EINVAL;
	}
	free(full);
	free(w);
	return ret;
}

wchar_t *os_win_path(const char *path)
{
	wchar_t *w = os_win_wide(path);
	size_t i;

	if (!w)
		return NULL;
	for (i = 0; w[i]; i++)
		if (w[i] == L'/')
			w[i] = L'\\';
	return i < PLAIN_MAX ? w : long_form(w);
}

void os_win_text(struct buf *ret, const wchar_t *w)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, w, -1, NULL, 0, NULL, NULL);

	if (n <= 1 || buf_grow(ret, (size_t)n))
		return;
	WideCharToMultiByte(CP_UTF8, 0, w, -1, ret->p + ret->n, n, NULL, NULL);
	ret->n += (size_t)n - 1;
}

void os_win_slashes(struct buf *b, size_t at)
{
	for (; at < b->n; at++)
		if (b->p[at] == '\\')
			b->p[at] = '/';
}

int os_win_fd(HANDLE h, int flags)
{
	int fd;

	if (h == INVALID_HANDLE_VALUE)
		return os_win_errno();
	fd = _open_osfhandle((intptr_t)h, flags | _O_BINARY | _O_NOINHERIT);
	if (fd < 0)
		CloseHandle(h);
	return fd;
}

/* 100 ns since 1601 to ns since 1970. */
static int64_t unix_ns(int64_t t)
{
	t -= INT64_C(116444736000000000);
	if (t > INT64_MAX / 100 || t < INT64_MIN / 100)
		return t > 0 ? INT64_MAX : INT64_MIN;
	return t * 100;
}

static int is_link(DWORD attributes, DWORD tag)
{
	return attributes & FILE_ATTRIBUTE_REPARSE_POINT &&
	       (tag == IO_REPARSE_TAG_SYMLINK || tag == IO_REPARSE_TAG_MOUNT_POINT);
}

int os_win_fstat(HANDLE h, struct os_stat *ret)
{
	FILE_ATTRIBUTE_TAG_INFO tag = { 0, 0 };
	BY_HANDLE_FILE_INFORMATION i;
	FILE_BASIC_INFO b;

	memset(ret, 0, sizeof(*ret));
	if (GetFileType(h) != FILE_TYPE_DISK) {
		ret->type = OS_OTHER;
		return 0;
	}
	if (!GetFileInformationByHandle(h, &i) ||
	    !GetFileInformationByHandleEx(h, FileBasicInfo, &b, sizeof(b)))
		return os_win_errno();
	/* Not every file system can answer this one; none of those has links. */
	GetFileInformationByHandleEx(h, FileAttributeTagInfo, &tag, sizeof(tag));
	if (is_link(i.dwFileAttributes, tag.ReparseTag))
		ret->type = OS_LNK;
	else if (i.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		ret->type = OS_DIR;
	else
		ret->type = OS_REG;
	ret->size = (uint64_t)i.nFileSizeHigh << 32 | i.nFileSizeLow;
	ret->mtime_ns = unix_ns(b.LastWriteTime.QuadPart);
	ret->ctime_ns = unix_ns(b.ChangeTime.QuadPart);
	ret->dev = i.dwVolumeSerialNumber;
	ret->ino = (uint64_t)i.nFileIndexHigh << 32 | i.nFileIndexLow;
	ret->nlink = i.nNumberOfLinks;
	ret->mode = ret->type == OS_DIR ? 0040755 :
		    ret->type == OS_LNK ? 0120000 : 0100644;
	return 0;
}

int os_win_stat(const char *path, int follow, struct os_stat *ret)
{
	wchar_t *w = os_win_path(path);
	HANDLE h;
	int rc;

	if (!w)
		return -1;
	h = CreateFileW(w, FILE_READ_ATTRIBUTES, OS_WIN_SHARE, NULL, OPEN_EXISTING,
			FILE_FLAG_BACKUP_SEMANTICS |
			(follow ? 0 : FILE_FLAG_OPEN_REPARSE_POINT), NULL);
	free(w);
	if (h == INVALID_HANDLE_VALUE)
		return os_win_errno();
	rc = os_win_fstat(h, ret);
	CloseHandle(h);
	return rc;
}

int os_win_rename(const char *from, const char *to, int replace)
{
	wchar_t *a = os_win_path(from), *b = os_win_path(to);
	DWORD flags = MOVEFILE_WRITE_THROUGH |
		      (replace ? MOVEFILE_REPLACE_EXISTING : 0);
	int rc = -1, tries;

	for (tries = 0; a && b && tries < RENAME_TRIES; tries++) {
		if (MoveFileExW(a, b, flags)) {
			rc = 0;
			break;
		}
		os_win_errno();
		if (errno != EBUSY && errno != EACCES)
			break;
		Sleep(RENAME_WAIT_MS);
	}
	free(a);
	free(b);
	return rc;
}

int os_win_remove(const char *path)
{
	wchar_t *w = os_win_path(path);
	DWORD attributes;
	int rc = 0;

	if (!w)
		return -1;
	attributes = GetFileAttributesW(w);
	if (attributes != INVALID_FILE_ATTRIBUTES &&
	    attributes & FILE_ATTRIBUTE_READONLY)
		SetFileAttributesW(w, attributes & ~(DWORD)FILE_ATTRIBUTE_READONLY);
	/* A link to a folder is removed as a folder is; a folder is not. */
	if (attributes != INVALID_FILE_ATTRIBUTES &&
	    attributes & FILE_ATTRIBUTE_DIRECTORY &&
	    attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		rc = RemoveDirectoryW(w) ? 0 : os_win_errno();
	else
		rc = DeleteFileW(w) ? 0 : os_win_errno();
	free(w);
	return rc;
}

int os_win_fail_new(struct err *e, const char *doing, const char *path)
{
	if (errno == EEXIST || errno == ENOTEMPTY)
		return err_os_as(e, HUB_ECONFLICT, doing, path);
	return err_os(e, doing, path);
}
