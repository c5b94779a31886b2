/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record_internal.h - shared by record.c (the order) and record_tree.c. */
#ifndef SYNC_RECORD_INTERNAL_H
#define SYNC_RECORD_INTERNAL_H

#include "repo/sink.h"
#include "sync/record.h"

struct record {
	struct workspace *ws;
	struct changes ch;
	struct sink *sink;
	struct oid head, head_tree;
	struct oid onto;		/* META_ONTO, or zero */
	struct buf trailers;
	struct err *e;
};

/* record_is_change(): is it recorded in this run? */
int record_is_change(const struct change *c);
/* record_tree(): HEAD and all changes; what the tree shall be. */
int record_tree(struct record *r, struct oid *ret);

#endif
