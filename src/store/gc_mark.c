/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc_mark.c - what is needed, and in which packs it lies; what is needed and
 * not in the index is looked for in packs that are not named (any more).
 *
 * Memory: one bit for each row of the index, and what is missing.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "fmt/recipe.h"
#include "os/os.h"
#include "store/gc_internal.h"

/* ---- sets ---- */

static const uint8_t none[GC_KEY];

static size_t place_of(const struct gc_set *s, const uint8_t *name)
{
	uint64_t h;
	size_t i;

	memcpy(&h, name, sizeof(h));
	i = (size_t)h & (s->cap - 1);
	while (memcmp(s->v[i], none, GC_KEY) && memcmp(s->v[i], name, GC_KEY))
		i = (i + 1) & (s->cap - 1);
	return i;
}

static int grow(struct gc_set *s)
{
	struct gc_set to = { .cap = s->cap ? s->cap * 2 : 1024, .n = s->n };
	size_t i;

	to.v = calloc(to.cap, GC_KEY);
	if (!to.v)
		return HUB_ENOMEM;
	for (i = 0; i < s->cap; i++)
		if (memcmp(s->v[i], none, GC_KEY))
			memcpy(to.v[place_of(&to, s->v[i])], s->v[i], GC_KEY);
	free(s->v);
	*s = to;
	return 0;
}

int gc_set_add(struct gc_set *s, const uint8_t *name, struct err *e)
{
	size_t i;

	if (s->n >= s->cap / 4 * 3 && grow(s) < 0)
		return err_nomem(e);
	i = place_of(s, name);
	if (memcmp(s->v[i], none, GC_KEY))
		return 0;
	memcpy(s->v[i], name, GC_KEY);
	s->n++;
	return 1;
}

int gc_set_has(const struct gc_set *s, const uint8_t *name)
{
	return s->cap && memcmp(s->v[place_of(s, name)], none, GC_KEY);
}

void gc_set_release(struct gc_set *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* ---- packs ---- */

static int add_pack(void *arg, const struct segment_pack *p, struct err *e)
{
	struct gc *g = arg;
	size_t n = g->packs_alloc ? 2 * g->packs_alloc : 256;
	struct gc_pack *all;

	if (g->packs_n == g->packs_alloc) {
		all = realloc(g->packs, n * sizeof(*all));
		if (!all)
			return err_nomem(e);
		g->packs = all;
		g->packs_alloc = n;
	}
	all = &g->packs[g->packs_n++];
	memset(all, 0, sizeof(*all));
	memcpy(all->id, p->id, 32);
	all->klass = p->klass;
	all->kind = p->kind;
	all->named = p->named;
	g->r->packs++;
	g->r->pack_bytes += (uint64_t)1 << p->klass;
	return 0;
}

static int by_id(const void *key, const void *p)
{
	return memcmp(key, ((const struct gc_pack *)p)->id, 32);
}

/* ---- marking ---- */

struct root { struct gc *g; struct file_store store; };

int gc_is_seen(struct gc *g, const uint8_t *name, struct catalog_at *at,
	       struct err *e)
{
	int rc = vault_index_find(g->v, name, at, e);

	if (rc < 0)
		return rc;
	if (catalog_turn(g->v->catalog) != g->turn) {
		g->moved = 1;
		return err_set(e, HUB_EBUSY, "the index changed under the "
			       "mark");
	}
	if (!rc)
		at->row = UINT64_MAX;
	return rc && at->row < g->rows &&
		(g->seen[at->row / 8] >> at->row % 8 & 1);
}

static int object(void *arg, const uint8_t name[32], unsigned type,
		  uint64_t size, struct err *e)
{
	struct gc *g = arg;
	struct gc_pack *p = NULL;
	struct catalog_at at;
	int rc = gc_is_seen(g, name, &at, e);

	(void)size;
	if (rc)
		return rc < 0 ? rc : type == PACK_RECIPE;
	if (type == PACK_RECIPE && gc_late(g))
		return err_set(e, HUB_ELIMIT, "out of time");
	if (at.row < g->rows) {
		g->seen[at.row / 8] |= (uint8_t)(1u << at.row % 8);
		p = bsearch(at.pack, g->packs, g->packs_n, sizeof(*p), by_id);
	}
	if (p) {
		p->live += at.at.stored;
		g->r->live++;
		g->r->live_bytes += at.at.stored;
		return 0;
	}
	rc = gc_set_add(&g->missing, name, e);
	g->lost += rc > 0 && type == PACK_RECIPE;
	return rc < 0 ? rc : type == PACK_RECIPE;
}

/* Anybody may have written a pointer: its size is the node's, and one to what is
 * no recipe names nothing: 0. */
static int trust(struct gc *g, struct pointer *ptr)
{
	struct recipe_node *node = malloc(sizeof(*node));
	struct buf b = BUF_INIT;
	struct vault_at at;
	int rc = vault_find(g->v, ptr->recipe, &at, NULL);

	if (rc > 0 && node && at.at.type == PACK_RECIPE &&
	    !vault_read(g->v, ptr->recipe, PACK_RECIPE, &b, NULL) &&
	    !recipe_decode(node, (const uint8_t *)b.p, b.n, NULL))
		ptr->size = node->size;
	free(node);
	buf_release(&b);
	return rc <= 0 || at.at.type == PACK_RECIPE;
}

static int root(void *arg, const struct pointer *said, struct err *e)
{
	struct root *r = arg;
	struct pointer ptr = *said;
	struct err why = ERR_INIT;
	struct catalog_at at;
	int rc;

	r->g->r->roots++;
	rc = gc_is_seen(r->g, ptr.recipe, &at, e);
	if (rc || gc_set_has(&r->g->missing, ptr.recipe) ||
	    !trust(r->g, &ptr))
		return rc < 0 ? rc : 0;
	rc = file_each(&r->store, &ptr, object, r->g, &why);
	if (rc == HUB_EABSENT || err_is_damage(rc)) {
		r->g->blind++;
		r->g->r->damaged++;
		rc = 0;
	}
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

static int git_packs(struct root *r, struct err *e)
{
	struct vaultrefs refs;
	struct pointer ptr;
	size_t i;
	int rc = vault_refs(r->g->v, &refs, e);

	if (rc < 0) {
		if (rc == HUB_EABSENT) {
			err_clear(e);
			rc = 0;
		}
		return rc;
	}
	for (i = 0; rc == 0 && i < refs.git_n; i++) {
		ptr.size = refs.git[i].size;
		memcpy(ptr.recipe, refs.git[i].recipe, 32);
		rc = root(r, &ptr, e);
	}
	vaultrefs_release(&refs);
	return rc;
}

static int new_bits(struct gc *g, struct err *e)
{
	g->rows = catalog_rows(g->v->catalog);
	g->turn = catalog_turn(g->v->catalog);
	g->seen = calloc((size_t)(g->rows / 8 + 1), 1);
	return g->seen ? 0 : err_nomem(e);
}

static int mark_once(struct gc *g, struct err *e)
{
	struct root r = { .g = g };
	int rc;

	vault_store(g->v, &r.store);
	gc_set_release(&g->missing);
	free(g->seen);
	g->seen = NULL;
	g->moved = 0;
	g->packs_n = 0;
	g->blind = g->lost = g->unread = 0;
	g->r->roots = g->r->live = g->r->live_bytes = g->r->damaged = 0;
	g->r->packs = g->r->pack_bytes = 0;
	rc = vault_refresh(g->v, e);
	if (rc >= 0)
		rc = new_bits(g, e);
	if (rc >= 0)
		rc = catalog_each(g->v->catalog, add_pack, g, e);
	if (rc == 0)
		rc = git_packs(&r, e);
	if (rc == 0)
		rc = g->conf->roots(g->conf->arg, root, &r, e);
	g->r->missing = g->missing.n;
	return rc;
}

/* ---- what is missing ---- */

/* Does a pack that is not named hold something that is missing? */
static int look_into(struct gc *g, const uint8_t id[32], struct err *e)
{
	struct pack_entry *all = NULL;
	struct pack_head head;
	struct err why = ERR_INIT;
	size_t n = 0, i;
	int rc = packread_head(g->v->read, id, &head, &why);

	if (rc == 0 && head.kind == PACK_DATA)
		rc = packread_dir(g->v->read, id, &all, &n, &why);
	for (i = 0; i < n; i++)
		if (gc_set_has(&g->missing, all[i].name))
			break;
	if (i < n)
		rc = vault_put_take(g->pt, id, &why);
	free(all);
	/* Deleted meanwhile; or damaged: who knows what was in it? */
	g->unread += err_is_damage(rc);
	if (rc == HUB_EABSENT || err_is_damage(rc))
		rc = 0;
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 0;
}

static int look_each(void *arg, const uint8_t id[32], uint64_t size,
		     struct err *e)
{
	struct gc *g = arg;

	(void)size;
	return catalog_pack(g->v->catalog, id) == 1 ? 0 : look_into(g, id, e);
}

/* 1: packs were named again. */
static int rescue(struct gc *g, struct err *e)
{
	struct place *p = g->v->conf.place;
	size_t n = 0;
	int rc = vault_put_begin(g->v, &g->pt, e);

	if (rc == 0)
		rc = p->ops->pack_each(p, look_each, g, e);
	if (rc == 0)
		n = g->pt->packs_n;
	if (n)
		rc = gc_commit(g, e);
	g->r->taken_back += rc == 0 ? n : 0;
	vault_put_end(g->pt);
	g->pt = NULL;
	return rc < 0 ? rc : n > 0;
}

int gc_mark(struct gc *g, struct err *e)
{
	int rc, tries = 0;

	do {
		/* A damaged cache was made anew: begin again. */
		while ((rc = mark_once(g, e)) < 0 && g->moved &&
		       tries++ < 3)
			err_clear(e);
		if (rc == 0 && g->missing.n && !g->conf->dry_run)
			rc = rescue(g, e);
	} while (rc > 0 && !os_interrupted());
	if (g->lost && g->unread)
		g->blind++;
	return rc < 0 ? rc : rc > 0 ? err_set(e, HUB_ECANCEL, "interrupted")
				    : 0;
}
