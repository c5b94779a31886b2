/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_tree.c - the tree hash of a pack's bytes (hash.h has its definition).
 *
 * Leaves come in groups, so that hash_many() can work on several at once.
 * What is finished waits in a stack with one place for each height, like the
 * digits of a binary number: at the end the small ones are joined to the next
 * greater, and that is just what "an odd one is promoted" means.
 */
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/hash_many.h"

#define GROUP 8

struct stack {
	uint8_t at[64][HASH_SIZE];
	uint64_t leaves;	/* bit k: at[k] holds a tree of 2^k leaves */
};

static void join(uint8_t left[HASH_SIZE], const uint8_t right[HASH_SIZE],
		 uint8_t out[HASH_SIZE])
{
	uint8_t b[1 + 2 * HASH_SIZE] = { 1 };

	memcpy(b + 1, left, HASH_SIZE);
	memcpy(b + 1 + HASH_SIZE, right, HASH_SIZE);
	hash_once(out, b, sizeof(b));
}

static void push(struct stack *s, const uint8_t leaf[HASH_SIZE])
{
	uint8_t h[HASH_SIZE];
	uint64_t bits = s->leaves++;
	int k;

	memcpy(h, leaf, HASH_SIZE);
	for (k = 0; bits & 1; k++, bits >>= 1)
		join(s->at[k], h, h);
	memcpy(s->at[k], h, HASH_SIZE);
}

static void fold(struct stack *s, uint8_t out[HASH_SIZE])
{
	int k, any = 0;

	for (k = 0; k < 64; k++) {
		if (!(s->leaves >> k & 1))
			continue;
		if (any)
			join(s->at[k], out, out);
		else
			memcpy(out, s->at[k], HASH_SIZE);
		any = 1;
	}
}

/* A leaf that is not whole. */
static void last_leaf(uint8_t out[HASH_SIZE], const uint8_t *p, size_t n)
{
	struct hash h;
	uint8_t zero = 0;

	hash_init(&h, NULL, 0);
	hash_add(&h, &zero, 1);
	if (n)
		hash_add(&h, p, n);
	hash_end(&h, out);
}

static void result(uint8_t out[HASH_SIZE], uint64_t size,
		   const uint8_t root[HASH_SIZE])
{
	uint8_t b[1 + 8 + HASH_SIZE] = { 2 };
	int i;

	for (i = 0; i < 8; i++)
		b[8 - i] = (uint8_t)(size >> 8 * i);
	memcpy(b + 9, root, HASH_SIZE);
	hash_once(out, b, sizeof(b));
}

static void leaves(struct stack *s, const uint8_t *p, size_t k)
{
	uint8_t h[GROUP][HASH_SIZE], zero = 0;
	struct hash_part part[GROUP];
	size_t i;

	for (i = 0; i < k; i++) {
		part[i].p = p + i * HASH_LEAF;
		part[i].n = HASH_LEAF;
		part[i].out = h[i];
	}
	hash_many(NULL, &zero, 1, part, k);
	for (i = 0; i < k; i++)
		push(s, h[i]);
}

void hash_tree(uint8_t out[HASH_SIZE], const void *p, size_t n)
{
	uint8_t h[HASH_SIZE], root[HASH_SIZE];
	const uint8_t *at = p;
	size_t left = n, k;
	struct stack s;

	s.leaves = 0;
	for (; left >= HASH_LEAF; at += k * HASH_LEAF, left -= k * HASH_LEAF) {
		k = left / HASH_LEAF;
		if (k > GROUP)
			k = GROUP;
		leaves(&s, at, k);
	}
	if (left || !n) {
		last_leaf(h, at, left);
		push(&s, h);
	}
	fold(&s, root);
	result(out, n, root);
}
