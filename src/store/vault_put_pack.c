/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vault_put_pack.c - a whole pack of another vault of the same hub, as it is:
 * what is sealed there needs not be opened, compressed and sealed again.
 *
 * Only what adds more than it repeats: at least half of the pack's bytes are
 * wanted here and missing.  Its bytes are compared with its id, which is their
 * tree hash, on the way; head and directory are opened.  What is damaged is
 * left to whoever reads object by object, and says which.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "os/os_clock.h"
#include "store/vault_internal.h"

int vault_put_has(struct vault_put *pt, const uint8_t name[32], struct err *e)
{
	int rc;

	os_mutex_lock(pt->lock);
	rc = vault_put_look(pt, name, e);
	os_mutex_unlock(pt->lock);
	return rc;
}

/* worth(): 1 or 0; those that are new are closed up at the front, *n of them. */
static int worth(struct vault_put *pt, struct pack_entry *en, size_t *n,
		 const struct map *wanted, int strict, struct err *e)
{
	uint64_t all = 0, missing = 0;
	size_t i, kept = 0;
	int rc;

	for (i = 0; i < *n; i++) {
		all += en[i].stored;
		rc = vault_put_has(pt, en[i].name, e);
		if (rc < 0)
			return rc;
		if (rc)
			continue;
		if (map_get(wanted, en[i].name, 32))
			missing += en[i].stored;
		else if (strict)
			return 0;
		en[kept++] = en[i];
	}
	*n = kept;
	return missing && missing * 2 >= all;
}

/* note(): the next state names it. */
static int note(struct vault_put *pt, const uint8_t pack[32],
		const struct pack_head *h, const struct pack_entry *en,
		size_t n, struct err *e)
{
	struct segment_pack sp;
	size_t i;
	int rc;

	memset(&sp, 0, sizeof(sp));
	memcpy(sp.id, pack, 32);
	sp.klass = (uint8_t)h->klass;
	sp.kind = (uint8_t)h->kind;
	sp.named = (uint64_t)os_now();
	os_mutex_lock(pt->lock);
	rc = vault_put_note(pt, &sp, en, n, e);
	for (i = 0; rc == 0 && i < n; i++)
		if (map_put(&pt->pending, en[i].name, 32, pt) < 0)
			rc = err_nomem(e);
	pt->bytes += (uint64_t)1 << h->klass;
	os_mutex_unlock(pt->lock);
	return rc;
}

/* copy(): 1 it is there; 0 its bytes cannot be had, or are not its own. */
static int copy(struct vault_put *pt, struct vault *from,
		const uint8_t pack[32], size_t n, struct err *e)
{
	struct place *to = pt->v->conf.place, *p = from->conf.place;
	uint8_t *bytes = malloc(n), id[32];
	int rc;

	if (!bytes)
		return err_nomem(e);
	if (p->ops->pack_get(p, pack, 0, bytes, n, NULL) < 0) {
		free(bytes);
		return 0;
	}
	hash_tree(id, bytes, n);
	if (memcmp(id, pack, 32)) {
		free(bytes);
		return 0;
	}
	rc = vault_put_step(pt, e);
	if (rc == 0)
		rc = to->ops->pack_put(to, pack, bytes, n, PLACE_NEW, e);
	free(bytes);
	return rc < 0 ? rc : 1;
}

int vault_put_pack(struct vault_put *pt, struct vault *from,
		   const uint8_t pack[32], const struct map *wanted,
		   int strict, struct err *e)
{
	struct pack_entry *en = NULL;
	struct pack_head h;
	size_t n = 0;
	int rc;

	if (packread_head(from->read, pack, &h, NULL) < 0 ||
	    h.kind != PACK_DATA ||
	    packread_dir(from->read, pack, &en, &n, NULL) < 0)
		return 0;
	rc = worth(pt, en, &n, wanted, strict, e);
	if (rc > 0)
		rc = copy(pt, from, pack, (size_t)1 << h.klass, e);
	if (rc > 0) {
		rc = note(pt, pack, &h, en, n, e);
		rc = rc < 0 ? rc : 1;
	}
	free(en);
	return rc;
}
