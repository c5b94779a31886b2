/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clone_from.c - a workspace from a place alone: passphrase, no hub.
 *
 * Only identity, keys and settings are made here; history and files come with
 * the first sync, which finds the place among its remotes.
 *
 * Order: key file of the new device, its slot at the place, the settings.  A
 * kill between leaves a slot whose device never comes: harmless.
 */
#include "sync/clone.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "sync/keys.h"
#include "sync/places.h"
#include "sync/wsfile.h"

#define MARK "/.git/hub-clone~"

struct from {
	const struct clone_from *o;
	struct buf place_root, root;	/* absolute */
	struct place *place;
	struct vaultfile f;
	struct slots_opened open;
	struct device dev;
	struct err *e;
};

/* ---- the place ---- */

struct found { uint8_t id[32]; int n; const char *wish; };

static int one_hub(void *arg, const uint8_t hub[32], struct err *e)
{
	struct found *f = arg;
	char hex[65];

	(void)e;
	hex_encode(hex, hub, 32);
	if (f->wish && strncmp(hex, f->wish, strlen(f->wish)))
		return 0;
	memcpy(f->id, hub, 32);
	f->n++;
	return 0;
}

/* ${dir} may be the folder that was given to `hub remote add`, or the vault in
 * it, <hub id>. */
static int which_vault(struct from *c, struct found *f)
{
	struct buf *r = &c->place_root;
	char *last;
	int rc = os_abspath(c->o->place, r, c->e);

	while (!rc && r->n > 1 && r->p[r->n - 1] == '/')
		buf_setlen(r, r->n - 1);
	last = rc ? NULL : strrchr(r->p, '/');
	if (last && strlen(last) == 65 &&
	    !hex_decode(f->id, 32, last + 1, 64)) {
		buf_setlen(r, (size_t)(last - r->p));
		f->n = 1;
		return buf_error(r);
	}
	if (!rc)
		rc = folder_each(r->p, one_hub, f, c->e);
	if ((!rc || rc == HUB_EOFFLINE) && !f->n)
		rc = err_set(c->e, HUB_EABSENT, "there is no sealed copy of a "
			     "hub at '%s': check the path, or mount the disk",
			     r->p);
	if (!rc && f->n > 1)
		rc = err_set(c->e, HUB_EUSAGE, "'%s' holds sealed copies of %d "
			     "hubs: name one, '%s/<its id>'", r->p, f->n, r->p);
	return rc;
}

static int open_place(struct from *c)
{
	struct found f = { .n = 0 };
	struct buf vault = BUF_INIT;
	int rc = which_vault(c, &f);

	if (!rc) {
		folder_path_place(&vault, c->place_root.p, f.id);
		rc = buf_error(&vault) ? err_nomem(c->e) :
			folder_open(vault.p, &c->place, c->e);
	}
	if (rc == HUB_EOFFLINE)
		rc = HUB_EABSENT;
	if (!rc)
		rc = vault_format(c->place, &c->f, c->e);
	if (!rc && memcmp(c->f.hub, f.id, 32))
		rc = err_set(c->e, HUB_ECORRUPT, "'%s' says that it is of "
			     "another hub than its name", vault.p);
	if (!rc)
		rc = slots_open_passphrase(c->place, f.id, c->o->pass,
					   c->o->pass_n, &c->open, c->e);
	if (rc == HUB_EABSENT && c->place)
		rc = err_set(c->e, HUB_EAUTH, "the sealed copy at '%s' has no "
			     "passphrase slot", c->place_root.p);
	buf_release(&vault);
	return rc;
}

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

/* An empty or absent folder, or one that an interrupted clone began. */
static int prepare(struct from *c)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int fd = -1, rc = path_of(c, MARK, &p);

	if (!rc && os_lstat(p.p, &st, NULL)) {
		rc = is_empty(c);
		if (!rc)
			rc = err_set(c->e, HUB_ECONFLICT, "'%s' is not empty: "
				     "a workspace from a place needs a folder "
				     "of its own", c->root.p);
		else if (rc > 0)
			rc = path_of(c, "/.git", &p);
		if (!rc)
			rc = os_mkdirs(p.p, c->e);
		if (!rc)
			rc = path_of(c, MARK, &p);
		if (!rc)
			rc = os_create(p.p, 0, &fd, c->e);
		if (!rc)
			rc = os_close(fd, p.p, c->e);
	}
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
	rc = device_create(&c->dev, c->f.hub, name, c->e);
	memset(&k, 0, sizeof(k));
	k.place = c->place;
	k.open = c->open;		/* borrowed by ${k} */
	if (!rc)
		rc = keys_enrol(&k, &c->dev, c->e);
	if (!rc)
		rc = c->place->ops->flush(c->place, c->e);
	buf_release(&host);
	return rc;
}

/* ---- settings ---- */

static int remote(struct from *c, const char *vdir)
{
	struct workspace ws = { .root = BUF_INIT, .vdir = BUF_INIT };
	struct remotes_one one = { .url = c->place_root.p };
	struct remotes r = { NULL, 0 };
	int rc;

	snprintf(one.name, sizeof(one.name), "%s", "place");
	memcpy(one.place, c->f.place, 32);
	one.removable = 1;
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
	size_t n = c->place_root.n;

	while (!rc && c->root.n > 1 && c->root.p[c->root.n - 1] == '/')
		buf_setlen(&c->root, c->root.n - 1);
	if (!rc && !strncmp(c->root.p, c->place_root.p, n) &&
	    (!c->root.p[n] || c->root.p[n] == '/'))
		rc = err_set(c->e, HUB_ECONFLICT, "'%s' lies inside the place: "
			     "a workspace is a folder beside it", c->root.p);
	return rc;
}

int clone_from(const struct clone_from *o, struct buf *root, struct err *e)
{
	struct from c = { .o = o, .place_root = BUF_INIT, .root = BUF_INIT,
			  .open = SLOTS_OPENED_INIT, .e = e };
	int rc = open_place(&c);

	if (!rc)
		rc = target(&c);
	if (!rc)
		rc = prepare(&c);
	if (!rc)
		rc = enrol(&c);
	if (!rc)
		rc = settings(&c);
	if (!rc) {
		buf_add(root, c.root.p, c.root.n);
		rc = buf_error(root) ? err_nomem(e) : 0;
	}
	device_release(&c.dev);
	slots_opened_release(&c.open);
	place_close(c.place);
	buf_release(&c.place_root);
	buf_release(&c.root);
	return rc;
}
