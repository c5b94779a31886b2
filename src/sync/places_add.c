/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_add.c - `hub remote add`: a new place, or one that is there already
 * (another computer made it, or this one before it was set up anew).
 *
 * Order: format file, key slots, then the settings name the place.  A kill
 * between leaves an empty vault, which the next attempt takes.
 */
#include "sync/places_internal.h"

#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"
#include "sync/site.h"

struct add {
	struct workspace *ws;
	struct hub *hub;
	struct keys *keys;
	struct place *place;
	struct buf root;
	unsigned *lacks;
	struct remotes list;
	struct remotes_one one;
	struct err *e;
};

static int within(const char *in, const char *out)
{
	size_t n = strlen(out);

	while (n > 1 && out[n - 1] == '/')
		n--;
	return !strncmp(in, out, n) && (!in[n] || in[n] == '/' || n == 1);
}

static int check_apart(struct add *a)
{
	const char *p = a->root.p;

	if (site_is_url(p))
		return 0;
	if (within(p, a->ws->root.p) || within(p, a->hub->path.p))
		return err_set(a->e, HUB_ECONFLICT, "'%s' lies inside the "
			       "workspace or its hub: a place is a folder of "
			       "its own, best on another disk", p);
	if (within(a->ws->root.p, p) || within(a->hub->path.p, p))
		return err_set(a->e, HUB_ECONFLICT, "'%s' holds the workspace or "
			       "its hub: a place is a folder of its own", p);
	return 0;
}

/* What is in the folder: nothing, our vault, or what must not be. */
static int look_at(void *arg, const char *name, struct err *e)
{
	struct add *a = arg;
	char hex[65];
	uint8_t id[32];

	hex_encode(hex, a->ws->hub_id, 32);
	if (!strcmp(name, hex) || !strcmp(name, "lost+found") ||
	    site_is_served(a->root.p))
		return 0;
	if (strlen(name) == 64 && !hex_decode(id, 32, name, 64))
		return err_set(e, HUB_EREMOTE, "'%s' holds the sealed "
			       "copy of another hub (%.8s...): give this "
			       "one a folder of its own", a->root.p, name);
	return err_set(e, HUB_ECONFLICT, "'%s' holds other things ('%s'): give "
		       "the sealed copy an empty folder of its own", a->root.p,
		       name);
}

static int look(struct add *a)
{
	int rc = site_each(a->root.p, a->ws->repo, look_at, a, a->e);

	if (rc == HUB_EABSENT)
		rc = err_set(a->e, rc, "there is no folder '%s': make it, or "
			     "mount the disk", a->root.p);
	return rc;
}

static int make(struct add *a)
{
	int rc = site_create(a->root.p, a->ws->repo, a->ws->hub_id, a->lacks,
			     &a->place, a->e);

	if (rc < 0)
		return rc;
	rc = vault_init(a->place, a->ws->hub_id, os_now(), a->e);
	if (rc == HUB_ECONFLICT) {
		err_clear(a->e);
		rc = 0;
	}
	return rc;
}

static int use(struct add *a)
{
	struct vaultfile f;
	int rc = look(a);

	if (rc < 0)
		return rc;
	rc = make(a);
	if (!rc)
		rc = vault_format(a->place, &f, a->e);
	if (!rc && memcmp(f.hub, a->ws->hub_id, 32))
		rc = err_set(a->e, HUB_EREMOTE, "'%s' holds the sealed copy of "
			     "another hub", a->root.p);
	if (!rc && f.min_writer > VAULTFILE_WRITER)
		rc = err_set(a->e, HUB_EVERSION, "'%s' was made by a newer hub "
			     "program: update this one", a->root.p);
	if (!rc)
		rc = slots_merge(a->keys->place, a->place,
				 a->keys->open.ring, a->e);
	if (!rc)
		rc = a->place->ops->flush(a->place, a->e);
	memcpy(a->one.place, f.place, 32);
	return rc;
}

static int need_hub(struct add *a)
{
	int rc = workspace_hub(a->ws, &a->hub, a->e);

	if (!rc)
		rc = keys_open_hub(a->hub, &a->ws->dev, &a->keys, a->e);
	if (rc == HUB_EABSENT)	/* no such place would be 10 */
		rc = err_set(a->e, HUB_EAUTH, "the hub has no keys to seal "
			     "with: `hub key init` makes them");
	return rc;
}

static int check_new(struct add *a)
{
	struct remotes_one *o = remotes_find(&a->list, a->one.name);
	size_t i;

	if (o)
		return err_set(a->e, HUB_ECONFLICT, "there is a remote '%s' "
			       "already, at '%s'", o->name, o->url);
	for (i = 0; i < a->list.n; i++)
		if (!strcmp(a->list.at[i].url, a->root.p))
			return err_set(a->e, HUB_ECONFLICT, "'%s' is the remote "
				       "'%s' already", a->root.p,
				       a->list.at[i].name);
	return 0;
}

/* What it cannot do is shown by status, too. */
static int remember(struct add *a)
{
	struct remotes_note n;
	int rc = places_note_get(a->ws, a->one.name, &n, a->e);

	n.lacks = (uint8_t)*a->lacks;
	return rc ? rc : places_note_put(a->ws, a->one.name, &n, a->e);
}

int places_add(struct workspace *ws, const char *name, const char *dir,
	       int removable, unsigned *ret_lacks, struct err *e)
{
	struct add a = { .ws = ws, .root = BUF_INIT, .lacks = ret_lacks,
			 .e = e, .one = { .removable = removable } };
	int rc;

	memcpy(a.one.name, name, strlen(name) + 1);
	rc = site_resolve(dir, &a.root, e);
	if (!rc && !remotes_url_ok(a.root.p))
		rc = err_set(e, HUB_EUSAGE, "the address of a place has at most %d "
			     "bytes and no control characters",
			     REMOTES_URL_MAX);
	if (!rc)
		rc = places_read(ws, &a.list, e);
	if (!rc)
		rc = check_new(&a);
	if (!rc)
		rc = need_hub(&a);
	if (!rc)
		rc = check_apart(&a);
	if (!rc)
		rc = use(&a);
	a.one.url = a.root.p;
	if (!rc)
		rc = remotes_add(&a.list, &a.one);
	if (rc == HUB_ELIMIT)
		err_set(e, rc, "at most %d remotes", REMOTES_N_MAX);
	if (!rc)
		rc = places_write(ws, &a.list, e);
	if (!rc)
		rc = remember(&a);
	remotes_release(&a.list);
	place_close(a.place);
	keys_close(a.keys);
	hub_close(a.hub);
	buf_release(&a.root);
	return rc;
}
