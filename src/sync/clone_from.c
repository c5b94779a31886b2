/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clone_from.c - a workspace from a place alone: passphrase, no hub.
 *
 * Only identity, keys and settings are made here; history and files come with
 * the first sync, which finds the place among its remotes.
 *
 * Order: key file of the new device, its slot at the place, the settings.  A
 * kill between leaves a slot whose device never comes: harmless.  The next
 * attempt goes on.
 */
#include "sync/clone.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "sync/keys.h"
#include "sync/places.h"
#include "sync/site.h"
#include "sync/wsfile.h"

#define MARK "/.git/hub-clone~"

struct from {
	const struct clone_from *o;
	struct clone_place p;
	struct buf root;		/* absolute */
	struct device dev;
	struct err *e;
};

/* ---- the folder ---- */

static int path_of(struct from *c, const char *rest, struct buf *p)
{
	buf_reset(p);
	buf_addf(p, "%s%s", c->root.p, rest);
	return buf_error(p) ? err_nomem(c->e) : 0;
}

static int is_empty(struct from *c)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	int rc = os_dir_open(c->root.p, &d, c->e);

	if (rc == HUB_EABSENT) {
		err_clear(c->e);
		return 1;
	}
	if (!rc)
		rc = os_dir_next(d, &name, &type, c->e);
	os_dir_close(d);
	return rc < 0 ? rc : !rc;
}

static int remotes_have(struct from *c, const char *vdir)
{
	struct workspace ws = { .root = BUF_INIT, .vdir = BUF_INIT };
	struct remotes r = { NULL, 0 };
	size_t i;
	int rc, found = 0;

	buf_addstr(&ws.vdir, vdir);
	rc = buf_error(&ws.vdir) ? err_nomem(c->e) :
		places_read(&ws, &r, c->e);
	for (i = 0; !rc && i < r.n; i++)
		found |= !memcmp(r.at[i].place, c->p.f.place, 32);
	remotes_release(&r);
	buf_release(&ws.vdir);
	return rc < 0 ? rc : found;
}

/* 1 if an earlier attempt has made the workspace: its sync remains. */
static int is_made(struct from *c)
{
	struct wsconfig cfg;
	struct buf p = BUF_INIT;
	int rc = path_of(c, "/.git/vibehub/", &p), made;

	if (!rc)
		rc = wsfile_read(p.p, &cfg, c->e);
	if (rc < 0) {
		buf_release(&p);
		if (rc == HUB_EABSENT)
			err_clear(c->e);
		return rc == HUB_EABSENT ? 0 : rc;
	}
	made = !memcmp(cfg.hub, c->p.f.hub, 32) &&
		!strcmp(cfg.url.p, WORKSPACE_NO_HUB);
	wsconfig_release(&cfg);
	if (made)
		made = remotes_have(c, p.p);
	if (made > 0)
		rc = path_of(c, MARK, &p);
	if (!rc && made > 0)
		os_unlink(p.p, NULL);
	buf_release(&p);
	return rc < 0 ? rc : made;
}

/* An empty or absent folder gets the mark of one that is begun. */
static int begin(struct from *c, struct buf *p)
{
	int fd = -1, rc = path_of(c, "/.git", p);

	if (!rc)
		os_rmdir(p->p, NULL);	/* killed before the mark */
	if (!rc)
		rc = is_empty(c);
	if (!rc)
		return err_set(c->e, HUB_ECONFLICT, "'%s' is not empty: a "
			       "workspace from a place needs a folder of its "
			       "own", c->root.p);
	if (rc > 0)
		rc = os_mkdirs(p->p, c->e);
	if (!rc)
		rc = path_of(c, MARK, p);
	if (!rc)
		rc = os_create(p->p, 0, &fd, c->e);
	if (!rc)
		rc = os_close(fd, p->p, c->e);
	return rc < 0 ? rc : os_sync_parent(p->p, c->e);
}

/* A new folder, or one that an interrupted clone began. */
static int prepare(struct from *c)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc = path_of(c, MARK, &p);

	if (!rc && os_lstat(p.p, &st, NULL))
		rc = begin(c, &p);
	if (!rc)
		rc = path_of(c, "/.git/HEAD", &p);
	if (!rc && os_lstat(p.p, &st, NULL))
		rc = repo_create(c->root.p, 0, c->e);
	buf_release(&p);
	return rc;
}

/* ---- the device ---- */

static int enrol(struct from *c)
{
	struct keys k;
	struct buf host = BUF_INIT;
	char name[PRESENCE_NAME_MAX + 1];
	int rc;

	os_hostname(&host);
	if (c->o->name)
		snprintf(name, sizeof(name), "%s", c->o->name);
	else
		presence_name_from(name, host.p);
	rc = device_create(&c->dev, c->p.f.hub, name, c->e);
	memset(&k, 0, sizeof(k));
	k.place = c->p.place;
	k.open = c->p.open;		/* borrowed by ${k} */
	if (!rc)
		rc = keys_enrol(&k, &c->dev, c->e);
	if (!rc)
		rc = c->p.place->ops->flush(c->p.place, c->e);
	buf_release(&host);
	return rc;
}

/* A copy of its own slot, so that this computer can store large content while
 * there is no hub (large.c). */
static int keep_slot(struct from *c, const char *vdir)
{
	struct buf path = BUF_INIT, slot = BUF_INIT;
	struct place *out = NULL;
	uint8_t id[16];
	int rc;

	cert_uuid(id, c->dev.id);
	buf_addf(&path, "%soutbox", vdir);
	rc = buf_error(&path) ? err_nomem(c->e) :
		c->p.place->ops->slot_get(c->p.place, id, &slot, c->e);
	if (!rc)
		rc = folder_create(path.p, 1, &out, c->e);
	if (!rc)
		rc = out->ops->slot_put(out, id, slot.p, slot.n, c->e);
	place_close(out);
	buf_release(&path);
	buf_release(&slot);
	return rc;
}

/* ---- settings ---- */

static int remote(struct from *c, const char *vdir)
{
	struct workspace ws = { .root = BUF_INIT, .vdir = BUF_INIT };
	struct remotes_one one = { .url = c->p.root.p };
	struct remotes r = { NULL, 0 };
	int rc;

	snprintf(one.name, sizeof(one.name), "%s", "place");
	memcpy(one.place, c->p.f.place, 32);
	one.removable = !site_is_url(c->p.root.p);
	rc = remotes_add(&r, &one);
	if (rc < 0)
		rc = err_set(c->e, rc, "cannot name the place");
	buf_addstr(&ws.vdir, vdir);
	if (!rc)
		rc = buf_error(&ws.vdir) ? err_nomem(c->e) :
			places_write(&ws, &r, c->e);
	remotes_release(&r);
	buf_release(&ws.vdir);
	return rc;
}

static int settings(struct from *c)
{
	struct buf p = BUF_INIT;
	int rc = path_of(c, "/.git/vibehub/", &p);

	if (!rc)
		rc = os_mkdirs(p.p, c->e);
	if (!rc)
		rc = remote(c, p.p);
	if (!rc)
		rc = keep_slot(c, p.p);
	if (!rc)	/* last: from now on it is a workspace */
		rc = workspace_save(p.p, &c->dev, WORKSPACE_NO_HUB, c->e);
	if (!rc)
		rc = path_of(c, MARK, &p);
	if (!rc)
		rc = os_unlink(p.p, c->e);
	buf_release(&p);
	return rc;
}

static int target(struct from *c)
{
	int rc = os_abspath(c->o->dir, &c->root, c->e);
	size_t n = c->p.root.n;

	while (!rc && c->root.n > 1 && c->root.p[c->root.n - 1] == '/')
		buf_setlen(&c->root, c->root.n - 1);
	if (!rc && !site_is_url(c->p.root.p) &&
	    !strncmp(c->root.p, c->p.root.p, n) &&
	    (!c->root.p[n] || c->root.p[n] == '/'))
		rc = err_set(c->e, HUB_ECONFLICT, "'%s' lies inside the place: "
			     "a workspace is a folder beside it", c->root.p);
	return rc;
}

int clone_from(const struct clone_from *o, struct buf *root, struct err *e)
{
	struct from c = { .o = o, .root = BUF_INIT, .e = e };
	int made = 0;
	int rc = clone_place_open(o->place, o->pass, o->pass_n, &c.p, e);

	if (!rc)
		rc = target(&c);
	if (!rc)
		rc = made = is_made(&c);
	if (!rc)
		rc = prepare(&c);
	if (!rc)
		rc = enrol(&c);
	if (!rc)
		rc = settings(&c);
	if (!rc || made > 0) {
		rc = 0;
		buf_add(root, c.root.p, c.root.n);
		rc = buf_error(root) ? err_nomem(e) : 0;
	}
	device_release(&c.dev);
	clone_place_close(&c.p);
	buf_release(&c.root);
	return rc;
}
