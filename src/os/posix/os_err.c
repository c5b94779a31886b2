/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_err.c - errno as one of our codes, with words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

/* So much of a path is shown at most: the reason must fit behind it. */
#define WHAT_MAX 320

static int code(int err)
{
	switch (err) {
	case ENOENT:
	case ENOTDIR:
		return HUB_EABSENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return HUB_EDENIED;
	case ENOSPC:
#ifdef EDQUOT
	case EDQUOT:
#endif
	case EFBIG:
	case EMFILE:
	case ENFILE:
	case ENAMETOOLONG:
		return HUB_ELIMIT;
	case ETXTBSY:
	case EBUSY:
		return HUB_EBUSY;
	case ENOMEM:
		return HUB_ENOMEM;
	default:
		return HUB_EIO;
	}
}

int err_os_as(struct err *e, int rc, const char *doing, const char *what)
{
	int err = errno;
	size_t n = strlen(what);
	const char *dots = "";

	if (n > WHAT_MAX) {
		what += n - WHAT_MAX;
		dots = "...";
	}
	err_set(e, rc, "cannot %s '%s%s': %s", doing, dots, what,
		strerror(err));
	if (e)
		e->os = err;
	errno = err;
	return rc;
}

int err_os(struct err *e, const char *doing, const char *what)
{
	return err_os_as(e, code(errno), doing, what);
}

int os_dir_err(struct err *e, const char *doing, const struct os_dir *d,
	       const char *name)
{
	char what[2 * WHAT_MAX];
	size_t n = strlen(d->path), skip = n > WHAT_MAX ? n - WHAT_MAX : 0;

	if (!e)
		return code(errno);
	snprintf(what, sizeof(what), "%s%s%.*s", d->path + skip,
		 n && d->path[n - 1] == '/' ? "" : "/", WHAT_MAX - 2, name);
	return err_os(e, doing, what);
}
