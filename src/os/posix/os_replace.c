/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_replace.c - durable replacement of a small file.
 *
 * A reader sees the old content or the new, never a mixture; a power cut
 * leaves one of the two.  Temp files are named ".<name>.tmp-<12 hex digits>";
 * a long <name> is cut so that the whole fits a folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

#define MARK ".tmp-"
#define DIGITS 12
#define KEEP_MAX (255 - 1 - (int)sizeof(MARK) - DIGITS)

/* Create the temp file beside ; its name goes to . */
static int temp_open(int dir, const char *name, int secret, char temp[256])
{
	char digits[DIGITS + 1];
	uint8_t salt[DIGITS / 2];
	int fd, tries = 0;

	do {
		os_random(salt, sizeof(salt));
		hex_encode(digits, salt, sizeof(salt));
		snprintf(temp, 256, ".%.*s" MARK "%s", KEEP_MAX, name, digits);
		fd = os_open(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
			     secret ? 0600 : 0666);
	} while (fd < 0 && errno == EEXIST && ++tries < 10);
	return fd;
}

int os_replace(const char *path, const void *p, size_t n, int secret,
	       struct err *e)
{
	int dir = -1, fd = -1, rc, temp_there = 0;
	char temp[256];
	const char *name;

	rc = os_open_parent(path, &dir, &name, e);
	if (rc < 0)
		goto out;

	/* Order: 1. the new content, complete and durable, under a temp name. */
	fd = temp_open(dir, name, secret, temp);
	if (fd < 0) {
		rc = err_os(e, "create a temp file for", path);
		goto out;
	}
	temp_there = 1;
	rc = os_write(fd, p, n, path, e);
	if (rc < 0)
		goto out;
	rc = os_fsync(fd, path, e);
	if (rc < 0)
		goto out;
	rc = os_close(fd, path, e);
	fd = -1;
	if (rc < 0)
		goto out;

	/* 2. The name moves from the old content to the new. */
	RETRY(rc, sys.renameat(dir, temp, dir, name));
	if (rc < 0) {
		rc = err_os(e, "replace", path);
		goto out;
	}
	temp_there = 0;

	/* 3. The name is durable. */
	if (os_sync_dir_fd(dir) < 0)
		rc = err_os(e, "sync the folder of", path);
out:
	if (fd >= 0)
		sys.close(fd);
	if (temp_there) {
		int gone;

		RETRY(gone, sys.unlinkat(dir, temp, 0));
	}
	if (dir >= 0)
		sys.close(dir);
	return rc;
}

static int is_temp(const char *name)
{
	size_t n = strlen(name), tail = sizeof(MARK) - 1 + DIGITS;
	uint8_t salt[DIGITS / 2];

	return n > tail && name[0] == '.' &&
	       !memcmp(name + n - tail, MARK, sizeof(MARK) - 1) &&
	       !hex_decode(salt, sizeof(salt), name + n - DIGITS, DIGITS);
}

int os_replace_sweep(const char *path, int64_t age_s, struct err *e)
{
	int64_t now = os_now();
	struct os_dir *d = NULL;
	struct os_stat st;
	enum os_type type;
	const char *name;
	int rc;

	rc = os_dir_open(path, &d, e);
	if (rc < 0)
		return rc;
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (!is_temp(name) || os_dir_stat(d, name, &st, NULL) < 0 ||
		    st.type != OS_REG || st.mtime_ns / 1000000000 > now - age_s)
			continue;
		/* Another sweep may have been faster; a failure is no harm. */
		os_dir_unlink(d, name, NULL);
	}
	os_dir_close(d);
	return rc;
}
