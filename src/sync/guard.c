/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard.c - mass changes. */
#include "sync/guard_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "sync/apply_internal.h"
#include "sync/compare.h"

/* One path seen by a guard; path order is given by the caller's lists. */
struct item {
	const char *path;
	size_t n;
	const struct tree_leaf *old, *new_leaf;
	int *mark;
};

struct items { struct item *v; size_t n; };

/* Content that appears somewhere as new is moved, not lost. */
int guard_moved(struct map *m, const struct tree_leaf *old,
		const struct tree_leaf *leaf)
{
	static char there;

	if (leaf->mode && !old->mode)
		return map_put(m, leaf->id.h, OID_SIZE, &there);
	return 0;
}

int guard_counts(const struct map *moved, const struct tree_leaf *old,
		 const struct tree_leaf *leaf)
{
	if (!old->mode || old->mode == MODE_GITLINK ||
	    compare_leaf_eq(old, leaf))
		return 0;
	if (leaf->mode && oid_eq(&old->id, &leaf->id))
		return 0;		/* only the mode */
	return !map_get(moved, old->id.h, OID_SIZE);
}

void guard_hash(struct hash *h, const char *path, size_t n,
		const struct tree_leaf *old, const struct tree_leaf *leaf)
{
	hash_add(h, old->id.h, OID_SIZE);
	hash_add(h, leaf->mode ? leaf->id.h : oid_zero.h, OID_SIZE);
	hash_add(h, path, n);
	hash_add(h, "", 1);
}

static void change_id(const struct items *it, char out[65])
{
	uint8_t id[HASH_SIZE];
	struct hash h;
	size_t i;

	hash_init(&h, NULL, 0);
	for (i = 0; i < it->n; i++)
		guard_hash(&h, it->v[i].path, it->v[i].n, it->v[i].old,
			   it->v[i].new_leaf);
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

/* What a person is about to replace by hand is recorded, not parked. */
static void leave_asked(struct workspace *ws, struct items *it)
{
	size_t i, left = 0;

	for (i = 0; i < it->n; i++)
		if (!ws->asked ||
		    !ws->asked(ws->asked_arg, it->v[i].path, it->v[i].n))
			it->v[left++] = it->v[i];
	it->n = left;
}

int guard_outgoing(struct workspace *ws, struct changes *c, struct err *e)
{
	struct map moved = MAP_INIT;
	struct items it = { NULL, 0 };
	size_t i;
	int mass, rc = 0;

	for (i = 0; !rc && i < c->n; i++)
		rc = guard_moved(&moved, &c->v[i].base, &c->v[i].disk);
	it.v = calloc(c->n ? c->n : 1, sizeof(*it.v));
	if (rc || !it.v) {
		rc = err_nomem(e);
		goto out;
	}
	for (i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		if (ch->waits || !guard_counts(&moved, &ch->base, &ch->disk))
			continue;
		it.v[it.n++] = (struct item){ ch->path, ch->n, &ch->base,
					      &ch->disk, &ch->waits };
	}
	rc = is_mass(ws, it.n, &mass, e);
	if (!rc && mass)
		leave_asked(ws, &it);
	if (rc < 0 || !mass || !it.n)
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

/* The commits that may say that what is incoming was meant: what was parked
 * earlier came with older ones. */
static int parked_since(struct workspace *ws, const struct oid *from,
			struct oid *ret, struct err *e)
{
	int rc = state_get_oid(ws->state, META_PARKED_FROM, ret, e);

	if (!rc)
		rc = oid_is_zero(ret) ? 1 : repo_has(ws->repo, ret, e);
	if (!rc || rc == HUB_EABSENT)
		*ret = *from;
	return rc == HUB_EABSENT || rc > 0 ? 0 : rc;
}

static int leave_exempt(struct workspace *ws, struct hub *hub,
			struct items *it, const struct oid *since,
			const struct oid *tip, struct err *e)
{
	struct map paths = MAP_INIT;
	size_t i, left = 0;
	int rc = guard_exempt(ws, hub, since, tip, &paths, e);

	for (i = 0; !rc && i < it->n; i++)
		if (!map_get(&paths, it->v[i].path, it->v[i].n))
			it->v[left++] = it->v[i];
	if (!rc)
		it->n = left;
	map_release(&paths);
	return rc;
}

/* *parked: are they?  ${since} is then what they came after. */
static int judge_incoming(struct workspace *ws, struct hub *hub,
			  struct items *it, const struct oid *from,
			  const struct oid *tip, int *parked,
			  struct oid *since, struct err *e)
{
	int mass = 0, rc = is_mass(ws, it->n, &mass, e);

	if (!rc && mass)
		rc = parked_since(ws, from, since, e);
	if (!rc && mass)
		rc = leave_exempt(ws, hub, it, since, tip, e);
	if (!rc && mass)
		rc = is_mass(ws, it->n, &mass, e);
	if (!rc && mass)
		rc = decide(ws, it, "incoming", e);
	*parked = !rc && mass && *it->v[0].mark;
	return rc;
}

static int incoming(struct workspace *ws, struct hub *hub,
		    struct apply_op *ops, size_t n, const struct oid *from,
		    const struct oid *tip, int *parked, struct oid *since,
		    struct err *e)
{
	struct map moved = MAP_INIT;
	struct items it = { calloc(n ? n : 1, sizeof(*it.v)), 0 };
	size_t i;
	int rc = it.v ? 0 : err_nomem(e);

	for (i = 0; !rc && i < n; i++)
		if (guard_moved(&moved, &ops[i].base, &ops[i].want))
			rc = err_nomem(e);
	for (i = 0; !rc && i < n; i++)
		if (!ops[i].own &&
		    guard_counts(&moved, &ops[i].base, &ops[i].want))
			it.v[it.n++] = (struct item){ ops[i].path, ops[i].n,
				&ops[i].base, &ops[i].want, &ops[i].parked };
	if (!rc)
		rc = judge_incoming(ws, hub, &it, from, tip, parked, since, e);
	free(it.v);
	map_release(&moved);
	return rc;
}

int guard_incoming(struct workspace *ws, struct hub *hub, struct apply_op *ops,
		   size_t n, const struct oid *from, const struct oid *tip,
		   struct err *e)
{
	struct oid since;
	int parked = 0;
	int rc = incoming(ws, hub, ops, n, from, tip, &parked, &since, e);

	if (rc < 0)
		return rc;
	return parked ?
		state_put_oid(ws->state, META_PARKED_FROM, &since, e) :
		state_del(ws->state, META_PARKED_FROM, e);
}

int guard_look(struct workspace *ws, struct hub *hub, struct apply_op *ops,
	       size_t n, const struct oid *tip, struct err *e)
{
	struct oid since;
	int parked;

	return incoming(ws, hub, ops, n, tip, tip, &parked, &since, e);
}
