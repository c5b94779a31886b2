/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_open.c - open a place that is known, and say precisely why not.
 *
 * A missing or empty folder is a disk that is not mounted; other things in it,
 * or the vault of another time (another place id), are what nobody may write to.
 */
#include "sync/places_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_thread.h"
#include "sync/site.h"

#define JOBS_MAX 2
#define PROGRESS_BYTES (64u << 20)	/* over a network */

void places_close(struct places_link *l)
{
	if (!l)
		return;
	while (l->from_n)
		vault_close(l->from[--l->from_n]);
	place_close(l->outbox);
	vault_close(l->vault);
	place_close(l->place);
	slots_opened_release(&l->open);
	keys_close(l->keys);
	buf_release(&l->counter);
	buf_release(&l->cache);
	free(l);
}

static int one_name(void *arg, const char *name, struct err *e)
{
	(void)name;
	(void)e;
	++*(int *)arg;
	return 0;
}

/* Why is there no vault of ours below the site? */
static int explain(struct places_link *l, struct err *e)
{
	int n = 0, rc = site_each(l->r.url, l->ws->repo, one_name, &n, e);

	if (rc < 0 && rc != HUB_EABSENT)
		return rc;
	/* Nobody but the place itself says that its folder has no copy. */
	if (!n && (rc || !site_is_served(l->r.url)))
		return err_set(e, HUB_EOFFLINE, "the place '%s' is not there now "
			       "(not mounted?): will catch up later",
			       l->r.url);
	return err_set(e, HUB_EREMOTE, "'%s' no longer holds this hub's sealed "
		       "copy: nothing was written there; if that is meant, "
		       "`hub remote remove` it and add it again", l->r.url);
}

static int open_site(struct places_link *l, struct err *e)
{
	struct vaultfile f;
	int rc = site_open(l->r.url, l->ws->repo, l->ws->hub_id, &l->place, e);

	if (rc < 0)
		return rc == HUB_EABSENT ? explain(l, e) : rc;
	rc = vault_format(l->place, &f, e);
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "the place '%s' lost its format "
			     "file: `hub verify --place=%s` tells more",
			     l->r.url, l->r.name);
	if (!rc && memcmp(f.hub, l->ws->hub_id, 32))
		rc = err_set(e, HUB_EREMOTE, "'%s' holds the sealed copy of "
			     "another hub: nothing was written there",
			     l->r.url);
	if (!rc && memcmp(f.place, l->r.place, 32))
		rc = err_set(e, HUB_EREMOTE, "'%s' holds another sealed copy "
			     "than the one that was added as '%s': if that is "
			     "meant, `hub remote remove` it and add it again",
			     l->r.url, l->r.name);
	return rc;
}

/* ---- */

/* The keyring: from the hub while it is there, else by our slot there. */
static int open_keys(struct places_link *l, struct hub *hub, struct err *e)
{
	struct device *d = &l->ws->dev;
	uint8_t uuid[16];
	int rc;

	if (hub) {
		rc = keys_open_hub(hub, d, &l->keys, e);
		if (!rc && !hub->far)
			keys_rotate_left(l->keys);
		return rc < 0 ? rc : slots_merge(l->keys->place, l->place,
						 l->keys->open.ring, e);
	}
	if (!d->vault)
		return err_set(e, HUB_EAUTH, "this computer has no key to the "
			       "place '%s' yet: it gets one when the hub is "
			       "there", l->r.name);
	cert_uuid(uuid, d->id);
	return slots_open_device(l->place, l->ws->hub_id, uuid,
				 d->vault->box_secret, d->vault->identity,
				 &l->open, e);
}

/* A line may be cut off at any time: what is named is not sent again.  The
 * environment is for tests. */
static uint64_t progress(void)
{
	const char *s = os_env("VIBEHUB_TEST_PROGRESS");
	uint64_t n;

	return s && !hex_dec_u64(s, strlen(s), &n) && n ? n : PROGRESS_BYTES;
}

static int open_vault(struct places_link *l, struct err *e)
{
	struct vault_conf c = { .place = l->place, .signer = &l->signer };
	unsigned cpus = os_cpus();
	struct buf user = BUF_INIT;
	int rc = os_user_dir(&user, e);

	buf_addf(&l->counter, "%s/devices/%s.states", user.p, l->ws->dev.id);
	buf_addf(&l->cache, "%splaces/%s", l->ws->vdir.p, l->r.name);
	buf_release(&user);
	if (rc < 0 || buf_error(&l->counter) || buf_error(&l->cache))
		return rc < 0 ? rc : err_nomem(e);
	cert_uuid(l->signer.device, l->ws->dev.id);
	l->signer.key = l->ws->dev.secret;
	l->signer.chain = &l->ws->dev.vault->chain;
	l->signer.counter = l->counter.p;
	c.members = l->keys ? l->keys->place : NULL;
	c.keys = l->keys ? l->keys->open.ring : l->open.ring;
	c.cache = l->cache.p;
	c.no_index = l->check;
	c.mend = l->mend;
	c.jobs = cpus < JOBS_MAX ? cpus : JOBS_MAX;
	if (site_is_url(l->r.url))
		c.progress = progress();
	return vault_open(&c, &l->vault, e);
}

static int open_any(struct workspace *ws, struct hub *hub, int check, int mend,
		    const struct remotes_one *r, struct places_link **ret,
		    struct err *e)
{
	struct places_link *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return err_nomem(e);
	l->ws = ws;
	l->r = *r;
	snprintf(l->name, sizeof(l->name), "the place '%s'", r->name);
	l->check = check;
	l->mend = mend;
	buf_init(&l->counter);
	buf_init(&l->cache);
	rc = open_site(l, e);
	if (!rc)
		rc = open_keys(l, hub, e);
	if (!rc && (!ws->dev.vault || !ws->dev.secret))
		rc = err_set(e, HUB_EAUTH, "this computer has no key to sign "
			     "with: `hub sync` while the hub is there makes "
			     "one");
	if (!rc)
		rc = open_vault(l, e);
	if (rc < 0)
		places_close(l);
	else
		*ret = l;
	return rc;
}

int places_open(struct workspace *ws, struct hub *hub,
		const struct remotes_one *r, struct places_link **ret,
		struct err *e)
{
	return open_any(ws, hub, 0, 0, r, ret, e);
}

int places_open_check(struct workspace *ws, const struct remotes_one *r,
		      struct places_link **ret, struct err *e)
{
	return open_any(ws, NULL, 1, 0, r, ret, e);
}

int places_open_mend(struct workspace *ws, struct hub *hub,
		     const struct remotes_one *r, struct places_link **ret,
		     struct err *e)
{
	return open_any(ws, hub, 0, 1, r, ret, e);
}
