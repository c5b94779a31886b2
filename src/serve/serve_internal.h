/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve_internal.h - what the handlers of a session share. */
#ifndef SERVE_SERVE_INTERNAL_H
#define SERVE_SERVE_INTERNAL_H

#include "fmt/placewire.h"
#include "serve/serve.h"
#include "store/place.h"

struct serve_hub;

struct serve {
	const struct serve_conf *conf;
	struct buf path;	/* of the hub, or of the place's folder */
	enum frame_kind kind;
	struct place *place;	/* the vault that was selected, or NULL */
	uint8_t hub_id[32];	/* whose */
	struct serve_hub *hub;	/* kind hub: serve_hub*.c's own */
};

/* serve_place_hello(): the vault of ${want} is opened if it is there: its id to
 * ${ret}, else zeros. */
int serve_place_hello(struct serve *s, const uint8_t want[32],
		      uint8_t ret[32], struct err *e);
int serve_vault_select(struct serve *s, const struct placewire *w,
		       struct err *e);
int serve_vault_hubs(struct serve *s, struct session_req *r, struct err *e);
int serve_overview(struct serve *s, struct session_req *r, struct err *e);
int serve_place_handle(struct serve *s, struct session_req *r, struct err *e);

/* serve_hub_hello(): open the hub; its vault, if it has one, becomes s->place. */
int serve_hub_hello(struct serve *s, const struct frame_hello *theirs,
		    struct frame_hello *ours, struct err *e);
int serve_hub_handle(struct serve *s, struct session_req *r, struct err *e);
void serve_hub_end(struct serve *s);

#endif
