/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overview.h - what `hub status` shows: this folder, the hub, every computer.
 * Only looks: takes no lock, writes nothing, works while a sync runs and while
 * the hub is offline.
 */
#ifndef SYNC_OVERVIEW_H
#define SYNC_OVERVIEW_H

#include "base/json.h"
#include "sync/places.h"
#include "sync/workspace.h"

#define OVERVIEW_UNKNOWN UINT64_MAX	/* a number that cannot be found out */

struct overview_device {
	char id[PRESENCE_UUID + 1];
	char name[PRESENCE_NAME_MAX + 1];
	char *damaged;			/* owned: why its file means nothing */
	enum presence_state state;
	int64_t seen;
	uint64_t pending;
	uint64_t behind;		/* commits of the hub's branch, or UNKNOWN */
	int own;			/* this workspace's */
	int removed;			/* from the hub: nothing of it counts */
};

/*
 * Paths and counts are in ws->rep: CHANGED (why: "new", "removed" or NULL) is
 * what the next sync records, CONFLICT (why: the path it is a version of) is
 * what waits, UNWRITTEN and PARKED as in a run.
 */
struct overview {
	uint64_t added, changed, removed;
	const char *operation;		/* "merge", ... under way, or NULL */
	int unfinished;			/* a run is at work, or was killed */
	struct buf branch;		/* full name; "" if HEAD is detached */
	struct oid head;		/* zero: nothing recorded yet */

	int hub_rc;			/* 0: reachable; HUB_EOFFLINE, ... */
	struct err hub_err;
	struct buf hub_branch;		/* that the hub's HEAD names */
	struct oid hub_tip;		/* of it, zero if there is none */
	int at_hub;			/* has the hub our branch? */
	uint64_t to_send, to_bring;	/* commits, or UNKNOWN */
	struct overview_device *dev;	/* owned */
	size_t dev_n, dev_alloc;

	struct places_seen *places;	/* owned; sealed copies */
	size_t places_n;

	int64_t last_sync;		/* last complete one, 0: never */
	int ran;			/* last_run is valid */
	struct state_run last_run;
};

/*
 * overview_look(): fill in ${ret}, which needs overview_release() after 0.  An
 * unreachable or damaged hub is no failure: see hub_rc.  Cost: a scan of the
 * folder, and the commits between the tips.
 */
int overview_look(struct workspace *ws, struct overview *ret, struct err *e);
void overview_release(struct overview *o);

/* overview_json(): the document of `hub status --json`
 * (hubformat-status(5)). */
void overview_json(struct workspace *ws, const struct overview *o,
		   struct json *j);

/* overview_place_json(): one place, as an object. */
void overview_place_json(const struct places_seen *p, struct json *j);

#endif
