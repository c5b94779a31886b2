/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_put.c - adding objects: the packer's call-backs, and what is noted for
 * the next state.
 *
 * known() and done() run in threads of the packer, never both at once; put()
 * runs beside them and may make a progress state.  pt->lock guards what they
 * share: the notes, the vault's state, its catalog.  The place is put()'s alone.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "os/os_clock.h"
#include "store/vault_internal.h"

#define PROGRESS_BYTES ((uint64_t)1 << 30)
#define PROGRESS_MS 600000u
#define PROGRESS_OFTEN_MS 60000u

static void *more(void *p, size_t *alloc, size_t need, size_t size)
{
	size_t n = *alloc ? *alloc : 64;

	if (p && need <= *alloc)
		return p;
	while (n < need)
		n *= 2;
	p = realloc(p, n * size);
	if (p)
		*alloc = n;
	return p;
}

int vault_put_note(struct vault_put *pt, const struct segment_pack *pack,
		   const struct pack_entry *entries, size_t n, struct err *e)
{
	struct segment_entry *es;
	struct segment_pack *ps;
	size_t i;

	ps = more(pt->packs, &pt->packs_alloc, pt->packs_n + 1, sizeof(*ps));
	if (!ps)
		return err_nomem(e);
	pt->packs = ps;
	es = more(pt->entries, &pt->entries_alloc, pt->entries_n + n,
		  sizeof(*es));
	if (!es)
		return err_nomem(e);
	pt->entries = es;
	for (i = 0; i < n; i++) {
		es[pt->entries_n].at = entries[i];
		es[pt->entries_n++].pack = (uint32_t)pt->packs_n;
	}
	ps[pt->packs_n++] = *pack;
	return 0;
}

/* Names that are still on their way stay pending, the others are in the
 * index. */
int vault_put_clear(struct vault_put *pt, struct err *e)
{
	struct map still = MAP_INIT;
	struct map_slot *s;
	struct catalog_at at;
	size_t pos = 0;
	int rc = 0;

	pt->packs_n = pt->entries_n = pt->drops_n = 0;
	pt->bytes = 0;
	pt->since_ms = os_mono_ms();
	while (rc == 0 && (s = map_next(&pt->pending, &pos)))
		if (catalog_find(pt->v->catalog, (const uint8_t *)s->key, &at,
				 NULL) <= 0)
			rc = map_put(&still, s->key, 32, pt);
	if (rc < 0) {
		map_release(&still);
		return err_nomem(e);
	}
	map_release(&pt->pending);
	pt->pending = still;
	return 0;
}

/* ---- the packer's call-backs ---- */

int vault_put_look(struct vault_put *pt, const uint8_t name[32], struct err *e)
{
	struct catalog_at at;
	int rc;

	if (map_get(&pt->pending, name, 32))
		return 1;
	rc = catalog_find(pt->v->catalog, name, &at, e);
	if (rc == HUB_ECORRUPT) {
		/* Storing it once more does no harm. */
		pt->v->cache_bad = 1;
		rc = 0;
	}
	if (rc > 0 && map_put(&pt->relied, at.pack, 32, pt) < 0)
		rc = err_nomem(e);
	return rc;
}

/* The lock is held. */
static int is_known(struct vault_put *pt, const uint8_t name[32],
		    struct err *e)
{
	int rc = vault_put_look(pt, name, e);

	if (rc == 0 && map_put(&pt->pending, name, 32, pt) < 0)
		rc = err_nomem(e);
	return rc;
}

static int known(void *arg, const uint8_t name[32], unsigned type,
		 struct err *e)
{
	struct vault_put *pt = arg;
	int rc;

	os_mutex_lock(pt->lock);
	rc = is_known(pt, name, e);
	os_mutex_unlock(pt->lock);
	return rc;
}

static int progress(struct vault_put *pt, struct err *e)
{
	struct vault_change c;

	memset(&c, 0, sizeof(c));
	c.kind = VAULTSTATE_PROGRESS;
	pt->until_ms = os_mono_ms() + 60000;
	return vault_commit(pt, &c, e);
}

int vault_put_step(struct vault_put *pt, struct err *e)
{
	uint64_t often = pt->v->conf.progress;
	int rc = 0;

	os_mutex_lock(pt->lock);
	if (pt->packs_n &&
	    (pt->bytes >= (often ? often : PROGRESS_BYTES) ||
	     os_mono_ms() - pt->since_ms >= (often ? PROGRESS_OFTEN_MS :
					     PROGRESS_MS)))
		rc = progress(pt, e);
	os_mutex_unlock(pt->lock);
	/* A lost race, or a moment in which the place was busy, is no reason to
	 * end a long upload: the next state names all. */
	if (rc == HUB_EBUSY || rc == HUB_ECONFLICT)
		rc = 0;
	return rc;
}

static int put(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct vault_put *pt = arg;
	struct place *p = pt->v->conf.place;
	int rc = vault_put_step(pt, e);

	if (rc == 0)
		rc = p->ops->pack_put(p, pack->id, pack->bytes, pack->n,
				      PLACE_NEW, e);
	return rc;
}

static int done(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct vault_put *pt = arg;
	struct segment_pack sp;
	int rc;

	memset(&sp, 0, sizeof(sp));
	memcpy(sp.id, pack->id, 32);
	sp.klass = (uint8_t)pack->klass;
	sp.kind = (uint8_t)pack->kind;
	sp.named = (uint64_t)os_now();
	os_mutex_lock(pt->lock);
	rc = vault_put_note(pt, &sp, pack->entries, pack->entries_n, e);
	pt->bytes += pack->n;
	os_mutex_unlock(pt->lock);
	return rc;
}

/* ---- begin and end ---- */

static int may_write(const struct vault *v, struct err *e)
{
	const struct vault_signer *s = v->conf.signer;

	if (v->put)
		BUG("a vault has one put at a time");
	if (!s || !s->chain->n ||
	    cert_chain_last(s->chain)->role > CERT_EDITOR)
		return err_set(e, HUB_EDENIED, "this device may only read the "
			       "vault at '%s'", v->conf.place->name);
	if (v->file.min_writer > VAULTFILE_WRITER)
		return err_set(e, HUB_EVERSION, "the vault at '%s' may only be "
			       "written by a newer hub", v->conf.place->name);
	return 0;
}

int vault_put_begin(struct vault *v, struct vault_put **ret, struct err *e)
{
	struct packer_conf conf;
	struct vault_put *pt;
	int rc = may_write(v, e);

	if (rc < 0)
		return rc;
	pt = calloc(1, sizeof(*pt));
	if (!pt)
		return err_nomem(e);
	pt->v = v;
	pt->since_ms = os_mono_ms();
	pt->base_refs = v->st->refs;
	memset(&conf, 0, sizeof(conf));
	conf.keys = v->conf.keys;
	conf.jobs = v->conf.jobs;
	conf.known = known;
	conf.put = put;
	conf.done = done;
	conf.arg = pt;
	pt->lock = os_mutex_new();
	rc = pt->lock ? packer_open(&conf, &pt->packer, e) : err_nomem(e);
	if (rc < 0) {
		vault_put_end(pt);
		return rc;
	}
	v->put = pt;
	*ret = pt;
	return 0;
}

void vault_put_end(struct vault_put *pt)
{
	if (!pt)
		return;
	packer_close(pt->packer);
	packer_close(pt->metas);
	os_mutex_free(pt->lock);
	map_release(&pt->pending);
	map_release(&pt->relied);
	free(pt->packs);
	free(pt->entries);
	free(pt->drops);
	free(pt->meta);
	vault_index_forget_fresh(pt->v);
	pt->v->put = NULL;
	free(pt);
}

struct packer *vault_put_packer(struct vault_put *pt)
{
	return pt->packer;
}

int vault_put_object(struct vault_put *pt, unsigned type, const void *plain,
		     size_t n, uint8_t ret_name[32], struct err *e)
{
	uint8_t name[32];
	int rc;

	if (n == 0 || n > PACK_PLAIN_MAX)
		return err_set(e, HUB_ELIMIT, "an object of %zu bytes", n);
	keyring_name(pt->v->conf.keys, (int)type, plain, n, name);
	rc = known(pt, name, type, e);
	if (rc == 0)
		rc = packer_add(pt->packer, type, name, plain, n, e);
	if (rc < 0)
		return rc;
	memcpy(ret_name, name, 32);
	return 0;
}
