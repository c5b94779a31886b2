/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index_raw_write.c - the bytes of the new index file. */
#include "repo/index_raw_internal.h"

#include <stdlib.h>

static int cmp_edits(const void *a, const void *b)
{
	const struct index_raw_edit *x = *(struct index_raw_edit *const *)a;
	const struct index_raw_edit *y = *(struct index_raw_edit *const *)b;

	return mem_cmp(x->path, x->n, y->path, y->n);
}

static void add_edit(struct buf *out, const struct index_raw_edit *ed)
{
	static const char zeros[8];
	const struct index_raw_entry *en = &ed->en;
	const uint32_t v[] = {
		en->ctime_s, en->ctime_ns, en->mtime_s, en->mtime_ns, en->dev,
		en->ino, en->mode, en->uid, en->gid, en->size
	};
	size_t bytes = FIXED + (en->skip ? 2 : 0) + ed->n;
	unsigned flags = (en->valid ? VALID : 0) | (en->skip ? EXTENDED : 0);

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		buf_add_u32(out, v[i]);
	buf_add(out, en->id.h, OID_SIZE);
	flags |= ed->n < NAME_MASK ? (unsigned)ed->n : NAME_MASK;
	buf_add_u16(out, (uint16_t)flags);
	if (en->skip)
		buf_add_u16(out, SKIP);
	buf_add(out, ed->path, ed->n);
	buf_add(out, zeros, index_raw_padded(bytes) - bytes);
}

static int64_t mtime_at(const struct index_raw *x, uint32_t at)
{
	const char *p = x->data.p + at + MTIME_AT;

	return (int64_t)(int32_t)index_raw_u32(p) * 1000000000 + index_raw_u32(p + 4);
}

/* Copy the old entry ${i}; its size says "look" where it is too young. */
static void add_old(const struct index_raw *x, uint32_t i, int64_t old_ns,
		    struct buf *out)
{
	uint32_t at = x->at[i];
	const char *path = index_raw_path_at(x, at);
	size_t size = index_raw_padded((size_t)(path - (x->data.p + at)) + strlen(path));
	size_t here = out->n;

	buf_add(out, x->data.p + at, size);
	if (mtime_at(x, at) >= old_ns && !buf_error(out))
		memset(out->p + here + SIZE_AT, 0, 4);
}

static uint32_t merge(struct index_raw *x, int64_t old_ns, struct buf *out)
{
	uint32_t i = 0, count = 0;
	size_t k = 0;

	while (i < x->n || k < x->edits_n) {
		int c = i == x->n ? 1 : k == x->edits_n ? -1 :
			index_raw_cmp_at(x, i, x->edits[k]->path, x->edits[k]->n);

		if (c <= 0) {
			if (!x->gone[i]) {
				add_old(x, i, old_ns, out);
				count++;
			}
			i++;
			continue;
		}
		if (!x->edits[k]->removed) {
			add_edit(out, x->edits[k]);
			if (x->edits[k]->en.skip)
				x->version = 3;
			count++;
		}
		k++;
	}
	return count;
}

int index_raw_text(struct index_raw *x, int64_t old_ns, struct buf *out)
{
	uint8_t sum[SUM];
	uint32_t count;
	size_t begin = out->n;
	struct buf head = BUF_INIT;
	int rc;

	if (x->edits_n)
		qsort(x->edits, x->edits_n, sizeof(*x->edits), cmp_edits);
	if (buf_grow(out, x->data.n + x->edits_n * 128 + HEAD + SUM))
		return HUB_ENOMEM;
	buf_add(out, "DIRC", 4);
	buf_add(out, "\0\0\0\0\0\0\0", 8);
	count = merge(x, old_ns, out);
	buf_add_u32(&head, x->version);
	buf_add_u32(&head, count);
	if (buf_error(out) || buf_error(&head)) {
		buf_release(&head);
		return HUB_ENOMEM;
	}
	memcpy(out->p + begin + 4, head.p, 8);
	buf_release(&head);
	rc = index_raw_sum(out->p + begin, out->n - begin, sum);
	if (rc < 0)
		return rc;
	buf_add(out, sum, SUM);
	return buf_error(out);
}
