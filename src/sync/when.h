/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * when.h - a point of the history as a person names it: a time, or a commit.
 */
#ifndef SYNC_WHEN_H
#define SYNC_WHEN_H

#include "repo/repo.h"

struct when {
	struct oid commit;
	int64_t time;		/* asked for; else the commit's own */
	int is_time;
};

/*
 * when_resolve(): ${spec} is a time (tm.h, local zone) if it looks like one,
 * else what repo_resolve() takes; NULL is ${tip} itself.  A time means the
 * newest commit on ${tip}'s first-parent line, which is the hub's, that is not
 * younger.
 * HUB_EABSENT: all commits are younger, or there are none; HUB_EUSAGE: neither
 * a time nor a commit.
 */
int when_resolve(struct repo *r, const struct oid *tip, const char *spec,
		 struct when *ret, struct err *e);

/* when_show(): "2026-11-21T08:32:07Z (1a2b3c4d5e)" for messages. */
void when_show(struct buf *b, const struct when *w);

#endif
