/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-stages.c - what each stage of sealing costs, alone.
 *
 *	test-stages random|text [LANES]
 *
 * 16 MB in chunks of 256 KB, by CPU time; the best of 24 rounds, which is nearly
 * what a quiet machine gives even if this one is not.  One line a stage: GB/s,
 * and ns for 1 KB of plain bytes; sum: what sealing cannot be below.
 * LANES: hash no more messages side by side than that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>
#include "crypt/aead.h"
#include "crypt/hash_many.h"
#include "store/chunker.h"
#include "../unit/lib-pack.h"

#define ALL ((size_t)16 << 20)
#define CHUNK ((size_t)256 << 10)
#define BATCH 16		/* chunks of a batch */
#define N (ALL / CHUNK)
#define ROUNDS 24

static struct keyring *keys;
static struct chunker cdc;
static struct aead *aead;
static ZSTD_CCtx *cctx;
static ZSTD_DCtx *dctx;
static uint8_t *plain, *code, *pack, *back;
static size_t code_n[N];
static const char name_context[] = "vibehub-object-1";

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t room(void)
{
	return ZSTD_compressBound(CHUNK);
}

static void chunking(void)
{
	size_t at = 0, n;

	while ((n = chunker_cut(&cdc, plain + at, ALL - at, 1)))
		at += n;
}

static void naming(void)
{
	static uint8_t name[BATCH][32];
	struct hash_part part[BATCH];
	size_t i, k;

	for (i = 0; i < N; i += BATCH) {
		for (k = 0; k < BATCH; k++)
			part[k] = (struct hash_part){
				plain + (i + k) * CHUNK, CHUNK, name[k]
			};
		hash_many(keys->name_secret, name_context,
			  sizeof(name_context), part, BATCH);
	}
}

static void coding(void)
{
	size_t i;

	for (i = 0; i < N; i++)
		code_n[i] = ZSTD_compressCCtx(cctx, code + i * room(), room(),
					      plain + i * CHUNK, CHUNK, 1);
}

/* What would be sealed of chunk ${i}. */
static size_t sealed(size_t i, const uint8_t **p)
{
	int raw = code_n[i] > CHUNK - CHUNK / 32;

	*p = raw ? plain + i * CHUNK : code + i * room();
	return raw ? CHUNK : code_n[i];
}

static void sealing(void)
{
	const uint8_t *p;
	size_t i, n;

	for (i = 0; i < N; i++) {
		n = sealed(i, &p);
		aead_seal_at(aead, i, "ad", 2, p, n, pack + i * (CHUNK + 16));
	}
}

static void opening(void)
{
	const uint8_t *p;
	size_t i, n;

	for (i = 0; i < N; i++) {
		n = sealed(i, &p);
		if (aead_check_at(aead, i, "ad", 2, pack + i * (CHUNK + 16),
				  n + 16, p) < 0)
			abort();
	}
}

static void decoding(void)
{
	const uint8_t *p;
	size_t i, n;

	for (i = 0; i < N; i++) {
		n = sealed(i, &p);
		if (n < CHUNK)
			ZSTD_decompressDCtx(dctx, back, CHUNK, p, n);
		if (n < CHUNK && memcmp(back, plain + i * CHUNK, CHUNK))
			abort();
	}
}

static void tree(void)
{
	const uint8_t *p;
	uint8_t out[32];
	size_t i, n = 0;

	for (i = 0; i < N; i++)
		n += sealed(i, &p);
	hash_tree(out, pack, n);
}

static void copying(void)
{
	memcpy(pack, plain, ALL);
}

static const struct {
	const char *name;
	void (*fn)(void);
	int counts;		/* in the sum */
} stages[] = {
	{ "copy", copying, 0 }, { "chunk", chunking, 1 },
	{ "name", naming, 1 }, { "zstd", coding, 1 }, { "seal", sealing, 1 },
	{ "open", opening, 1 }, { "decode", decoding, 1 },
	{ "tree", tree, 1 },
};

#define STAGES (sizeof(stages) / sizeof(*stages))

int main(int argc, char **argv)
{
	double best[STAGES], t, sum = 0;
	size_t i, k;

	if (argc < 2)
		return 129;
	crypt_init(NULL);
	if (argc > 2)
		hash_many_lanes((unsigned)strtoul(argv[2], NULL, 10));
	keys = test_keys();
	chunker_init(&cdc, keys->chunker_secret);
	aead = aead_new(keys->name_secret);
	cctx = ZSTD_createCCtx();
	dctx = ZSTD_createDCtx();
	plain = malloc(ALL);
	code = malloc(N * room());
	pack = malloc(ALL + N * 16);
	back = malloc(CHUNK);
	if (!strcmp(argv[1], "text"))
		test_text(plain, ALL, 1);
	else
		test_random(plain, ALL, 1);
	for (k = 0; k < ROUNDS; k++) {
		for (i = 0; i < STAGES; i++) {
			t = cpu();
			stages[i].fn();
			t = cpu() - t;
			if (!k || t < best[i])
				best[i] = t;
		}
	}
	for (i = 0; i < STAGES; i++) {
		printf("%-8s %6.2f GB/s %8.1f ns/KB\n", stages[i].name,
		       (double)ALL / best[i] / 1e9,
		       best[i] * 1e9 / ((double)ALL / 1000));
		sum += stages[i].counts ? best[i] : 0;
	}
	printf("%-8s %6.2f GB/s %8.1f ns/KB\n", "sum", (double)ALL / sum / 1e9,
	       sum * 1e9 / ((double)ALL / 1000));
	keyring_free(keys);
	aead_free(aead);
	return 0;
}
