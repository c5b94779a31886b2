/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve_internal.h - what the handlers of a session share. */
#ifndef SERVE_SERVE_INTERNAL_H
#define SERVE_SERVE_INTERNAL_H

#include "fmt/grantfile.h"
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
	/* who came in by a key of its own (serve_role.c): */
	struct grantfile *grant;	/* owned; NULL: nobody asks */
	char device[PRESENCE_UUID + 1];		/* "": an invitation */
	char redeemed[PRESENCE_UUID + 1];	/* who redeemed it, or "" */
};

struct hub;
/* serve_role_load(): whom the forced command names: HUB_EDENIED if it may nothing. */
int serve_role_load(struct serve *s, struct hub *h, struct err *e);
void serve_role_end(struct serve *s);
/* serve_role_hub(), serve_role_place(): is it allowed?  0, HUB_EDENIED. */
int serve_role_hub(const struct serve *s, const struct session_req *r,
		   struct err *e);
int serve_role_place(const struct serve *s, int reads, int takes_away,
		     struct err *e);

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
