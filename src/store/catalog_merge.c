/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog_merge.c - many sorted sources of rows into one new file.
 *
 * Sources stand newest first; of equal names the newest counts whose pack is not
 * dropped; rows of dropped packs are left out.  The file is not synced: it has
 * checksums, and what does not fit them is made again.
 */
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "os/os.h"
#include "store/catalog_internal.h"
#include "base/banned.h"

#define GONE UINT32_MAX

struct source {
	struct catalog_file *file;	/* or */
	const struct segment *seg;
	const uint8_t *row;		/* the one that is next; NULL: ended */
	uint64_t i, n;
	uint32_t *map;			/* its packs in the new table, or GONE */
};

struct merge {
	struct source *src;
	size_t n;
	struct segment_pack *packs;
	size_t packs_n;
	struct buf block, sums;
	uint32_t *fan;
	unsigned bits;
	uint64_t rows;
	int fd;
	const char *path;
};

static const uint8_t *packs_of(const struct source *s, uint32_t *ret_n)
{
	*ret_n = s->file ? s->file->packs_n : s->seg->packs_n;
	return s->file ? s->file->packs : s->seg->packs;
}

/* ---- packs ---- */

static int by_id(const void *a, const void *b)
{
	const struct segment_pack *x = a, *y = b;
	int c = memcmp(x->id, y->id, 32);

	return c ? c : x->named < y->named ? -1 : x->named > y->named;
}

static int collect_packs(const struct catalog *c, struct merge *m,
			 struct err *e)
{
	struct segment view = { NULL, NULL, NULL, 0, 0, 0 };
	size_t all = 0, n = 0, i, k;
	uint32_t count;

	for (i = 0; i < m->n; i++) {
		packs_of(&m->src[i], &count);
		all += count;
	}
	m->packs = calloc(all ? all : 1, sizeof(*m->packs));
	if (!m->packs)
		return err_nomem(e);
	for (i = 0; i < m->n; i++) {
		view.packs = packs_of(&m->src[i], &count);
		for (k = 0; k < count; k++) {
			segment_pack(&view, (uint32_t)k, &m->packs[n]);
			n += !catalog_is_dead(c, m->packs[n].id);
		}
	}
	qsort(m->packs, n, sizeof(*m->packs), by_id);
	for (i = 0, k = 0; i < n; i++)
		if (!k || memcmp(m->packs[k - 1].id, m->packs[i].id, 32))
			m->packs[k++] = m->packs[i];
	m->packs_n = k;
	return 0;
}

static int map_packs(struct merge *m, struct source *s, struct err *e)
{
	const uint8_t *p;
	uint32_t n, i;
	int64_t at;

	p = packs_of(s, &n);
	s->map = calloc(n ? n : 1, sizeof(*s->map));
	if (!s->map)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		at = catalog_find_id((const uint8_t *)m->packs, m->packs_n,
				     sizeof(*m->packs),
				     p + (size_t)i * SEGMENT_PACK);
		s->map[i] = at < 0 ? GONE : (uint32_t)at;
	}
	return 0;
}

/* ---- rows ---- */

static int step(struct source *s, uint64_t i, struct err *e)
{
	s->i = i;
	if (i >= s->n) {
		s->row = NULL;
		return 0;
	}
	if (!s->file) {
		s->row = s->seg->entries + i * SEGMENT_ENTRY;
		return 0;
	}
	s->row = s->file->rows + i * CATALOG_ROW;
	return catalog_file_block(s->file, i, e);
}

static int write_block(struct merge *m, struct err *e)
{
	int rc;

	if (!m->block.n)
		return 0;
	buf_add_u64(&m->sums, catalog_sum(m->block.p, m->block.n));
	rc = os_write(m->fd, m->block.p, m->block.n, m->path, e);
	buf_reset(&m->block);
	return rc;
}

static int add_row(struct merge *m, const struct source *s, struct err *e)
{
	struct segment_entry en;
	uint8_t row[CATALOG_ROW];
	uint32_t top;

	if (s->file)
		catalog_row_get(&en, s->row);
	else
		segment_entry(s->seg, (uint32_t)s->i, &en);
	en.pack = s->map[en.pack];
	if (en.pack == GONE)
		return 0;
	catalog_row_put(row, &en);
	top = rd_be32(row);
	m->fan[(m->bits ? top >> (32 - m->bits) : 0) + 1]++;
	m->rows++;
	buf_add(&m->block, row, sizeof(row));
	if (m->block.n == CATALOG_BLOCK * CATALOG_ROW) {
		int rc = write_block(m, e);

		return rc < 0 ? rc : 1;
	}
	return 1;
}

/* The source whose next row is the least; the newest of equal ones. */
static struct source *least(struct merge *m)
{
	struct source *best = NULL;
	size_t i;

	for (i = 0; i < m->n; i++) {
		struct source *s = &m->src[i];

		if (s->row && (!best || memcmp(s->row, best->row, 32) < 0))
			best = s;
	}
	return best;
}

static int merge_rows(struct merge *m, struct err *e)
{
	uint8_t last[32] = { 0 };
	struct source *s;
	size_t i;
	int rc = 0, have = 0;

	for (i = 0; rc == 0 && i < m->n; i++)
		rc = step(&m->src[i], 0, e);
	while (rc >= 0 && (s = least(m))) {
		if (!have || memcmp(last, s->row, 32)) {
			memcpy(last, s->row, 32);
			rc = add_row(m, s, e);
			have = rc > 0;
		}
		if (rc >= 0)
			rc = step(s, s->i + 1, e);
	}
	return rc < 0 ? rc : write_block(m, e);
}

/* ---- the file ---- */

static int write_tail(struct merge *m, struct err *e)
{
	struct buf tail = BUF_INIT, head = BUF_INIT;
	uint8_t rec[SEGMENT_PACK], sum[HASH_SIZE];
	uint64_t at = 0, i;
	struct hash h;
	int rc;

	for (i = 0; i <= (uint64_t)1 << m->bits; i++) {
		at += m->fan[i];
		buf_add_u32(&tail, (uint32_t)at);
	}
	for (i = 0; i < m->packs_n; i++) {
		catalog_pack_put(rec, &m->packs[i]);
		buf_add(&tail, rec, sizeof(rec));
	}
	buf_add(&tail, m->sums.p, m->sums.n);
	buf_add(&head, "VHrw\1", 5);
	buf_add_u8(&head, (uint8_t)m->bits);
	buf_add_u16(&head, 0);
	buf_add_u64(&head, m->rows);
	buf_add_u64(&head, m->packs_n);
	if (buf_error(&tail) || buf_error(&head) || buf_error(&m->sums)) {
		rc = err_nomem(e);
		goto out;
	}
	hash_init(&h, NULL, 0);
	hash_add(&h, head.p, head.n);
	hash_add(&h, tail.p, tail.n);
	hash_end(&h, sum);
	buf_add(&head, sum, sizeof(sum));
	buf_add_u64(&head, 0);
	rc = buf_error(&head) ? err_nomem(e) : 0;
	if (rc == 0)
		rc = os_write(m->fd, tail.p, tail.n, m->path, e);
	if (rc == 0)
		rc = os_pwrite(m->fd, head.p, head.n, 0, m->path, e);
out:
	buf_release(&tail);
	buf_release(&head);
	return rc;
}

static int write_file(struct merge *m, struct err *e)
{
	static const uint8_t zero[CATALOG_HEAD];
	int rc = os_create(m->path, 0, &m->fd, e);

	if (rc == 0)
		rc = os_write(m->fd, zero, sizeof(zero), m->path, e);
	if (rc == 0)
		rc = merge_rows(m, e);
	if (rc == 0)
		rc = write_tail(m, e);
	if (rc == 0) {
		rc = os_close(m->fd, m->path, e);
		m->fd = -1;
	}
	return rc;
}

static void add_source(struct merge *m, struct catalog_file *f,
		       const struct segment *seg, uint64_t *total)
{
	struct source *s = &m->src[m->n++];

	s->file = f;
	s->seg = seg;
	s->n = f ? f->rows_n : seg->entries_n;
	*total += s->n;
}

static int set_up(struct catalog *c, size_t files, struct merge *m,
		  struct err *e)
{
	struct catalog_mem *mem;
	uint64_t total = 0;
	size_t i;
	int rc;

	m->src = calloc(c->mem_n + files + 1, sizeof(*m->src));
	if (!m->src)
		return err_nomem(e);
	for (mem = c->mem; mem; mem = mem->next)
		add_source(m, NULL, &mem->seg, &total);
	for (i = 0; i < files; i++)
		add_source(m, c->files[i], NULL, &total);
	if (total >= UINT32_MAX)
		return err_set(e, HUB_ELIMIT, "index of over 4,000,000,000 "
			       "objects");
	while (m->bits < CATALOG_BITS_MAX && (total >> m->bits) > 64)
		m->bits++;
	m->fan = calloc(((size_t)1 << m->bits) + 2, sizeof(*m->fan));
	if (!m->fan)
		return err_nomem(e);
	rc = collect_packs(c, m, e);
	for (i = 0; rc == 0 && i < m->n; i++)
		rc = map_packs(m, &m->src[i], e);
	return rc;
}

int catalog_merge(struct catalog *c, size_t files, struct catalog_file **ret,
		  struct err *e)
{
	struct merge *m = calloc(1, sizeof(*m));
	char name[CATALOG_NAME] = "rows-";
	struct buf path = BUF_INIT;
	uint8_t salt[8];
	size_t i;
	int rc;

	if (!m)
		return err_nomem(e);
	m->fd = -1;
	buf_init(&m->block);
	buf_init(&m->sums);
	os_random(salt, sizeof(salt));
	hex_encode(name + 5, salt, sizeof(salt));
	buf_addf(&path, "%s/%s", c->dir, name);
	m->path = path.p;
	rc = buf_error(&path) ? err_nomem(e) : set_up(c, files, m, e);
	if (rc == 0)
		rc = write_file(m, e);
	if (rc == 0)
		rc = catalog_file_open(c->dir, name, m->rows, NULL, ret, e);
	os_close(m->fd, path.p, NULL);
	if (rc < 0 && !buf_error(&path))
		os_unlink(path.p, NULL);
	for (i = 0; i < m->n; i++)
		free(m->src[i].map);
	free(m->src);
	free(m->packs);
	free(m->fan);
	buf_release(&m->block);
	buf_release(&m->sums);
	buf_release(&path);
	free(m);
	return rc;
}
