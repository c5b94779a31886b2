/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pack.c - encode and decode heads and directories of packs, hubformat-pack(5).
 *
 * What decodes is canonical: it encodes to the same bytes.  Every offset and
 * size that comes out of here lies inside the file, so that a reader needs no
 * check of its own before it allocates or reads.
 */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/pack.h"

#define MAGIC "VHpk"
#define VERSION 1
#define SUITE 1

_Static_assert(PACK_BOX_AT + PACK_INNER + PACK_TAG == PACK_HEAD, "head");

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
	return p + 4;
}

static uint8_t *put(uint8_t *p, const void *from, size_t n)
{
	memcpy(p, from, n);
	return p + n;
}

int pack_kind_of(unsigned type)
{
	if (type == PACK_CHUNK || type == PACK_RECIPE)
		return PACK_DATA;
	return type >= PACK_SEGMENT && type <= PACK_OTHER ? PACK_META : 0;
}

int pack_class_ok(unsigned klass)
{
	return klass == 12 || klass == 14 ||
	       (klass >= 16 && klass <= PACK_CLASS_MAX);
}

unsigned pack_class_for(uint64_t n)
{
	unsigned k;

	for (k = PACK_CLASS_MIN; k <= PACK_CLASS_MAX; k++)
		if (pack_class_ok(k) && n <= (uint64_t)1 << k)
			return k;
	return 0;
}

const char *pack_name_context(unsigned type)
{
	static const char *const contexts[] = {
		"vibehub-object-1", "vibehub-object-2", "vibehub-object-3",
		"vibehub-object-4", "vibehub-object-5", "vibehub-object-6",
	};

	if (!pack_kind_of(type))
		BUG("no such type of object: %u", type);
	return contexts[type - 1];
}

/* ---- head ---- */

void pack_head_encode(uint8_t out[PACK_HEAD], const struct pack_head *h)
{
	uint8_t *p = out;

	if ((h->kind != PACK_DATA && h->kind != PACK_META) ||
	    !pack_class_ok(h->klass) || !h->epoch)
		BUG("pack of kind %d, class %u, epoch %u", (int)h->kind,
		    h->klass, h->epoch);
	p = put(p, MAGIC, 4);
	*p++ = VERSION;
	*p++ = SUITE;
	*p++ = (uint8_t)h->kind;
	*p++ = (uint8_t)h->klass;
	p = put_u32(p, h->epoch);
	p = put_u32(p, 0);
	p = put(p, h->commit, sizeof(h->commit));
	p = put(p, h->nonce, sizeof(h->nonce));
	put(p, h->box, sizeof(h->box));
}

int pack_head_decode(struct pack_head *ret, const void *p, size_t n,
		     uint64_t size, struct err *e)
{
	unsigned version, suite, kind;
	struct span magic;
	struct rd r;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n < PACK_HEAD ? n : PACK_HEAD);
	magic = rd_bytes(&r, 4);
	version = rd_u8(&r);
	suite = rd_u8(&r);
	if (r.failed || memcmp(magic.p, MAGIC, 4))
		return err_set(e, HUB_ECORRUPT, "not a pack");
	if (version != VERSION || suite != SUITE)
		return err_set(e, HUB_EVERSION, "pack of version %u, suite %u; "
			       "this program knows %d and %d: use a newer hub",
			       version, suite, VERSION, SUITE);
	kind = rd_u8(&r);
	ret->klass = rd_u8(&r);
	ret->epoch = rd_u32(&r);
	if (rd_u32(&r) || !ret->epoch || !pack_class_ok(ret->klass) ||
	    (kind != PACK_DATA && kind != PACK_META))
		return err_set(e, HUB_ECORRUPT, "pack: its head is damaged");
	if (size != (uint64_t)1 << ret->klass)
		return err_set(e, HUB_ECORRUPT, "pack: the file has %llu bytes, "
			       "not 2^%u", (unsigned long long)size, ret->klass);
	ret->kind = (enum pack_kind)kind;
	rd_copy(&r, ret->commit, sizeof(ret->commit));
	rd_copy(&r, ret->nonce, sizeof(ret->nonce));
	rd_copy(&r, ret->box, sizeof(ret->box));
	if (rd_end(&r) < 0)
		return err_set(e, HUB_ECORRUPT, "pack: its head is cut off");
	return 0;
}

void pack_head_ad(uint8_t ad[PACK_AD], const uint8_t *head,
		  const uint8_t hub[32])
{
	put(put(ad, head, PACK_COMMIT_AT), hub, 32);
}

/* ---- what the head's box holds ---- */

void pack_inner_encode(uint8_t out[PACK_INNER], const struct pack_inner *in)
{
	uint8_t *p = put(out, in->key, sizeof(in->key));

	p = put_u32(p, in->dir_at);
	p = put_u32(p, in->dir_n);
	p = put_u32(p, in->entries);
	put_u32(p, 0);
}

int pack_inner_decode(struct pack_inner *ret, unsigned klass,
		      const uint8_t p[PACK_INNER], struct err *e)
{
	uint64_t size = (uint64_t)1 << klass;
	uint32_t zero;
	struct rd r;

	rd_init(&r, p, PACK_INNER);
	rd_copy(&r, ret->key, sizeof(ret->key));
	ret->dir_at = rd_u32(&r);
	ret->dir_n = rd_u32(&r);
	ret->entries = rd_u32(&r);
	zero = rd_u32(&r);
	if (zero || !ret->entries || ret->entries > PACK_ENTRIES_MAX ||
	    ret->dir_n != ret->entries * PACK_ENTRY + PACK_TAG ||
	    ret->dir_at < PACK_HEAD + (uint64_t)ret->entries * (PACK_TAG + 1) ||
	    (uint64_t)ret->dir_at + ret->dir_n + PACK_TAG > size) {
		memset(ret, 0, sizeof(*ret));
		return err_set(e, HUB_ECORRUPT,
			       "pack: its directory does not fit the file");
	}
	return 0;
}

/* ---- directory ---- */

void pack_entry_encode(uint8_t out[PACK_ENTRY], const struct pack_entry *en)
{
	uint8_t *p = put(out, en->name, sizeof(en->name));

	p = put_u32(p, en->at);
	p = put_u32(p, en->stored);
	p = put_u32(p, en->plain);
	*p++ = en->codec;
	*p++ = en->type;
	*p++ = 0;
	*p = 0;
}

int pack_entry_check(const struct pack_entry *en, enum pack_kind kind)
{
	uint32_t max = en->type == PACK_CHUNK ? PACK_CHUNK_MAX : PACK_PLAIN_MAX;

	if (pack_kind_of(en->type) != (int)kind || !en->plain ||
	    en->plain > max || en->stored <= PACK_TAG)
		return HUB_ECORRUPT;
	if (en->codec == PACK_RAW)
		return en->stored == en->plain + PACK_TAG ? 0 : HUB_ECORRUPT;
	if (en->codec != PACK_ZSTD || en->stored >= en->plain + PACK_TAG)
		return HUB_ECORRUPT;
	return 0;
}

int pack_dir_decode(struct pack_entry *ret, enum pack_kind kind,
		    const struct pack_inner *in, const void *p, size_t n,
		    struct err *e)
{
	uint32_t i, at = PACK_HEAD;
	struct rd r;

	rd_init(&r, p, n);
	for (i = 0; i < in->entries; i++) {
		struct pack_entry *en = &ret[i];

		rd_copy(&r, en->name, sizeof(en->name));
		en->at = rd_u32(&r);
		en->stored = rd_u32(&r);
		en->plain = rd_u32(&r);
		en->codec = rd_u8(&r);
		en->type = rd_u8(&r);
		if (rd_u16(&r) || r.failed || en->at != at ||
		    pack_entry_check(en, kind) < 0 ||
		    en->stored > in->dir_at - at)
			return err_set(e, HUB_ECORRUPT, "pack: entry %u of its "
				       "directory is damaged", i);
		at += en->stored;
	}
	if (rd_end(&r) < 0 || at != in->dir_at)
		return err_set(e, HUB_ECORRUPT, "pack: its directory does not "
			       "match its objects");
	return 0;
}

void pack_object_ad(uint8_t ad[PACK_OBJECT_AD], const struct pack_entry *en)
{
	uint8_t *p = put(ad, en->name, sizeof(en->name));

	*p++ = en->codec;
	*p++ = en->type;
	put_u32(p, en->plain);
}
