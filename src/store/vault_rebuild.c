/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_rebuild.c - an index from the directories of all packs of data, when
 * segments of it are lost.
 *
 * Packs that were dropped, as far as is known, stay dropped, and their hold
 * begins again.  A state that another computer makes meanwhile may name packs that
 * were not there when we looked: then all begins again.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os_clock.h"
#include "store/vault_internal.h"

#define NOTES_MAX 200000u	/* entries noted before they become a segment */
#define TRIES 5

struct rebuild {
	struct vault_put *pt;
	struct vaultstate *base;
	const struct vault_check *how;
	struct vault_report *r;
};

static int problem(struct rebuild *b, const uint8_t id[32],
		   const struct err *why, struct err *e)
{
	struct vault_problem p;

	b->r->damaged++;
	memset(&p, 0, sizeof(p));
	p.what = VAULT_PACK;
	memcpy(p.id, id, 32);
	memcpy(p.pack, id, 32);
	p.why = why;
	return b->how->problem ? b->how->problem(b->how->arg, &p, e) : 0;
}

/* What was noted goes into the new index. */
static int level(struct rebuild *b, struct err *e)
{
	struct vault_put *pt = b->pt;
	int rc = vault_level(pt, b->base, e);

	vault_commit_count(pt, b->base);
	pt->packs_n = pt->entries_n = 0;
	vault_index_forget_fresh(pt->v);
	return rc;
}

static int note(struct rebuild *b, const uint8_t id[32], struct err *why)
{
	struct packread *r = b->pt->v->read;
	struct pack_entry *all = NULL;
	struct segment_pack sp;
	struct pack_head head;
	size_t n = 0;
	int rc = packread_head(r, id, &head, why);

	if (rc < 0 || head.kind != PACK_DATA)
		return rc;
	rc = packread_dir(r, id, &all, &n, why);
	if (rc < 0)
		return rc;
	memset(&sp, 0, sizeof(sp));
	memcpy(sp.id, id, 32);
	sp.klass = (uint8_t)head.klass;
	sp.kind = (uint8_t)head.kind;
	sp.named = (uint64_t)os_now();
	rc = vault_put_note(b->pt, &sp, all, n, why);
	b->r->objects += n;
	free(all);
	return rc;
}

static int each(void *arg, const uint8_t id[32], uint64_t size, struct err *e)
{
	struct rebuild *b = arg;
	struct err why = ERR_INIT;
	int rc;

	/* What is dropped may be deleted at any moment. */
	if ((b->pt->v->skip && map_get(b->pt->v->skip, id, 32)) ||
	    catalog_pack(b->pt->v->catalog, id) == 2)
		return 0;
	rc = note(b, id, &why);
	b->r->packs++;
	b->r->bytes += size;
	if (err_is_damage(rc))
		rc = problem(b, id, &why, e);
	else if (rc == HUB_EABSENT)
		rc = 0;		/* deleted meanwhile */
	else if (rc < 0)
		rc = err_set(e, rc, "%s", why.msg);
	if (rc == 0 && b->pt->entries_n >= NOTES_MAX)
		rc = level(b, e);
	if (rc == 0 && b->how->progress)
		rc = b->how->progress(b->how->arg, b->r, e);
	return rc;
}

/* The ids of all dropped packs that are known.  Owned: free(). */
static int dropped(struct vault *v, uint8_t (**ret)[32], size_t *ret_n,
		   struct err *e)
{
	struct segment_drop *all = NULL;
	size_t n = 0, i;
	int rc = vault_index_drops(v, &all, &n, e);

	*ret = rc ? NULL : calloc(n + 1, 32);
	if (!rc && !*ret)
		rc = err_nomem(e);
	for (i = 0; !rc && i < n; i++)
		memcpy((*ret)[i], all[i].id, 32);
	*ret_n = rc ? 0 : n;
	free(all);
	return rc;
}

static int once(struct vault *v, struct rebuild *b, struct err *e)
{
	struct place *p = v->conf.place;
	struct vault_change c;
	uint8_t (*drops)[32] = NULL;
	int rc;

	memset(b->base, 0, sizeof(*b->base));
	memset(b->r, 0, sizeof(*b->r));
	memset(&c, 0, sizeof(c));
	c.kind = VAULTSTATE_CHECKPOINT;
	c.join = v->mark->vector;
	c.join_n = v->mark->vector_n;
	rc = dropped(v, &drops, &c.drops_n, e);
	c.drops = (const uint8_t (*)[32])drops;
	if (rc == 0)
		rc = vault_put_begin(v, &b->pt, e);
	if (rc < 0) {
		free(drops);
		return rc;
	}
	b->pt->base = b->base;
	rc = p->ops->pack_each(p, each, b, e);
	if (rc == 0)
		rc = vault_put_commit(b->pt, &c, e);
	vault_put_end(b->pt);
	b->pt = NULL;
	free(drops);
	return rc;
}

int vault_rebuild(struct vault *v, const struct vault_check *how,
		  struct vault_report *ret, struct err *e)
{
	struct rebuild b;
	int rc, tries = 0;

	memset(&b, 0, sizeof(b));
	b.how = how;
	b.r = ret;
	b.base = malloc(sizeof(*b.base));
	if (!b.base)
		return err_nomem(e);
	do {
		rc = vault_refresh(v, e);
		if (rc >= 0)
			rc = once(v, &b, e);
	} while (rc == HUB_EBUSY && ++tries < TRIES);
	free(b.base);
	return rc;
}
