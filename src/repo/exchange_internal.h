/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exchange_internal.h - shared by exchange.c and exchange_pack.c. */
#ifndef REPO_EXCHANGE_INTERNAL_H
#define REPO_EXCHANGE_INTERNAL_H

#include "repo/exchange.h"

/* exchange_pack(): copy pack-${name}.pack and .idx from ${from} to ${to}, each
 * verified by its checksum on the way, fsynced, pack first.  Already there:
 * nothing to do.  HUB_EABSENT: it is not in ${from} (any more);
 * HUB_ECORRUPT names the damaged file. */
int exchange_pack(struct repo *from, struct repo *to, const char *name,
		  struct exchange_stats *st, struct err *e);

/* exchange_packs(): all packs of ${from}. */
int exchange_packs(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e);

/* exchange_fresh(): those packs of ${from} of which ${to} has nothing. */
int exchange_fresh(struct repo *from, struct repo *to,
		   struct exchange_stats *st, struct err *e);

#endif
