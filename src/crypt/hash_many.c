/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_many.c - BLAKE2b-256 of many messages side by side.
 *
 * Each lane works on a message of its own and takes the next one when it is
 * done, the longest first, so that all lanes end at about the same time; when no
 * message waits any more and few lanes are left, these are finished one by one.
 * All messages begin with the same key block, which is therefore hashed once.
 * As many blocks as all lanes have in one piece go by without a look at any.
 *
 * The vectors are the compiler's (GNU C), with a function for each width: AVX-512
 * has the rotation that BLAKE2b wants, AVX2 can shuffle bytes and is 2.5 times as
 * fast as one lane.  Not on Windows, where gcc cannot align such vectors on the
 * stack.
 */
#include <string.h>
#include "base/banned.h"
#include "base/err.h"
#include "crypt/hash_many.h"
#include "crypt/sign.h"

#define LANES_MAX 8
#define BLOCK_SIZE 128
#define KEY_SIZE 32

struct block {
	const uint8_t *p;	/* BLOCK_SIZE bytes, and more if more are asked for */
	uint64_t t;		/* bytes hashed, with this block */
	uint64_t last;		/* all bits, if it is the message's last */
};

struct lane {
	const uint8_t *p;	/* what is left of the message */
	size_t n;
	uint8_t *out;		/* NULL: idle */
	uint64_t t;
	int started;
	uint8_t block[BLOCK_SIZE];
};

struct run {
	_Alignas(64) uint64_t h[8][LANES_MAX];	/* word i of all lanes side by side */
	struct lane lane[LANES_MAX];
	uint64_t h0[8], t0;	/* where every message begins */
	const uint8_t *prefix;
	size_t prefix_n;
	const struct hash_part *parts;
	size_t n;		/* of them, not yet begun */
	uint64_t begun;		/* bit k: parts[k] was begun out of turn */
};

static const uint64_t iv[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
	0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

#define LANES 1
#define BLOCK block_1
#define TARGET
#include "crypt/hash_many_block.h"

#if defined(__x86_64__) && !defined(_WIN32)
#define HAVE_LANES 1
typedef uint8_t hash_bytes __attribute__((vector_size(32)));
typedef uint64_t hash_v4 __attribute__((vector_size(32)));
typedef uint64_t hash_v8 __attribute__((vector_size(64)));

#define LANES 4
#define BLOCK block_4
#define TARGET __attribute__((target("avx2")))
#include "crypt/hash_many_block.h"

#define LANES 8
#define BLOCK block_8
#define TARGET __attribute__((target("avx512f")))
#include "crypt/hash_many_block.h"
#endif

static unsigned lanes_most;	/* 0: no limit; only tests set it */

unsigned hash_many_lanes(unsigned most)
{
	unsigned can = 1;

	lanes_most = most;
#ifdef HAVE_LANES
	if (__builtin_cpu_supports("avx2"))
		can = 4;
	if (__builtin_cpu_supports("avx512f"))
		can = 8;
#endif
	return most && most < can ? most : can;
}

/* How many lanes for so many messages. */
static unsigned lanes_for(size_t n)
{
#ifdef HAVE_LANES
	unsigned most = lanes_most ? lanes_most : LANES_MAX;

	if (n > 4 && most >= 8 && __builtin_cpu_supports("avx512f"))
		return 8;
	if (n > 1 && most >= 4 && __builtin_cpu_supports("avx2"))
		return 4;
#endif
	return 1;
}

static void compress(unsigned lanes, uint64_t (*h)[LANES_MAX],
		     struct block *in, size_t n)
{
	for (;;) {
		unsigned k;

#ifdef HAVE_LANES
		if (lanes == 8)
			block_8(h, in);
		else if (lanes == 4)
			block_4(h, in);
		else
#endif
			block_1(h, in);
		if (!--n)
			break;
		for (k = 0; k < lanes; k++) {
			in[k].p += BLOCK_SIZE;
			in[k].t += BLOCK_SIZE;
		}
	}
}

/* The state that all messages share: after the key, if there is one. */
static void run_begin(struct run *r, const uint8_t *key)
{
	uint8_t first[BLOCK_SIZE] = { 0 };
	struct block b = { first, BLOCK_SIZE, 0 };
	int i;

	for (i = 0; i < 8; i++)
		r->h[i][0] = iv[i];
	r->h[0][0] ^= 0x01010000 ^ (uint64_t)(key ? KEY_SIZE : 0) << 8 ^
		      HASH_SIZE;
	r->t0 = 0;
	if (key) {
		memcpy(first, key, KEY_SIZE);
		block_1(r->h, &b);
		r->t0 = BLOCK_SIZE;
		secret_wipe(first, sizeof(first));
	}
	for (i = 0; i < 8; i++)
		r->h0[i] = r->h[i][0];
}

/* The longest of the next 64 messages. */
static const struct hash_part *next_part(struct run *r)
{
	size_t most = r->n < 64 ? r->n : 64, best = 0, i;
	const struct hash_part *p = r->parts;

	for (i = 1; i < most; i++)
		if (!(r->begun >> i & 1) && p[i].n > p[best].n)
			best = i;
	r->begun |= (uint64_t)1 << best;
	p += best;
	for (; r->begun & 1; r->begun >>= 1) {
		r->parts++;
		r->n--;
	}
	return p;
}

/* Give lane ${k} the next message; it stays idle if there is none. */
static void lane_load(struct run *r, unsigned k)
{
	struct lane *l = &r->lane[k];
	const struct hash_part *p;
	int i;

	l->out = NULL;
	if (!r->n)
		return;
	p = next_part(r);
	l->p = p->p;
	l->n = p->n;
	l->out = p->out;
	l->t = r->t0;
	l->started = 0;
	for (i = 0; i < 8; i++)
		r->h[i][k] = r->h0[i];
}

/* The next block of a lane: the message's own bytes where they are whole. */
static void lane_next(const struct run *r, struct lane *l, struct block *b)
{
	size_t head = l->started ? 0 : r->prefix_n;
	size_t room = BLOCK_SIZE - head, n = l->n < room ? l->n : room;

	b->p = l->p;
	b->last = l->n > room ? 0 : ~(uint64_t)0;
	if (head || n < BLOCK_SIZE) {
		memcpy(l->block, r->prefix, head);
		if (n)
			memcpy(l->block + head, l->p, n);
		memset(l->block + head + n, 0, room - n);
		b->p = l->block;
	}
	l->started = 1;
	l->p += n;
	l->n -= n;
	l->t += head + n;
	b->t = l->t;
}

static void lane_end(struct run *r, unsigned k)
{
	uint8_t *out = r->lane[k].out;
	int i, s;

	for (i = 0; i < HASH_SIZE / 8; i++)
		for (s = 0; s < 64; s += 8)
			*out++ = (uint8_t)(r->h[i][k] >> s);
}

/* One lane to the end of its message, alone. */
static void lane_alone(struct run *r, unsigned k)
{
	uint64_t h[8][LANES_MAX];
	struct block b;
	int i;

	for (i = 0; i < 8; i++)
		h[i][0] = r->h[i][k];
	do {
		lane_next(r, &r->lane[k], &b);
		block_1(h, &b);
	} while (!b.last);
	for (i = 0; i < 8; i++)
		r->h[i][k] = h[i][0];
	lane_end(r, k);
}

/* Blocks behind ${b} that lie in the message and are not its last. */
static size_t lane_more(const struct lane *l, const struct block *b)
{
	return b->p == l->block || !l->n ? 0 : (l->n - 1) / BLOCK_SIZE;
}

static void lane_skip(struct lane *l, size_t n)
{
	l->p += n * BLOCK_SIZE;
	l->n -= n * BLOCK_SIZE;
	l->t += n * BLOCK_SIZE;
}

/* The next block of each lane; how many blocks may be taken in a row.  An idle
 * lane reads what a busy one does. */
static size_t lanes_next(struct run *r, unsigned lanes, struct block *in)
{
	size_t most = SIZE_MAX, n;
	unsigned k, busy = 0;

	for (k = 0; k < lanes; k++) {
		in[k].last = 0;
		if (!r->lane[k].out)
			continue;
		lane_next(r, &r->lane[k], &in[k]);
		n = 1 + lane_more(&r->lane[k], &in[k]);
		most = n < most ? n : most;
		busy = k;
	}
	for (k = 0; k < lanes; k++) {
		if (r->lane[k].out)
			lane_skip(&r->lane[k], most - 1);
		else
			in[k].p = in[busy].p;
	}
	return most;
}

/* All lanes, until no message waits and few are at work. */
static void run_lanes(struct run *r, unsigned lanes)
{
	struct block in[LANES_MAX] = { { NULL, 0, 0 } };
	unsigned k, busy;

	for (;;) {
		busy = 0;
		for (k = 0; k < lanes; k++)
			busy += r->lane[k].out != NULL;
		if (busy <= lanes / 4)
			return;
		compress(lanes, r->h, in, lanes_next(r, lanes, in));
		for (k = 0; k < lanes; k++) {
			if (in[k].last) {
				lane_end(r, k);
				lane_load(r, k);
			}
		}
	}
}

void hash_many(const uint8_t *key, const void *prefix, size_t prefix_n,
	       const struct hash_part *parts, size_t n)
{
	unsigned lanes = lanes_for(n), k;
	struct run r;

	if (prefix_n > HASH_MANY_PREFIX || (key && !prefix_n))
		BUG("hash with a prefix of %zu bytes", prefix_n);
	memset(r.h, 0, sizeof(r.h));
	run_begin(&r, key);
	r.prefix = prefix;
	r.prefix_n = prefix_n;
	r.parts = parts;
	r.n = n;
	r.begun = 0;
	for (k = 0; k < lanes; k++)
		lane_load(&r, k);
	run_lanes(&r, lanes);
	for (k = 0; k < lanes; k++) {
		while (r.lane[k].out) {
			lane_alone(&r, k);
			lane_load(&r, k);
		}
	}
	/* The state after a key is as good as the key. */
	if (key)
		secret_wipe(&r, sizeof(r));
}
