/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange.h - bring objects from one repository on this machine into another:
 * workspace and path hub, in both directions.  No child process, no network.
 *
 * Order: blobs, trees, commits, oldest first, all durable before the return:
 * whoever moves a ref afterwards names only what is there.
 */
#ifndef REPO_EXCHANGE_H
#define REPO_EXCHANGE_H

#include "repo/repo.h"

struct exchange_stats { uint64_t commits, objects, bytes; };

/*
 * exchange_copy(): make everything reachable from ${tips} present in ${to}.
 * ${have} are commits whose whole history ${to} surely has (tips of its refs).
 * Each object is verified against its name on the way; a damaged or missing one
 * is HUB_ECORRUPT naming it, and nothing has been named.  Tree entries with a
 * name that path_component_ok() refuses make the copy fail with HUB_EDENIED if
 * ${strict} (towards a hub), else they pass (the engine never writes them).
 * ${hint_pack}: name of a pack in ${from} that is wanted whole ("" if none):
 * copied as a file after its checksum was verified.  NULL: all packs that hold
 * nothing that ${to} has are taken so.
 */
int exchange_copy(struct repo *from, struct repo *to, const struct oid *tips,
		  size_t tips_n, const struct oid *have, size_t have_n,
		  int strict, const char *hint_pack,
		  struct exchange_stats *st, struct err *e);

/*
 * exchange_clone(): for an empty ${to}: all packs and loose objects are copied
 * as files (checksums verified; then every ref's tip is checked to be there).
 * Packs that vanish meanwhile (git gc in the hub) are looked for again.  A
 * repository that borrows objects (info/alternates) is walked instead.
 */
int exchange_clone(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e);

#endif
