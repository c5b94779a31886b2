/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash_tree.c - the tree hash of a pack's bytes (hash.h has its definition).
 *
 * Leaves come in groups, so that hash_many() can work on several at once, and
 * the nodes over a whole group likewise.  What is finished waits in a stack with
 * one place for each height, like the digits of a binary number: at the end the
 * small ones are joined to the next greater, and that is just what "an odd one
 * is promoted" means.
 */
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/hash_many.h"

#define GROUP 64		/* leaves; a power of two */
#define GROUP_HEIGHT 6

_Static_assert(GROUP == 1 << GROUP_HEIGHT, "height of a whole group");

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

/* A tree of 2^height leaves; no smaller one was pushed before. */
static void push(struct stack *s, const uint8_t root[HASH_SIZE], int height)
{
	uint8_t h[HASH_SIZE];
	int k;

	memcpy(h, root, HASH_SIZE);
	for (k = height; s->leaves >> k & 1; k++)
		join(s->at[k], h, h);
	memcpy(s->at[k], h, HASH_SIZE);
	s->leaves += (uint64_t)1 << height;
}

/* ${n} leaves that come next: GROUP of them, or the last ones. */
static void push_group(struct stack *s, const uint8_t (*leaf)[HASH_SIZE],
		       size_t n)
{
	uint8_t h[2][GROUP / 2][HASH_SIZE], one = 1;
	struct hash_part part[GROUP / 2];
	size_t i, left;
	int to = 0;

	for (i = 0; n < GROUP && i < n; i++)
		push(s, leaf[i], 0);
	if (n < GROUP)
		return;
	for (left = GROUP / 2; left; left /= 2, to = !to) {
		for (i = 0; i < left; i++) {
			part[i].p = leaf[2 * i];
			part[i].n = 2 * HASH_SIZE;
			part[i].out = h[to][i];
		}
		hash_many(NULL, &one, 1, part, left);
		leaf = (const uint8_t (*)[HASH_SIZE])h[to];
	}
	push(s, leaf[0], GROUP_HEIGHT);
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

void hash_tree_leaves(uint8_t (*out)[HASH_SIZE], const void *p, size_t n)
{
	struct hash_part part[GROUP];
	const uint8_t *at = p;
	uint8_t zero = 0;
	size_t i, k;

	for (; n; n -= k, out += k, at += k * HASH_LEAF) {
		k = n < GROUP ? n : GROUP;
		for (i = 0; i < k; i++) {
			part[i].p = at + i * HASH_LEAF;
			part[i].n = HASH_LEAF;
			part[i].out = out[i];
		}
		hash_many(NULL, &zero, 1, part, k);
	}
}

void hash_tree_root(uint8_t out[HASH_SIZE], const uint8_t (*leaf)[HASH_SIZE],
		    size_t n)
{
	uint8_t root[HASH_SIZE];
	struct stack s;
	size_t i;

	s.leaves = 0;
	for (i = 0; i < n; i += GROUP)
		push_group(&s, leaf + i, n - i < GROUP ? n - i : GROUP);
	fold(&s, root);
	result(out, (uint64_t)n * HASH_LEAF, root);
}

void hash_tree(uint8_t out[HASH_SIZE], const void *p, size_t n)
{
	uint8_t h[GROUP][HASH_SIZE], root[HASH_SIZE];
	const uint8_t *at = p;
	size_t left = n, k;
	struct stack s;

	s.leaves = 0;
	for (; left >= HASH_LEAF; at += k * HASH_LEAF, left -= k * HASH_LEAF) {
		k = left / HASH_LEAF;
		if (k > GROUP)
			k = GROUP;
		hash_tree_leaves(h, at, k);
		push_group(&s, (const uint8_t (*)[HASH_SIZE])h, k);
	}
	if (left || !n) {
		last_leaf(h[0], at, left);
		push(&s, h[0], 0);
	}
	fold(&s, root);
	result(out, n, root);
}
