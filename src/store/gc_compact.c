/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc_compact.c - packs that are less than half in use, and small packs when
 * there are many, are written anew.
 *
 * Of a pack younger than GC_AGE all is copied, as its content may be on the way
 * to a commit; of an older one what is needed.  What the index finds elsewhere is not
 * copied.  The old packs are dropped by the state that names the new ones.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "store/gc_internal.h"

#define KEEP_MAX (1u << 20)	/* names kept in memory at once */
#define STEP_BYTES ((uint64_t)256 << 20)	/* copied for one state */

struct compact {
	struct gc *g;
	int left;
	uint64_t bytes;		/* copied since the last state */
	struct buf plain;
};

static int half_empty(const struct gc *g, const struct gc_pack *p)
{
	return p->klass >= GC_TAIL && p->live && gc_old(g, p->named, GC_AGE) &&
		p->live < ((uint64_t)1 << p->klass) / 2;
}

/* ---- the plan ---- */

static int wanted(const struct gc *g, const struct gc_pack *p, int tail)
{
	if (p->kind != PACK_DATA)
		return 0;
	return p->klass < GC_TAIL ? tail : half_empty(g, p);
}

/* What is needed of an old pack.  One that cannot be read is for copy() to
 * tell. */
static int keep(struct gc *g, const struct gc_pack *p, struct err *e)
{
	struct pack_entry *all = NULL;
	struct catalog_at at;
	size_t n = 0, i;
	int rc = packread_dir(g->v->read, p->id, &all, &n, NULL);

	if (rc < 0)
		return rc == HUB_ENOMEM ? err_nomem(e) : 0;
	for (i = 0; rc >= 0 && i < n; i++) {
		rc = gc_is_seen(g, all[i].name, &at, e);
		if (rc > 0 && !memcmp(at.pack, p->id, 32))
			rc = gc_set_add(&g->keep, all[i].name, e);
	}
	free(all);
	return rc < 0 ? rc : 0;
}

struct tail { uint64_t n, bytes; };

static int count_tail(void *arg, const struct segment_pack *p, struct err *e)
{
	struct tail *t = arg;

	(void)e;
	if (p->kind == PACK_DATA && p->klass < GC_TAIL) {
		t->n++;
		t->bytes += (uint64_t)1 << p->klass;
	}
	return 0;
}

/* Would a run compact the tail? */
static int is_due(struct vault *v, int *ret, struct err *e)
{
	struct tail t = { 0, 0 };
	int rc = catalog_each(v->catalog, count_tail, &t, e);

	*ret = t.n > GC_TAIL_PACKS || t.bytes > GC_TAIL_BYTES;
	return rc;
}

int gc_plan(struct gc *g, struct err *e)
{
	size_t max = g->conf->plan_max ? g->conf->plan_max : KEEP_MAX;
	struct gc_pack *p;
	size_t i;
	int tail, rc = is_due(g->v, &tail, e);

	gc_set_release(&g->keep);
	g->more = 0;
	for (i = 0; rc == 0 && i < g->packs_n; i++) {
		p = &g->packs[i];
		p->plan = 0;
		if (!wanted(g, p, tail))
			continue;
		if (g->keep.n >= max) {
			g->more = 1;
			break;
		}
		p->plan = 1;
		if (!g->conf->dry_run && gc_old(g, p->named, GC_AGE))
			rc = keep(g, p, e);
	}
	return rc;
}

/* ---- copying ---- */

static int copy_one(struct compact *c, const struct gc_pack *p,
		    const struct pack_entry *en, struct err *e)
{
	struct gc *g = c->g;
	struct catalog_at at;
	int rc = vault_index_find(g->v, en->name, &at, e);

	if (rc <= 0)
		return rc;
	if (memcmp(at.pack, p->id, 32))
		return 0;
	if (gc_old(g, p->named, GC_AGE) && !gc_set_has(&g->keep, en->name)) {
		c->left = 1;
		return 0;
	}
	buf_reset(&c->plain);
	rc = packread_object(g->v->read, p->id, en, &c->plain, e);
	if (rc == 0)
		rc = packer_add(g->pt->packer, en->type, en->name, c->plain.p,
				c->plain.n, e);
	c->bytes += c->plain.n;
	return rc;
}

/* 1: all that counts of it has been copied; 0: it stays as it is. */
static int copy(struct compact *c, const struct gc_pack *p, struct err *e)
{
	struct pack_entry *all = NULL;
	struct err why = ERR_INIT;
	size_t n = 0, i;
	int rc = packread_dir(c->g->v->read, p->id, &all, &n, &why);

	for (i = 0; rc == 0 && i < n; i++)
		rc = copy_one(c, p, &all[i], &why);
	free(all);
	if (rc == HUB_EABSENT || err_is_damage(rc)) {
		c->g->r->damaged++;	/* for verify and repair */
		return 0;
	}
	return rc < 0 ? err_set(e, rc, "%s", why.msg) : 1;
}

static int one(struct compact *c, const struct gc_pack *p, struct err *e)
{
	struct gc *g = c->g;
	int rc = g->conf->dry_run ? 1 : copy(c, p, e);

	if (rc <= 0)
		return rc;
	g->r->rewritten++;
	g->r->rewritten_bytes += (uint64_t)1 << p->klass;
	if (g->conf->dry_run)
		return 0;
	rc = gc_id(g, p->id, e);
	if (rc == 0 && c->bytes >= STEP_BYTES) {
		rc = gc_commit(g, e);
		c->bytes = 0;
	}
	return rc;
}

static int timeout(const struct compact *c)
{
	return os_interrupted() || gc_late(c->g);
}

static int all(struct compact *c, struct err *e)
{
	struct gc *g = c->g;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < g->packs_n; i++) {
		if (!g->packs[i].plan ||
		    catalog_pack(g->v->catalog, g->packs[i].id) != 1)
			continue;
		if (timeout(c)) {
			g->r->unfinished = 1;
			break;
		}
		rc = one(c, &g->packs[i], e);
	}
	if (rc == 0 && g->ids_n)
		rc = gc_commit(g, e);
	return rc;
}

int gc_compact(struct gc *g, int *ret_left, struct err *e)
{
	struct compact c = { .g = g, .plain = BUF_INIT };
	size_t i, n = 0;
	int rc = 0;

	g->ids_n = 0;
	for (i = 0; i < g->packs_n; i++)
		n += g->packs[i].plan != 0;
	if (!n)
		return 0;
	if (!g->conf->dry_run)
		rc = vault_put_begin(g->v, &g->pt, e);
	if (rc == 0)
		rc = all(&c, e);
	vault_put_end(g->pt);
	g->pt = NULL;
	buf_release(&c.plain);
	*ret_left = c.left;
	return rc;
}
