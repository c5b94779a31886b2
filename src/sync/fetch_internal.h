/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch_internal.h - shared by fetch.c, fetch_seen.c and fetch_send.c. */
#ifndef SYNC_FETCH_INTERNAL_H
#define SYNC_FETCH_INTERNAL_H

#include "sync/fetch.h"

#define HEADS "refs/heads/"
#define TRACKING "refs/remotes/origin/"

struct fetch_tips { struct oid *v; size_t n, alloc; };

/* fetch_tips_add(): 0 or HUB_ENOMEM, no message. */
int fetch_tips_add(struct fetch_tips *t, const struct oid *id);

/* fetch_mirror(): the local ref ${name} follows; a tag that is there stays. */
int fetch_mirror(struct workspace *ws, const char *name, const struct oid *id,
		 struct err *e);

/* fetch_put_seen(): write down that ${tip} was followed; with ${settled} forget
 * what was offered: the hub has it all. */
int fetch_put_seen(struct workspace *ws, const char *branch,
		   const struct oid *tip, int settled, struct err *e);

#endif
