/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-crypt-hashmany.c - many hashes side by side are those of libsodium, one by
 * one: every number of lanes, every length around the ends of blocks, messages
 * of very different lengths, with and without key.
 */
#include "base/banned.h"
#include "crypt/hash_many.h"
#include "crypt/sign.h"
#include "tap.h"

#define PARTS 40
#define BYTES 70000

static uint8_t data[BYTES], out[PARTS][HASH_SIZE], key[32];
static uint8_t prefix[HASH_MANY_PREFIX];
static uint32_t seed = 1;

static uint32_t random32(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static void one(const uint8_t *k, size_t prefix_n, const struct hash_part *p,
		uint8_t ret[HASH_SIZE])
{
	struct hash h;

	hash_init(&h, k, 32);
	hash_add(&h, prefix, prefix_n);
	hash_add(&h, p->p, p->n);
	hash_end(&h, ret);
}

/* ${count} messages, compared with one by one. */
static int same(const uint8_t *k, size_t prefix_n, size_t count,
		struct hash_part *parts)
{
	uint8_t want[HASH_SIZE];
	size_t i;
	int good = 1;

	memset(out, 0xee, sizeof(out));
	for (i = 0; i < count; i++)
		parts[i].out = out[i];
	hash_many(k, prefix, prefix_n, parts, count);
	for (i = 0; i < count; i++) {
		one(k, prefix_n, &parts[i], want);
		if (memcmp(want, out[i], HASH_SIZE)) {
			printf("# message %zu of %zu: %zu + %zu bytes\n", i,
			       count, prefix_n, parts[i].n);
			good = 0;
		}
	}
	for (; i < PARTS; i++)
		good &= out[i][0] == 0xee;
	return good;
}

static void every_length(unsigned lanes)
{
	struct hash_part p[PARTS];
	size_t n, i, prefix_n;
	int good = 1, keyed = 1;

	for (prefix_n = 0; prefix_n <= HASH_MANY_PREFIX; prefix_n += 8 + 9 * !prefix_n)
		for (n = 0; n < 400; n += 5) {
			for (i = 0; i < 5; i++) {
				p[i].p = data + 3 * i;
				p[i].n = n + i;
			}
			good &= same(NULL, prefix_n, 5, p);
			if (prefix_n)
				keyed &= same(key, prefix_n, 5, p);
		}
	ok(good, "%u lanes: every length to 400", lanes);
	ok(keyed, "%u lanes: the same with a key", lanes);
}

static void every_count(unsigned lanes)
{
	struct hash_part p[PARTS];
	size_t count, i;
	int good = 1, round;

	for (count = 0; count <= PARTS; count++)
		for (round = 0; round < 3; round++) {
			for (i = 0; i < count; i++) {
				p[i].n = random32() % (random32() % 3 ? 2000 : 60000);
				p[i].p = data + random32() % 1000;
			}
			good &= same(round ? key : NULL, 17, count, p);
		}
	ok(good, "%u lanes: 0 to %d messages of any length", lanes, PARTS);
}

int main(void)
{
	unsigned lanes, most[] = { 1, 4, 8 };
	size_t i;

	ok(crypt_init(NULL) == 0, "start");
	for (i = 0; i < BYTES; i++)
		data[i] = (uint8_t)random32();
	memcpy(key, data + 50, sizeof(key));
	memcpy(prefix, data + 99, sizeof(prefix));
	for (i = 0; i < 3; i++) {
		lanes = hash_many_lanes(most[i]);
		every_length(lanes);
		every_count(lanes);
	}
	hash_many_lanes(0);
	return done();
}
