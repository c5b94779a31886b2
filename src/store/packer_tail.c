/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packer_tail.c - the packs that are not full at the end.
 *
 * What all workers have left is brought together; full packs leave as they
 * are, and the rest, always less than one pack, goes into files of descending
 * size: the largest that the rest fills, the largest that the rest of the rest
 * fills, and so on.  Each object is opened and sealed again for that under
 * another pack's key, at several GB/s and for at most two packs' worth.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "store/packer_internal.h"

/* Padding of 1/32 is taken rather than another file. */
static int good_size(size_t n)
{
	unsigned k = pack_class_for(n);
	size_t size = (size_t)1 << k;

	return k == PACK_CLASS_MIN || size - n <= size / 32;
}

/* Move object ${i} of ${from} to ${to}, which has room. */
static int move(struct packer_build *from, size_t i, struct packer_build *to,
		uint8_t *scratch, struct err *e)
{
	const struct pack_entry *en = &from->entries[i];
	int rc = packer_build_open(from, i, scratch, e);

	if (rc == 0)
		rc = packer_build_add(to, en, scratch, en->stored - PACK_TAG, e);
	return rc;
}

/* Move what fits; of what does not the entries stay, closed up: ${from} can
 * only be moved from then, not become a pack. */
static int move_all(struct packer_build *from, struct packer_build *to,
		    uint8_t *scratch, struct err *e)
{
	size_t i, kept = 0;
	int rc = 0;

	for (i = 0; i < from->entries_n; i++) {
		if (rc == 0 && packer_build_fits(to, from->entries[i].stored -
						 PACK_TAG))
			rc = move(from, i, to, scratch, e);
		else
			from->entries[kept++] = from->entries[i];
	}
	from->entries_n = kept;
	return rc;
}

static size_t bytes_left(const struct packer_build *b)
{
	size_t i, n = PACK_FIXED;

	for (i = 0; i < b->entries_n; i++)
		n += b->entries[i].stored + PACK_ENTRY;
	return n;
}

/* The largest class that ${b} fills, but one that its smallest object fits in;
 * else the one that takes all. */
static size_t next_room(const struct packer_build *b, size_t left)
{
	unsigned k = pack_class_for(left);
	size_t least = PACK_SIZE_MAX, i;

	if (good_size(left))
		return (size_t)1 << k;
	for (i = 0; i < b->entries_n; i++)
		if (b->entries[i].stored < least)
			least = b->entries[i].stored;
	least += PACK_FIXED + PACK_ENTRY;
	while (--k >= PACK_CLASS_MIN)
		if (pack_class_ok(k) && ((size_t)1 << k) <= left)
			break;
	if (least > (size_t)1 << k)
		return (size_t)1 << pack_class_for(left);
	return (size_t)1 << k;
}

/* All of ${from} into files of descending size. */
static int descend(struct packer_worker *w, struct packer_build *from,
		   uint8_t *scratch, struct err *e)
{
	struct packer_build to;
	size_t room;
	int rc = 0;

	memset(&to, 0, sizeof(to));
	while (rc == 0 && from->entries_n) {
		room = next_room(from, bytes_left(from));
		packer_build_release(&to);
		rc = packer_build_begin(&to, from->kind, room, e);
		if (rc == 0)
			rc = move_all(from, &to, scratch, e);
		if (rc == 0)
			rc = packer_put(w, &to, e);
	}
	packer_build_release(&to);
	packer_build_reset(from);
	return rc;
}

/* ${from} joins ${into}, which leaves when it is full and begins anew. */
static int join(struct packer_worker *w, struct packer_build *into,
		struct packer_build *from, uint8_t *scratch, struct err *e)
{
	int rc = move_all(from, into, scratch, e);

	if (rc < 0 || !from->entries_n)
		return rc;
	rc = packer_put(w, into, e);
	if (rc == 0)
		rc = packer_build_begin(into, from->kind, PACK_SIZE_MAX, e);
	if (rc == 0)
		rc = move_all(from, into, scratch, e);
	return rc;
}

int packer_tail(struct packer *p, enum pack_kind kind, struct err *e)
{
	struct packer_build *into = NULL, *b;
	uint8_t *scratch;
	unsigned i;
	int rc = 0;

	scratch = malloc(PACK_SIZE_MAX);	/* touched by what is largest */
	if (!scratch)
		return err_nomem(e);
	for (i = 0; rc == 0 && i <= p->workers; i++) {
		b = i ? &p->worker[i - 1].build[kind - 1] :
			&p->self.build[kind - 1];
		if (!b->n)
			continue;
		if (!into)
			into = b;
		else
			rc = join(&p->self, into, b, scratch, e);
		if (b != into)
			packer_build_reset(b);
	}
	if (rc == 0 && into && good_size(packer_build_size(into)))
		rc = packer_put(&p->self, into, e);
	else if (rc == 0 && into)
		rc = descend(&p->self, into, scratch, e);
	free(scratch);
	return rc;
}
