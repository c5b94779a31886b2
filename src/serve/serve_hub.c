/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serve_hub.c - requests to a hub: sync/farside.c answers them. */
#include <stdlib.h>
#include <string.h>
#include "remote/folder.h"
#include "serve/serve_internal.h"
#include "sync/farside.h"
#include "base/banned.h"

struct serve_hub { struct farside side; };

/* Its vault: one that is not there (yet) is nobody's fault. */
static int open_vault(struct serve *s, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	folder_path_hub(&path, s->path.p);
	rc = buf_error(&path) ? err_nomem(e) :
		folder_open(path.p, &s->place, e);
	if (rc == HUB_EOFFLINE || rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&path);
	return rc;
}

int serve_hub_hello(struct serve *s, const struct frame_hello *theirs,
		    struct frame_hello *ours, struct err *e)
{
	static const uint8_t any[32];
	struct serve_hub *h = calloc(1, sizeof(*h));
	int known = memcmp(theirs->hub, any, 32) != 0;
	int rc = h ? farside_open(s->path.p, known ? theirs->hub : NULL,
				  &h->side, e) : err_nomem(e);

	if (!rc)
		rc = serve_role_load(s, h->side.hub, e);
	if (!rc)
		rc = open_vault(s, e);
	if (rc < 0) {
		if (h)
			farside_close(&h->side);
		free(h);
		return rc;
	}
	memcpy(ours->hub, h->side.hub->format.id, 32);
	memcpy(s->hub_id, ours->hub, 32);
	s->hub = h;
	return 0;
}

int serve_hub_handle(struct serve *s, struct session_req *r, struct err *e)
{
	int writes = r->op == HUBOPS_PUSH || r->op == HUBOPS_FILE_PUT ||
		r->op == HUBOPS_ENROL || r->op == HUBOPS_REDEEM;
	int rc = serve_role_hub(s, r, e);

	if (rc < 0)
		return rc;
	s->hub->side.grant = s->grant;
	s->hub->side.redeemed = s->redeemed;

	if (writes && s->conf->read_only)
		return err_set(e, HUB_EDENIED, "this key may not write to the "
			       "hub");
	return farside_handle(&s->hub->side, r, e);
}

void serve_hub_end(struct serve *s)
{
	if (!s->hub)
		return;
	farside_end(&s->hub->side);
	farside_close(&s->hub->side);
	free(s->hub);
	s->hub = NULL;
}
