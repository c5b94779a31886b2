/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init_from.c - hub init --from: the hub is lost, a place has its sealed copy.
 *
 * Order: an empty hub beside the path; key slots, the hub's own key; git's
 * objects, content of large files, refs; its id; the rename.  A kill leaves
 * PATH.hub-from~, which the next attempt removes.
 */
#include <stdlib.h>
#include <string.h>

#include "os/os_clock.h"
#include "os/os_file.h"
#include "remote/folder.h"
#include "repo/gitseg.h"
#include "repo/ref.h"
#include "sync/clone.h"
#include "sync/init.h"
#include "sync/places_internal.h"

struct from {
	const char *dir;		/* the hub that is being made */
	struct clone_place p;
	struct buf cache, cache_hub, counter, what;
	struct vault *vault;		/* of the place */
	struct vaultrefs refs;
	struct repo *repo;
	struct keys *keys;		/* the new hub's own device */
	struct places_pointers large;
	struct err *e;
};

static int sub_path(struct from *c, const char *name, struct buf *ret)
{
	buf_reset(ret);
	buf_addf(ret, "%s/vibehub/%s", c->dir, name);
	return buf_error(ret) ? err_nomem(c->e) : 0;
}

/* The slots of all members, and a new key for the hub itself. */
static int keys(struct from *c, const char *pass, size_t n)
{
	struct buf path = BUF_INIT;
	struct place *hub = NULL;
	struct keys *k = NULL;
	int rc;

	folder_path_hub(&path, c->dir);
	rc = buf_error(&path) ? err_nomem(c->e) :
		folder_create(path.p, 1, &hub, c->e);
	if (!rc)
		rc = slots_merge(c->p.place, hub, c->p.open.ring, c->e);
	if (!rc)
		rc = keys_open_passphrase(c->dir, c->p.f.hub, pass, n, &k,
					  c->e);
	if (!rc)
		rc = keys_restore(k, c->e);
	keys_close(k);
	place_close(hub);
	if (!rc)
		rc = keys_open(c->dir, c->p.f.hub, NULL, &c->keys, c->e);
	buf_release(&path);
	return rc;
}

static int open_vault(struct from *c)
{
	struct vault_conf v = { .place = c->p.place, .jobs = 1,
				.keys = c->p.open.ring };
	int rc = sub_path(c, "from~", &c->cache);

	v.cache = c->cache.p;
	if (!rc)
		rc = vault_open(&v, &c->vault, c->e);
	if (!rc)
		rc = vault_refs(c->vault, &c->refs, c->e);
	if (rc == HUB_EABSENT)
		rc = err_set(c->e, rc, "the place '%s' has nothing yet: it was "
			     "never synced", c->p.root.p);
	return rc;
}

static int take_segment(struct from *c, const struct vaultrefs_git *g)
{
	struct places_work w = { .vault = c->vault, .what = c->what.p };

	return buf_error(&c->what) ? err_nomem(c->e) :
		places_take(&w, c->repo, g, &c->large, NULL, c->e);
}

static int refs(struct from *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->refs.refs_n; i++) {
		const struct vaultrefs_ref *r = &c->refs.refs[i];

		rc = repo_has(c->repo, &r->oid, c->e);
		if (!rc)
			rc = err_set(c->e, HUB_ECORRUPT, "the place '%s' names "
				     "%s, which is not in its history",
				     c->p.root.p, oid_hex(&r->oid));
		else if (rc > 0)
			rc = ref_set_hub(c->repo, r->name, &oid_zero, &r->oid,
					 KEYS_HUB_NAME, "init --from", c->e);
	}
	if (!rc)
		rc = repo_set_branch(c->repo, c->refs.head, c->e);
	return rc;
}

/* The new hub's vault, written by its own device. */
static int large(struct from *c)
{
	struct vault_signer by = { .key = c->keys->dev.secret };
	struct vault_conf conf = { .place = c->keys->place, .jobs = 1,
				   .keys = c->keys->open.ring, .signer = &by };
	struct vault_change change = { .kind = VAULTSTATE_ORDINARY };
	struct vault_put *put = NULL;
	struct places_from f = { .v = { c->vault }, .n = 1, .strict = 1 };
	struct vault *v = NULL;
	int rc = places_let_go(c->repo, &c->refs, c->keys->open.ring,
			       &c->large, c->e);

	if (!rc)
		rc = c->large.n ? sub_path(c, "hub~", &c->cache_hub) : 1;
	if (rc)
		return rc < 0 ? rc : 0;
	cert_uuid(by.device, c->keys->dev.id);
	by.chain = &c->keys->dev.vault->chain;
	rc = sub_path(c, "key.states", &c->counter);
	by.counter = c->counter.p;
	conf.cache = c->cache_hub.p;
	if (!rc)
		rc = vault_init(c->keys->place, c->p.f.hub, os_now(), c->e);
	if (!rc || rc == HUB_ECONFLICT)
		rc = vault_open(&conf, &v, c->e);
	if (!rc)
		rc = vault_put_begin(v, &put, c->e);
	vault_store(c->vault, &f.store);
	if (!rc)
		rc = places_carry(NULL, &f, put, &c->large, c->e);
	if (!rc)
		rc = vault_put_commit(put, &change, c->e);
	vault_put_end(put);
	vault_close(v);
	return rc;
}

static int fill(struct from *c, const char *pass, size_t n)
{
	enum init_result what;
	size_t i;
	int rc;

	buf_addf(&c->what, "the place '%s'", c->p.root.p);
	rc = init_hub(c->dir, NULL, NULL, &what, c->e);

	if (!rc)
		rc = keys(c, pass, n);
	if (!rc)
		rc = open_vault(c);
	if (!rc)
		rc = repo_open(c->dir, &c->repo, c->e);
	for (i = 0; !rc && i < c->refs.git_n; i++)
		rc = take_segment(c, &c->refs.git[i]);
	if (!rc)
		rc = repo_refresh(c->repo, c->e);
	if (!rc)
		rc = large(c);
	if (!rc)
		rc = refs(c);
	if (!rc)
		rc = init_format(c->dir, c->p.f.hub, c->e);
	return rc;
}

/* What only this run needed: nothing of it comes along. */
static int drop_cache(struct from *c, struct buf *cache, int rc)
{
	int gone = 0;

	if (cache->n)
		gone = os_rmtree(cache->p, rc < 0 ? NULL : c->e);
	if (gone == HUB_EABSENT && rc >= 0)
		err_clear(c->e);
	buf_release(cache);
	return rc < 0 || gone == HUB_EABSENT ? rc : gone;
}

static int release(struct from *c, int rc)
{
	vault_close(c->vault);
	vaultrefs_release(&c->refs);
	repo_close(c->repo);
	keys_close(c->keys);
	free(c->large.v);
	rc = drop_cache(c, &c->cache, rc);
	rc = drop_cache(c, &c->cache_hub, rc);
	buf_release(&c->counter);
	buf_release(&c->what);
	clone_place_close(&c->p);
	return rc;
}

/* An empty folder goes; anything else stays and ends it. */
static int make_way(const char *path, struct err *e)
{
	int rc = os_rmdir(path, e);

	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	return rc < 0 ? err_set(e, HUB_ECONFLICT, "'%s' is there and not empty: "
				"give a new folder for the hub", path) : 0;
}

int init_from(const char *path, const char *place, const char *pass, size_t n,
	      struct err *e)
{
	struct from c = { .e = e, .cache = BUF_INIT, .cache_hub = BUF_INIT,
			  .counter = BUF_INIT, .what = BUF_INIT };
	struct buf abs = BUF_INIT, tmp = BUF_INIT;
	int rc = clone_place_open(place, pass, n, &c.p, e);

	if (!rc)
		rc = os_abspath(path, &abs, e);
	while (!rc && abs.n > 1 && abs.p[abs.n - 1] == '/')
		buf_setlen(&abs, abs.n - 1);
	if (!rc)
		rc = make_way(abs.p, e);
	buf_addf(&tmp, "%s.hub-from~", abs.p);
	if (!rc)
		rc = buf_error(&tmp) ? err_nomem(e) : os_rmtree(tmp.p, e);
	if (rc == HUB_EABSENT && c.p.place) {
		err_clear(e);
		rc = 0;
	}
	c.dir = tmp.p;
	if (!rc)
		rc = fill(&c, pass, n);
	rc = release(&c, rc);
	if (!rc)
		rc = os_rename(tmp.p, abs.p, e);
	if (!rc)
		rc = os_sync_parent(abs.p, e);
	buf_release(&abs);
	buf_release(&tmp);
	return rc;
}
