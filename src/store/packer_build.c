/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer_build.c - one pack that fills, in memory.
 *
 *	| head, empty yet | object | object | ...      free      |
 *	0                 136               n               room
 *
 * Objects are sealed to their place at once, each under the pack's own data
 * key with its offset as the counter, and the leaves of the tree hash that are
 * full by then hashed while they are in the processor's cache; directory,
 * padding and head come at the end.  Invariant: packer_build_size() <= room.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "store/packer_internal.h"

int packer_build_begin(struct packer_build *b, enum pack_kind kind,
		       size_t room, struct err *e)
{
	if (!b->p)
		b->p = malloc(room);
	if (!b->leaf)
		b->leaf = malloc(room / HASH_LEAF * sizeof(*b->leaf));
	if (!b->p || !b->leaf)
		return err_nomem(e);
	secret_random(b->key_secret, sizeof(b->key_secret));
	if (b->aead)
		aead_rekey(b->aead, b->key_secret);
	else
		b->aead = aead_new(b->key_secret);
	if (!b->aead)
		return err_nomem(e);
	b->kind = kind;
	b->room = room;
	b->n = PACK_HEAD;
	b->entries_n = 0;
	b->leaves_n = 1;
	return 0;
}

void packer_build_reset(struct packer_build *b)
{
	b->n = 0;
	b->entries_n = 0;
}

void packer_build_release(struct packer_build *b)
{
	free(b->p);
	free(b->entries);
	free(b->leaf);
	aead_free(b->aead);
	secret_wipe(b, sizeof(*b));
}

static size_t size_with(const struct packer_build *b, size_t objects, size_t n)
{
	return b->n + n + (b->entries_n + objects) * PACK_ENTRY + 2 * PACK_TAG;
}

size_t packer_build_size(const struct packer_build *b)
{
	return size_with(b, 0, 0);
}

int packer_build_fits(const struct packer_build *b, size_t n)
{
	return size_with(b, 1, n + PACK_TAG) <= b->room;
}

static int grow(struct packer_build *b)
{
	size_t want = b->entries_alloc ? 2 * b->entries_alloc : 64;
	struct pack_entry *en;

	if (b->entries_n < b->entries_alloc)
		return 0;
	en = realloc(b->entries, want * sizeof(*en));
	if (!en)
		return HUB_ENOMEM;
	b->entries = en;
	b->entries_alloc = want;
	return 0;
}

/* The leaves that are full now; the first one has the head in it. */
static void hash_full(struct packer_build *b)
{
	size_t n = b->n / HASH_LEAF;

	if (n <= b->leaves_n)
		return;
	hash_tree_leaves(b->leaf + b->leaves_n, b->p + b->leaves_n * HASH_LEAF,
			 n - b->leaves_n);
	b->leaves_n = n;
}

int packer_build_add(struct packer_build *b, const struct pack_entry *from,
		     const uint8_t *p, size_t n, struct err *e)
{
	uint8_t ad[PACK_OBJECT_AD];
	struct pack_entry *en;

	if (!packer_build_fits(b, n))
		BUG("no room for %zu bytes in a pack", n);
	if (grow(b) < 0)
		return err_nomem(e);
	en = &b->entries[b->entries_n];
	*en = *from;
	en->at = (uint32_t)b->n;
	en->stored = (uint32_t)(n + PACK_TAG);
	if (pack_entry_check(en, b->kind) < 0)
		BUG("object of type %u, codec %u: %u bytes as %u", en->type,
		    en->codec, en->plain, en->stored);
	pack_object_ad(ad, en);
	aead_seal_at(b->aead, en->at, ad, sizeof(ad), p, n, b->p + b->n);
	b->n += en->stored;
	b->entries_n++;
	hash_full(b);
	return 0;
}

int packer_build_open(struct packer_build *b, size_t i, uint8_t *out,
		      struct err *e)
{
	const struct pack_entry *en = &b->entries[i];
	uint8_t ad[PACK_OBJECT_AD];

	pack_object_ad(ad, en);
	if (aead_open_at(b->aead, en->at, ad, sizeof(ad), b->p + en->at,
			 en->stored, out) < 0)
		return err_set(e, HUB_EBUG, "what was sealed does not open: this "
			       "computer's memory or processor may be faulty");
	return 0;
}

int packer_build_check(struct packer_build *b, const uint8_t *want)
{
	const struct pack_entry *en = &b->entries[b->entries_n - 1];
	uint8_t ad[PACK_OBJECT_AD];

	pack_object_ad(ad, en);
	return aead_check_at(b->aead, en->at, ad, sizeof(ad), b->p + en->at,
			     en->stored, want) == 0;
}

static void put_dir(struct packer_build *b, struct pack_inner *in)
{
	uint8_t *p = b->p + b->n;
	size_t i;

	in->dir_at = (uint32_t)b->n;
	in->entries = (uint32_t)b->entries_n;
	in->dir_n = (uint32_t)(b->entries_n * PACK_ENTRY + PACK_TAG);
	for (i = 0; i < b->entries_n; i++)
		pack_entry_encode(p + i * PACK_ENTRY, &b->entries[i]);
	aead_seal_at(b->aead, PACK_COUNTER_DIR, NULL, 0, p,
		     b->entries_n * PACK_ENTRY, p);
	b->n += in->dir_n;
}

static void put_padding(struct packer_build *b, size_t size)
{
	size_t n = size - b->n - PACK_TAG;
	uint8_t *p = b->p + b->n;

	memset(p, 0, n);
	aead_seal_at(b->aead, PACK_COUNTER_PAD, NULL, 0, p, n, p);
	b->n = size;
}

static void put_head(struct packer_build *b, const struct packer_seal *s,
		     struct pack_inner *in, struct pack_head *h)
{
	uint8_t plain[PACK_INNER], ad[PACK_AD];

	memcpy(in->key, b->key_secret, sizeof(in->key));
	memcpy(h->commit, s->commit, sizeof(h->commit));
	secret_random(h->nonce, sizeof(h->nonce));
	pack_head_encode(b->p, h);
	pack_head_ad(ad, b->p, s->hub);
	pack_inner_encode(plain, in);
	aead_seal(s->key_secret, h->nonce, ad, sizeof(ad), plain, sizeof(plain),
		  b->p + PACK_BOX_AT);
	secret_wipe(plain, sizeof(plain));
}

/* Does the sealed directory open, decode, and say what it should? */
static int dir_good(struct packer_build *b, const struct pack_inner *in,
		    uint8_t *dir, struct pack_entry *en)
{
	size_t n = in->dir_n - PACK_TAG, i;
	uint8_t want[PACK_ENTRY];

	if (aead_open_at(b->aead, PACK_COUNTER_DIR, NULL, 0, b->p + in->dir_at,
			 in->dir_n, dir) < 0 ||
	    pack_dir_decode(en, b->kind, in, dir, n, NULL) < 0)
		return 0;
	for (i = 0; i < b->entries_n; i++) {
		pack_entry_encode(want, &b->entries[i]);
		if (memcmp(want, dir + i * PACK_ENTRY, PACK_ENTRY))
			return 0;
	}
	return 1;
}

/* Can a reader come to the objects? */
static int check(struct packer_build *b, const struct packer_seal *s,
		 const struct pack_inner *want, struct err *e)
{
	struct pack_entry *en = malloc(b->entries_n * sizeof(*en));
	uint8_t plain[PACK_INNER], ad[PACK_AD], *dir = malloc(want->dir_n);
	struct pack_inner in;
	struct pack_head h;
	int good, rc;

	memset(&in, 0, sizeof(in));
	if (!en || !dir) {
		rc = err_nomem(e);
		goto out;
	}
	pack_head_ad(ad, b->p, s->hub);
	good = pack_head_decode(&h, b->p, b->n, b->n, NULL) == 0 &&
	       aead_open(s->key_secret, h.nonce, ad, sizeof(ad), h.box,
			 sizeof(h.box), plain) == 0 &&
	       pack_inner_decode(&in, h.klass, plain, NULL) == 0 &&
	       !memcmp(&in, want, sizeof(in)) && dir_good(b, &in, dir, en);
	secret_wipe(plain, sizeof(plain));
	rc = good ? 0 : err_set(e, HUB_EBUG, "a pack that was sealed does not "
				"open: this computer's memory or processor may "
				"be faulty");
out:
	free(dir);
	free(en);
	secret_wipe(&in, sizeof(in));
	return rc;
}

int packer_build_end(struct packer_build *b, const struct packer_seal *s,
		     struct packer_pack *ret, struct err *e)
{
	struct pack_inner in;
	struct pack_head h;
	int rc;

	memset(&in, 0, sizeof(in));
	memset(&h, 0, sizeof(h));
	h.kind = b->kind;
	h.klass = pack_class_for(packer_build_size(b));
	h.epoch = s->epoch;
	put_dir(b, &in);
	put_padding(b, (size_t)1 << h.klass);
	put_head(b, s, &in, &h);
	rc = check(b, s, &in, e);
	secret_wipe(&in, sizeof(in));
	if (rc < 0)
		return rc;
	hash_full(b);
	hash_tree_leaves(b->leaf, b->p, 1);
	hash_tree_root(ret->id, (const uint8_t (*)[HASH_SIZE])b->leaf,
		       b->leaves_n);
	ret->bytes = b->p;
	ret->n = b->n;
	ret->kind = b->kind;
	ret->klass = h.klass;
	ret->epoch = s->epoch;
	ret->entries = b->entries;
	ret->entries_n = b->entries_n;
	return 0;
}
