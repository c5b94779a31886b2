/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.h - BLAKE2b-256 for everything of ours (RFC 7693), and SHA-1 where
 * git's formats ask for it (pack trailers, names of objects).
 *
 * By libsodium, which is faster here than OpenSSL's BLAKE2b (0.9 to 0.6 GB/s a
 * core with AVX2); hash_many.h has a form for many messages at once.
 */
#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32

struct hash { _Alignas(64) uint8_t st[384]; };

/* hash_init(): ${key} may be NULL, else ${key_n} = 16..64 bytes. */
void hash_init(struct hash *h, const uint8_t *key, size_t key_n);
void hash_add(struct hash *h, const void *p, size_t n);
void hash_end(struct hash *h, uint8_t out[HASH_SIZE]);
void hash_once(uint8_t out[HASH_SIZE], const void *p, size_t n);

/* hash_keyed(): KH(key, ctx, x) of our formats: keyed BLAKE2b-256 of ${context},
 * NUL, ${p}.  Subkeys, names, commitments. */
void hash_keyed(uint8_t out[HASH_SIZE], const uint8_t key[32],
		const char *context, const void *p, size_t n);

/*
 * hash_tree(): the tree hash that names a pack.  Leaves of HASH_LEAF bytes (the
 * last may be shorter; no leaf at all for no bytes: one empty leaf):
 * H(0x00 || leaf); nodes H(0x01 || left || right), an odd one is promoted;
 * result H(0x02 || u64 size || root).  Several leaves are hashed at once where
 * the processor can.  Needs no memory.
 */
#define HASH_LEAF 4096
void hash_tree(uint8_t out[HASH_SIZE], const void *p, size_t n);
/* hash_tree_leaves(): the hashes of ${n} whole leaves, for bytes that come piece
 * by piece; hash_tree_root(): the tree hash of bytes that are n > 0 whole leaves
 * with these hashes. */
void hash_tree_leaves(uint8_t (*out)[HASH_SIZE], const void *p, size_t n);
void hash_tree_root(uint8_t out[HASH_SIZE], const uint8_t (*leaf)[HASH_SIZE],
		    size_t n);

/* SHA-1 of a stream (OpenSSL's, without collision detection: for the checksums of
 * files, and for objects that were named before; never to name a user's file). */
struct sha1;
struct sha1 *sha1_new(void);		/* NULL when out of memory */
void sha1_add(struct sha1 *s, const void *p, size_t n);
void sha1_end(struct sha1 *s, uint8_t out[20]);	/* may then be reused from empty */
void sha1_free(struct sha1 *s);

#endif
