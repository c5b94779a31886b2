/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue.h - writers of one hub take turns.
 *
 * Whoever loses the race for a ref would have to begin again, and the slowest
 * might lose for ever.  So whoever lost once, or finds others waiting, puts an
 * empty file with a number into hub.git/vibehub/queue/ (hubformat-queue(5)) and
 * tries again when it's the lowest.
 *
 * This is politeness, no lock: what is right is decided by the ref alone.
 * Nobody has to take part; nothing that fails here is an error; a ticket that
 * has not changed for QUEUE_STALE_MS is taken for a dead run's and removed.  No
 * clocks are compared: a number is one more than the highest that is there.
 */
#ifndef SYNC_QUEUE_H
#define SYNC_QUEUE_H

#include "fmt/ticket.h"
#include "sync/hub.h"
#include "sync/workspace.h"

#define QUEUE_STALE_MS 4000
#define QUEUE_BEAT_MS 1000		/* a waiting one shows that it lives */
#define QUEUE_MAX 256			/* tickets that are looked at */

struct queue_seen { struct ticket t; uint64_t at; int here; };

struct queue {
	struct workspace *ws;
	struct buf path;		/* of the folder */
	struct ticket mine;
	int off;			/* the hub has none for us */
	int joined;
	uint64_t beat_at;
	struct queue_seen *seen;	/* what we know of the others */
	size_t n;
};

/* queue_open(): nothing is made in the hub yet. */
void queue_open(struct queue *q, struct workspace *ws, struct hub *h);
/* queue_wait(): return when it's our turn, but not later than ${until}
 * (os_mono_ms()).  With ${lost} we take a ticket even if nobody waits.
 * 0 or HUB_ECANCEL. */
int queue_wait(struct queue *q, int lost, uint64_t until, struct err *e);
/* queue_close(): give the ticket back. */
void queue_close(struct queue *q);

#endif
