/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * os_map.h - a file seen as memory, for reading.  For files of this computer
 * that nobody writes to any more: one that shrinks while it is mapped, or a disk
 * that fails to read, ends the process (SIGBUS).
 */
#ifndef OS_OS_MAP_H
#define OS_OS_MAP_H

#include "base/buf.h"

struct os_map {
	const uint8_t *p;	/* NULL: nothing is mapped */
	size_t n;
};

/* os_map_read(): the whole file ${path}; an empty one is HUB_ECORRUPT, one that
 * does not fit the address space HUB_ELIMIT.  The file may be removed
 * while it is mapped (not on Windows: HUB_EDENIED there). */
int os_map_read(const char *path, struct os_map *ret, struct err *e);
/* os_map_random(): it will be read here and there: do not read ahead. */
void os_map_random(const struct os_map *m);
void os_map_drop(struct os_map *m);	/* an empty one is fine */

#endif
