/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prune_internal.h - shared by prune.c (the order, what is recorded) and
 * prune_keep.c (what is kept). */
#ifndef SYNC_PRUNE_INTERNAL_H
#define SYNC_PRUNE_INTERNAL_H

#include "base/map.h"
#include "sync/collect.h"
#include "sync/pointed.h"
#include "sync/prune.h"
#include "sync/released.h"

/* A content that the history names. */
struct prune_named {
	struct prune_named *next;
	struct pointer ptr;
	int fresh;		/* named outside of the record's history */
	int hit;		/* at one of the paths */
	int keep;		/* a kept version has it */
	int guard;		/* it must stay */
	const char *why;	/* of guard; borrowed */
};

struct prune_version {
	struct oid tree;
	int64_t time;
	size_t nth;		/* as met, from the tips on */
	int keep;
};

struct prune {
	const struct prune_plan *plan;
	struct prune_report *r;
	struct collect *c;
	struct hub *hub;
	struct pointed *walk;
	struct released *rel;	/* NULL: none so far */
	struct slots_gone retired;	/* computers that were revoked */
	struct prune_named *named;
	struct map by_recipe, by_blob;	/* to struct prune_named */
	struct map small;		/* blobs at the paths */
	uint8_t *hit;			/* plan->paths: was anything there? */
	struct oid *tips;		/* of all refs, not ascending yet */
	size_t tips_n, tips_alloc;
	struct prune_version *young;	/* commits to be kept for their age */
	size_t young_n, young_alloc;
	int64_t now, since;		/* keep all that is not older */
};

/* prune_horizon(): p->r->horizon, p->since, and who is retired. */
int prune_horizon(struct prune *p, struct err *e);
/* prune_young(): a pointed_commit_fn. */
int prune_young(void *arg, const struct commit *c, struct err *e);
/* prune_guard(): mark what must stay. */
int prune_guard(struct prune *p, struct err *e);
/* prune_keep(): mark what the kept versions have. */
int prune_keep(struct prune *p, struct err *e);

#endif
