/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packread_open.c - from sealed bytes to plain ones: heads, directories, objects.
 * No place, no cache.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/hash_many.h"
#include "crypt/sign.h"
#include "store/packread_internal.h"

/* Does the key commit to what the head says, and open its box? */
static int open_box(const struct keyring *keys, const uint8_t *head,
		    const struct pack_head *h, uint8_t plain[PACK_INNER],
		    struct err *e)
{
	uint8_t key[32], ad[PACK_AD];
	int rc;

	if (keyring_subkey(keys, h->epoch, "pack", key) < 0)
		return err_set(e, HUB_EAUTH, "it is sealed with the keys of "
			       "epoch %u, which this device does not have",
			       h->epoch);
	rc = aead_commit_check(key, h->commit);
	if (rc < 0) {
		rc = err_set(e, HUB_EAUTH, "it is sealed with another key of "
			     "epoch %u", h->epoch);
	} else {
		pack_head_ad(ad, head, keys->hub);
		rc = aead_open(key, h->nonce, ad, sizeof(ad), h->box,
			       sizeof(h->box), plain);
		if (rc < 0)
			rc = err_set(e, HUB_ECORRUPT, "its head is damaged");
	}
	secret_wipe(key, sizeof(key));
	return rc;
}

int packread_unlock(const struct keyring *keys, const uint8_t *head,
		    uint64_t size, struct packread_pack *k, struct err *e)
{
	uint8_t plain[PACK_INNER];
	struct pack_inner in;
	int rc;

	rc = pack_head_decode(&k->head, head, PACK_HEAD, size, e);
	if (rc == 0)
		rc = open_box(keys, head, &k->head, plain, e);
	if (rc < 0)
		return rc;
	rc = pack_inner_decode(&in, k->head.klass, plain, e);
	if (rc == 0 && k->aead)
		aead_rekey(k->aead, in.key);
	else if (rc == 0)
		k->aead = aead_new(in.key);
	if (rc == 0 && !k->aead)
		rc = err_nomem(e);
	k->dir_at = in.dir_at;
	k->dir_n = in.dir_n;
	k->entries = in.entries;
	secret_wipe(plain, sizeof(plain));
	secret_wipe(&in, sizeof(in));
	return rc;
}

/* One frame that says its size, no more and no less. */
static int decompress(ZSTD_DCtx *dctx, const uint8_t *p, size_t n, uint8_t *out,
		      size_t plain)
{
	if (ZSTD_getFrameContentSize(p, n) != plain ||
	    ZSTD_findFrameCompressedSize(p, n) != n ||
	    ZSTD_decompressDCtx(dctx, out, plain, p, n) != plain)
		return HUB_ECORRUPT;
	return 0;
}

int packread_decode(struct packread_pack *k, ZSTD_DCtx *dctx,
		    const struct pack_entry *en, uint8_t *box, uint8_t *out,
		    struct err *e)
{
	uint8_t ad[PACK_OBJECT_AD];
	int raw = en->codec == PACK_RAW;
	int rc;

	if (pack_entry_check(en, k->head.kind) < 0 || en->at < PACK_HEAD ||
	    (uint64_t)en->at + en->stored > k->dir_at)
		return err_set(e, HUB_ECORRUPT, "no object of %u bytes can stand "
			       "at %u", en->stored, en->at);
	pack_object_ad(ad, en);
	rc = aead_open_at(k->aead, en->at, ad, sizeof(ad), box, en->stored,
			  raw ? out : box);
	if (rc == 0 && !raw)
		rc = decompress(dctx, box, en->stored - PACK_TAG, out,
				en->plain);
	if (rc < 0)
		return err_set(e, HUB_ECORRUPT, "the object at %u is damaged",
			       en->at);
	return 0;
}

int packread_dir_open(struct packread_pack *k, uint8_t *box,
		      struct pack_entry **ret, struct err *e)
{
	struct pack_inner in = { .dir_at = k->dir_at, .dir_n = k->dir_n,
				 .entries = k->entries };
	struct pack_entry *en;
	int rc;

	if (aead_open_at(k->aead, PACK_COUNTER_DIR, NULL, 0, box, k->dir_n,
			 box) < 0)
		return err_set(e, HUB_ECORRUPT, "its directory is damaged");
	en = calloc(k->entries, sizeof(*en));
	if (!en)
		return err_nomem(e);
	rc = pack_dir_decode(en, k->head.kind, &in, box, k->dir_n - PACK_TAG, e);
	if (rc < 0) {
		free(en);
		return rc;
	}
	*ret = en;
	return 0;
}

size_t packread_names(const struct keyring *keys,
		      const struct packread_want *want, size_t n)
{
	const char *context = pack_name_context(want[0].at.type);
	uint8_t name[PACKREAD_NAMES][32];
	struct hash_part part[PACKREAD_NAMES];
	size_t i;

	for (i = 0; i < n; i++) {
		part[i].p = want[i].out;
		part[i].n = want[i].at.plain;
		part[i].out = name[i];
	}
	hash_many(keys->name_secret, context, strlen(context) + 1, part, n);
	for (i = 0; i < n; i++)
		if (memcmp(name[i], want[i].at.name, 32))
			break;
	return i;
}

/* ---- a whole pack ---- */

/* Is what follows the directory zeros, sealed? */
static int check_padding(struct packread_pack *k, uint8_t *p, size_t n,
			 struct err *e)
{
	size_t i, at = k->dir_at + k->dir_n;
	int bad;

	bad = aead_open_at(k->aead, PACK_COUNTER_PAD, NULL, 0, p + at, n - at,
			   p + at) < 0;
	for (i = at; !bad && i < n - PACK_TAG; i++)
		bad = p[i] != 0;
	return bad ? err_set(e, HUB_ECORRUPT, "its padding is damaged") : 0;
}

typedef int (*each_fn)(void *arg, const struct pack_entry *en,
		       const uint8_t *plain, struct err *e);

/* ${pass}: objects that are damaged are passed over. */
static int check_objects(const struct keyring *keys, struct packread_pack *k,
			 const struct pack_entry *en, uint8_t *p, int pass,
			 each_fn each, void *arg, struct err *e)
{
	ZSTD_DCtx *dctx = ZSTD_createDCtx();
	struct packread_want w;
	uint8_t *out = NULL, *big;
	size_t room = 0;
	uint32_t i;
	int rc = dctx ? 0 : err_nomem(e);

	for (i = 0; rc == 0 && i < k->entries; i++) {
		if (room < en[i].plain) {
			big = realloc(out, en[i].plain);
			if (!big) {
				rc = err_nomem(e);
				break;
			}
			out = big;
			room = en[i].plain;
		}
		rc = packread_decode(k, dctx, &en[i], p + en[i].at, out, e);
		w.at = en[i];
		w.out = out;
		if (rc == 0 && packread_names(keys, &w, 1) != 1)
			rc = err_set(e, HUB_ECORRUPT, "the object at %u is not "
				     "what its name says", en[i].at);
		if (rc == HUB_ECORRUPT && pass) {
			rc = 0;
			continue;
		}
		if (rc == 0 && each)
			rc = each(arg, &en[i], out, e);
	}
	ZSTD_freeDCtx(dctx);
	free(out);
	return rc;
}

/* Head, directory and objects; and, but with ${pass}, what lies around them. */
static int check_all(const struct keyring *keys, const void *bytes, size_t n,
		     int pass, each_fn each, void *arg, struct err *e)
{
	struct pack_entry *en = NULL;
	struct packread_pack k;
	uint8_t *p = malloc(n);
	int rc;

	memset(&k, 0, sizeof(k));
	if (!p)
		return err_nomem(e);
	memcpy(p, bytes, n);
	rc = packread_unlock(keys, p, n, &k, e);
	if (rc == 0)
		rc = packread_dir_open(&k, p + k.dir_at, &en, e);
	if (rc == 0 && !pass)
		rc = check_padding(&k, p, n, e);
	if (rc == 0)
		rc = check_objects(keys, &k, en, p, pass, each, arg, e);
	free(en);
	aead_free(k.aead);
	free(p);
	return rc;
}

int packread_check(const struct keyring *keys, const uint8_t pack[32],
		   const void *bytes, size_t n, each_fn each, void *arg,
		   struct err *e)
{
	uint8_t id[32];

	if (n < PACK_HEAD + PACK_TAG || n > PACK_SIZE_MAX)
		return err_set(e, HUB_ECORRUPT, "no pack has %zu bytes", n);
	hash_tree(id, bytes, n);
	if (memcmp(id, pack, 32))
		return err_set(e, HUB_ECORRUPT, "the bytes are not those of this "
			       "pack");
	return check_all(keys, bytes, n, 0, each, arg, e);
}

int packread_salvage(const struct keyring *keys, const void *bytes, size_t n,
		     each_fn each, void *arg, struct err *e)
{
	if (n < PACK_HEAD + PACK_TAG || n > PACK_SIZE_MAX)
		return err_set(e, HUB_ECORRUPT, "no pack has %zu bytes", n);
	return check_all(keys, bytes, n, 1, each, arg, e);
}
