/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packout_internal.h - shared by packout.c and packout_whole.c. */
#ifndef REPO_PACKOUT_INTERNAL_H
#define REPO_PACKOUT_INTERNAL_H

#include "repo/gitseg_internal.h"
#include "repo/packout.h"

#define PACKOUT_PIECE (32u << 10)

struct packout {
	struct repo *r;
	struct gitseg_list list;	/* en[i].spare[0]: it was sent */
	packout_fn fn;
	void *arg;
	struct packout_stats st;
	struct err *e;
};

/* packout_piece(): up to PACKOUT_PIECE bytes of the pack; 0: it is complete. */
int packout_piece(struct packout *o, const void *p, size_t n);

/* packout_all(): every pack as it is; HUB_EBUSY if they keep vanishing. */
int packout_all(struct packout *o);
/* packout_wanted(): those packs of which all is listed. */
int packout_wanted(struct packout *o);
/* packout_loose(): list the objects that are files of their own. */
int packout_loose(struct packout *o);

#endif
