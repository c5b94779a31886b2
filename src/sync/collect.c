/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect.c - a hub's vault opened as the hub's own device, and its gc. */
#include "sync/collect.h"

#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "sync/wsfile.h"

static int paths(struct collect *c, const struct device *as, struct err *e)
{
	int rc = as ? os_user_dir(&c->counter, e) : 0;

	if (rc < 0)
		return rc;
	buf_addf(&c->cache, "%s/" COLLECT_DIR, c->hub->path.p);
	if (as)
		buf_addf(&c->counter, "/devices/%s.states", as->id);
	else
		buf_addf(&c->counter, "%s/states", c->cache.p);
	if (buf_error(&c->counter) || buf_error(&c->cache))
		return err_nomem(e);
	return os_mkdirs(c->cache.p, e);
}

int collect_open(const char *hub_path, const uint8_t *known_id,
		 struct collect *c, struct err *e)
{
	return collect_open_as(hub_path, known_id, NULL, c, e);
}

/* There are no keys, or no vault yet; unless there were some. */
static int lost_key(const struct collect *c, struct err *e)
{
	int rc = keys_exist(c->hub->path.p, e);

	if (rc)
		return rc < 0 ? rc : 0;
	rc = keys_used(c->hub->path.p, e);
	return rc <= 0 ? rc :
		err_set(e, HUB_ECORRUPT, "the hub '%s' has lost its key file, "
			"vibehub/key: `hub key init` makes it again",
			c->hub->path.p);
}

int collect_open_as(const char *hub_path, const uint8_t *known_id,
		    struct device *as, struct collect *c, struct err *e)
{
	struct vault_conf vc = { .jobs = 1 };
	int rc;

	memset(c, 0, sizeof(*c));
	buf_init(&c->counter);
	buf_init(&c->cache);
	rc = hub_open(hub_path, known_id, &c->hub, e);
	if (rc < 0)
		return rc;
	rc = keys_open(c->hub->path.p, c->hub->format.id, as, &c->keys, e);
	if (!rc)
		rc = paths(c, as, e);
	if (!rc) {
		keys_signer(c->keys, &c->signer);
		c->signer.counter = c->counter.p;
		vc.place = c->keys->place;
		vc.keys = c->keys->open.ring;
		vc.signer = &c->signer;
		vc.cache = c->cache.p;
		rc = vault_open(&vc, &c->v, e);
	}
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = lost_key(c, e);
	}
	return rc;
}

void collect_close(struct collect *c)
{
	vault_close(c->v);
	keys_close(c->keys);
	hub_close(c->hub);
	buf_release(&c->counter);
	buf_release(&c->cache);
	memset(c, 0, sizeof(*c));
}

int collect_find(const char *dir, struct buf *ret_path, uint8_t ret_id[32],
		 struct err *e)
{
	struct buf root = BUF_INIT, vdir = BUF_INIT;
	struct repo *r = NULL;
	struct wsconfig c;
	int rc = repo_discover(dir, &root, e);

	if (!rc)
		rc = repo_open(root.p, &r, e);
	if (!rc) {
		buf_addf(&vdir, "%svibehub/", repo_gitdir(r));
		rc = buf_error(&vdir) ? err_nomem(e) :
			wsfile_read(vdir.p, &c, e);
	}
	if (!rc) {
		memcpy(ret_id, c.hub, 32);
		rc = hub_url_path(c.url.p, ret_path, e);
		wsconfig_release(&c);
	}
	if (rc == HUB_EABSENT)
		err_set(e, rc, "'%s' is in no workspace: name a hub (HUB.git)",
			dir);
	repo_close(r);
	buf_release(&root);
	buf_release(&vdir);
	return rc;
}

int collect_run_at(struct hub *h, struct vault *v, int dry_run,
		   unsigned max_ms, struct gc_report *ret, struct err *e)
{
	struct gc_conf conf = { .v = v, .roots = collect_roots_each,
				.dry_run = dry_run, .max_ms = max_ms };
	struct collect_roots *roots =
		collect_roots_new(h, vault_keys(v)->identity);
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (roots && max_ms)
		/* gc is late first, and says so */
		collect_roots_until(roots, os_mono_ms() + max_ms + 100);
	conf.arg = roots;
	rc = roots ? gc_run(&conf, ret, e) : err_nomem(e);
	collect_roots_free(roots);
	return rc;
}

int collect_run(const char *path, const uint8_t *known_id, struct device *as,
		int dry_run, unsigned max_ms, struct gc_report *ret,
		struct err *e)
{
	struct collect c;
	int rc = collect_open_as(path, known_id, as, &c, e);

	memset(ret, 0, sizeof(*ret));
	/* A vault without a state has nothing in it. */
	if (!rc && c.v && vault_seq(c.v))
		rc = collect_run_at(c.hub, c.v, dry_run, max_ms, ret, e);
	collect_close(&c);
	return rc;
}
