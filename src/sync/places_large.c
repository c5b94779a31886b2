/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_large.c - the content of large files, from one vault of the hub to
 * another: chunk by chunk, and only what the other lacks.
 *
 * Pointers are noticed as they pass by in a git segment: content that an earlier
 * segment pointed to is there already.
 */
#include "sync/places_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "os/os_clock.h"
#include "remote/folder.h"
#include "store/file.h"

int places_pointer(void *arg, const void *p, size_t n)
{
	struct pointer ptr;

	if (!pointer_is(p, n) || pointer_decode(&ptr, p, n, NULL))
		return 0;
	return places_pointer_add(arg, &ptr);
}

int places_pointer_add(void *arg, const struct pointer *ptr)
{
	struct places_pointers *l = arg;
	struct pointer *v;

	if (l->n == l->alloc) {
		size_t a = l->alloc ? l->alloc * 2 : 64;

		v = realloc(l->v, a * sizeof(*v));
		if (!v)
			return HUB_ENOMEM;
		l->v = v;
		l->alloc = a;
	}
	l->v[l->n++] = *ptr;
	return 0;
}

#define BATCH 16384

struct item { uint8_t name[32]; unsigned type; uint32_t n; };

struct carry {
	struct workspace *ws;		/* NULL: no progress is told */
	const struct places_from *from;
	struct vault_put *put;
	struct item *batch;		/* BATCH of them */
	size_t n;
	struct map wanted, tried;	/* names of the batch; packs */
	uint8_t *chunk;			/* PACK_PLAIN_MAX bytes */
	uint64_t done, total;
};

/* The pack that ${it} lies in as a whole, if that is worth it: 1; 0. */
static int carry_pack(struct carry *c, const struct item *it, struct err *e)
{
	const struct places_from *f = c->from;
	struct vault_at at;
	int i, rc;

	for (i = 0; i < f->n; i++) {
		rc = vault_find(f->v[i], it->name, &at, e);
		if (rc < 0)
			return rc;
		if (!rc || map_get(&c->tried, at.pack, 32))
			continue;
		if (map_put(&c->tried, at.pack, 32, c))
			return err_nomem(e);
		rc = vault_put_pack(c->put, f->v[i], at.pack, &c->wanted,
				    f->strict, e);
		if (rc)
			return rc;
	}
	return 0;
}

static int carry_item(struct carry *c, const struct item *it, struct err *e)
{
	struct file_want want = { .type = it->type, .n = it->n,
				  .out = c->chunk };
	uint8_t got[32];
	int rc = vault_put_has(c->put, it->name, e);

	if (!rc)
		rc = carry_pack(c, it, e);
	if (rc > 0)
		rc = vault_put_has(c->put, it->name, e);
	if (rc)
		return rc < 0 ? rc : 0;
	memcpy(want.name, it->name, 32);
	rc = c->from->store.read(c->from->store.arg, &want, 1, e);
	if (rc < 0)
		return rc;
	return vault_put_object(c->put, it->type, c->chunk, want.n, got, e);
}

static int carry_batch(struct carry *c, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; c->from->sent && i < c->n; i++)
		if (!vault_put_has(c->put, c->batch[i].name, NULL))
			*c->from->sent += c->batch[i].n;
	for (i = 0; !rc && i < c->n; i++) {
		rc = carry_item(c, &c->batch[i], e);
		c->done += c->batch[i].type == PACK_CHUNK ? c->batch[i].n : 0;
		if (!rc && c->ws)
			rc = workspace_progress(c->ws, "bytes:copying",
						c->done, c->total, e);
	}
	c->n = 0;
	map_release(&c->wanted);
	map_release(&c->tried);
	return rc;
}

static int carry_one(void *arg, const uint8_t name[32], unsigned type,
		     uint64_t size, struct err *e)
{
	struct carry *c = arg;
	struct item *it;
	int rc = c->n == BATCH ? carry_batch(c, e) : 0;

	if (rc < 0)
		return rc;
	it = &c->batch[c->n++];
	memcpy(it->name, name, 32);
	it->type = type;
	it->n = type == PACK_CHUNK ? (uint32_t)size : 0;
	return map_put(&c->wanted, name, 32, c) ? err_nomem(e) : 0;
}

int places_carry(struct workspace *ws, const struct places_from *from,
		 struct vault_put *put, const struct places_pointers *l,
		 struct err *e)
{
	struct carry c = { .ws = ws, .from = from, .put = put,
			   .wanted = MAP_INIT, .tried = MAP_INIT };
	size_t i;
	int rc = 0;

	if (!l->n)
		return 0;
	c.chunk = malloc(PACK_PLAIN_MAX);
	c.batch = malloc(BATCH * sizeof(*c.batch));
	if (!c.chunk || !c.batch)
		rc = err_nomem(e);
	for (i = 0; i < l->n; i++)
		c.total += l->v[i].size;
	for (i = 0; !rc && i < l->n; i++)
		rc = file_each(&from->store, &l->v[i], carry_one, &c, e);
	if (!rc)
		rc = carry_batch(&c, e);
	if (rc == HUB_EABSENT && ws)
		ws->rep.unnamed = 1;
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "content of a large file is in no "
			     "vault that answers: `hub verify` tells which");
	free(c.chunk);
	free(c.batch);
	map_release(&c.wanted);
	map_release(&c.tried);
	return rc;
}

/* ---- what is read from: the hub's vault, the outbox, the other places ---- */

/* The index of one more vault of this hub lies in ${cache}. */
static int add_vault(struct places_link *l, struct place *p, const char *cache,
		     struct err *e)
{
	struct vault_conf c = { .place = p };
	struct buf path = BUF_INIT;
	int rc;

	buf_addf(&path, "%s%s", l->ws->vdir.p, cache);
	c.keys = vault_keys(l->vault);
	c.cache = path.p;
	c.jobs = 1;
	rc = buf_error(&path) ? err_nomem(e) :
		vault_open(&c, &l->from[l->from_n], e);
	if (!rc)
		l->from_n++;
	if (rc == HUB_EABSENT) {	/* no large file yet */
		err_clear(e);
		rc = 0;
	}
	buf_release(&path);
	return rc;
}

static int open_sources(struct places_link *l, struct err *e)
{
	struct buf path = BUF_INIT;
	int rc = 0;

	if (l->from_asked)
		return 0;
	l->from_asked = 1;
	if (l->keys)
		rc = add_vault(l, l->keys->place, "index", e);
	buf_addf(&path, "%soutbox", l->ws->vdir.p);
	if (!rc && !buf_error(&path) &&
	    !folder_open(path.p, &l->outbox, NULL))
		rc = add_vault(l, l->outbox, "index-outbox", e);
	buf_release(&path);
	return rc;
}

/* One by one: each may lie elsewhere. */
static int read_any(void *arg, struct file_want *want, size_t n,
		    struct err *e)
{
	struct places_link *l = arg;
	struct file_store s;
	size_t i;
	int k, rc = HUB_EABSENT;

	for (i = 0; i < n; i++) {
		rc = HUB_EABSENT;
		for (k = 0; rc == HUB_EABSENT && k < l->from_n; k++) {
			vault_store(l->from[k], &s);
			rc = s.read(s.arg, &want[i], 1, e);
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

int places_carry_to(struct places_link *l, struct vault_put *put,
		    const struct places_pointers *p, int strict,
		    struct err *e)
{
	struct places_from f = { .store = { .read = read_any, .arg = l },
				 .strict = strict, .sent = &l->sent };
	int rc = p->n ? open_sources(l, e) : 0;

	for (f.n = 0; f.n < l->from_n; f.n++)
		f.v[f.n] = l->from[f.n];
	return rc < 0 ? rc : places_carry(l->ws, &f, put, p, e);
}

int places_carry_back(struct places_link *l, const struct places_pointers *p,
		      struct err *e)
{
	struct vault_conf c = { .signer = &l->signer, .jobs = 1 };
	struct vault_change none = { .kind = VAULTSTATE_ORDINARY };
	struct vault_put *put = NULL;
	struct places_from f = { .v = { l->vault }, .n = 1, .strict = 1 };
	struct buf path = BUF_INIT;
	struct vault *v = NULL;
	int rc;

	if (!p->n || !l->keys)
		return 0;
	buf_addf(&path, "%sindex", l->ws->vdir.p);
	c.place = l->keys->place;
	c.keys = vault_keys(l->vault);
	c.cache = path.p;
	rc = buf_error(&path) ? err_nomem(e) : vault_open(&c, &v, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = vault_init(c.place, l->ws->hub_id, os_now(), e);
		if (!rc || rc == HUB_ECONFLICT)
			rc = vault_open(&c, &v, e);
	}
	vault_store(l->vault, &f.store);
	if (!rc)
		rc = vault_put_begin(v, &put, e);
	if (!rc)
		rc = places_carry(l->ws, &f, put, p, e);
	if (!rc)
		rc = vault_put_commit(put, &none, e);
	vault_put_end(put);
	vault_close(v);
	buf_release(&path);
	return rc;
}
