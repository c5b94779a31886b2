/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workspace.c - open, create and close a workspace. */
#include "sync/workspace.h"
#include "sync/far.h"
#include "sync/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt/baserec.h"
#include "os/os.h"
#include "repo/index.h"
#include "sync/large.h"
#include "sync/leftover.h"
#include "sync/wsfile.h"

#define GIT_LITTER_S 60			/* `hub clone` holds no lock */

static int open_repo(struct workspace *ws, const char *dir, struct err *e)
{
	int rc = repo_discover(dir, &ws->root, e);

	if (rc == HUB_EABSENT)
		return err_set(e, rc, "'%s' is in no workspace: make one with "
			       "`hub clone`", dir);
	if (rc < 0)
		return rc;
	rc = repo_open(ws->root.p, &ws->repo, e);
	if (rc < 0)
		return rc;
	buf_addf(&ws->vdir, "%svibehub/", repo_gitdir(ws->repo));
	return buf_error(&ws->vdir) ? err_nomem(e) : 0;
}

static int take_lock(struct workspace *ws, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	buf_addf(&path, "%slock", ws->vdir.p);
	rc = buf_error(&path) ? err_nomem(e) :
		os_lock_take(path.p, &ws->lock, e);
	if (rc == HUB_EBUSY)
		err_set(e, rc, "another run of hub works in '%s': it will do, or "
			"try again later", ws->root.p);
	buf_release(&path);
	return rc;
}

/* Temp files of a killed run: nobody else may have any, we hold the lock. */
static int sweep(struct workspace *ws, struct err *e)
{
	struct buf tmp = BUF_INIT;
	int rc;

	buf_addf(&tmp, "%stmp", ws->vdir.p);
	rc = buf_error(&tmp) ? err_nomem(e) : leftover_rescue(ws, tmp.p, e);
	if (!rc)
		rc = os_rmtree(tmp.p, e);
	if (rc == HUB_EABSENT)
		rc = 0;
	if (!rc)
		rc = os_replace_sweep(ws->vdir.p, 0, e);
	if (!rc)
		rc = os_replace_sweep(repo_gitdir(ws->repo), GIT_LITTER_S, e);
	if (!rc)
		repo_config_sweep(ws->repo);
	if (!rc)
		rc = index_unlock_own(ws->repo, e);
	if (!rc)
		rc = sink_sweep(ws->repo, 1, e);
	buf_release(&tmp);
	return rc;
}

int workspace_open(const char *dir, enum workspace_mode mode,
		   struct workspace **ret, struct err *e)
{
	struct workspace *ws = calloc(1, sizeof(*ws));
	struct wsconfig cfg;
	int rc;

	if (!ws)
		return err_nomem(e);
	buf_init(&ws->root);
	buf_init(&ws->vdir);
	buf_init(&ws->hub_url);
	rc = open_repo(ws, dir, e);
	if (rc < 0)
		goto out;
	rc = wsfile_read(ws->vdir.p, &cfg, e);
	if (rc == HUB_EABSENT)
		err_set(e, rc, "'%s' is a git repository of no hub: `hub clone "
			"URL %s` adopts it", ws->root.p, ws->root.p);
	if (rc < 0)
		goto out;
	memcpy(ws->hub_id, cfg.hub, 32);
	buf_addstr(&ws->hub_url, cfg.url.p);
	wsconfig_release(&cfg);
	if (mode == WORKSPACE_WRITE) {
		rc = take_lock(ws, e);
		if (!rc)
			rc = sweep(ws, e);
		if (rc < 0)
			goto out;
	}
	rc = device_load(&ws->dev, cfg.device, cfg.name, e);
	if (rc == HUB_EABSENT) {	/* noticed as a copy by the next sync */
		snprintf(ws->dev.id, sizeof(ws->dev.id), "%s", cfg.device);
		snprintf(ws->dev.name, sizeof(ws->dev.name), "%s", cfg.name);
		err_clear(e);
		rc = 0;
	}
	if (!rc)
		rc = workspace_state_open(ws, mode == WORKSPACE_WRITE, e);
	ws->exec_bits = repo_config_get_bool(ws->repo, "core.filemode", 1);
	ws->symlinks = repo_config_get_bool(ws->repo, "core.symlinks", 1);
out:
	if (rc < 0)
		workspace_close(ws);
	else
		*ret = ws;
	return rc;
}

void workspace_close(struct workspace *ws)
{
	if (!ws)
		return;
	large_close(ws->large);
	far_close(ws->far);
	state_close(ws->state);
	repo_close(ws->repo);
	device_release(&ws->dev);
	report_release(&ws->rep);
	os_lock_drop(ws->lock);
	buf_release(&ws->root);
	buf_release(&ws->vdir);
	buf_release(&ws->hub_url);
	free(ws);
}

struct taken { const char *name; const char *not_id; int found; };

static int is_taken(void *arg, const char *device, const struct presence *p,
		    const struct err *why)
{
	struct taken *t = arg;

	(void)why;
	if (p && !strcmp(p->name, t->name) && strcmp(device, t->not_id))
		t->found = 1;
	return 0;
}

/* Two clones on one computer are two devices: "desk", "desk-2", ... */
static int free_name(struct hub *h, const char *wish, const char *own_id,
		     char out[PRESENCE_NAME_MAX + 1], struct err *e)
{
	char base[PRESENCE_NAME_MAX + 1];
	int i, rc;

	presence_name_from(base, wish);
	snprintf(out, PRESENCE_NAME_MAX + 1, "%s", base);
	for (i = 2; i < 10000; i++) {
		struct taken t = { out, own_id, 0 };

		rc = hub_presence_each(h, is_taken, &t, e);
		if (rc < 0 || !t.found)
			return rc;
		snprintf(out, PRESENCE_NAME_MAX + 1, "%.*s-%d",
			 PRESENCE_NAME_MAX - 5, base, i);
	}
	return err_set(e, HUB_ELIMIT, "no free device name like '%s'", base);
}

int workspace_save(const char *vdir, const struct device *d, const char *url,
		   struct err *e)
{
	struct wsconfig c = { .url = BUF_INIT };
	int rc;

	memcpy(c.hub, d->hub, 32);
	memcpy(c.device, d->id, sizeof(c.device));
	memcpy(c.name, d->name, sizeof(c.name));
	buf_addstr(&c.url, url);
	rc = wsfile_write(vdir, &c, e);
	wsconfig_release(&c);
	return rc;
}

/* So that plain `git pull` and `git push` know where to. */
static int set_upstream(struct repo *r, struct err *e)
{
	struct buf branch = BUF_INIT, key = BUF_INIT, old = BUF_INIT;
	struct oid tip;
	size_t n;
	int rc = repo_head(r, &branch, &tip, e);

	if (rc < 0 || strncmp(branch.p, "refs/heads/", 11))
		goto out;
	buf_addf(&key, "branch.%s.merge", branch.p + 11);
	n = key.n - strlen("merge");
	rc = buf_error(&key) ? err_nomem(e) :
		repo_config_get(r, key.p, &old, e);
	if (rc != HUB_EABSENT)		/* the user's own stays */
		goto out;
	err_clear(e);
	rc = repo_config_set(r, key.p, branch.p, e);
	buf_setlen(&key, n);
	buf_addstr(&key, "remote");
	if (!rc)
		rc = buf_error(&key) ? err_nomem(e) :
			repo_config_set(r, key.p, "origin", e);
out:
	buf_release(&branch);
	buf_release(&key);
	buf_release(&old);
	return rc;
}

/* Over a session: when its keys are asked for. */
static int enrol_new(struct hub *h, struct device *d, struct err *e)
{
	return h->far ? 0 : keys_enrol_new(h->path.p, h->format.id, d, e);
}

int workspace_create(const char *root, struct hub *h, const char *url,
		     const char *name, const char *device, const char *ssh,
		     struct err *e)
{
	struct repo *r = NULL;
	struct device d = { .secret = NULL };
	struct buf vdir = BUF_INIT;
	char chosen[PRESENCE_NAME_MAX + 1];
	int rc;

	rc = repo_open(root, &r, e);
	if (rc < 0)
		goto out;
	buf_addf(&vdir, "%svibehub/", repo_gitdir(r));
	rc = buf_error(&vdir) ? err_nomem(e) : os_mkdirs(vdir.p, e);
	if (rc < 0)
		goto out;
	rc = free_name(h, name, "", chosen, e);
	if (rc < 0)
		goto out;
	rc = device ? device_load(&d, device, chosen, e) :
		device_create(&d, h->format.id, chosen, e);
	if (!rc)
		rc = enrol_new(h, &d, e);
	if (!rc && ssh)
		rc = repo_config_set(r, "core.sshCommand", ssh, e);
	if (rc < 0)
		goto out;
	rc = repo_config_set(r, "remote.origin.url", url, e);
	if (!rc)
		rc = repo_config_set(r, "remote.origin.fetch",
				     "+refs/heads/*:refs/remotes/origin/*", e);
	if (!rc)
		rc = set_upstream(r, e);
	if (!rc)	/* last: from now on it is a workspace */
		rc = workspace_save(vdir.p, &d, url, e);
out:
	device_release(&d);
	repo_close(r);
	buf_release(&vdir);
	return rc;
}

int workspace_hub(struct workspace *ws, struct hub **ret, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc;

	if (!strcmp(ws->hub_url.p, WORKSPACE_NO_HUB))
		return err_set(e, HUB_EOFFLINE, "this workspace was made from a "
			       "place and knows no address of its hub: `hub "
			       "config hub ADDRESS` sets it");
	if (far_is(ws->hub_url.p)) {
		rc = far_of(ws) ? far_hub_open(ws->far, ws->hub_id, ret, e) :
			err_nomem(e);
	} else {
		rc = hub_url_path(ws->hub_url.p, &path, e);
		if (!rc)
			rc = hub_open(path.p, ws->hub_id, ret, e);
	}
	if (!rc && (*ret)->format.min_writer > HUBFILE_WRITER) {
		rc = err_set(e, HUB_EVERSION, "the hub '%s' wants a newer hub "
			     "program to write to it", hub_name(*ret));
		hub_close(*ret);
		*ret = NULL;
	}
	if (!rc) {
		(*ret)->as = &ws->dev;
		buf_addf(&(*ret)->memory, "%sindex", ws->vdir.p);
	}
	buf_release(&path);
	return rc;
}

/* Distrust every stat; what the records say of content stays, and so does what
 * is behind or parked: HEAD alone could not tell it from local changes. */
static int forget_stats(struct workspace *ws, struct err *e)
{
	struct state_cursor *c = NULL;
	struct span path, raw;
	struct baserec rec;
	uint8_t out[BASEREC_MAX];
	int rc = state_base_open(ws->state, NULL, 0, &c, e);

	while (!rc && (rc = state_base_next(c, &path, &raw, e)) > 0) {
		rc = baserec_decode(&rec, raw.p, raw.n);
		if (rc < 0) {
			err_set(e, rc, "the base record of '%.*s' is damaged", (int)path.n,
				(const char *)path.p);
			break;
		}
		rec.flags |= BASEREC_NOSTAT;
		rc = state_base_put(ws->state, (const char *)path.p, path.n,
				    out, baserec_encode(out, &rec), e);
	}
	state_base_close(c);
	return rc;
}

int workspace_renew_device(struct workspace *ws, struct hub *h, struct err *e)
{
	struct device d;
	char host[256];
	struct buf hn = BUF_INIT;
	char chosen[PRESENCE_NAME_MAX + 1];
	int rc;

	os_hostname(&hn);
	snprintf(host, sizeof(host), "%s", hn.p);
	buf_release(&hn);
	rc = free_name(h, host, "", chosen, e);
	if (rc < 0)
		return rc;
	rc = device_create(&d, h->format.id, chosen, e);
	if (rc < 0)
		return rc;
	rc = enrol_new(h, &d, e);
	if (rc < 0) {
		device_release(&d);
		return rc;
	}
	rc = state_begin(ws->state, e);
	if (!rc)
		rc = forget_stats(ws, e);
	if (!rc)
		rc = state_del(ws->state, META_NONCE, e);
	if (!rc)
		rc = state_del(ws->state, META_NONCE_NEXT, e);
	if (!rc)
		rc = state_commit(ws->state, e);
	else
		state_rollback(ws->state);
	if (!rc)
		rc = workspace_save(ws->vdir.p, &d, ws->hub_url.p, e);
	if (rc < 0) {
		device_release(&d);
		return rc;
	}
	device_release(&ws->dev);
	ws->dev = d;
	ws->rep.device_renewed = 1;
	return 0;
}

int workspace_tmp(struct workspace *ws, struct buf *ret, struct err *e)
{
	int rc;

	buf_addf(ret, "%stmp", ws->vdir.p);
	if (buf_error(ret))
		return err_nomem(e);
	/* not durable: the next run would make it anew, and empties it anyway */
	rc = os_mkdir(ret->p, e);
	if (rc == HUB_ECONFLICT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

int workspace_progress(struct workspace *ws, const char *what, uint64_t done,
		       uint64_t total, struct err *e)
{
	if (os_interrupted())
		return err_set(e, HUB_ECANCEL, "interrupted: nothing is lost, "
			       "the next sync goes on from here");
	if (ws->progress && ws->progress(ws->progress_arg, what, done, total))
		return err_set(e, HUB_ECANCEL, "stopped");
	return 0;
}
