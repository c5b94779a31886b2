/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_hub.c - the order of a hub's repair: its format file, its git objects,
 * the vault's format file, key slots, the vault, what the history needs.
 */
#include "sync/repair_internal.h"

#include <string.h>

#include "fmt/hubfile.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "sync/init.h"
#include "sync/keys_internal.h"
#include "sync/verify_internal.h"

struct hub_job {
	struct repair_job j;
	uint8_t id[32];
	struct hub *hub;
	struct keys *keys;
	const struct keyring *ring;
	struct place *vault;
	struct buf dir, cache, counter, aside;
	struct vault_signer by;
	struct vault *v;
	uint64_t fscks, git;		/* before: those of the workspace */
};

/* Move ${path} to <hub>/vibehub/damaged/${name}. */
static int put_aside(struct hub_job *h, const char *path, const char *name,
		     struct err *e)
{
	struct buf to = BUF_INIT;
	int rc = os_mkdirs(h->aside.p, e);

	buf_addf(&to, "%s/%s.%llu", h->aside.p, name,
		 (unsigned long long)os_now());
	if (!rc)
		rc = buf_error(&to) ? err_nomem(e) :
			os_link_new(path, to.p, e);
	if (!rc)
		rc = os_sync_parent(to.p, e);
	h->j.r->put_aside += !rc;
	buf_release(&to);
	if (rc == HUB_EABSENT || rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

/* ---- the hub's own format file ---- */

/* Is what lies at the path surely the hub of this workspace: does its key file
 * say so, or was this computer there? */
static int is_ours(struct hub_job *h)
{
	struct device d = { .secret = NULL };
	struct buf path = BUF_INIT;
	struct os_stat st;
	int yes = 0;

	buf_addf(&path, "%s/vibehub/" KEYS_FILE, h->j.path);
	if (!buf_error(&path) && !device_read(path.p, 0, &d, NULL))
		yes = !memcmp(d.hub, h->id, 32);
	device_release(&d);
	buf_reset(&path);
	buf_addf(&path, "%s/vibehub/devices/%s", h->j.path, h->j.ws->dev.id);
	yes = yes || (!buf_error(&path) && !os_stat(path.p, &st, NULL));
	buf_release(&path);
	return yes;
}

static int format(struct hub_job *h, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_hub f;
	int rc, there;

	buf_addf(&path, "%s/vibehub/format", h->j.path);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, HUBFILE_MAX, &text, e);
	there = rc != HUB_EABSENT;
	if (!rc)
		rc = hubfile_hub_decode(&f, text.p, text.n, e);
	if (!rc && !h->j.ws)
		memcpy(h->id, f.id, 32);
	if ((rc == HUB_EABSENT || rc == HUB_ECORRUPT || rc == HUB_ELIMIT) &&
	    h->j.ws && is_ours(h)) {
		err_clear(e);
		rc = repair_act(&h->j, e, "the hub's format file %s made again",
				h->j.r->dry_run ? "would be" : "was");
		if (!rc && there && !h->j.r->dry_run)
			rc = put_aside(h, path.p, "format", e);
		if (!rc && !h->j.r->dry_run)
			rc = init_format(h->j.path, h->id, e);
	} else if (rc == HUB_EABSENT) {	/* hub_open() says it better */
		err_clear(e);
		rc = 0;
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

/* ---- the vault's format file ---- */

/* Which place is the vault?  Every cache of it knows. */
static int which_place(struct hub_job *h, uint8_t id[32])
{
	struct removal_pin seen;
	struct buf b = BUF_INIT;
	int rc = vault_pin(h->cache.p, &seen, NULL);

	if (rc) {
		buf_addf(&b, "%s/" COLLECT_DIR, h->j.path);
		rc = buf_error(&b) ? HUB_ENOMEM : vault_pin(b.p, &seen, NULL);
	}
	buf_release(&b);
	if (!rc)
		memcpy(id, seen.place, 32);
	return !rc;
}

static int format_of_vault(struct hub_job *h, struct err *e)
{
	struct vaultfile f;
	uint8_t id[32];
	int rc = vault_format(h->vault, &f, e), there = rc != HUB_EABSENT;

	/* A vault of another hub is damage only if one byte of it is wrong. */
	if (!rc && !memcmp(f.hub, h->id, 32) &&
	    (!which_place(h, id) || !memcmp(f.place, id, 32)))
		return 0;
	if (rc && rc != HUB_EABSENT && !err_is_damage(rc))
		return rc;
	if (rc == HUB_EVERSION && !which_place(h, id))
		return rc;
	err_clear(e);
	rc = repair_act(&h->j, e, "the vault's format file %s made again",
			h->j.r->dry_run ? "would be" : "was");
	if (rc < 0 || h->j.r->dry_run)
		return rc;
	if (there)
		rc = h->vault->ops->aside(h->vault, PLACE_FORMAT, NULL, 0, e);
	h->j.r->put_aside += there && !rc;
	if (!rc)
		rc = which_place(h, id) ?
			vault_format_mend(h->vault, h->id, id, os_now(), e) :
			vault_init(h->vault, h->id, os_now(), e);
	return rc == HUB_ECONFLICT ? 0 : rc;
}

/* ---- keys ---- */

/* The keyring: by our slot or the hub's, else as a place has it. */
static int ring(struct hub_job *h, struct err *e)
{
	struct device *d = h->j.ws ? &h->j.ws->dev : NULL;
	struct places_link *l;
	struct err why = ERR_INIT;
	int rc;

	if (d && !d->vault)
		d = NULL;
	rc = keys_open(h->j.path, h->id, d, &h->keys, e);
	if (rc && d) {
		d = NULL;
		rc = keys_open(h->j.path, h->id, NULL, &h->keys, &why);
	}
	if (!rc) {
		err_clear(e);
		h->ring = h->keys->open.ring;
		return 0;
	}
	l = repair_places(&h->j, 0);
	if (!l)
		return rc;
	err_clear(e);
	h->ring = l->open.ring;
	return 0;
}

static int slots(struct hub_job *h, struct err *e)
{
	struct device hub = { .secret = NULL };
	struct buf path = BUF_INIT;
	int rc = ring(h, e);

	if (!rc)
		rc = repair_slots(&h->j, h->vault, h->ring, e);
	if (!rc && h->j.ws)
		rc = repair_own_slot(&h->j, h->vault, h->ring, &h->j.ws->dev,
				     e);
	if (!rc)
		rc = keys_path(&path, h->j.path, KEYS_FILE, e);
	if (!rc && !device_read(path.p, 0, &hub, NULL) &&
	    !memcmp(hub.hub, h->id, 32))
		rc = repair_own_slot(&h->j, h->vault, h->ring, &hub, e);
	device_release(&hub);
	buf_release(&path);
	if (!rc && !h->keys && !h->j.r->dry_run)
		rc = ring(h, e);
	return rc;
}

/* ---- the vault ---- */

/* States are signed by this computer, or by the hub's own device. */
static int signer(struct hub_job *h, struct err *e)
{
	struct buf user = BUF_INIT;
	int rc = 0;

	if (!h->keys || !h->keys->dev.vault)
		return err_set(e, HUB_EAUTH, "neither this computer's key nor "
			       "the hub's opens the vault: take the hub's keys "
			       "from a place, `hub init --from=PLACE`");
	keys_signer(h->keys, &h->by);
	if (h->j.ws && !strcmp(h->keys->dev.id, h->j.ws->dev.id)) {
		rc = os_user_dir(&user, e);
		buf_addf(&h->counter, "%s/devices/%s.states", user.p,
			 h->keys->dev.id);
	} else {
		buf_addf(&h->counter, "%s/" COLLECT_DIR, h->j.path);
		rc = buf_error(&h->counter) ? err_nomem(e) :
			os_mkdirs(h->counter.p, e);
		buf_addstr(&h->counter, "/states");
	}
	if (!rc && buf_error(&h->counter))
		rc = err_nomem(e);
	h->by.counter = h->counter.p;
	buf_release(&user);
	return rc;
}

/* Whoever mends is told nothing of a vault that went back: ask before. */
static int ask(struct hub_job *h, struct err *e)
{
	struct vault_conf c = { .place = h->vault, .keys = h->ring,
				.cache = h->cache.p, .no_index = 1 };
	struct err why = ERR_INIT;
	struct vault *v = NULL;
	int rc = vault_open(&c, &v, &why);

	vault_close(v);
	return repair_may_go_on(&h->j, rc, &why, e);
}

static int content(struct hub_job *h, struct err *e)
{
	struct vault_conf c = { .place = h->vault, .jobs = 1, .mend = 1 };
	struct vault_repaired done;
	int rc = signer(h, e);

	c.keys = h->ring;
	c.cache = h->cache.p;
	c.signer = &h->by;
	if (!rc)
		rc = ask(h, e);
	if (!rc)
		rc = vault_open(&c, &h->v, e);
	if (!rc)
		rc = repair_vault(&h->j, h->v, &done, e);
	if (!rc)
		rc = repair_content(&h->j, h->hub, h->v, e);
	return rc;
}

static int vault(struct hub_job *h, struct err *e)
{
	struct os_stat st;
	int rc = keys_exist(h->j.path, e);

	if (rc <= 0)
		return rc;	/* a hub without a vault */
	folder_path_hub(&h->dir, h->j.path);
	if (buf_error(&h->dir))
		return err_nomem(e);
	if (h->j.r->dry_run && os_stat(h->dir.p, &st, NULL))
		return repair_act(&h->j, e, "the vault would be made again");
	rc = h->j.r->dry_run ? folder_open(h->dir.p, &h->vault, e) :
		folder_create(h->dir.p, 1, &h->vault, e);
	if (!rc)
		rc = format_of_vault(h, e);
	if (!rc)
		rc = slots(h, e);
	return rc ? rc : content(h, e);
}

static int paths(struct hub_job *h, struct err *e)
{
	if (h->j.ws)
		buf_addf(&h->cache, "%sindex", h->j.ws->vdir.p);
	else
		buf_addf(&h->cache, "%s/" COLLECT_DIR, h->j.path);
	buf_addf(&h->aside, "%s/vibehub/damaged", h->j.path);
	return buf_error(&h->cache) || buf_error(&h->aside) ? err_nomem(e) : 0;
}

/* Asked only if git fsck was not, or said so. */
static int git(struct hub_job *h, struct err *e)
{
	struct verify *f = &h->j.r->found;
	const char *dir = repo_commondir(h->hub->repo);
	int rc = f->fscks == h->fscks ? verify_git(f, "hub", dir, e) : 0;

	if (rc || f->git == h->git)
		return rc;
	return repair_git(&h->j, dir, h->aside.p,
			  h->j.ws ? h->j.ws->root.p : NULL, e);
}

/* Before it can be opened at all. */
static int head(struct hub_job *h, struct err *e)
{
	struct buf dir = BUF_INIT;
	struct os_stat st;
	int rc = 0;

	buf_addf(&dir, "%s/objects", h->j.path);
	if (!buf_error(&dir) && os_stat(dir.p, &st, NULL))
		goto out;		/* that is no repository */
	buf_setlen(&dir, dir.n - strlen("objects"));
	rc = buf_error(&dir) ? err_nomem(e) :
		repair_head(&h->j, dir.p, dir.p, h->aside.p, e);
out:
	buf_release(&dir);
	return rc < 0 ? rc : 0;
}

static int refs(struct hub_job *h, struct err *e)
{
	struct repair_refs how = {
		.path = h->j.path, .dir = repo_commondir(h->hub->repo),
		.aside = h->aside.p, .hub = h->hub,
		.other = h->j.ws ? h->j.ws->repo : NULL,
	};
	int rc = repair_refs(&h->j, &how, e);

	if (rc <= 0 || h->j.r->dry_run)
		return rc < 0 ? rc : 0;
	/* What they name may be missing, too. */
	return repair_git(&h->j, how.dir, h->aside.p,
			  h->j.ws ? h->j.ws->root.p : NULL, e);
}

static int all(struct hub_job *h, struct err *e)
{
	struct workspace *ws = h->j.ws;
	int rc = paths(h, e);

	if (!rc)
		rc = format(h, e);
	if (!rc)
		rc = head(h, e);
	if (!rc)
		rc = hub_open(h->j.path, ws ? h->id : NULL, &h->hub, e);
	/* A hub that this run may not name yet. */
	if (rc && h->j.r->dry_run && h->j.r->acts_n)
		return 0;
	if (!rc && !ws)
		memcpy(h->id, h->hub->format.id, 32);
	if (!rc)
		rc = git(h, e);
	if (!rc)
		rc = refs(h, e);
	if (!rc) {	/* as it is now */
		hub_close(h->hub);
		h->hub = NULL;
		rc = hub_open(h->j.path, ws ? h->id : NULL, &h->hub, e);
	}
	return rc ? rc : vault(h, e);
}

int repair_hub(struct repair *r, struct workspace *ws, const char *path,
	       struct err *e)
{
	struct hub_job h = { .j = { .r = r, .where = "hub", .ws = ws,
				    .path = path },
			     .dir = BUF_INIT, .cache = BUF_INIT,
			     .counter = BUF_INIT, .aside = BUF_INIT,
			     .fscks = r->found.fscks, .git = r->found.git };
	struct err why = ERR_INIT;
	uint64_t before = r->found.found;
	int rc, found;

	if (ws)
		memcpy(h.id, ws->hub_id, 32);
	r->found.read_data = 1;
	rc = verify_hub(path, ws ? h.id : NULL, &r->found, &why);
	/* Its format file, or a folder, may be what is missing. */
	if (rc < 0 && rc != HUB_ECORRUPT &&
	    (rc != HUB_EREMOTE || !ws || !is_ours(&h)))
		return err_set(e, rc, "%s", why.msg);
	if (rc < 0 && verify_add(&r->found, "hub", path, "", "%s", why.msg))
		return err_nomem(e);
	found = r->found.found > before;
	rc = found ? all(&h, e) : 0;
	if (!rc && found && !r->dry_run)
		rc = verify_hub(path, h.id, &r->left, e);
	if (!rc)
		rc = repair_tell_unread(&h.j, e);
	vault_close(h.v);
	keys_close(h.keys);
	place_close(h.vault);
	hub_close(h.hub);
	places_source_close(h.j.places);
	buf_release(&h.dir);
	buf_release(&h.cache);
	buf_release(&h.counter);
	buf_release(&h.aside);
	return rc;
}
