/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gc_sweep.c - deleting: packs whose hold is over, packs that nobody named for
 * GC_AGE, old states.
 *
 * A place tells no age of a pack that no state names: an upload on its way, one
 * that was given up, or a segment of the index that was merged into another one.
 * The file "gc-seen" in the cache remembers when this computer saw it first: 40
 * bytes each, id and time, ascending by id; H of all that.  If it is lost, or
 * damaged (a wrong time would delete what has just been put), counting begins
 * again.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os_file.h"
#include "store/gc_internal.h"

#define SEEN_MAX (64u << 20)

/* ---- dropped packs ---- */

/* Looked at once more at the last moment: is it still not named? */
static int delete_pack(struct gc *g, const uint8_t id[32], uint64_t size,
		       int is, struct err *e)
{
	struct place *p = g->v->conf.place;
	int rc = vault_refresh(g->v, e);

	if (rc < 0 || catalog_pack(g->v->catalog, id) != is)
		return rc < 0 ? rc : 0;
	rc = p->ops->pack_delete(p, id, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	if (rc == 0) {
		g->r->deleted++;
		g->r->deleted_bytes += size;
	}
	return rc;
}

static int sweep_dropped(struct gc *g, struct err *e)
{
	struct place *p = g->v->conf.place;
	struct segment_drop *all = NULL;
	uint64_t size, hold;
	size_t n = 0, i;
	int rc = vault_index_drops(g->v, &all, &n, e);

	for (i = 0; rc == 0 && i < n; i++) {
		rc = p->ops->pack_stat(p, all[i].id, &size, e);
		if (rc == HUB_EABSENT) {	/* deleted by an earlier run */
			err_clear(e);
			rc = 0;
			continue;
		}
		if (rc < 0)
			break;
		hold = size >> GC_TAIL ? GC_HOLD : GC_HOLD_TAIL;
		if (gc_old(g, all[i].time, hold) && !g->conf->dry_run) {
			rc = delete_pack(g, all[i].id, size, 2, e);
			continue;
		}
		g->r->waiting++;
		g->r->waiting_bytes += size;
	}
	free(all);
	return rc;
}

/* ---- packs that no state names ---- */

struct unnamed {
	struct gc *g;
	struct map metas;	/* packs of the index and the refs */
	struct buf old, now;	/* "gc-seen" as it was, and will be */
	struct segment_drop *v;	/* packs and when they were seen first */
	size_t n, alloc;
};

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static uint64_t first_seen(const struct unnamed *u, const uint8_t id[32])
{
	const uint8_t *p = NULL;
	struct rd r;

	if (u->old.n)
		p = bsearch(id, u->old.p, u->old.n / SEGMENT_DROP,
			    SEGMENT_DROP, by_id);
	if (!p)
		return u->g->now;
	rd_init(&r, p + 32, 8);
	return rd_u64(&r);
}

static int note(void *arg, const uint8_t id[32], uint64_t size, struct err *e)
{
	struct unnamed *u = arg;
	size_t n = u->alloc ? 2 * u->alloc : 64;
	void *p;

	(void)size;
	if (catalog_pack(u->g->v->catalog, id) || map_get(&u->metas, id, 32))
		return 0;
	if (u->n == u->alloc) {
		p = realloc(u->v, n * sizeof(*u->v));
		if (!p)
			return err_nomem(e);
		u->v = p;
		u->alloc = n;
	}
	memcpy(u->v[u->n].id, id, 32);
	u->v[u->n++].time = first_seen(u, id);
	return 0;
}

static int metas(struct unnamed *u, struct err *e)
{
	const struct vaultstate *s = u->g->v->st;
	struct segment_ref *list = NULL;
	size_t n = 0, i;
	int rc = vault_index_list(u->g->v, s, &list, &n, e), bad = 0;

	for (i = 0; rc == 0 && i < n; i++)
		bad |= map_put(&u->metas, list[i].pack, 32, u);
	for (i = 0; i < s->recent_n; i++)
		bad |= map_put(&u->metas, s->recent[i].pack, 32, u);
	if (s->list.has)
		bad |= map_put(&u->metas, s->list.pack, 32, u);
	if (s->refs.has)
		bad |= map_put(&u->metas, s->refs.pack, 32, u);
	free(list);
	return rc < 0 ? rc : bad ? err_nomem(e) : 0;
}

static int delete_old(struct unnamed *u, struct err *e)
{
	struct place *p = u->g->v->conf.place;
	uint64_t size = 0;
	size_t i;
	int rc = 0;

	if (u->n)
		qsort(u->v, u->n, sizeof(*u->v), by_id);
	for (i = 0; rc == 0 && i < u->n; i++) {
		if (gc_old(u->g, u->v[i].time, GC_AGE)) {
			if (p->ops->pack_stat(p, u->v[i].id, &size, NULL) == 0)
				rc = delete_pack(u->g, u->v[i].id, size, 0, e);
			continue;
		}
		buf_add(&u->now, u->v[i].id, 32);
		buf_add_u64(&u->now, u->v[i].time);
	}
	return rc < 0 ? rc : buf_error(&u->now) ? err_nomem(e) : 0;
}

/* No file, or a damaged one: all is seen for the first time. */
static void load_seen(struct unnamed *u, const char *path)
{
	struct buf *b = &u->old;
	uint8_t sum[HASH_SIZE];

	if (os_read_file(path, SEEN_MAX, b, NULL) < 0 || b->n < HASH_SIZE ||
	    (b->n - HASH_SIZE) % SEGMENT_DROP) {
		buf_reset(b);
		return;
	}
	hash_once(sum, b->p, b->n - HASH_SIZE);
	if (memcmp(sum, b->p + b->n - HASH_SIZE, HASH_SIZE))
		buf_reset(b);
	else
		buf_setlen(b, b->n - HASH_SIZE);
}

static int save_seen(struct unnamed *u, const char *path, struct err *e)
{
	uint8_t sum[HASH_SIZE];

	if (!buf_cmp(&u->old, &u->now))
		return 0;
	hash_once(sum, u->now.p, u->now.n);
	buf_add(&u->now, sum, sizeof(sum));
	return buf_error(&u->now) ? err_nomem(e) :
		os_replace(path, u->now.p, u->now.n, 0, e);
}

static int sweep_unnamed(struct gc *g, struct err *e)
{
	struct unnamed u = { .g = g, .metas = MAP_INIT, .old = BUF_INIT,
			     .now = BUF_INIT };
	struct place *p = g->v->conf.place;
	struct buf path = BUF_INIT;
	int rc = metas(&u, e);

	buf_addf(&path, "%s/gc-seen", g->v->cache);
	if (rc == 0 && buf_error(&path))
		rc = err_nomem(e);
	if (rc == 0) {
		load_seen(&u, path.p);
		rc = p->ops->pack_each(p, note, &u, e);
	}
	if (rc == 0)
		rc = delete_old(&u, e);
	if (rc == 0)
		rc = save_seen(&u, path.p, e);
	map_release(&u.metas);
	buf_release(&u.old);
	buf_release(&u.now);
	buf_release(&path);
	free(u.v);
	return rc;
}

int gc_sweep(struct gc *g, struct err *e)
{
	int rc = sweep_dropped(g, e);

	return rc < 0 || g->conf->dry_run ? rc : sweep_unnamed(g, e);
}

/* ---- states ---- */

/* 1: state ${seq} is old enough to go, or gone; 0: it stays. */
static int is_old(struct gc *g, uint64_t seq, int *ret_gone, struct err *e)
{
	struct place *p = g->v->conf.place;
	struct vaultstate *s = malloc(sizeof(*s));
	struct vaultstate_head head;
	struct buf b = BUF_INIT;
	int rc = s ? p->ops->state_get(p, seq, &b, e) : err_nomem(e);

	/* One that a repair put aside is as old as the one after it. */
	while (rc == 0 && !b.n && seq < g->v->seq)
		rc = p->ops->state_get(p, ++seq, &b, e);
	*ret_gone = rc == HUB_EABSENT;
	if (rc == 0)
		rc = vault_state_open(g->v, seq, b.p, b.n, &head, s, e);
	if (rc == 0)
		rc = gc_old(g, s->time, GC_STATES);
	else if (rc == HUB_EABSENT)
		rc = 1;
	else if (err_is_damage(rc))
		rc = 0;		/* for verify to find */
	free(s);
	buf_release(&b);
	return rc;
}

/* The first state in 1..${end} that is not old (or, with ${gone}, is there). */
static int first_of(struct gc *g, uint64_t end, int gone, uint64_t *ret,
		    struct err *e)
{
	uint64_t lo = 1, hi = end, mid;
	struct err why = ERR_INIT;
	int rc, is_gone;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		rc = is_old(g, mid, &is_gone, &why);
		if (rc < 0)
			return err_set(e, rc, "%s", why.msg);
		if (gone ? is_gone : rc)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = lo;
	return 0;
}

int gc_sweep_states(struct gc *g, struct err *e)
{
	struct place *p = g->v->conf.place;
	uint64_t kept = g->v->seq / VAULT_CHECKPOINT, from, to;
	int rc;

	kept = kept ? (kept - 1) * VAULT_CHECKPOINT : 0;
	if (kept < 2 || g->conf->dry_run)
		return 0;
	rc = first_of(g, kept, 0, &to, e);
	if (rc == 0)
		rc = first_of(g, to, 1, &from, e);
	/* The oldest first: what is left is always without a gap. */
	for (; rc == 0 && from < to; from++) {
		rc = p->ops->state_delete(p, from, e);
		if (rc == HUB_EABSENT)
			rc = 0;		/* another run was quicker */
		g->r->states += rc == 0;
	}
	return rc;
}
