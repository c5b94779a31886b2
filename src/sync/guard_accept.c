/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard_accept.c - mass changes that a person said yes to, here or elsewhere.
 *
 * A commit that makes one names it in a trailer; a record in the hub, signed by
 * the device where the person sat, lets the other computers honour it.  Until
 * the hub was reached the record waits in SET_ACCEPTED.
 */
#include "sync/guard_internal.h"
#include "sync/far.h"

#include <string.h>

#include "base/hex.h"
#include "os/os_clock.h"
#include "sync/removed.h"

#define TRAILER "Hub-Accepted"

static int accepted_path(struct hub *h, const char *id, struct buf *path,
			 struct err *e)
{
	buf_addf(path, "%s/vibehub/accepted/%s", h->path.p, id);
	return buf_error(path) ? err_nomem(e) : 0;
}

/* Is there a record for ${id}, signed by a device of this hub that was not
 * removed since? */
static int is_accepted(struct hub *h, const char *id)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_accepted a;
	struct presence p;
	char hex[65];
	int rc;

	memset(&p, 0, sizeof(p));
	rc = accepted_path(h, id, &path, NULL);
	if (!rc)
		rc = os_read_file(path.p, HUBFILE_MAX, &text, NULL);
	if (!rc)
		rc = hubfile_accepted_decode(&a, text.p, text.n, NULL);
	if (!rc)
		rc = sign_check(a.key, HUBFILE_ACCEPTED_CONTEXT, text.p,
				a.signed_n, a.sig);
	if (!rc) {
		hex_encode(hex, a.change, 32);
		rc = strcmp(hex, id) || memcmp(a.hub, h->format.id, 32);
	}
	if (!rc)
		rc = hub_presence_read(h, a.device, &p, NULL);
	if (!rc)
		rc = memcmp(p.key, a.key, 32) || removed_is(h, a.device);
	presence_release(&p);
	buf_release(&path);
	buf_release(&text);
	return !rc;
}

struct exempt {
	struct workspace *ws;
	struct hub *hub;
	struct oid asked;		/* the last act by hand here, or zero */
	struct map *paths;
	struct err *e;
};

static int exempt_leaf(void *arg, const char *path, size_t n,
		       const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct exempt *x = arg;
	static char there;

	(void)leaf;
	if (!o->mode)
		return 0;
	return map_put(x->paths, path, n, &there) ? err_nomem(x->e) : 0;
}

/* Did a person say yes to what this commit does? */
static int was_meant(struct exempt *x, const struct oid *id,
		     const struct commit *c)
{
	struct buf change = BUF_INIT;
	uint8_t raw[HASH_SIZE];
	int yes = oid_eq(id, &x->asked);

	if (!yes && x->hub && commit_trailer(c, TRAILER, &change) &&
	    !hex_decode(raw, sizeof(raw), change.p, change.n))
		yes = is_accepted(x->hub, change.p);
	buf_release(&change);
	return yes;
}

static int exempt_commit(void *arg, const struct oid *id)
{
	struct exempt *x = arg;
	struct commit c = COMMIT_INIT, parent = COMMIT_INIT;
	int rc = commit_read(x->ws->repo, id, &c, x->e);

	if (rc || c.parents_n != 1 || !was_meant(x, id, &c))
		goto out;
	rc = commit_read(x->ws->repo, &c.parents[0], &parent, x->e);
	if (!rc)
		rc = tree_diff(x->ws->repo, &parent.tree, &c.tree, exempt_leaf,
			       x, x->e);
out:
	commit_release(&c);
	commit_release(&parent);
	return rc;
}

int guard_exempt(struct workspace *ws, struct hub *hub, const struct oid *from,
		 const struct oid *tip, struct map *paths, struct err *e)
{
	struct exempt x = { .ws = ws, .hub = hub, .paths = paths, .e = e };
	int rc = state_get_oid(ws->state, META_ASKED, &x.asked, e);

	if (rc == HUB_EABSENT)
		x.asked = oid_zero;
	else if (rc < 0)
		return rc;
	if (!hub && oid_is_zero(&x.asked))
		return 0;
	return repo_walk(ws->repo, tip, from, !oid_is_zero(from), 0,
			 exempt_commit, &x, e);
}

/* ---- by hand ---- */

struct by_hand {
	struct map moved;
	struct hash h;
	size_t n;
	struct err *e;
};

static int by_hand_moved(void *arg, const char *path, size_t n,
			 const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct by_hand *b = arg;

	(void)path;
	(void)n;
	return guard_moved(&b->moved, o, leaf) ? err_nomem(b->e) : 0;
}

static int by_hand_count(void *arg, const char *path, size_t n,
			 const struct tree_leaf *o, const struct tree_leaf *leaf)
{
	struct by_hand *b = arg;

	if (guard_counts(&b->moved, o, leaf)) {
		guard_hash(&b->h, path, n, o, leaf);
		b->n++;
	}
	return 0;
}

int guard_by_hand(struct workspace *ws, const struct oid *from,
		  const struct oid *to, struct err *e)
{
	struct by_hand b = { .moved = MAP_INIT, .e = e };
	uint8_t id[HASH_SIZE];
	int rc;

	hash_init(&b.h, NULL, 0);
	rc = tree_diff(ws->repo, from, to, by_hand_moved, &b, e);
	if (!rc)
		rc = tree_diff(ws->repo, from, to, by_hand_count, &b, e);
	if (!rc && b.n > GUARD_MIN / 2) {
		hash_end(&b.h, id);
		hex_encode(ws->accepted, id, sizeof(id));
	}
	ws->by_hand = !rc;
	map_release(&b.moved);
	return rc;
}

int guard_journal(struct workspace *ws, const struct oid *tip, struct err *e)
{
	int rc = 0;

	if (ws->accepted[0])
		rc = state_set_add(ws->state, SET_ACCEPTED, ws->accepted, 64,
				   e);
	if (!rc && ws->by_hand)
		rc = state_put_oid(ws->state, META_ASKED, tip, e);
	return rc;
}

void guard_trailer(struct workspace *ws, struct buf *msg)
{
	if (ws->accepted[0])
		buf_addf(msg, TRAILER ": %s\n", ws->accepted);
}

/* ---- into the hub ---- */

struct publish { struct workspace *ws; struct hub *hub; int any; struct err *e; };

static void sign_record(struct workspace *ws, struct hub *hub, const char *id,
			struct buf *text)
{
	struct hubfile_accepted a;

	memset(&a, 0, sizeof(a));
	memcpy(a.hub, hub->format.id, 32);
	hex_decode(a.change, 32, id, 64);
	memcpy(a.device, ws->dev.id, sizeof(a.device));
	memcpy(a.key, ws->dev.key, 32);
	a.time = os_now();
	hubfile_accepted_encode(text, &a);
	sign_make(ws->dev.secret, HUBFILE_ACCEPTED_CONTEXT, text->p, text->n,
		  a.sig);
	hubfile_accepted_encode_sig(text, a.sig);
}

static int publish_one(void *arg, const void *p, size_t n)
{
	struct publish *pb = arg;
	struct buf path = BUF_INIT, text = BUF_INIT;
	char id[65] = "";
	int rc;

	if (n != 64)
		return 0;
	memcpy(id, p, n);
	pb->any = 1;
	sign_record(pb->ws, pb->hub, id, &text);
	if (pb->hub->far) {
		rc = buf_error(&text) ? err_nomem(pb->e) :
			far_put(pb->hub, HUBOPS_ACCEPTED, id, text.p, text.n,
				pb->e);
		buf_release(&text);
		return rc;
	}
	buf_addf(&path, "%s/vibehub/accepted", pb->hub->path.p);
	rc = buf_error(&path) || buf_error(&text) ? err_nomem(pb->e) :
		os_mkdir(path.p, pb->e);
	if (!rc)
		rc = os_sync_parent(path.p, pb->e);
	else if (rc == HUB_ECONFLICT)
		rc = 0;
	buf_addf(&path, "/%s", id);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(pb->e) :
			os_replace(path.p, text.p, text.n, 0, pb->e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

static int forget(struct workspace *ws, struct err *e)
{
	int rc = state_begin(ws->state, e);

	if (!rc)
		rc = state_set_clear(ws->state, SET_ACCEPTED, e);
	if (!rc)
		return state_commit(ws->state, e);
	state_rollback(ws->state);
	return rc;
}

int guard_publish(struct workspace *ws, struct hub *hub, struct err *e)
{
	struct publish pb = { .ws = ws, .hub = hub, .e = e };
	int rc = 0;

	if (!ws->dev.secret)
		return 0;
	if (ws->accepted[0])
		rc = publish_one(&pb, ws->accepted, 64);
	pb.any = 0;
	if (!rc)
		rc = state_set_each(ws->state, SET_ACCEPTED, publish_one, &pb,
				    e);
	return rc < 0 || !pb.any ? rc : forget(ws, e);
}
