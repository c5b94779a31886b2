/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map.c - hash table from byte strings to pointers.
 *
 * Linear probing, no deletion, so no tombstones.  The hash is SipHash-1-3
 * (Aumasson, Bernstein 2012) under a key made from map_seed: foreign names
 * cannot be chosen to collide.
 *
 * Invariants: cap is 0 or a power of two; count <= cap * 3 / 4, so a probe
 * always meets a free slot (key == NULL); keys are ours and NUL-terminated.
 */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "base/banned.h"

uint64_t map_seed = 0x9e3779b97f4a7c15u;

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* Little-endian load of  <= 8 bytes. */
static uint64_t load(const uint8_t *p, size_t n)
{
	uint64_t w = 0;
	size_t i;

	for (i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

static uint64_t hash(const uint8_t *p, size_t n)
{
	uint64_t k0 = map_seed, k1 = rotl(map_seed * 0xbf58476d1ce4e5b9u, 29);
	uint64_t v[4] = {
		k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
		k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u,
	};
	uint64_t last = (uint64_t)n << 56, w;

	for (; n >= 8; p += 8, n -= 8) {
		w = load(p, 8);
		v[3] ^= w;
		sip_round(v);
		v[0] ^= w;
	}
	w = last | load(p, n);
	v[3] ^= w;
	sip_round(v);
	v[0] ^= w;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *find(struct map_slot *slots, size_t cap,
			     const void *key, size_t n, uint64_t h)
{
	size_t i = (size_t)h & (cap - 1);

	for (; slots[i].key; i = (i + 1) & (cap - 1))
		if (slots[i].hash == h && slots[i].n == n &&
		    (!n || !memcmp(slots[i].key, key, n)))
			break;
	return &slots[i];
}

static int grow(struct map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 16, i, at;
	struct map_slot *s;

	if (cap > SIZE_MAX / sizeof(*s) / 2)
		return HUB_ENOMEM;
	s = calloc(cap, sizeof(*s));
	if (!s)
		return HUB_ENOMEM;
	for (i = 0; i < m->cap; i++) {
		if (!m->slots[i].key)
			continue;
		at = (size_t)m->slots[i].hash & (cap - 1);
		while (s[at].key)
			at = (at + 1) & (cap - 1);
		s[at] = m->slots[i];
	}
	free(m->slots);
	m->slots = s;
	m->cap = cap;
	return 0;
}

int map_put(struct map *m, const void *key, size_t n, void *value)
{
	uint64_t h = hash(key, n);
	struct map_slot *s;

	if (m->count >= m->cap / 4 * 3) {
		if (grow(m))
			return HUB_ENOMEM;
	}
	s = find(m->slots, m->cap, key, n, h);
	if (!s->key) {
		char *k = n < SIZE_MAX ? malloc(n + 1) : NULL;

		if (!k)
			return HUB_ENOMEM;
		if (n)
			memcpy(k, key, n);
		k[n] = 0;
		s->key = k;
		s->n = n;
		s->hash = h;
		m->count++;
	}
	s->value = value;
	return 0;
}

struct map_slot *map_get(const struct map *m, const void *key, size_t n)
{
	struct map_slot *s;

	if (!m->count)
		return NULL;
	s = find(m->slots, m->cap, key, n, hash(key, n));
	return s->key ? s : NULL;
}

struct map_slot *map_next(const struct map *m, size_t *pos)
{
	while (*pos < m->cap) {
		struct map_slot *s = &m->slots[(*pos)++];

		if (s->key)
			return s;
	}
	return NULL;
}

void map_release(struct map *m)
{
	size_t i;

	for (i = 0; i < m->cap; i++)
		free(m->slots[i].key);
	free(m->slots);
	m->slots = NULL;
	m->cap = m->count = 0;
}
