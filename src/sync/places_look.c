/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_look.c - what is known of each place, for people: what the last run
 * remembered, and what came since.  No place is opened: a look must not wait for
 * a disk that sleeps.
 */
#include "sync/places_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sync/hub.h"

const char *places_state(const struct places_seen *s)
{
	switch (s->note.rc) {
	case 0: return !s->note.done ? "new" : s->pending ? "behind" : "ok";
	case HUB_EOFFLINE: return "away";
	case HUB_ECORRUPT: return "damaged";
	case HUB_EREMOTE: return "changed";
	default: return "failed";
	}
}

static int look(struct workspace *ws, struct hub *hub, struct places_seen *s,
		struct err *e)
{
	int rc = places_note_get(ws, s->one.name, &s->note, e);

	if (rc < 0 || (hub && !memcmp(hub->token, s->note.mark, 32)))
		return rc;
	return places_pending(ws, hub, s->one.name, &s->pending, e);
}

int places_look(struct workspace *ws, struct hub *hub,
		struct places_seen **ret, size_t *ret_n, struct err *e)
{
	struct places_seen *v = NULL;
	struct remotes r;
	size_t i;
	int rc = places_read(ws, &r, e);

	*ret = NULL;
	*ret_n = 0;
	if (rc < 0 || !r.n)
		goto out;
	v = calloc(r.n, sizeof(*v));
	if (!v) {
		rc = err_nomem(e);
		goto out;
	}
	for (i = 0; !rc && i < r.n; i++) {
		v[i].one = r.at[i];
		r.at[i].url = NULL;	/* goes to ${v} */
		rc = look(ws, hub, &v[i], e);
	}
	if (rc < 0) {
		places_seen_free(v, r.n);
		goto out;
	}
	*ret = v;
	*ret_n = r.n;
out:
	remotes_release(&r);
	return rc;
}

void places_seen_free(struct places_seen *v, size_t n)
{
	size_t i;

	for (i = 0; v && i < n; i++)
		free(v[i].one.url);
	free(v);
}
