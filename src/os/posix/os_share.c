/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_share.c - folders whose new files are for a whole group, whatever the umask
 * says: git's core.sharedRepository.  Only what is made below them is touched,
 * and only by its owner: a failure is not one of the file's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include "os/os_file.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

#define SHARED_MAX 8

static struct { char *prefix; unsigned bits; int exact; } shared[SHARED_MAX];

int os_share(const char *prefix, unsigned bits, int exact)
{
	int i;

	for (i = 0; i < SHARED_MAX && shared[i].prefix; i++)
		if (!strcmp(shared[i].prefix, prefix))
			break;
	if (i == SHARED_MAX || (!bits && !shared[i].prefix))
		return 0;
	if (!shared[i].prefix)
		shared[i].prefix = strdup(prefix);
	shared[i].bits = bits;
	shared[i].exact = exact;
	return shared[i].prefix ? 0 : HUB_ENOMEM;
}

/* wanted(): ${mode} as git's calc_shared_perm() has it; 0: leave it. */
static unsigned wanted(const char *path, unsigned mode, int folder)
{
	unsigned bits;
	int i;

	for (i = 0; i < SHARED_MAX && shared[i].prefix; i++)
		if (!strncmp(path, shared[i].prefix, strlen(shared[i].prefix)))
			break;
	if (i == SHARED_MAX || !shared[i].prefix || !shared[i].bits)
		return 0;
	bits = shared[i].bits;
	if (!(mode & 0200))
		bits &= ~0222u;
	if (mode & 0100 || folder)
		bits |= (bits & 0444) >> 2;
	mode = shared[i].exact ? (mode & ~0777u) | bits : mode | bits;
	return folder ? mode | 02000 : mode;
}

void os_share_file(int fd, const char *path)
{
	int saved = errno;
	struct stat st;
	unsigned mode;

	if (!shared[0].prefix || sys.fstat(fd, &st) < 0)
		return;
	mode = wanted(path, st.st_mode & 07777, 0);
	if (mode && mode != (st.st_mode & 07777))
		sys.fchmod(fd, mode);
	errno = saved;
}

void os_share_file_in(int fd, const char *dir, const char *name)
{
	struct buf b = BUF_INIT;

	if (!shared[0].prefix)
		return;
	buf_addf(&b, "%s/%s", dir, name);
	if (!buf_error(&b))
		os_share_file(fd, b.p);
	buf_release(&b);
}

void os_share_folder(const char *path)
{
	int saved = errno, fd;
	struct stat st;
	unsigned mode;

	if (!shared[0].prefix)
		return;
	fd = os_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd >= 0 && sys.fstat(fd, &st) == 0) {
		mode = wanted(path, st.st_mode & 07777, 1);
		if (mode && mode != (st.st_mode & 07777))
			sys.fchmod(fd, mode);
	}
	if (fd >= 0)
		sys.close(fd);
	errno = saved;
}
