/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_dir.c - folders, by path (see os_win.h for what that cannot promise). */
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include "base/path.h"
#include "os/win32/os_win.h"
#include <winioctl.h>	/* needs windows.h before it */
#include "base/banned.h"

#define LINK_MAX 16384

/* REPARSE_DATA_BUFFER is declared only for drivers. */
struct reparse {
	DWORD tag;
	WORD length, reserved;
	WORD target_at, target_n, shown_at, shown_n;
	WCHAR rest[LINK_MAX / 2];	/* of a symlink: flags (a DWORD) first */
};

/* The path of  in : owned; NULL and errno if it is no name here. */
static char *join(const struct os_dir *d, const char *name)
{
	size_t n = strlen(d->path), m = strlen(name);
	char *p;

	if (!os_name_ok(name))
		return NULL;
	if (!path_windows_ok(name, m)) {
		errno = EINVAL;
		return NULL;
	}
	p = malloc(n + m + 2);
	if (!p) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(p, d->path, n);
	p[n] = '/';
	memcpy(p + n + 1, name, m + 1);
	return p;
}

static int open_dir(const char *path, int follow, struct os_dir **ret,
		    struct err *e)
{
	struct os_dir *d;
	struct os_stat st;
	size_t n = strlen(path);

	if (os_win_stat(path, follow, &st) < 0)
		return err_os(e, "open folder", path);
	if (st.type != OS_DIR) {
		errno = ENOTDIR;
		return err_os(e, "open folder", path);
	}
	d = calloc(1, sizeof(*d));
	if (d)
		d->path = malloc(n + 1);
	if (!d || !d->path) {
		free(d);
		return err_nomem(e);
	}
	memcpy(d->path, path, n + 1);
	d->find = INVALID_HANDLE_VALUE;
	buf_init(&d->name);
	*ret = d;
	return 0;
}

int os_dir_open(const char *path, struct os_dir **ret, struct err *e)
{
	return open_dir(path, 1, ret, e);
}

int os_dir_open_real(const char *path, struct os_dir **ret, struct err *e)
{
	return open_dir(path, 0, ret, e);
}

int os_dir_at(struct os_dir *d, const char *name, struct os_dir **ret,
	      struct err *e)
{
	char *p = join(d, name);
	int rc = p ? open_dir(p, 0, ret, e)
		   : err_os_in(e, "open folder", d->path, name);

	free(p);
	return rc;
}

static void find_close(struct os_dir *d)
{
	if (d->find != INVALID_HANDLE_VALUE)
		FindClose(d->find);
	d->find = INVALID_HANDLE_VALUE;
}

void os_dir_close(struct os_dir *d)
{
	if (!d)
		return;
	find_close(d);
	buf_release(&d->name);
	free(d->path);
	free(d);
}

/* The first entry of a pass; 1, or 0 with errno (0 there at the end). */
static int find_first(struct os_dir *d)
{
	struct buf all = BUF_INIT;
	wchar_t *w;

	buf_addstr(&all, d->path);
	buf_addstr(&all, "/*");
	w = buf_error(&all) ? NULL : os_win_path(all.p);
	buf_release(&all);
	if (!w)
		return 0;
	d->find = FindFirstFileExW(w, FindExInfoBasic, &d->data,
				   FindExSearchNameMatch, NULL,
				   FIND_FIRST_EX_LARGE_FETCH);
	free(w);
	if (d->find != INVALID_HANDLE_VALUE)
		return 1;
	os_win_errno();
	/* The root of an empty disk has not even "." and "..". */
	if (GetLastError() == ERROR_FILE_NOT_FOUND)
		errno = 0;
	return 0;
}

static int find_next(struct os_dir *d)
{
	if (FindNextFileW(d->find, &d->data))
		return 1;
	os_win_errno();
	if (GetLastError() == ERROR_NO_MORE_FILES)
		errno = 0;
	return 0;
}

static enum os_type found_type(const WIN32_FIND_DATAW *f)
{
	if (f->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT &&
	    (f->dwReserved0 == IO_REPARSE_TAG_SYMLINK ||
	     f->dwReserved0 == IO_REPARSE_TAG_MOUNT_POINT))
		return OS_LNK;
	return f->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? OS_DIR : OS_REG;
}

int os_dir_next(struct os_dir *d, const char **name, enum os_type *type,
		struct err *e)
{
	int got;

	do {
		got = d->find == INVALID_HANDLE_VALUE ? find_first(d)
						      : find_next(d);
		if (!got) {
			int err = errno;

			/* Closed at the end: an open search keeps a folder. */
			find_close(d);
			errno = err;
			return err ? err_os(e, "list folder", d->path) : 0;
		}
		buf_reset(&d->name);
		os_win_text(&d->name, d->data.cFileName);
		if (buf_error(&d->name))
			return err_nomem(e);
	} while (!strcmp(d->name.p, ".") || !strcmp(d->name.p, ".."));
	*name = d->name.p;
	*type = found_type(&d->data);
	return 1;
}

int os_dir_stat(struct os_dir *d, const char *name, struct os_stat *ret,
		struct err *e)
{
	char *p = join(d, name);
	int rc = 0;

	if (!p || os_win_stat(p, 0, ret) < 0)
		rc = err_os_in(e, "examine", d->path, name);
	free(p);
	return rc;
}

/* Open one name without following a link; -1 and errno. */
static int open_name(const struct os_dir *d, const char *name, DWORD access,
		     DWORD how, int flags)
{
	char *p = join(d, name);
	wchar_t *w = p ? os_win_path(p) : NULL;
	HANDLE h;

	free(p);
	if (!w)
		return -1;
	h = CreateFileW(w, access, OS_WIN_SHARE, NULL, how,
			FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
	free(w);
	return os_win_fd(h, flags);
}

int os_dir_open_file(struct os_dir *d, const char *name, int *ret_fd,
		     struct err *e)
{
	struct os_stat st;
	int fd, rc = 0;

	fd = open_name(d, name, GENERIC_READ, OPEN_EXISTING, _O_RDONLY);
	if (fd < 0)
		return err_os_in(e, "open", d->path, name);
	if (os_win_fstat((HANDLE)_get_osfhandle(fd), &st) < 0) {
		rc = err_os_in(e, "examine", d->path, name);
	} else if (st.type == OS_LNK) {
		rc = err_set(e, HUB_EABSENT, "cannot open '%s/%s': a symlink",
			     d->path, name);
		if (e)
			e->os = ELOOP;
	} else if (st.type != OS_REG) {
		rc = err_set(e, HUB_EIO, "cannot read '%s/%s': not a regular "
			     "file", d->path, name);
	}
	if (rc < 0)
		_close(fd);
	else
		*ret_fd = fd;
	return rc;
}

/* Where the target stands in the data, or NULL if this is no link. */
static const WCHAR *link_target(const struct reparse *r, size_t *ret_n)
{
	size_t at = r->target_at / 2u, n = r->target_n / 2u;

	if (r->tag == IO_REPARSE_TAG_SYMLINK)
		at += 2;
	else if (r->tag != IO_REPARSE_TAG_MOUNT_POINT)
		return NULL;
	if (at + n >= LINK_MAX / 2)
		return NULL;
	/* "\??\C:\x" is how the kernel writes an absolute path. */
	if (n > 4 && !memcmp(r->rest + at, L"\\??\\", 8)) {
		at += 4;
		n -= 4;
	}
	*ret_n = n;
	return r->rest + at;
}

static int read_link(const char *path, struct reparse *r)
{
	wchar_t *w = os_win_path(path);
	DWORD n;
	HANDLE h;
	BOOL good;

	if (!w)
		return -1;
	h = CreateFileW(w, 0, OS_WIN_SHARE, NULL, OPEN_EXISTING,
			FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
			NULL);
	free(w);
	if (h == INVALID_HANDLE_VALUE)
		return os_win_errno();
	good = DeviceIoControl(h, FSCTL_GET_REPARSE_POINT, NULL, 0, r, sizeof(*r),
			       &n, NULL);
	if (!good)
		os_win_errno();
	CloseHandle(h);
	return good ? 0 : -1;
}

int os_dir_readlink(struct os_dir *d, const char *name, struct buf *ret,
		    struct err *e)
{
	struct reparse *r = calloc(1, sizeof(*r));
	char *p = join(d, name);
	size_t n = 0, was = ret->n;
	const WCHAR *target;
	int rc = 0;

	if (!r) {
		rc = err_nomem(e);
		goto out;
	}
	if (!p || read_link(p, r) < 0) {
		rc = err_os_in(e, "read symlink", d->path, name);
		goto out;
	}
	target = link_target(r, &n);
	if (!target) {
		errno = EINVAL;
		rc = err_os_in(e, "read symlink", d->path, name);
		goto out;
	}
	r->rest[(size_t)(target - r->rest) + n] = 0;
	os_win_text(ret, target);
	os_win_slashes(ret, was);
	rc = buf_error(ret) ? err_nomem(e) : 0;
out:
	free(p);
	free(r);
	return rc;
}

int os_dir_create_mode(struct os_dir *d, const char *name, int exec, int secret,
		       int *ret_fd, struct err *e)
{
	int fd = open_name(d, name, GENERIC_READ | GENERIC_WRITE, CREATE_NEW,
			   _O_RDWR);

	/* No mode bits here; the user's folders are closed to others anyway. */
	(void)exec;
	(void)secret;
	if (fd < 0 && errno == EEXIST)
		return err_set(e, HUB_ECONFLICT, "cannot create '%s/%s': it "
			       "exists", d->path, name);
	if (fd < 0)
		return err_os_in(e, "create", d->path, name);
	*ret_fd = fd;
	return 0;
}

int os_dir_create(struct os_dir *d, const char *name, int exec, int *ret_fd,
		  struct err *e)
{
	return os_dir_create_mode(d, name, exec, 0, ret_fd, e);
}

/* Does the link's target, seen from its folder, lead to a folder? */
static int leads_to_folder(const struct os_dir *d, const char *target)
{
	struct buf b = BUF_INIT;
	struct os_stat st;
	int is = 0;

	if (target[0] != '/' && !strchr(target, ':')) {
		buf_addstr(&b, d->path);
		buf_addch(&b, '/');
	}
	buf_addstr(&b, target);
	if (!buf_error(&b))
		is = !os_win_stat(b.p, 1, &st) && st.type == OS_DIR;
	buf_release(&b);
	return is;
}

int os_dir_symlink(struct os_dir *d, const char *target, const char *name,
		   struct err *e)
{
	/* 2: without administrator's rights, where developer mode is on. */
	DWORD flags = 2 | (leads_to_folder(d, target) ?
			   SYMBOLIC_LINK_FLAG_DIRECTORY : 0);
	char *p = join(d, name);
	wchar_t *w = p ? os_win_path(p) : NULL;
	wchar_t *t = os_win_wide(target);
	int rc = -1;
	size_t i;

	for (i = 0; t && t[i]; i++)
		if (t[i] == L'/')
			t[i] = L'\\';
	if (w && t)
		rc = CreateSymbolicLinkW(w, t, flags) ? 0 : os_win_errno();
	if (rc < 0)
		rc = os_win_fail_new(e, "create symlink", p ? p : name);
	free(t);
	free(w);
	free(p);
	return rc;
}

static int rename_in(struct os_dir *d, const char *from, struct os_dir *d2,
		     const char *to, int replace, struct err *e)
{
	char *a = join(d, from), *b = a ? join(d2, to) : NULL;
	int rc = 0;

	if (!a || !b || os_win_rename(a, b, replace) < 0)
		rc = replace ? err_os_in(e, "rename to", d2->path, to)
			     : os_win_fail_new(e, "rename to", b ? b : to);
	free(a);
	free(b);
	return rc;
}

int os_dir_rename(struct os_dir *d, const char *from, const char *to,
		  struct err *e)
{
	return rename_in(d, from, d, to, 1, e);
}

int os_dir_rename_new(struct os_dir *d, const char *from, const char *to,
		      struct err *e)
{
	return rename_in(d, from, d, to, 0, e);
}

int os_dir_rename_new_to(struct os_dir *d, const char *from, struct os_dir *d2,
			 const char *to, struct err *e)
{
	return rename_in(d, from, d2, to, 0, e);
}

int os_dir_exchange(struct os_dir *d, const char *a, struct os_dir *d2,
		    const char *b, struct err *e)
{
	(void)d, (void)a, (void)d2;
	return err_set(e, HUB_EUSAGE, "cannot exchange '%s': Windows cannot do "
		       "that", b);
}

int os_dir_rename_to(struct os_dir *d, const char *from, struct os_dir *d2,
		     const char *to, struct err *e)
{
	return rename_in(d, from, d2, to, 1, e);
}

int os_dir_unlink(struct os_dir *d, const char *name, struct err *e)
{
	char *p = join(d, name);
	int rc = 0;

	if (!p || os_win_remove(p) < 0)
		rc = err_os_in(e, "remove", d->path, name);
	free(p);
	return rc;
}

int os_dir_mkdir(struct os_dir *d, const char *name, struct err *e)
{
	char *p = join(d, name);
	int rc = p ? os_mkdir(p, e) : err_os_in(e, "create folder", d->path, name);

	free(p);
	return rc;
}

int os_dir_rmdir(struct os_dir *d, const char *name, struct err *e)
{
	char *p = join(d, name);
	int rc = p ? os_rmdir(p, e) : err_os_in(e, "remove folder", d->path, name);

	free(p);
	return rc;
}

int os_dir_chmod_exec(struct os_dir *d, const char *name, int exec,
		      struct err *e)
{
	struct os_stat st;

	(void)exec;
	return os_dir_stat(d, name, &st, e);
}

int os_dir_sync(struct os_dir *d, struct err *e)
{
	/* MOVEFILE_WRITE_THROUGH has done it. */
	(void)d;
	(void)e;
	return 0;
}
