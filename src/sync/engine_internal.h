/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_internal.h - shared by engine.c (the steps in order), engine_hub.c (the
 * hub is opened and we are who we think) and engine_exchange.c. */
#ifndef SYNC_ENGINE_INTERNAL_H
#define SYNC_ENGINE_INTERNAL_H

#include "sync/engine.h"

struct engine_run {
	struct workspace *ws;
	const struct engine_options *o;
	struct hub *hub;		/* NULL while offline */
	struct buf branch;
	struct oid before, tip;
	struct oid was;			/* hub's branch before a rewrite */
	int rewritten;
	int hold;			/* nothing is sent in this run */
	struct err *e;
};

/* engine_hub_open(): open the hub, remove what killed runs left there, notice a
 * copied workspace, read the refs. */
int engine_hub_open(struct engine_run *r);
/* engine_hub_read(): the hub's refs, and whether they went back. */
int engine_hub_read(struct engine_run *r);

/* engine_record(): record what is local. */
int engine_record(struct engine_run *r);

/* engine_places(): bring in what other computers put at places, and bring the
 * places up to date.  0, also when places failed: see the report. */
int engine_places(struct engine_run *r);

/* engine_exchange(): bring in and send until nobody was quicker. */
int engine_exchange(struct engine_run *r);

#endif
