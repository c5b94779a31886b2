/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve_role.c - what who came in by a key of their own may do.
 *
 * `hub serve --as=ID` stands in the line of that key: so the client is told by
 * its SSH key, and by nothing that it says.  Its grant is read anew in every
 * session: what was taken back is gone with the next one.
 *
 *	viewer	reads, and says that it was here
 *	editor	and records: branches and tags (in its paths), packs, states
 *	admin	and all that takes away
 *
 * An invitation may be redeemed, and nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "os/os_clock.h"
#include "serve/serve_internal.h"
#include "sync/farside.h"
#include "sync/grants.h"
#include "base/banned.h"

static int gone(struct err *e)
{
	return err_set(e, HUB_EDENIED, "this key is not granted anything here "
		       "(any more): ask an admin of the hub");
}

/* Ours to keep: ${g} is of a list that goes. */
static int copy(struct serve *s, struct grants *all, const struct grantfile *g,
		struct err *e)
{
	s->grant = malloc(sizeof(*s->grant));
	if (!s->grant)
		return err_nomem(e);
	*s->grant = *g;
	all->v[g - all->v].paths_n = 0;		/* now ours */
	return 0;
}

static int pick(struct serve *s, struct grants *all, struct err *e)
{
	const struct grantfile *g = NULL, *by;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].id, s->conf->as))
			g = &all->v[i];
	if (!g)
		return gone(e);
	if (g->kind == GRANTFILE_DEVICE) {
		memcpy(s->device, g->id, sizeof(s->device));
		return copy(s, all, g, e);
	}
	by = grants_redeemed(all, g->id);
	if (by)		/* the same computer may, until it is over */
		memcpy(s->redeemed, by->id, sizeof(s->redeemed));
	if (os_now() > g->until)
		return err_set(e, HUB_EDENIED, "this invitation is over: ask "
			       "for another one");
	return copy(s, all, g, e);
}

int serve_role_load(struct serve *s, struct hub *h, struct err *e)
{
	struct grants all = GRANTS_INIT;
	struct keys *k = NULL;
	int rc;

	if (!s->conf->as)
		return 0;
	if (!presence_uuid_ok(s->conf->as))
		return err_set(e, HUB_EUSAGE, "--as takes an id, not '%.60s'",
			       s->conf->as);
	rc = keys_open(h->path.p, h->format.id, NULL, &k, e);
	if (rc == HUB_EABSENT)
		return gone(e);
	if (!rc)
		rc = grants_load(h, k->open.ring->identity, &all, e);
	if (!rc)
		rc = pick(s, &all, e);
	grants_release(&all);
	keys_close(k);
	return rc;
}

void serve_role_end(struct serve *s)
{
	if (s->grant)
		grantfile_release(s->grant);
	free(s->grant);
	s->grant = NULL;
}

static int denied(const struct serve *s, const char *what, struct err *e)
{
	return err_set(e, HUB_EDENIED, "'%s' is %s of this hub: it may not %s",
		       s->grant->name, cert_role_name(s->grant->role), what);
}

/* ---- the hub ---- */

static int own_key(const struct serve *s, const struct session_req *r,
		   struct err *e)
{
	char uuid[PRESENCE_UUID + 1];
	struct hubops_enrol q;
	int rc = hubops_enrol_decode(&q, r->head.p, r->head.n, e);

	if (rc < 0)
		return rc;
	cert_uuid_text(uuid, q.device);
	return strcmp(uuid, s->device) ?
		denied(s, "ask for another computer's key", e) : 0;
}

int serve_role_hub(const struct serve *s, const struct session_req *r,
		   struct err *e)
{
	if (!s->grant)
		return r->op == HUBOPS_REDEEM ? err_set(e, HUB_EDENIED,
			"this key is no invitation") : 0;
	if (s->grant->kind == GRANTFILE_INVITE)
		return r->op == HUBOPS_REDEEM ? 0 :
			denied(s, "do that: it is an invitation", e);
	switch (r->op) {
	case HUBOPS_LOOK:
	case HUBOPS_FETCH:
	case HUBOPS_FILE_GET:
	case HUBOPS_HAS:
	case HUBOPS_COUNT:
	case HUBOPS_VERIFY:
	case HUBOPS_FILE_PUT:		/* farside_put() looks which */
		return 0;
	case HUBOPS_REDEEM:
		return denied(s, "redeem anything", e);
	case HUBOPS_ENROL:
		return own_key(s, r, e);
	default:
		return s->grant->role > CERT_EDITOR ? denied(s, "write", e) : 0;
	}
}

/* ---- its vault ---- */

int serve_role_place(const struct serve *s, int reads, int takes_away,
		     struct err *e)
{
	if (!s->grant)
		return 0;
	if (s->grant->kind == GRANTFILE_INVITE)
		return denied(s, "do that: it is an invitation", e);
	if (reads || s->grant->role <= CERT_ADMIN)
		return 0;
	if (s->grant->role > CERT_EDITOR)
		return denied(s, "write", e);
	return takes_away ? denied(s, "take away or replace anything", e) : 0;
}
