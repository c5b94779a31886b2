/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain.c - open a place for plain git, and what is remembered of it. */
#include "sync/plain_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "os/os.h"
#include "os/os_file.h"
#include "os/os_thread.h"

#define TAKEN "/taken"
#define TAKEN_MAX 8192
#define JOBS_MAX 2

/* ---- open ---- */

void plain_close(struct plain *p)
{
	if (!p)
		return;
	vault_close(p->vault);
	device_release(&p->dev);
	clone_place_close(&p->at);
	repo_close(p->repo);
	vaultrefs_release(&p->refs);
	buf_release(&p->cache);
	buf_release(&p->counter);
	buf_release(&p->name);
	buf_release(&p->taken);
	free(p);
}

static int paths(struct plain *p, struct err *e)
{
	struct buf user = BUF_INIT;
	int rc = os_user_dir(&user, e);

	if (p->repo)
		buf_addstr(&p->cache, repo_commondir(p->repo));
	else
		buf_addf(&p->cache, "%s/", user.p);
	buf_addstr(&p->cache, PLAIN_FOLDER);
	hex_add(&p->cache, p->at.f.place, 32);
	buf_addf(&p->name, "'%s'", p->at.root.p);
	buf_release(&user);
	if (rc < 0)
		return rc;
	return buf_error(&p->cache) || buf_error(&p->name) ? err_nomem(e) : 0;
}

static int open_vault(struct plain *p, struct err *e)
{
	struct vault_conf c = { .place = p->at.place, .cache = p->cache.p,
				.keys = p->at.open.ring };
	unsigned cpus = os_cpus();
	struct buf user = BUF_INIT;
	int rc = os_user_dir(&user, e);

	if (rc < 0)
		return rc;
	if (p->dev.vault) {
		buf_addf(&p->counter, "%s/devices/%s.states", user.p,
			 p->dev.id);
		cert_uuid(p->signer.device, p->dev.id);
		p->signer.key = p->dev.secret;
		p->signer.chain = &p->dev.vault->chain;
		p->signer.counter = p->counter.p;
		c.signer = &p->signer;
	}
	c.jobs = cpus < JOBS_MAX ? cpus : JOBS_MAX;
	rc = buf_error(&user) || buf_error(&p->counter) ? err_nomem(e) :
		vault_open(&c, &p->vault, e);
	buf_release(&user);
	return rc;
}

int plain_reread(struct plain *p, struct err *e)
{
	struct vaultrefs v;
	int rc;

	memset(&v, 0, sizeof(v));
	rc = vault_refs(p->vault, &v, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	if (rc < 0)
		return rc;
	vaultrefs_release(&p->refs);
	p->refs = v;
	return 0;
}

static int read_taken(struct plain *p, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	buf_addf(&path, "%s" TAKEN, p->cache.p);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, TAKEN_MAX, &p->taken, e);
	buf_release(&path);
	if (rc == HUB_ENOMEM)
		return rc;
	if (rc < 0) {		/* it is taken again, then */
		err_clear(e);
		buf_reset(&p->taken);
	}
	return 0;
}

int plain_open(const struct plain_conf *conf, struct plain **ret,
	       struct err *e)
{
	struct plain *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return err_nomem(e);
	p->c = *conf;
	buf_init(&p->cache);
	buf_init(&p->counter);
	buf_init(&p->name);
	buf_init(&p->taken);
	buf_init(&p->at.root);
	rc = conf->gitdir ? repo_open_git(conf->gitdir, &p->repo, e) : 0;
	if (!rc)
		rc = clone_place_find(conf->path, p->repo, &p->at, e);
	if (!rc)
		rc = paths(p, e);
	if (!rc)
		rc = plain_keys(p, e);
	if (!rc)
		rc = open_vault(p, e);
	if (!rc)
		rc = plain_reread(p, e);
	if (!rc)
		rc = read_taken(p, e);
	if (rc < 0)
		plain_close(p);
	else
		*ret = p;
	return rc;
}

const struct vaultrefs *plain_refs(const struct plain *p)
{
	return &p->refs;
}

/* ---- git segments ---- */

static int tell(void *arg, const char *doing, uint64_t done, uint64_t total,
		struct err *e)
{
	struct plain *p = arg;

	if (os_interrupted())
		return err_set(e, HUB_ECANCEL, "interrupted: nothing is lost, "
			       "do the same again");
	if (p->c.progress && p->c.progress(p->c.arg, doing, done, total))
		return err_set(e, HUB_ECANCEL, "stopped");
	return 0;
}

void plain_work(struct plain *p, struct places_work *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->vault = p->vault;
	ret->tmp = p->cache.p;
	ret->what = p->name.p;
	ret->progress = tell;
	ret->arg = p;
}

int plain_taken(const struct plain *p, const struct vaultrefs_git *g)
{
	char hex[65];

	hex_encode(hex, g->recipe, 32);
	return p->taken.n && strstr(p->taken.p, hex);
}

int plain_take_note(struct plain *p, const struct vaultrefs *v,
		    const uint8_t is[VAULTREFS_GIT_MAX], struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	size_t i;
	int rc;

	for (i = 0; i < v->git_n; i++) {
		if (!is[i])
			continue;
		hex_add(&text, v->git[i].recipe, 32);
		buf_addch(&text, '\n');
	}
	buf_addf(&path, "%s" TAKEN, p->cache.p);
	rc = buf_error(&text) || buf_error(&path) ? err_nomem(e) : 0;
	if (!rc && buf_cmp(&text, &p->taken))
		rc = os_replace_derived(path.p, text.p, text.n, e);
	if (!rc) {
		buf_reset(&p->taken);
		buf_add(&p->taken, text.p, text.n);
		rc = buf_error(&p->taken) ? err_nomem(e) : 0;
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}
