/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_replace.c - durable replacement of a small file.
 *
 * A reader sees the old content or the new, never a mixture; a power cut
 * leaves one of the two.  Temp files are named ".<name>.tmp-<12 hex digits>";
 * a long <name> is cut so that the whole fits a folder.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_common.h"
#include "base/banned.h"

#define MARK ".tmp-"
#define DIGITS 12
#define NAME_ROOM 256
#define KEEP_MAX (NAME_ROOM - 1 - (int)sizeof(MARK) - DIGITS)

/* Create the temp file beside ${name}; its name goes to ${temp}. */
static int temp_create(struct os_dir *d, const char *name, int secret,
		       char temp[NAME_ROOM], int *ret_fd, struct err *e)
{
	char digits[DIGITS + 1];
	uint8_t salt[DIGITS / 2];
	int rc, tries = 0;

	do {
		os_random(salt, sizeof(salt));
		hex_encode(digits, salt, sizeof(salt));
		snprintf(temp, NAME_ROOM, ".%.*s" MARK "%s", KEEP_MAX, name,
			 digits);
		rc = os_dir_create_mode(d, temp, 0, secret, ret_fd, e);
	} while (rc == HUB_ECONFLICT && ++tries < 10);
	return rc;
}

static int replace(const char *path, const void *p, size_t n, int secret,
		   int durable, struct err *e)
{
	struct buf dir = BUF_INIT;
	struct os_dir *d = NULL;
	int fd = -1, rc, temp_there = 0;
	const char *name = path + os_parent(path, &dir);
	char temp[NAME_ROOM];

	if (buf_error(&dir)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = os_dir_open(dir.p, &d, e);
	if (rc < 0)
		goto out;

	/* Order: 1. the new content, complete and durable, under a temp name. */
	rc = temp_create(d, name, secret, temp, &fd, e);
	if (rc < 0)
		goto out;
	temp_there = 1;
	rc = os_write(fd, p, n, path, e);
	if (rc < 0)
		goto out;
	rc = durable ? os_fsync(fd, path, e) : 0;
	if (rc < 0)
		goto out;
	rc = os_close(fd, path, e);
	fd = -1;
	if (rc < 0)
		goto out;

	/* 2. The name moves from the old content to the new. */
	rc = os_dir_rename(d, temp, name, e);
	if (rc < 0)
		goto out;
	temp_there = 0;

	/* 3. The name is durable. */
	rc = durable ? os_dir_sync(d, e) : 0;
out:
	os_close(fd, path, NULL);
	if (temp_there)
		os_dir_unlink(d, temp, NULL);
	os_dir_close(d);
	buf_release(&dir);
	return rc;
}

int os_replace(const char *path, const void *p, size_t n, int secret,
	       struct err *e)
{
	return replace(path, p, n, secret, 1, e);
}

int os_replace_derived(const char *path, const void *p, size_t n,
		       struct err *e)
{
	return replace(path, p, n, 0, 0, e);
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
