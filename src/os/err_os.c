/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err_os.c - errno as one of our codes, with words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "os/os_common.h"
#include "base/banned.h"

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

	if (n > OS_WHAT_MAX) {
		what += n - OS_WHAT_MAX;
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

int err_os_in(struct err *e, const char *doing, const char *dir,
	      const char *name)
{
	char what[2 * OS_WHAT_MAX];
	size_t n = strlen(dir), skip = n > OS_WHAT_MAX ? n - OS_WHAT_MAX : 0;

	if (!e)
		return code(errno);
	snprintf(what, sizeof(what), "%s%s%.*s", dir + skip,
		 n && dir[n - 1] == '/' ? "" : "/", OS_WHAT_MAX - 2, name);
	return err_os(e, doing, what);
}
