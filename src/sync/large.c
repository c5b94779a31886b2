/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large.c - open what large content needs, when it is needed.
 *
 * The keys come from this computer's slot in the hub.  A copy of the slot lies
 * in the outbox: so that a file can be named, and wait there sealed, while the
 * hub is away.
 */
#include "sync/far.h"
#include "sync/large_internal.h"

#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "os/os_thread.h"
#include "remote/folder.h"

#define JOBS_MAX 2		/* memory: 22 MB each */

struct large *large_of(struct workspace *ws)
{
	struct large *l = ws->large;

	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->ws = ws;
	buf_init(&l->counter);
	buf_init(&l->hub.cache);
	buf_init(&l->out.cache);
	ws->large = l;
	return l;
}

void large_side_close(struct large_side *s)
{
	vault_put_end(s->put);
	vault_close(s->v);
	place_close(s->place);
	s->put = NULL;
	s->v = NULL;
	s->place = NULL;
	s->asked = 0;
	buf_release(&s->cache);
}

void large_close(struct large *l)
{
	if (!l)
		return;
	large_side_close(&l->hub);
	large_side_close(&l->out);
	places_source_close(l->places);
	keys_close(l->keys);
	slots_opened_release(&l->own);
	buf_release(&l->counter);
	os_lock_drop(l->lock);
	free(l);
}

unsigned large_jobs(void)
{
	unsigned n = os_cpus();

	return n < JOBS_MAX ? n : JOBS_MAX;
}

int large_step(void *arg, uint64_t done, struct err *e)
{
	const struct large_step *s = arg;

	return workspace_progress(s->ws, s->what, done, s->total, e);
}

/* ---- keys ---- */

static int is_far(const struct large *l)
{
	return far_is(l->ws->hub_url.p);
}

static int hub_path(struct large *l, struct buf *ret, struct err *e)
{
	struct session *s;
	struct os_stat st;
	int rc;

	if (is_far(l))		/* there is no path, but is there an answer? */
		return far_of(l->ws) ? far_session(l->ws->far, l->ws->hub_id,
						   &s, e) : err_nomem(e);

	if (!strcmp(l->ws->hub_url.p, WORKSPACE_NO_HUB))
		return err_set(e, HUB_EOFFLINE, "this workspace knows no "
			       "address of its hub");
	rc = hub_url_path(l->ws->hub_url.p, ret, e);

	if (!rc && os_stat(ret->p, &st, NULL))
		rc = err_set(e, HUB_EOFFLINE, "the hub '%s' is not there now",
			     ret->p);
	return rc;
}

int large_away(struct large *l)
{
	struct buf path = BUF_INIT;
	int rc = hub_path(l, &path, NULL);

	buf_release(&path);
	return rc < 0;
}

/* The hub's own files say that it had a vault. */
static int gone_from(const char *hub, struct err *e)
{
	static const char *const there[] = { "format", "key" };
	struct buf p = BUF_INIT;
	struct os_stat st;
	size_t i;
	int gone = 1;

	for (i = 0; gone && i < 2; i++) {
		buf_reset(&p);
		buf_addf(&p, "%s/vibehub/%s", hub, there[i]);
		gone = !buf_error(&p) && !os_stat(p.p, &st, NULL);
	}
	buf_reset(&p);
	buf_addf(&p, "%s/vibehub/vault/format", hub);
	gone = gone && !buf_error(&p) && os_stat(p.p, &st, NULL) == HUB_EABSENT;
	buf_release(&p);
	if (gone)
		err_set(e, HUB_ECORRUPT, "the hub '%s' is there, but its vault, "
			"vibehub/vault, is not: what is large waits; `hub "
			"repair` makes it again from places and files", hub);
	return gone;
}

int large_no_vault(struct workspace *ws, struct err *e)
{
	struct buf path = BUF_INIT;
	int gone = strcmp(ws->hub_url.p, WORKSPACE_NO_HUB) &&
		!far_is(ws->hub_url.p) &&
		!hub_url_path(ws->hub_url.p, &path, NULL) &&
		gone_from(path.p, e);

	buf_release(&path);
	return gone;
}

int large_out_path(struct large *l, const char *tail, struct buf *ret,
		   struct err *e)
{
	buf_reset(ret);
	buf_addf(ret, "%soutbox%s", l->ws->vdir.p, tail);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* The slot as it is in the hub now, into the outbox.  It is a copy for the day
 * when the hub is away: a failure is no matter. */
static void keep_slot(struct large *l)
{
	struct buf path = BUF_INIT, now = BUF_INIT, old = BUF_INIT;
	struct place *out = NULL;
	uint8_t id[16];

	cert_uuid(id, l->ws->dev.id);
	if (!large_out_path(l, "", &path, NULL) &&
	    !l->keys->place->ops->slot_get(l->keys->place, id, &now, NULL) &&
	    !folder_create(path.p, 1, &out, NULL) &&
	    (out->ops->slot_get(out, id, &old, NULL) || buf_cmp(&old, &now)))
		out->ops->slot_put(out, id, now.p, now.n, NULL);
	place_close(out);
	buf_release(&path);
	buf_release(&now);
	buf_release(&old);
}

static int open_online(struct large *l, struct err *e)
{
	struct workspace *ws = l->ws;
	struct buf path = BUF_INIT;
	/* who only reads is not enrolled */
	int as_device = ws->dev.secret && (ws->lock || ws->dev.vault);
	int rc = hub_path(l, &path, e);

	if (!rc && is_far(l))
		rc = keys_open_far(ws->far, ws->hub_id,
				   as_device ? &ws->dev : NULL, &l->keys, e);
	else if (!rc)
		rc = keys_open(path.p, ws->hub_id, as_device ? &ws->dev : NULL,
			       &l->keys, e);
	if (!rc && ws->lock)
		keys_rotate_left(l->keys);
	if (!rc)
		l->ring = l->keys->open.ring;
	if (!rc && ws->lock && ws->dev.vault)
		keep_slot(l);
	buf_release(&path);
	return rc;
}

static int open_offline(struct large *l, struct err *e)
{
	struct workspace *ws = l->ws;
	struct buf path = BUF_INIT;
	struct place *out = NULL;
	uint8_t id[16];
	int rc;

	if (!ws->dev.vault)
		return err_set(e, HUB_EOFFLINE, "the hub is away, and this "
			       "computer has no keys of its own yet");
	cert_uuid(id, ws->dev.id);
	rc = large_out_path(l, "", &path, e);
	if (!rc)
		rc = folder_open(path.p, &out, e);
	if (!rc)
		rc = slots_open_device(out, ws->hub_id, id,
				       ws->dev.vault->box_secret,
				       ws->dev.vault->identity, &l->own, e);
	if (!rc)
		l->ring = l->own.ring;
	place_close(out);
	buf_release(&path);
	return rc;
}

int large_keys(struct large *l, struct err *e)
{
	struct err other = ERR_INIT;
	int rc;

	if (l->ring)
		return 0;
	if (l->ring_rc)
		return err_set(e, l->ring_rc, "%s", l->ring_why.msg);
	rc = open_online(l, &l->ring_why);
	if (rc < 0 && rc != HUB_ENOMEM && large_no_vault(l->ws, &l->hub.why)) {
		l->hub.asked = 1;	/* no outbox: that would keep small files
					   from the hub */
		l->hub.rc = HUB_ECORRUPT;
		rc = open_offline(l, &other) ?
			err_set(&l->ring_why, HUB_ECORRUPT, "%s",
				l->hub.why.msg) : 0;
	} else if (rc == HUB_EOFFLINE || rc == HUB_EDENIED || rc == HUB_EIO) {
		l->away = 1;
		if (!open_offline(l, &other))
			rc = 0;
	}
	l->ring_rc = rc;
	return rc < 0 ? err_set(e, rc, "%s", l->ring_why.msg) : 0;
}

int large_ready(struct workspace *ws, struct err *e)
{
	struct large *l = large_of(ws);
	int rc = l ? large_keys(l, e) : err_nomem(e);

	if (!rc && l->hub.asked && l->hub.rc == HUB_ECORRUPT)
		rc = err_set(e, l->hub.rc, "%s", l->hub.why.msg);
	return rc;
}

/* ---- vaults ---- */

static int signer(struct large *l, struct vault_signer **ret, struct err *e)
{
	struct device *d = &l->ws->dev;
	int rc = 0;

	*ret = NULL;
	if (!d->secret || !d->vault)
		return 0;
	if (!l->counter.n)
		rc = os_user_dir(&l->counter, e);
	if (!rc && !strstr(l->counter.p, d->id))
		buf_addf(&l->counter, "/devices/%s.states", d->id);
	if (!rc && buf_error(&l->counter))
		rc = err_nomem(e);
	cert_uuid(l->signer.device, d->id);
	l->signer.key = d->secret;
	l->signer.chain = &d->vault->chain;
	l->signer.counter = l->counter.p;
	if (!rc)
		*ret = &l->signer;
	return rc;
}

static int open_vault(struct large *l, struct large_side *s, const char *cache,
		      int make, struct err *e)
{
	struct vault_conf c = { .place = s->place, .keys = l->ring,
				.jobs = large_jobs() };
	struct vault_signer *by = NULL;
	int rc = signer(l, &by, e);

	buf_reset(&s->cache);
	buf_addf(&s->cache, "%s%s", l->ws->vdir.p, cache);
	if (!rc && buf_error(&s->cache))
		rc = err_nomem(e);
	c.signer = by;
	c.cache = s->cache.p;
	if (!rc)
		rc = vault_open(&c, &s->v, e);
	if (rc == HUB_EABSENT && make) {
		err_clear(e);
		rc = vault_init(s->place, l->ws->hub_id, os_now(), e);
		if (!rc || rc == HUB_ECONFLICT)
			rc = vault_open(&c, &s->v, e);
	}
	return rc;
}

/* Remember how it went: nobody asks twice in a run. */
static int answer(struct large_side *s, int rc, struct err *e)
{
	s->asked = 1;
	s->rc = rc;
	if (rc < 0) {
		vault_close(s->v);
		place_close(s->place);
		s->v = NULL;
		s->place = NULL;
	}
	return rc < 0 ? err_set(e, rc, "%s", s->why.msg) : 0;
}

int large_hub(struct large *l, int make, struct err *e)
{
	struct large_side *s = &l->hub;
	struct buf path = BUF_INIT, vault = BUF_INIT;
	int rc = large_keys(l, e);

	if (rc < 0)
		return rc;
	if (s->asked && (!s->rc || s->rc != HUB_EABSENT || !make))
		return s->rc ? err_set(e, s->rc, "%s", s->why.msg) : 0;
	rc = hub_path(l, &path, &s->why);
	if (!rc && !l->keys)
		rc = err_set(&s->why, HUB_EOFFLINE, "%s", l->ring_why.msg);
	folder_path_hub(&vault, path.p);
	if (!rc && is_far(l))
		rc = far_place(l->ws->far, l->ws->hub_id, &s->place, &s->why);
	else if (!rc)
		rc = buf_error(&vault) ? err_nomem(&s->why) :
			folder_open(vault.p, &s->place, &s->why);
	if (!rc)
		rc = open_vault(l, s, "index", make, &s->why);
	if (rc == HUB_EOFFLINE && large_no_vault(l->ws, &s->why))
		rc = HUB_ECORRUPT;
	if (rc == HUB_EOFFLINE)
		l->away = 1;
	buf_release(&path);
	buf_release(&vault);
	return answer(s, rc, e);
}

int large_out_lock(struct large *l, struct err *e)
{
	struct buf path = BUF_INIT;
	int i, rc = 0;

	if (l->ws->lock || l->lock)
		return 0;
	buf_addf(&path, "%slock", l->ws->vdir.p);
	if (buf_error(&path))
		return err_nomem(e);
	for (i = 0; i < 600; i++) {
		rc = os_lock_take(path.p, &l->lock, e);
		if (rc != HUB_EBUSY || os_interrupted())
			break;
		os_sleep_ms(50);
	}
	buf_release(&path);
	return rc;
}

int large_out(struct large *l, int make, struct err *e)
{
	struct large_side *s = &l->out;
	struct buf path = BUF_INIT;
	int rc = large_keys(l, e);

	if (rc < 0)
		return rc;
	if (make)
		rc = large_out_lock(l, e);
	if (rc < 0 || (s->asked && (!s->rc || !make)))
		return rc < 0 ? rc : s->rc ?
			err_set(e, s->rc, "%s", s->why.msg) : 0;
	rc = large_out_path(l, "", &path, &s->why);
	if (!rc && make)
		rc = folder_create(path.p, 1, &s->place, &s->why);
	else if (!rc)
		rc = folder_open(path.p, &s->place, &s->why);
	if (rc == HUB_EOFFLINE)		/* it is our own folder: a fact */
		rc = HUB_EABSENT;
	if (!rc)
		rc = open_vault(l, s, "index-outbox", make, &s->why);
	if (make && (err_is_damage(rc) || rc == HUB_EREMOTE) &&
	    !large_heal_states(l, &s->why))
		rc = open_vault(l, s, "index-outbox", make, &s->why);
	buf_release(&path);
	return answer(s, rc, e);
}
