/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard.c - mass changes and mad clocks. */
#include "sync/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/map.h"
#include "base/tm.h"
#include "crypt/hash.h"
#include "os/os_clock.h"
#include "sync/apply_internal.h"
#include "sync/compare.h"

#define TRAILER "Hub-Accepted"

/* One path seen by a guard; path order is given by the caller's lists. */
struct item {
	const char *path;
	size_t n;
	const struct tree_leaf *old, *new_leaf;
	int *mark;
};

struct items { struct item *v; size_t n; };

/* Content that appears somewhere as new is moved, not lost. */
static int collect_new(struct map *m, const struct tree_leaf *old,
		       const struct tree_leaf *leaf)
{
	static char there;

	if (leaf->mode && !old->mode)
		return map_put(m, leaf->id.h, OID_SIZE, &there);
	return 0;
}

static int counts(const struct map *moved, const struct tree_leaf *old,
		  const struct tree_leaf *leaf)
{
	if (!old->mode || old->mode == MODE_GITLINK ||
	    compare_leaf_eq(old, leaf))
		return 0;
	if (leaf->mode && oid_eq(&old->id, &leaf->id))
		return 0;		/* only the mode */
	return !map_get(moved, old->id.h, OID_SIZE);
}

static void change_id(const struct items *it, char out[65])
{
	uint8_t id[HASH_SIZE];
	struct hash h;
	size_t i;

	hash_init(&h, NULL, 0);
	for (i = 0; i < it->n; i++) {
		const struct item *t = &it->v[i];

		hash_add(&h, t->old->id.h, OID_SIZE);
		hash_add(&h, t->new_leaf->mode ? t->new_leaf->id.h :
			 oid_zero.h, OID_SIZE);
		hash_add(&h, t->path, t->n);
		hash_add(&h, "", 1);
	}
	hash_end(&h, id);
	hex_encode(out, id, HASH_SIZE);
}

/* Park what is in ${it} unless a person said yes to exactly this. */
static int decide(struct workspace *ws, const struct items *it,
		  const char *direction, struct err *e)
{
	struct buf told = BUF_INIT;
	char id[65];
	size_t i;
	int rc;

	change_id(it, id);
	if (!strcmp(id, ws->accept)) {
		memcpy(ws->accepted, id, sizeof(id));
		return 0;
	}
	for (i = 0; i < it->n; i++)
		*it->v[i].mark = 1;
	memcpy(ws->rep.change_id, id, sizeof(id));
	snprintf(ws->rep.parked_direction, sizeof(ws->rep.parked_direction),
		 "%s", direction);
	rc = state_get(ws->state, META_PARKED, &told, e);
	if (rc == HUB_EABSENT || (!rc && strcmp(told.p, id)))
		ws->rep.parked_new = 1;
	buf_release(&told);
	return rc == HUB_EABSENT ? 0 : rc;
}

static int is_mass(struct workspace *ws, size_t n, int *ret, struct err *e)
{
	uint64_t total;
	int rc = state_base_count(ws->state, &total, e);

	*ret = !rc && total > GUARD_MIN && n > total / 2;
	return rc;
}

int guard_accept(struct workspace *ws, const char *id, struct err *e)
{
	uint8_t raw[HASH_SIZE];

	if (hex_decode(raw, sizeof(raw), id, strlen(id)))
		return err_set(e, HUB_EUSAGE, "'%s' is no change id: `hub "
			       "status` shows it (64 hexadecimal digits)", id);
	memcpy(ws->accept, id, 65);
	return 0;
}

int guard_outgoing(struct workspace *ws, struct changes *c, struct err *e)
{
	struct map moved = MAP_INIT;
	struct items it = { NULL, 0 };
	size_t i;
	int mass, rc = 0;

	for (i = 0; !rc && i < c->n; i++)
		rc = collect_new(&moved, &c->v[i].base, &c->v[i].disk);
	it.v = calloc(c->n ? c->n : 1, sizeof(*it.v));
	if (rc || !it.v) {
		rc = err_nomem(e);
		goto out;
	}
	for (i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		if (ch->waits || !counts(&moved, &ch->base, &ch->disk))
			continue;
		it.v[it.n++] = (struct item){ ch->path, ch->n, &ch->base,
					      &ch->disk, &ch->waits };
	}
	rc = is_mass(ws, it.n, &mass, e);
	if (rc < 0 || !mass)
		goto out;
	rc = decide(ws, &it, "outgoing", e);
	for (i = 0; !rc && i < it.n; i++)
		if (*it.v[i].mark)
			report_add(&ws->rep, REPORT_PARKED, it.v[i].path,
				   it.v[i].n, "not recorded: waits for "
				   "--accept-mass-change");
out:
	free(it.v);
	map_release(&moved);
	return rc;
}

/* ---- what was accepted elsewhere ---- */

static int accepted_path(struct hub *h, const char *id, struct buf *path,
			 struct err *e)
{
	buf_addf(path, "%s/vibehub/accepted/%s", h->path.p, id);
	return buf_error(path) ? err_nomem(e) : 0;
}

/* Is there a record for ${id}, signed by a device of this hub? */
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
		rc = memcmp(p.key, a.key, 32);
	presence_release(&p);
	buf_release(&path);
	buf_release(&text);
	return !rc;
}

struct exempt {
	struct workspace *ws;
	struct hub *hub;
	struct map paths;		/* of accepted commits */
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
	return map_put(&x->paths, path, n, &there) ? err_nomem(x->e) : 0;
}

static int exempt_commit(void *arg, const struct oid *id)
{
	struct exempt *x = arg;
	struct commit c = COMMIT_INIT, parent = COMMIT_INIT;
	struct buf change = BUF_INIT;
	uint8_t raw[32];
	int rc = commit_read(x->ws->repo, id, &c, x->e);

	if (rc || c.parents_n != 1 || !commit_trailer(&c, TRAILER, &change) ||
	    hex_decode(raw, 32, change.p, change.n) ||
	    !is_accepted(x->hub, change.p))
		goto out;
	rc = commit_read(x->ws->repo, &c.parents[0], &parent, x->e);
	if (!rc)
		rc = tree_diff(x->ws->repo, &parent.tree, &c.tree, exempt_leaf,
			       x, x->e);
out:
	buf_release(&change);
	commit_release(&c);
	commit_release(&parent);
	return rc;
}

int guard_incoming(struct workspace *ws, struct hub *hub, struct apply_op *ops,
		   size_t n, const struct oid *from, const struct oid *tip,
		   struct err *e)
{
	struct exempt x = { .ws = ws, .hub = hub, .paths = MAP_INIT, .e = e };
	struct map moved = MAP_INIT;
	struct items it = { NULL, 0 };
	size_t i, left = 0;
	int mass = 0, rc = 0;

	for (i = 0; !rc && i < n; i++)
		rc = collect_new(&moved, &ops[i].base, &ops[i].want);
	it.v = calloc(n ? n : 1, sizeof(*it.v));
	if (rc || !it.v) {
		rc = err_nomem(e);
		goto out;
	}
	for (i = 0; i < n; i++)
		if (!ops[i].own && counts(&moved, &ops[i].base, &ops[i].want))
			it.v[it.n++] = (struct item){ ops[i].path, ops[i].n,
				&ops[i].base, &ops[i].want, &ops[i].parked };
	rc = is_mass(ws, it.n, &mass, e);
	if (rc < 0 || !mass)
		goto out;
	if (hub)
		rc = repo_walk(ws->repo, tip, from, oid_is_zero(from) ? 0 : 1,
			       0, exempt_commit, &x, e);
	if (rc < 0)
		goto out;
	for (i = 0; i < it.n; i++)
		if (!map_get(&x.paths, it.v[i].path, it.v[i].n))
			it.v[left++] = it.v[i];
	it.n = left;
	rc = is_mass(ws, it.n, &mass, e);
	if (!rc && mass)
		rc = decide(ws, &it, "incoming", e);
out:
	free(it.v);
	map_release(&moved);
	map_release(&x.paths);
	return rc;
}

void guard_trailer(struct workspace *ws, struct buf *msg)
{
	if (ws->accepted[0])
		buf_addf(msg, TRAILER ": %s\n", ws->accepted);
}

int guard_publish(struct workspace *ws, struct hub *hub, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct hubfile_accepted a;
	int rc;

	if (!ws->accepted[0] || !ws->dev.secret)
		return 0;
	memset(&a, 0, sizeof(a));
	memcpy(a.hub, hub->format.id, 32);
	hex_decode(a.change, 32, ws->accepted, 64);
	memcpy(a.device, ws->dev.id, sizeof(a.device));
	memcpy(a.key, ws->dev.key, 32);
	a.time = os_now();
	hubfile_accepted_encode(&text, &a);
	sign_make(ws->dev.secret, HUBFILE_ACCEPTED_CONTEXT, text.p, text.n,
		  a.sig);
	hubfile_accepted_encode_sig(&text, a.sig);
	buf_addf(&path, "%s/vibehub/accepted", hub->path.p);
	rc = buf_error(&path) || buf_error(&text) ? err_nomem(e) :
		os_mkdirs(path.p, e);
	buf_addf(&path, "/%s", ws->accepted);
	if (!rc)
		rc = buf_error(&path) ? err_nomem(e) :
			os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int guard_clock(int64_t now, int64_t newest, struct err *e)
{
	struct buf t = BUF_INIT;
	int bad = newest && (now + 367 * 86400ll < newest ||
			     now - newest > GUARD_CLOCK_S);

	if (!bad)
		return 0;
	tm_iso(&t, newest);
	err_set(e, HUB_EGUARD, "this computer's clock is years off (the newest "
		"thing known is of %s): set it, or say --accept-clock if it is "
		"right", t.p);
	buf_release(&t);
	return HUB_EGUARD;
}
