/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repair_place.c - a place is mended from the hub (or, while that is away, from
 * the workspace) and the other places.
 *
 * git's history lies at a place in segments that no other place has byte by
 * byte: where a part of one is lost all of the history is sent once more, as one
 * new segment, of which the vault knows most.
 */
#include "sync/repair_internal.h"

#include <string.h>

#include "os/os_clock.h"
#include "sync/site.h"

struct place_job {
	struct repair_job j;
	const struct remotes_one *one;
	struct hub *hub;		/* NULL: it is away */
	struct keys *keys;		/* of the hub */
	struct places_link *link;
	struct vault *vault;		/* the hub's */
	struct buf cache;
};

/* It is there, and is this hub's: else it is not ours to mend. */
static int open_site(struct place_job *p, struct place **ret, struct err *e)
{
	struct repo *r = p->j.ws->repo;
	int rc = site_open(p->one->url, r, p->j.ws->hub_id, ret, e);

	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EOFFLINE, "the place '%s' is not there now "
			     "(not mounted?)", p->one->url);
	if (rc || p->j.r->dry_run)
		return rc;
	place_close(*ret);	/* its folders, too */
	*ret = NULL;
	return site_create(p->one->url, r, p->j.ws->hub_id, NULL, ret, e);
}

static int format(struct place_job *p, struct place *at, struct err *e)
{
	struct vaultfile f;
	int rc = vault_format(at, &f, e), there = rc != HUB_EABSENT;

	if (rc && rc != HUB_EABSENT && rc != HUB_ECORRUPT &&
	    rc != HUB_EVERSION)
		return rc;
	/* Of another hub or place: one wrong byte, or an exchanged disk?  Its
	 * newest state tells. */
	if (!rc && memcmp(f.hub, p->j.ws->hub_id, 32) == 0 &&
	    memcmp(f.place, p->one->place, 32) == 0)
		return 0;
	if (!rc && memcmp(f.place, p->one->place, 32))
		return err_set(e, HUB_EREMOTE, "'%s' holds another sealed copy "
			       "than the one that was added as '%s'",
			       p->one->url, p->one->name);
	err_clear(e);
	rc = repair_act(&p->j, e, "the place's format file %s made again",
			p->j.r->dry_run ? "would be" : "was");
	if (rc < 0 || p->j.r->dry_run)
		return rc;
	if (there)
		rc = at->ops->aside(at, PLACE_FORMAT, NULL, 0, e);
	p->j.r->put_aside += there && !rc;
	if (!rc)
		rc = vault_format_mend(at, p->j.ws->hub_id, p->one->place,
				       os_now(), e);
	return rc;
}

/* The hub's vault, as one more source.  It may be away, or damaged itself. */
static void open_hub(struct place_job *p)
{
	struct workspace *ws = p->j.ws;
	struct vault_conf c = { .no_index = 1 };

	if (workspace_hub(ws, &p->hub, NULL) ||
	    hub_read_refs(p->hub, NULL)) {
		hub_close(p->hub);
		p->hub = NULL;
		return;
	}
	if (keys_open(p->hub->path.p, ws->hub_id, &ws->dev, &p->keys, NULL))
		return;
	buf_addf(&p->cache, "%sindex", ws->vdir.p);
	c.place = p->keys->place;
	c.keys = p->keys->open.ring;
	c.cache = p->cache.p;
	if (!buf_error(&p->cache) && !vault_open(&c, &p->vault, NULL))
		p->j.own = p->vault;
}

static int slots(struct place_job *p, struct place *at, struct err *e)
{
	struct places_link *l = p->keys ? NULL : repair_places(&p->j, 0);
	const struct keyring *ring = p->keys ? p->keys->open.ring :
		l ? l->open.ring : NULL;
	int rc;

	if (!ring)
		return 0;
	rc = repair_slots(&p->j, at, ring, e);
	return rc ? rc : repair_own_slot(&p->j, at, ring, &p->j.ws->dev, e);
}

/* ---- git's history, and what it points to ---- */

static int send(struct place_job *p, struct err *e)
{
	struct workspace *ws = p->j.ws;
	struct buf branch = BUF_INIT;
	struct oid tip;
	int try, rc = repo_head(ws->repo, &branch, &tip, e);

	for (try = 0; !rc && try < 10; try++) {
		rc = places_send_all(p->link, p->hub, branch.p, &tip, e);
		if (rc != HUB_ECONFLICT || try == 9)
			break;
		err_clear(e);
		rc = vault_refresh(p->link->vault, e);
		rc = rc < 0 ? rc : 0;
	}
	buf_release(&branch);
	return rc ? rc : repair_act(&p->j, e, "git's history was sent once "
				    "more, with the content that was missing");
}

/* Whoever mends is told nothing of a place that went back: ask before. */
static int ask(struct place_job *p, struct err *e)
{
	struct places_link *l = NULL;
	struct err why = ERR_INIT;
	int rc = places_open_check(p->j.ws, p->one, &l, &why);

	places_close(l);
	return repair_may_go_on(&p->j, rc, &why, e);
}

static int content(struct place_job *p, struct err *e)
{
	struct verify now = VERIFY_INIT;
	struct vault_repaired done;
	int rc = ask(p, e);

	if (!rc && p->j.r->dry_run)
		return 0;
	if (!rc)
		rc = places_open_mend(p->j.ws, p->hub, p->one, &p->link, e);
	if (!rc)
		rc = repair_vault(&p->j, p->link->vault, &done, e);
	if (!rc)
		rc = places_verify(p->j.ws, p->one->name, 0, &now, e);
	if (!rc && (now.found > now.unread || done.lost || done.rebuilt || done.states))
		rc = send(p, e);
	verify_release(&now);
	return rc;
}

static int all(struct place_job *p, struct err *e)
{
	struct place *at = NULL;
	int rc = open_site(p, &at, e);

	if (!rc)
		open_hub(p);
	if (!rc)
		rc = format(p, at, e);
	if (!rc)
		rc = slots(p, at, e);
	place_close(at);
	return rc ? rc : content(p, e);
}

int repair_place(struct repair *r, struct workspace *ws, const char *name,
		 struct err *e)
{
	struct place_job p = { .j = { .r = r, .where = "place", .ws = ws },
			       .cache = BUF_INIT };
	struct err why = ERR_INIT;
	struct remotes list;
	int rc = places_read(ws, &list, e);

	p.one = rc ? NULL : remotes_find(&list, name);
	if (!rc && !p.one)
		rc = err_set(e, HUB_EABSENT, "there is no remote '%s': `hub "
			     "remote list` shows them", name);
	if (!rc)
		rc = places_verify(ws, name, 1, &r->found, &why);
	/* A lost state, or a lost key, is what is mended. */
	if ((rc == HUB_EREMOTE || rc == HUB_EAUTH || rc == HUB_EABSENT ||
	     rc == HUB_ECORRUPT) && p.one)
		rc = verify_add(&r->found, "place", p.one->url, "", "%s",
				why.msg) ? err_nomem(e) : 0;
	else if (rc && p.one)
		err_set(e, rc, "%s", why.msg);
	if (!rc && r->found.found)
		rc = all(&p, e);
	if (!rc && r->found.found && !r->dry_run)
		rc = places_verify(ws, name, 0, &r->left, e);
	if (!rc)
		rc = repair_tell_unread(&p.j, e);
	vault_close(p.vault);
	places_close(p.link);
	places_source_close(p.j.places);
	keys_close(p.keys);
	hub_close(p.hub);
	buf_release(&p.cache);
	remotes_release(&list);
	return rc;
}
