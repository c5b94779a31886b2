/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc.c - the order of a run: mark, drop, mark, delete, compact, mark.
 *
 * Why it needs no lock: a writer that relies on a pack which was dropped since
 * it looked takes it back, or stores its content again (vault_commit.c); one that
 * committed before the drop, and moved its refs after our mark, is met by the
 * second mark, or by that of any run within the hold.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "store/gc_internal.h"

#define CACHE_LITTER_S 3600	/* temp files of killed runs */

int gc_old(const struct gc *g, uint64_t since, uint64_t age)
{
	return g->now >= since && g->now - since >= age;
}

int gc_late(const struct gc *g)
{
	return g->until_ms && os_mono_ms() > g->until_ms;
}

int gc_id(struct gc *g, const uint8_t id[32], struct err *e)
{
	size_t n = g->ids_alloc ? 2 * g->ids_alloc : 256;
	void *p;

	if (g->ids_n == g->ids_alloc) {
		p = realloc(g->ids, n * sizeof(*g->ids));
		if (!p)
			return err_nomem(e);
		g->ids = p;
		g->ids_alloc = n;
	}
	memcpy(g->ids[g->ids_n++], id, 32);
	return 0;
}

int gc_commit(struct gc *g, struct err *e)
{
	struct vault_change c;
	int rc;

	memset(&c, 0, sizeof(c));
	c.kind = VAULTSTATE_DROP;
	c.drops = (const uint8_t (*)[32])g->ids;
	c.drops_n = g->ids_n;
	rc = vault_put_commit(g->pt, &c, e);
	g->ids_n = 0;
	return rc;
}

/* ---- dropping ---- */

static int pick(struct gc *g, struct err *e)
{
	const struct gc_pack *p;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < g->packs_n; i++) {
		p = &g->packs[i];
		if (p->live || p->kind != PACK_DATA ||
		    !gc_old(g, p->named, GC_AGE))
			continue;
		rc = gc_id(g, p->id, e);
		g->r->dropped++;
		g->r->dropped_bytes += (uint64_t)1 << p->klass;
	}
	return rc;
}

static int drop(struct gc *g, struct err *e)
{
	int rc = pick(g, e);

	if (rc < 0 || !g->ids_n || g->conf->dry_run)
		return rc;
	rc = vault_put_begin(g->v, &g->pt, e);
	if (rc == 0)
		rc = gc_commit(g, e);
	vault_put_end(g->pt);
	g->pt = NULL;
	if (rc == 0)
		rc = gc_mark(g, e);
	return rc;
}

/* ---- a run ---- */

static int may(const struct vault *v, struct err *e)
{
	const struct vault_signer *s = v->conf.signer;

	if (!s || !s->chain->n || cert_chain_last(s->chain)->role > CERT_ADMIN)
		return err_set(e, HUB_EDENIED, "only a device of an owner or "
			       "admin may remove content from the vault at "
			       "'%s'", v->conf.place->name);
	return 0;
}

static int run(struct gc *g, struct err *e)
{
	struct place *p = g->v->conf.place;
	uint64_t done;
	int rc = 0, left = 0, more;

	if (!g->conf->dry_run) {
		/* A cache whose list does not change sweeps nothing. */
		os_replace_sweep(g->v->cache, CACHE_LITTER_S, NULL);
		rc = p->ops->sweep(p, GC_DAY, e);
	}
	if (rc == 0)
		rc = gc_mark(g, e);
	if (rc < 0 || g->blind)
		return rc;
	rc = drop(g, e);
	if (rc == 0 && !g->blind)
		rc = gc_plan(g, e);
	if (rc == 0 && !g->blind)
		rc = gc_sweep(g, e);
	if (rc == 0 && !g->blind)
		rc = gc_sweep_states(g, e);
	if (rc == 0 && !g->blind)
		rc = gc_compact(g, &left, e);
	while (rc == 0 && !g->blind && (left || g->more)) {
		more = g->more && !g->conf->dry_run && !os_interrupted();
		left = g->more = 0;
		rc = gc_mark(g, e);
		if (!more || rc < 0 || g->blind)
			break;
		done = g->r->rewritten;
		rc = gc_plan(g, e);
		if (rc == 0)
			rc = gc_compact(g, &left, e);
		if (g->r->rewritten == done)	/* none can be read */
			g->more = 0;
	}
	return rc;
}

int gc_run(const struct gc_conf *conf, struct gc_report *ret, struct err *e)
{
	struct gc g;
	int rc = may(conf->v, e);

	memset(ret, 0, sizeof(*ret));
	memset(&g, 0, sizeof(g));
	g.conf = conf;
	g.v = conf->v;
	g.r = ret;
	g.now = (uint64_t)os_now();
	if (conf->max_ms)
		g.until_ms = os_mono_ms() + conf->max_ms;
	if (rc == 0)
		rc = run(&g, e);
	/* A step is whole or not at all; what was done so far counts. */
	if (rc == HUB_ELIMIT && gc_late(&g)) {
		ret->unfinished = 1;
		err_clear(e);
		rc = 0;
	}
	free(g.seen);
	gc_set_release(&g.keep);
	gc_set_release(&g.missing);
	free(g.packs);
	free(g.ids);
	return rc;
}
