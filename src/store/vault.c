/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault.c - a vault at a place: making, opening, looking for newer states,
 * reading objects.  One state: vault_state.c; the index: vault_index.c and
 * catalog.c; adding: vault_put.c and vault_commit.c.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "crypt/hash.h"
#include "fmt/recipe.h"
#include "store/file.h"
#include "store/vault_internal.h"

/* ---- the format file ---- */

int vault_init(struct place *p, const uint8_t hub[32], int64_t now,
	       struct err *e)
{
	uint8_t id[32];

	secret_random(id, sizeof(id));
	return vault_format_mend(p, hub, id, now, e);
}

int vault_format_mend(struct place *p, const uint8_t hub[32],
		      const uint8_t id[32], int64_t now, struct err *e)
{
	struct vaultfile f;
	struct buf b = BUF_INIT;
	int rc;

	memset(&f, 0, sizeof(f));
	memcpy(f.hub, hub, 32);
	memcpy(f.place, id, 32);
	f.suite = VAULTFILE_SUITE;
	f.min_reader = f.min_writer = 1;
	f.created = now;
	vaultfile_encode(&b, &f);
	rc = buf_error(&b) ? err_nomem(e)
			   : p->ops->format_put(p, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

int vault_format(struct place *p, struct vaultfile *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = p->ops->format_get(p, &b, e);

	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_EABSENT, "there is no vault at '%s'",
			     p->name);
	else if (rc == HUB_ELIMIT)
		rc = err_set(e, HUB_ECORRUPT, "the format file at '%s' is "
			     "damaged", p->name);
	if (rc == 0) {
		rc = vaultfile_decode(ret, b.p, b.n, e);
		if (rc < 0)
			err_in(e, "'%s'", p->name);
	}
	buf_release(&b);
	return rc;
}

/* ---- open ---- */

static int set_up(struct vault *v, struct err *e)
{
	int rc;

	v->st = calloc(1, sizeof(*v->st));
	v->mark = calloc(1, sizeof(*v->mark));
	v->cache = malloc(strlen(v->conf.cache) + 1);
	if (!v->st || !v->mark || !v->cache)
		return err_nomem(e);
	memcpy(v->cache, v->conf.cache, strlen(v->conf.cache) + 1);
	v->conf.cache = v->cache;
	rc = vault_format(v->conf.place, &v->file, e);
	if (rc < 0)
		return rc;
	if (memcmp(v->file.hub, v->conf.keys->hub, 32))
		return err_set(e, HUB_EAUTH, "the vault at '%s' is of another "
			       "hub", v->conf.place->name);
	rc = catalog_open(v->cache, v->file.place, &v->catalog, e);
	if (rc == 0)
		rc = packread_open(v->conf.place, v->conf.keys, &v->read, e);
	if (rc == 0)
		rc = vault_mark_load(v, e);
	return rc;
}

int vault_open(const struct vault_conf *conf, struct vault **ret,
	       struct err *e)
{
	struct vault *v = calloc(1, sizeof(*v));
	int rc;

	if (!v)
		return err_nomem(e);
	v->conf = *conf;
	v->conf.no_index |= conf->mend;
	rc = set_up(v, e);
	if (rc == 0)
		rc = vault_refresh(v, e);
	if (rc < 0) {
		vault_close(v);
		return rc;
	}
	*ret = v;
	return 0;
}

void vault_close(struct vault *v)
{
	if (!v)
		return;
	vault_put_end(v->put);
	vault_index_forget_fresh(v);
	packread_close(v->read);
	catalog_close(v->catalog);
	slots_gone_release(&v->gone);
	free(v->cache);
	free(v->mark);
	free(v->st);
	free(v);
}

/* ---- newer states ---- */

int vault_take(struct vault *v, uint64_t seq, const struct buf *b,
	       struct err *e)
{
	struct vaultstate *s = calloc(1, sizeof(*s)), *old = v->st;
	uint64_t old_seq = v->seq;
	struct vaultstate_head head;
	uint8_t hash[32], old_hash[32];
	int rc;

	if (!s)
		return err_nomem(e);
	rc = vault_state_open(v, seq, b->p, b->n, &head, s, e);
	if (rc == 0) {
		hash_once(hash, b->p, b->n);
		rc = vault_gone_check(v, seq, hash, s, e);
		if (rc == 0)
			rc = vault_state_chain(v, seq, &head, hash, s, e);
	}
	if (rc < 0) {
		free(s);
		return rc;
	}
	memcpy(old_hash, v->hash, 32);
	v->st = s;
	v->seq = seq;
	memcpy(v->hash, hash, 32);
	rc = vault_index_load(v, e);
	if (rc == 0)
		rc = vault_mark_raise(v, e);
	if (rc < 0) {
		v->st = old;
		v->seq = old_seq;
		memcpy(v->hash, old_hash, 32);
		free(s);
		return rc;
	}
	free(old);
	return 1;
}

int vault_refresh(struct vault *v, struct err *e)
{
	struct place *p = v->conf.place;
	uint64_t hint = v->seq > v->mark->seq ? v->seq : v->mark->seq, seq = 0;
	struct buf b = BUF_INIT;
	int rc;

	if (v->conf.mend)
		return vault_repair_refresh(v, e);
	rc = p->ops->state_newest(p, hint, &seq, e);
	if (rc < 0)
		return rc;
	if (seq < hint)
		return err_set(e, HUB_EREMOTE, "'%s' shows state %llu, but "
			       "this computer has seen state %llu there: it "
			       "was put back, or is a copy", p->name,
			       (unsigned long long)seq,
			       (unsigned long long)hint);
	if (seq == v->seq)
		return 0;
	rc = p->ops->state_get(p, seq, &b, e);
	/* It was there a moment ago: nothing deletes the newest. */
	if (rc == HUB_EABSENT)
		rc = err_set(e, HUB_ECORRUPT, "state %llu is missing",
			     (unsigned long long)seq);
	if (rc == 0)
		rc = vault_take(v, seq, &b, e);
	buf_release(&b);
	return rc;
}

/* ---- what there is ---- */

const struct vaultfile *vault_file(const struct vault *v)
{
	return &v->file;
}

uint64_t vault_seq(const struct vault *v)
{
	return v->seq;
}

const struct vaultstate *vault_state(const struct vault *v)
{
	return v->st;
}

void vault_hash(const struct vault *v, uint8_t out[32])
{
	memcpy(out, v->hash, 32);
}

unsigned vault_index_lost(const struct vault *v)
{
	return v->lost;
}

struct place *vault_place(const struct vault *v)
{
	return v->conf.place;
}

const struct keyring *vault_keys(const struct vault *v)
{
	return v->conf.keys;
}

int vault_refs(struct vault *v, struct vaultrefs *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!v->st->refs.has)
		return err_set(e, HUB_EABSENT, "the vault at '%s' has no refs "
			       "yet", v->conf.place->name);
	rc = vault_index_object(v, PACK_REFS, v->st->refs.name,
				v->st->refs.pack, &b, e);
	if (rc == 0)
		rc = vaultrefs_decode(ret, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

/* ---- objects ---- */

int vault_find(struct vault *v, const uint8_t name[32], struct vault_at *ret,
	       struct err *e)
{
	struct catalog_at at;
	int rc = vault_index_find(v, name, &at, e);

	if (rc > 0) {
		memcpy(ret->pack, at.pack, 32);
		ret->at = at.at;
	}
	return rc;
}

static int must_find(struct vault *v, const uint8_t name[32], unsigned type,
		     struct vault_at *ret, struct err *e)
{
	char hex[65];
	int rc = vault_find(v, name, ret, e);

	if (rc < 0 || (rc > 0 && ret->at.type == type))
		return rc < 0 ? rc : 0;
	hex_encode(hex, name, 32);
	return err_set(e, HUB_EABSENT, "object %s is not at '%s'", hex,
		       v->conf.place->name);
}

/* The index names a pack that is not there: damage. */
static int lost_pack(int rc, const uint8_t pack[32], struct err *e)
{
	char hex[65];

	if (rc != HUB_EABSENT)
		return rc;
	hex_encode(hex, pack, 32);
	return err_set(e, HUB_ECORRUPT, "pack %s is missing", hex);
}

int vault_read(struct vault *v, const uint8_t name[32], unsigned type,
	       struct buf *ret, struct err *e)
{
	struct vault_at at;
	int rc = must_find(v, name, type, &at, e);

	if (rc == 0)
		rc = lost_pack(packread_object(v->read, at.pack, &at.at, ret,
					       e), at.pack, e);
	return rc;
}

static int read_one(struct vault *v, struct file_want *w,
		    struct packread_want *pw, struct err *e)
{
	struct vault_at at;
	int rc = must_find(v, w->name, w->type, &at, e);

	if (rc < 0)
		return rc;
	if (w->type == PACK_CHUNK ? at.at.plain != w->n
				  : at.at.plain > RECIPE_NODE_MAX)
		return err_set(e, HUB_ECORRUPT, "an object has %u bytes where "
			       "its recipe says %u", (unsigned)at.at.plain,
			       (unsigned)w->n);
	w->n = at.at.plain;
	memcpy(pw->pack, at.pack, 32);
	pw->at = at.at;
	pw->out = w->out;
	return 0;
}

static int store_read(void *arg, struct file_want *want, size_t n,
		      struct err *e)
{
	struct packread_want *w = calloc(n ? n : 1, sizeof(*w));
	struct vault *v = arg;
	size_t i, bad = 0;
	int rc = 0;

	if (!w)
		return err_nomem(e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = read_one(v, &want[i], &w[i], e);
	if (rc == 0) {
		rc = packread_objects(v->read, w, n, &bad, e);
		if (rc < 0 && bad < n)
			rc = lost_pack(rc, w[bad].pack, e);
	}
	free(w);
	return rc;
}

void vault_store(struct vault *v, struct file_store *ret)
{
	ret->read = store_read;
	ret->arg = v;
}
