/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_map.c - a file seen as memory (mmap). */
#include <fcntl.h>
#include <sys/mman.h>
#include "os/os_map.h"
#include "os/posix/os_internal.h"
#include "base/banned.h"

int os_map_read(const char *path, struct os_map *ret, struct err *e)
{
	struct stat st;
	void *p;
	int rc, fd = os_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0);

	if (fd < 0)
		return err_os(e, "open", path);
	RETRY(rc, sys.fstat(fd, &st));
	if (rc < 0)
		rc = err_os(e, "examine", path);
	else if (st.st_size <= 0 || (st.st_mode & S_IFMT) != S_IFREG)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is empty", path);
	else if ((uint64_t)st.st_size > SIZE_MAX)
		rc = err_set(e, HUB_ELIMIT, "'%s' is too large", path);
	if (rc == 0) {
		p = sys.map(fd, (size_t)st.st_size);
		if (p == MAP_FAILED) {
			rc = err_os(e, "map", path);
		} else {
			ret->p = p;
			ret->n = (size_t)st.st_size;
		}
	}
	sys.close(fd);
	return rc;
}

void os_map_random(const struct os_map *m)
{
	if (m->p)
		posix_madvise((void *)(uintptr_t)m->p, m->n,
			      POSIX_MADV_RANDOM);
}

void os_map_drop(struct os_map *m)
{
	if (m->p)
		munmap((void *)(uintptr_t)m->p, m->n);
	m->p = NULL;
	m->n = 0;
}
