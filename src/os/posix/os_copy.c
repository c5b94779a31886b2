/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_copy.c - copy a whole file, by the cheapest way that the system has. */
#include <errno.h>
#include <fcntl.h>
#include "os/posix/os_internal.h"
#include "base/banned.h"

/* Copy from the positions where both handles stand, to the end. */
static int copy_bytes(int in, int out, const char *from, const char *to,
		      struct err *e)
{
	char block[65536];
	ssize_t k;
	size_t n;
	int rc;

	if (!sys.clone(out, in))
		return 0;
	do {
		RETRY(k, sys.copy_range(in, out, 1 << 30));
	} while (k > 0);
	/* 0 may also mean "not for this kind of file": read on in any case. */
	if (k < 0 && errno != ENOSYS && errno != EXDEV && errno != EINVAL &&
	    errno != EOPNOTSUPP && errno != EPERM)
		return err_os(e, "copy to", to);
	do {
		rc = os_read(in, block, sizeof(block), &n, from, e);
		if (!rc && n)
			rc = os_write(out, block, n, to, e);
	} while (!rc && n);
	return rc;
}

int os_copy_file(const char *from, const char *to, struct err *e)
{
	int in = -1, out = -1, rc, gone;
	struct os_stat st;

	rc = os_open_read(from, &in, e);
	if (rc < 0)
		return rc;
	rc = os_fstat(in, &st, from, e);
	if (rc < 0)
		goto out;
	out = os_open(AT_FDCWD, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
		      0600 | (st.mode & 0777));
	if (out < 0) {
		rc = errno == EEXIST
		     ? err_os_as(e, HUB_ECONFLICT, "create", to)
		     : err_os(e, "create", to);
		goto out;
	}
	rc = copy_bytes(in, out, from, to, e);
	if (!rc)
		rc = os_fsync(out, to, e);
	if (!rc) {
		rc = os_close(out, to, e);
		out = -1;
	}
	if (rc < 0)
		RETRY(gone, sys.unlinkat(AT_FDCWD, to, 0));
out:
	if (out >= 0)
		sys.close(out);
	sys.close(in);
	return rc;
}
