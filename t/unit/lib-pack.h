/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-pack.h - for tests of packs and files: a keyring of known keys, data that
 * repeat from seeds, a place that is a list in memory, and an index of what was
 * put there.
 */
#ifndef T_LIB_PACK_H
#define T_LIB_PACK_H

#include "crypt/keyring.h"
#include "crypt/sign.h"
#include "store/packer.h"
#include "store/packread.h"
#include "tap.h"

#define MEM_PACKS 4096

struct mem_object {
	uint8_t pack[32];
	struct pack_entry en;
	int claimed, put;
};

/* A place in memory, with an index: names to objects. */
struct mem {
	struct place place;
	struct { uint8_t id[32]; uint8_t *p; size_t n; } pack[MEM_PACKS];
	size_t packs;
	struct mem_object *object;	/* open addressing by name */
	size_t cap, objects, asked, gets;
	int check;		/* packread_check() each pack */
	int fail_put;		/* fail when so many packs are there; 0: never */
	const struct keyring *keys;
};

/* The keys of t/vectors/gen_pack.py. */
__attribute__((unused)) static struct keyring *test_keys(void)
{
	struct keyring *r = keyring_new(1);
	int i;

	for (i = 0; i < 32; i++)
		r->hub[i] = (uint8_t)i;
	memset(r->name_secret, 'n', 32);
	memset(r->chunker_secret, 'c', 32);
	r->epochs_n = 1;
	r->epochs[0].number = 7;
	r->epochs[0].created = 1;
	memset(r->epochs[0].key_secret, 'e', 32);
	return r;
}

/* Bytes that do not compress. */
__attribute__((unused))
static void test_random(uint8_t *p, size_t n, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15 + 0x1234567;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(i & 7)) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
		}
		p[i] = (uint8_t)(x >> 8 * (i & 7));
	}
}

/* Bytes that compress, about 4 to 1. */
__attribute__((unused))
static void test_text(uint8_t *p, size_t n, uint64_t seed)
{
	char line[128];
	size_t at = 0, k;
	unsigned i = 0;

	while (at < n) {
		k = (size_t)snprintf(line, sizeof(line),
			"2026-11-%02u %02u:%02u host%llu daemon[%u]: request "
			"%u from 10.0.%u.%u took %u ms\n", i % 30 + 1, i % 24,
			i % 60, (unsigned long long)seed, i * 7919 % 30000,
			i * 2654435761u, i * 31 % 256, i * 17 % 256,
			i * 40503 % 9973);
		if (k > n - at)
			k = n - at;
		memcpy(p + at, line, k);
		at += k;
		i++;
	}
}

static struct mem_object *mem_find(struct mem *m, const uint8_t name[32])
{
	size_t i = (name[0] | name[1] << 8 | name[2] << 16) % m->cap;

	while (m->object[i].claimed && memcmp(m->object[i].en.name, name, 32))
		i = (i + 1) % m->cap;
	return &m->object[i];
}

static int mem_known(void *arg, const uint8_t name[32], unsigned type,
		     struct err *e)
{
	struct mem *m = arg;
	struct mem_object *o = mem_find(m, name);

	(void)type;
	(void)e;
	m->asked++;
	if (o->claimed)
		return 1;
	memcpy(o->en.name, name, 32);
	o->claimed = 1;
	return 0;
}

static int mem_done(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct mem *m = arg;
	struct mem_object *o;
	size_t i;

	(void)e;
	for (i = 0; i < pack->entries_n; i++) {
		o = mem_find(m, pack->entries[i].name);
		o->claimed = 1;
		o->put++;
		o->en = pack->entries[i];
		memcpy(o->pack, pack->id, 32);
		m->objects++;
	}
	return 0;
}

static int mem_put(void *arg, const struct packer_pack *pack, struct err *e)
{
	struct mem *m = arg;
	int rc = 0;

	if (m->fail_put && m->packs + 1 >= (size_t)m->fail_put)
		return err_set(e, HUB_ELIMIT, "the place is full");
	if (m->check)
		rc = packread_check(m->keys, pack->id, pack->bytes, pack->n,
				    NULL, NULL, e);
	memcpy(m->pack[m->packs].id, pack->id, 32);
	m->pack[m->packs].p = malloc(pack->n);
	memcpy(m->pack[m->packs].p, pack->bytes, pack->n);
	m->pack[m->packs++].n = pack->n;
	return rc;
}

static int mem_get(struct place *p, const uint8_t id[32], uint64_t off,
		   void *buf, size_t n, struct err *e)
{
	struct mem *m = (struct mem *)p;
	size_t i;

	m->gets++;
	for (i = 0; i < m->packs; i++) {
		if (memcmp(m->pack[i].id, id, 32))
			continue;
		if (off + n > m->pack[i].n)
			return err_set(e, HUB_ECORRUPT, "it ends before");
		memcpy(buf, m->pack[i].p + off, n);
		return 0;
	}
	return err_set(e, HUB_EABSENT, "no such pack");
}

static const struct place_ops mem_ops = { .pack_get = mem_get };

__attribute__((unused)) static void mem_open(struct mem *m,
					     const struct keyring *keys)
{
	memset(m, 0, sizeof(*m));
	m->place.ops = &mem_ops;
	m->place.name = "memory";
	m->cap = 1 << 17;
	m->object = calloc(m->cap, sizeof(*m->object));
	m->keys = keys;
}

__attribute__((unused)) static uint64_t mem_bytes(const struct mem *m)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < m->packs; i++)
		n += m->pack[i].n;
	return n;
}

__attribute__((unused)) static void mem_close(struct mem *m)
{
	size_t i;

	for (i = 0; i < m->packs; i++)
		free(m->pack[i].p);
	free(m->object);
}

__attribute__((unused))
static int mem_packer(struct mem *m, unsigned jobs, struct packer **ret,
		      struct err *e)
{
	struct packer_conf conf = {
		.keys = m->keys, .jobs = jobs, .known = mem_known,
		.put = mem_put, .done = mem_done, .arg = m,
	};

	return packer_open(&conf, ret, e);
}

#endif
