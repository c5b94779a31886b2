/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_many_block.h - one block of BLAKE2b (RFC 7693, 3.2) in LANES lanes.
 * Included by hash_many.c once for each width, with BLOCK (the function's name)
 * and TARGET (its attributes) defined; its guard is taken away at the end.
 */
#ifndef CRYPT_HASH_MANY_BLOCK_H
#define CRYPT_HASH_MANY_BLOCK_H
#ifdef LANES

#if LANES == 1
#define VEC uint64_t
#define ALL(x) (x)
#define WORDS(f, i) (f(0, i))
#elif LANES == 4
#define VEC hash_v4
#define ALL(x) ((VEC){ (x), (x), (x), (x) })
#define WORDS(f, i) ((VEC){ f(0, i), f(1, i), f(2, i), f(3, i) })
#elif LANES == 8
#define VEC hash_v8
#define ALL(x) ((VEC){ (x), (x), (x), (x), (x), (x), (x), (x) })
#define WORDS(f, i) ((VEC){ f(0, i), f(1, i), f(2, i), f(3, i), \
			    f(4, i), f(5, i), f(6, i), f(7, i) })
#endif

#define MESSAGE(lane, i) load64(in[lane].p + 8 * (i))
#define STATE(lane, i) (h[i][lane])
#define COUNT(lane, i) (in[lane].t)
#define LAST(lane, i) (in[lane].last)

#define ROTR(x, n) (((x) >> (n)) | ((x) << (64 - (n))))
#if LANES == 4
/* By whole bytes: to each byte of a word comes the one ${n} places up. */
#define BYTE(i, n) ((i) / 8 * 8 + ((i) + (n)) % 8)
#define BYTES(i, n) BYTE(i, n), BYTE(i + 1, n), BYTE(i + 2, n), \
	BYTE(i + 3, n), BYTE(i + 4, n), BYTE(i + 5, n), BYTE(i + 6, n), \
	BYTE(i + 7, n)
#define ROT8(x, n) ((VEC)__builtin_shufflevector( \
	(hash_bytes)(x), (hash_bytes)(x), \
	BYTES(0, n), BYTES(8, n), BYTES(16, n), BYTES(24, n)))
#else
#define ROT8(x, n) ROTR(x, 8 * (n))
#endif
#define MIX(a, b, c, d, x, y) \
	a += b + m[x]; d = ROT8(d ^ a, 4); c += d; b = ROT8(b ^ c, 3); \
	a += b + m[y]; d = ROT8(d ^ a, 2); c += d; b = ROTR(b ^ c, 63)
#define ROUND(a, b, c, d, e, f, g, i, j, k, l, n, o, p, q, r) \
	MIX(v0, v4, v8, v12, a, b); MIX(v1, v5, v9, v13, c, d); \
	MIX(v2, v6, v10, v14, e, f); MIX(v3, v7, v11, v15, g, i); \
	MIX(v0, v5, v10, v15, j, k); MIX(v1, v6, v11, v12, l, n); \
	MIX(v2, v7, v8, v13, o, p); MIX(v3, v4, v9, v14, q, r)

TARGET static void BLOCK(uint64_t (*h)[LANES_MAX], const struct block *in)
{
	VEC v0 = WORDS(STATE, 0), v1 = WORDS(STATE, 1), v2 = WORDS(STATE, 2),
	    v3 = WORDS(STATE, 3), v4 = WORDS(STATE, 4), v5 = WORDS(STATE, 5),
	    v6 = WORDS(STATE, 6), v7 = WORDS(STATE, 7);
	VEC v8 = ALL(iv[0]), v9 = ALL(iv[1]), v10 = ALL(iv[2]),
	    v11 = ALL(iv[3]), v12 = ALL(iv[4]) ^ WORDS(COUNT, 0),
	    v13 = ALL(iv[5]), v14 = ALL(iv[6]) ^ WORDS(LAST, 0),
	    v15 = ALL(iv[7]);
	VEC m[16], out[8];
	int i, k;

	m[0] = WORDS(MESSAGE, 0);
	m[1] = WORDS(MESSAGE, 1);
	m[2] = WORDS(MESSAGE, 2);
	m[3] = WORDS(MESSAGE, 3);
	m[4] = WORDS(MESSAGE, 4);
	m[5] = WORDS(MESSAGE, 5);
	m[6] = WORDS(MESSAGE, 6);
	m[7] = WORDS(MESSAGE, 7);
	m[8] = WORDS(MESSAGE, 8);
	m[9] = WORDS(MESSAGE, 9);
	m[10] = WORDS(MESSAGE, 10);
	m[11] = WORDS(MESSAGE, 11);
	m[12] = WORDS(MESSAGE, 12);
	m[13] = WORDS(MESSAGE, 13);
	m[14] = WORDS(MESSAGE, 14);
	m[15] = WORDS(MESSAGE, 15);

	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
	ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
	ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
	ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
	ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
	ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
	ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
	ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
	ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);

	out[0] = v0 ^ v8;
	out[1] = v1 ^ v9;
	out[2] = v2 ^ v10;
	out[3] = v3 ^ v11;
	out[4] = v4 ^ v12;
	out[5] = v5 ^ v13;
	out[6] = v6 ^ v14;
	out[7] = v7 ^ v15;
	for (i = 0; i < 8; i++) {
		const uint64_t *lane = (const uint64_t *)&out[i];

		for (k = 0; k < LANES; k++)
			h[i][k] ^= lane[k];
	}
}

#undef VEC
#undef ALL
#undef WORDS
#undef MESSAGE
#undef STATE
#undef COUNT
#undef LAST
#undef ROTR
#undef ROT8
#undef BYTE
#undef BYTES
#undef MIX
#undef ROUND
#undef LANES
#undef BLOCK
#undef TARGET
#endif
#undef CRYPT_HASH_MANY_BLOCK_H
#endif
