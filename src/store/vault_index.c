/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_index.c - the index of a vault into this computer's cache: the
 * segments that the newest state names and the cache has not.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "store/vault_internal.h"

/* ---- meta objects ---- */

int vault_index_fresh(struct vault *v, const uint8_t name[32], const void *p,
		      size_t n, struct err *e)
{
	struct vault_fresh *f = calloc(1, sizeof(*f));

	if (!f)
		return err_nomem(e);
	buf_init(&f->bytes);
	buf_add(&f->bytes, p, n);
	if (buf_error(&f->bytes)) {
		free(f);
		return err_nomem(e);
	}
	memcpy(f->name, name, 32);
	f->next = v->fresh;
	v->fresh = f;
	return 0;
}

void vault_index_forget_fresh(struct vault *v)
{
	struct vault_fresh *f;

	while ((f = v->fresh)) {
		v->fresh = f->next;
		buf_release(&f->bytes);
		free(f);
	}
}

static const char *what(unsigned type)
{
	return type == PACK_SEGMENT ? "segment of the index" :
	       type == PACK_LIST ? "list of segments" : "list of refs";
}

/* The reason for which a meta object cannot be had is said with its name;
 * a pack that is not there is damage. */
static int missing(int rc, unsigned type, const uint8_t name[32],
		   struct err *e)
{
	char hex[17];

	hex_encode(hex, name, 8);
	if (rc == HUB_EABSENT)
		return err_set(e, HUB_ECORRUPT, "%s %s...: its pack is "
			       "missing", what(type), hex);
	err_in(e, "%s %s...", what(type), hex);
	return rc;
}

int vault_index_object(struct vault *v, unsigned type, const uint8_t name[32],
		       const uint8_t pack[32], struct buf *ret, struct err *e)
{
	struct pack_entry *all = NULL;
	struct vault_fresh *f;
	size_t n = 0, i;
	int rc;

	for (f = v->fresh; f; f = f->next) {
		if (memcmp(f->name, name, 32))
			continue;
		buf_add(ret, f->bytes.p, f->bytes.n);
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	rc = packread_dir(v->read, pack, &all, &n, e);
	if (rc < 0)
		return missing(rc, type, name, e);
	for (i = 0; i < n; i++)
		if (all[i].type == type && !memcmp(all[i].name, name, 32))
			break;
	if (i == n)
		rc = missing(HUB_EABSENT, type, name, e);
	else
		rc = packread_object(v->read, pack, &all[i], ret, e);
	free(all);
	return i < n && rc < 0 ? missing(rc, type, name, e) : rc;
}

int vault_index_list(struct vault *v, const struct vaultstate *s,
		     struct segment_ref **ret, size_t *ret_n, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	*ret = NULL;
	*ret_n = 0;
	if (!s->list.has)
		return 0;
	rc = vault_index_object(v, PACK_LIST, s->list.name, s->list.pack, &b,
				e);
	if (rc == 0)
		rc = segment_list_decode(ret, ret_n, b.p, b.n, e);
	buf_release(&b);
	return rc;
}

/* ---- loading ---- */

/* All segments of the state, oldest first; owned. */
static int all_segments(struct vault *v, struct segment_ref **ret,
			size_t *ret_n, struct err *e)
{
	const struct vaultstate *s = v->st;
	struct segment_ref *list = NULL, *all;
	size_t n = 0, i;
	int rc = vault_index_list(v, s, &list, &n, e);

	if (err_is_damage(rc) && v->conf.no_index) {
		v->lost++;
		rc = 0;
	}
	if (rc < 0)
		return rc;
	all = calloc(n + s->recent_n + 1, sizeof(*all));
	if (!all) {
		free(list);
		return err_nomem(e);
	}
	if (n)
		memcpy(all, list, n * sizeof(*all));
	for (i = s->recent_n; i > 0; i--)
		all[n++] = s->recent[i - 1];
	free(list);
	*ret = all;
	*ret_n = n;
	return 0;
}

static int load_one(struct vault *v, const struct segment_ref *r,
		    struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	if (catalog_has(v->catalog, r->name))
		return 0;
	rc = vault_index_object(v, PACK_SEGMENT, r->name, r->pack, &b, e);
	if (rc == 0)
		rc = catalog_add(v->catalog, r->name, b.p, b.n, e);
	buf_release(&b);
	if (err_is_damage(rc) && v->conf.no_index) {
		v->lost++;
		rc = 0;
	}
	return rc;
}

/* Is what the cache holds too old, or of another index? */
static int stale(const struct vault *v, const uint8_t (*names)[32], size_t n)
{
	uint64_t seen = catalog_time(v->catalog), now = v->st->time;

	if (n && !catalog_keeps(v->catalog, names, n))
		return 1;
	return seen && now > seen && now - seen > VAULT_SILENCE;
}

int vault_index_load(struct vault *v, struct err *e)
{
	struct segment_ref *all = NULL;
	uint8_t (*names)[32] = NULL;
	size_t n = 0, i;
	int rc;

	v->lost = 0;
	rc = all_segments(v, &all, &n, e);
	if (rc < 0)
		goto out;
	names = malloc(n ? n * 32 : 1);
	if (!names) {
		rc = err_nomem(e);
		goto out;
	}
	for (i = 0; i < n; i++)
		memcpy(names[i], all[i].name, 32);
	if (v->cache_bad || stale(v, (const uint8_t (*)[32])names, n)) {
		rc = catalog_reset(v->catalog, e);
		v->cache_bad = 0;
	}
	for (i = 0; rc == 0 && i < n; i++)
		rc = load_one(v, &all[i], e);
	if (rc == 0)
		rc = catalog_inline(v->catalog, v->st->inline_segment,
				    v->st->inline_n, e);
	if (rc == 0)
		rc = catalog_settle(v->catalog, (const uint8_t (*)[32])names, n,
				    v->st->time, e);
out:
	free(names);
	free(all);
	return rc;
}

int vault_index_find(struct vault *v, const uint8_t name[32],
		     struct catalog_at *ret, struct err *e)
{
	int rc = catalog_find(v->catalog, name, ret, e);

	if (rc != HUB_ECORRUPT)
		return rc;
	v->cache_bad = 1;
	rc = vault_index_load(v, e);
	return rc < 0 ? rc : catalog_find(v->catalog, name, ret, e);
}
