/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_file.c - file handles, and files and folders by path. */
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include "os/win32/os_win.h"
#include "base/banned.h"

#define IO_MAX ((size_t)1 << 30)

static HANDLE handle(int fd)
{
	return (HANDLE)_get_osfhandle(fd);
}

static int open_path(const char *path, DWORD access, DWORD how, int flags)
{
	wchar_t *w = os_win_path(path);
	HANDLE h;

	if (!w)
		return -1;
	h = CreateFileW(w, access, OS_WIN_SHARE, NULL, how, FILE_ATTRIBUTE_NORMAL,
			NULL);
	free(w);
	return os_win_fd(h, flags);
}

int os_open_read(const char *path, int *ret_fd, struct err *e)
{
	int fd = open_path(path, GENERIC_READ, OPEN_EXISTING, _O_RDONLY);

	if (fd < 0)
		return err_os(e, "open", path);
	*ret_fd = fd;
	return 0;
}

int os_create(const char *path, int secret, int *ret_fd, struct err *e)
{
	int fd = open_path(path, GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS,
			   _O_RDWR);

	(void)secret;
	if (fd < 0)
		return err_os(e, "create", path);
	*ret_fd = fd;
	return 0;
}

/* One transfer; at an offset if  is given.  -1 and errno. */
static int transfer(int fd, int out, void *p, size_t n, const uint64_t *off,
		    DWORD *ret)
{
	OVERLAPPED o = { 0 };
	BOOL good;

	if (off) {
		o.Offset = (DWORD)*off;
		o.OffsetHigh = (DWORD)(*off >> 32);
	}
	n = n < IO_MAX ? n : IO_MAX;
	*ret = 0;
	if (out)
		good = WriteFile(handle(fd), p, (DWORD)n, ret, off ? &o : NULL);
	else
		good = ReadFile(handle(fd), p, (DWORD)n, ret, off ? &o : NULL);
	if (good || (!out && (GetLastError() == ERROR_HANDLE_EOF ||
			      GetLastError() == ERROR_BROKEN_PIPE)))
		return 0;
	return os_win_errno();
}

static int read_all(int fd, void *p, size_t n, const uint64_t *off,
		    size_t *ret_n, const char *what, struct err *e)
{
	uint64_t at = off ? *off : 0;
	size_t done = 0;
	DWORD k;

	*ret_n = 0;
	while (done < n) {
		if (transfer(fd, 0, (char *)p + done, n - done,
			     off ? &at : NULL, &k) < 0)
			return err_os(e, "read", what);
		if (!k)
			break;
		done += k;
		at += k;
	}
	*ret_n = done;
	return 0;
}

static int write_all(int fd, const void *p, size_t n, const uint64_t *off,
		     const char *what, struct err *e)
{
	uint64_t at = off ? *off : 0;
	size_t done = 0;
	DWORD k;

	while (done < n) {
		if (transfer(fd, 1, (char *)p + done, n - done,
			     off ? &at : NULL, &k) < 0)
			return err_os(e, "write", what);
		if (!k) {
			errno = ENOSPC;
			return err_os(e, "write", what);
		}
		done += k;
		at += k;
	}
	return 0;
}

int os_read(int fd, void *p, size_t n, size_t *ret_n, const char *what,
	    struct err *e)
{
	return read_all(fd, p, n, NULL, ret_n, what, e);
}

/* Unlike on POSIX this moves the file's position, too. */
int os_pread(int fd, void *p, size_t n, uint64_t off, size_t *ret_n,
	     const char *what, struct err *e)
{
	return read_all(fd, p, n, &off, ret_n, what, e);
}

int os_write(int fd, const void *p, size_t n, const char *what, struct err *e)
{
	return write_all(fd, p, n, NULL, what, e);
}

int os_pwrite(int fd, const void *p, size_t n, uint64_t off, const char *what,
	      struct err *e)
{
	return write_all(fd, p, n, &off, what, e);
}

int os_fstat(int fd, struct os_stat *ret, const char *what, struct err *e)
{
	return os_win_fstat(handle(fd), ret) < 0 ? err_os(e, "examine", what) : 0;
}

int os_fsync(int fd, const char *what, struct err *e)
{
	if (FlushFileBuffers(handle(fd)))
		return 0;
	os_win_errno();
	return err_os(e, "sync", what);
}

int os_truncate(int fd, uint64_t n, const char *what, struct err *e)
{
	errno = _chsize_s(fd, (int64_t)n);
	return errno ? err_os(e, "cut", what) : 0;
}

uint64_t os_next_data(int fd, uint64_t off)
{
	return off;
}

int os_close(int fd, const char *what, struct err *e)
{
	if (fd >= 0 && _close(fd) < 0)
		return err_os(e, "close", what);
	return 0;
}

int os_stat(const char *path, struct os_stat *ret, struct err *e)
{
	return os_win_stat(path, 1, ret) < 0 ? err_os(e, "examine", path) : 0;
}

int os_lstat(const char *path, struct os_stat *ret, struct err *e)
{
	return os_win_stat(path, 0, ret) < 0 ? err_os(e, "examine", path) : 0;
}

int os_mkdir(const char *path, struct err *e)
{
	wchar_t *w = os_win_path(path);
	int rc = -1;

	if (w)
		rc = CreateDirectoryW(w, NULL) ? 0 : os_win_errno();
	free(w);
	return rc < 0 ? os_win_fail_new(e, "create folder", path) : 0;
}

int os_rmdir(const char *path, struct err *e)
{
	wchar_t *w = os_win_path(path);
	int rc = -1;

	if (w)
		rc = RemoveDirectoryW(w) ? 0 : os_win_errno();
	free(w);
	return rc < 0 ? os_win_fail_new(e, "remove folder", path) : 0;
}

int os_unlink(const char *path, struct err *e)
{
	return os_win_remove(path) < 0 ? err_os(e, "remove", path) : 0;
}

int os_rename(const char *from, const char *to, struct err *e)
{
	struct os_stat st;
	/* MoveFileEx with replacement is not for folders. */
	int folder = !os_win_stat(from, 0, &st) && st.type == OS_DIR;

	if (os_win_rename(from, to, !folder) < 0)
		return os_win_fail_new(e, "rename to", to);
	return 0;
}

int os_link_new(const char *from, const char *to, struct err *e)
{
	wchar_t *a = os_win_path(from), *b = os_win_path(to);
	int rc = -1;

	if (a && b)
		rc = CreateHardLinkW(b, a, NULL) ? 0 : os_win_errno();
	free(a);
	free(b);
	if (rc < 0 && (errno == ENOSYS || errno == EINVAL))
		rc = os_win_rename(from, to, 0);
	return rc < 0 ? os_win_fail_new(e, "create", to) : 0;
}

int os_sync_parent(const char *path, struct err *e)
{
	(void)path;
	(void)e;
	return 0;
}

int os_syncfs(const char *path, struct err *e)
{
	(void)path;
	return err_set(e, HUB_EUSAGE, "this system has no syncfs");
}

int os_copy_file(const char *from, const char *to, struct err *e)
{
	wchar_t *a = os_win_path(from), *b = os_win_path(to);
	int rc = -1, fd = -1;

	if (a && b)
		rc = CopyFileW(a, b, TRUE) ? 0 : os_win_errno();
	free(a);
	free(b);
	if (rc < 0)
		return os_win_fail_new(e, "copy to", to);
	fd = open_path(to, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, _O_RDWR);
	rc = fd < 0 ? err_os(e, "open", to) : os_fsync(fd, to, e);
	os_close(fd, to, NULL);
	if (rc < 0)
		os_win_remove(to);
	return rc;
}

int os_disk_free(const char *path, uint64_t *ret, struct err *e)
{
	wchar_t *w = os_win_path(path);
	ULARGE_INTEGER n = { .QuadPart = 0 };
	int rc = -1;

	if (w)
		rc = GetDiskFreeSpaceExW(w, &n, NULL, NULL) ? 0 : os_win_errno();
	free(w);
	if (rc < 0)
		return err_os(e, "examine the disk of", path);
	*ret = n.QuadPart;
	return 0;
}

int os_realpath(const char *path, struct buf *ret)
{
	static const wchar_t disk[] = L"\\\\?\\", unc[] = L"\\\\?\\UNC\\";
	wchar_t *w = os_win_path(path), full[4096];
	size_t was = ret->n;
	HANDLE h;
	DWORD n;

	if (!w)
		return -1;
	h = CreateFileW(w, 0, OS_WIN_SHARE, NULL, OPEN_EXISTING,
			FILE_FLAG_BACKUP_SEMANTICS, NULL);
	free(w);
	if (h == INVALID_HANDLE_VALUE)
		return os_win_errno();
	n = GetFinalPathNameByHandleW(h, full, 4096, 0);
	CloseHandle(h);
	if (!n || n >= 4096) {
		errno = n ? ENAMETOOLONG : EIO;
		return -1;
	}
	if (!wcsncmp(full, unc, 8)) {
		buf_addstr(ret, "//");
		os_win_text(ret, full + 8);
	} else {
		os_win_text(ret, wcsncmp(full, disk, 4) ? full : full + 4);
	}
	os_win_slashes(ret, was);
	return 0;
}

int os_cwd(struct buf *ret, struct err *e)
{
	size_t was = ret->n;
	wchar_t w[4096];
	DWORD n = GetCurrentDirectoryW(4096, w);

	if (!n || n >= 4096) {
		os_win_errno();
		return err_os(e, "find", "the current folder");
	}
	os_win_text(ret, w);
	os_win_slashes(ret, was);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int os_chdir(const char *path, struct err *e)
{
	wchar_t *w = os_win_path(path);
	int rc = -1;

	if (w)
		rc = SetCurrentDirectoryW(w) ? 0 : os_win_errno();
	free(w);
	return rc < 0 ? err_os(e, "enter folder", path) : 0;
}

int os_share(const char *prefix, unsigned bits, int exact)
{
	(void)prefix, (void)bits, (void)exact;
	return 0;
}
