/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-chunker.c - every vector; and what chunking is for: sizes, cuts that
 * come back after an insertion, the same cuts however the bytes arrive.
 */
#include "base/banned.h"
#include "base/hex.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "store/chunker.h"
#include "vec.h"

#define MIB (1u << 20)

static void add_stream(uint8_t *p, size_t n)
{
	uint8_t number[8] = { 0 }, h[32];
	size_t at, k;
	uint64_t i;

	for (at = 0, i = 0; at < n; at += 32, i++) {
		for (k = 0; k < 8; k++)
			number[7 - k] = (uint8_t)(i >> 8 * k);
		hash_once(h, number, 8);
		memcpy(p + at, h, n - at < 32 ? n - at : 32);
	}
}

static void add_text(uint8_t *p, size_t n)
{
	char line[32];
	size_t at = 0, k;
	unsigned i;

	for (i = 0; at < n; i++) {
		k = (size_t)snprintf(line, sizeof(line), "line %u\n", i);
		k = k < n - at ? k : n - at;
		memcpy(p + at, line, k);
		at += k;
	}
}

/* The content that a vector describes. */
static uint8_t *content(const char *rules, size_t *ret_n)
{
	uint8_t *p = malloc(8 * MIB);
	char kind[16];
	unsigned long k;
	size_t n = 0;

	for (; rules; rules = strchr(rules, '|')) {
		rules += *rules == '|';
		if (sscanf(rules, "%15s %lu", kind, &k) != 2)
			break;
		if (!strcmp(kind, "stream"))
			add_stream(p + n, k);
		else if (!strcmp(kind, "text"))
			add_text(p + n, k);
		else
			memset(p + n, 0, k);
		n += k;
	}
	*ret_n = n;
	return p;
}

static void vector(const struct vec *v)
{
	static struct chunker c;
	struct buf b = BUF_INIT;
	uint8_t key[32];
	size_t n = 0, at, k;
	uint8_t *p;

	hex_decode(key, 32, v->seed, strlen(v->seed));
	chunker_init(&c, key);
	p = content(v->rules, &n);
	for (at = 0; at < n; at += k) {
		k = chunker_cut(&c, p + at, n - at, 1);
		if (!k)
			break;
		buf_add_u32(&b, (uint32_t)k);
	}
	ok(at == n && !buf_cmp(&b, &v->data), "%s", v->name);
	buf_release(&b);
	free(p);
}

static void shape(void)
{
	static struct chunker c;
	static size_t cut[1000];
	uint8_t key[32] = { 5 }, *p = malloc(48 * MIB);
	size_t at, k, n = 0, m = 48 * MIB, least = MIB, most = 0, same = 0, i;

	chunker_init(&c, key);
	add_stream(p, m - 300);
	for (at = 0; m - 300 - at >= MIB; at += k) {
		k = chunker_cut(&c, p + at, m - 300 - at, 0);
		least = k < least ? k : least;
		most = k > most ? k : most;
		cut[n++] = at + k;
	}
	k = chunker_cut(&c, p, MIB, 0);
	ok(chunker_cut(&c, p, k, 0) == 0 && chunker_cut(&c, p, k + 1, 0) == k &&
	   chunker_cut(&c, p, k - 1, 1) == k - 1 &&
	   chunker_cut(&c, p, 0, 1) == 0 && chunker_cut(&c, p, 1, 0) == 0,
	   "asks for more when it needs more");
	ok(least >= CHUNKER_MIN && most <= CHUNKER_MAX, "from %zu to %zu bytes",
	   least, most);
	ok(at / n > 220 << 10 && at / n < 350 << 10, "%zu on average", at / n);

	memmove(p + 20 * MIB + 300, p + 20 * MIB, 28 * MIB - 300);
	memset(p + 20 * MIB, 'x', 300);
	for (at = 0, i = 0; m - at >= MIB; at += k) {
		k = chunker_cut(&c, p + at, m - at, 0);
		while (i < n && cut[i] + (at + k > 20 * MIB ? 300 : 0) < at + k)
			i++;
		same += i < n &&
			cut[i] + (at + k > 20 * MIB ? 300 : 0) == at + k;
	}
	ok(same >= n - 3, "300 bytes put in: %zu of %zu cuts stay", same, n);
	free(p);
}

static void zeros(void)
{
	static struct chunker c;
	uint8_t key[32] = { 0 }, *p = calloc(MIB, 1);
	int i, good = 1, lengths = 0;

	for (i = 0; i < 200; i++) {
		key[0] = (uint8_t)i;
		chunker_init(&c, key);
		good &= c.zeros == chunker_cut(&c, p, MIB, 0);
		lengths += c.zeros != MIB;
	}
	/* Tables for which zeros are cut are one in 65,536: make two. */
	for (i = 0; i < 256; i++)
		c.gear[i] = (uint64_t)i << 40;
	ok(chunker_cut(&c, p, MIB, 0) == CHUNKER_MIN, "a table that cuts zeros");
	ok(good && lengths < 5, "the length of a chunk of zeros is known");
	free(p);
}

int main(void)
{
	crypt_init(NULL);
	vec_each("chunker", 16, vector);
	shape();
	zeros();
	return done();
}
