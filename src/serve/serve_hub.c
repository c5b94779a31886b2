/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve_hub.c - requests to a hub. */
#include "serve/serve_internal.h"
#include "base/banned.h"

int serve_hub_hello(struct serve *s, const struct frame_hello *theirs,
		    struct frame_hello *ours, struct err *e)
{
	return err_set(e, HUB_EVERSION, "the hub program here serves places "
		       "only: update it");
}

int serve_hub_handle(struct serve *s, struct session_req *r, struct err *e)
{
	return err_set(e, HUB_EVERSION, "no such request: %d", r->op);
}

void serve_hub_end(struct serve *s)
{
}
