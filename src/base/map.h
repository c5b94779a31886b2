/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map.h - hash table from byte strings to a pointer.  Keys are copied, values
 * borrowed.  Open addressing, at most 3/4 full, seeded per process (set
 * map_seed before the first use; names come from foreign disks).
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/buf.h"

struct map_slot { char *key; size_t n; void *value; uint64_t hash; };
struct map { struct map_slot *slots; size_t cap, count; };
#define MAP_INIT { NULL, 0, 0 }

extern uint64_t map_seed;

/* map_put(): 0, or HUB_ENOMEM with the map unchanged.  Replaces a value. */
int map_put(struct map *m, const void *key, size_t n, void *value);
/* map_get(): the slot, or NULL; borrowed until the next map_put(). */
struct map_slot *map_get(const struct map *m, const void *key, size_t n);
/* map_next(): iterate: start with *pos = 0; NULL at the end.  Any order. */
struct map_slot *map_next(const struct map *m, size_t *pos);
void map_release(struct map *m);

#endif
