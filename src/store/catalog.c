/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog.c - this computer's cache of a vault's index.
 *
 * Layers, newest first: the inline segment of the newest state, segments in
 * memory that were not saved yet, files.  A new file takes in the files before
 * it that are less than 16 times as large as what it has (4 times while a large
 * index is read): so there are few, and each row is written some times in all.
 *
 * A pack is dropped if its newest mention in the segments of the newest state
 * drops it.  For that each segment's drops are remembered, and which
 * packs it names again ("keeps").  A pack once dropped stays so until it is
 * named again, also when nobody speaks of it any more.
 */
#include <stdlib.h>
#include <string.h>
#include "store/catalog_internal.h"
#include "base/banned.h"

#define MEM_MAX (24u << 20)	/* bytes of segments kept before they are saved */
#define MEM_N_MAX 64		/* and how many */
#define TIER_ADD 4	/* while much is added */
#define TIER 16		/* after each state */

/* ---- open, close ---- */

static void drop_mem(struct catalog *c)
{
	struct catalog_mem *m;

	while ((m = c->mem)) {
		c->mem = m->next;
		buf_release(&m->bytes);
		free(m->dead);
		free(m);
	}
	c->mem_bytes = c->mem_n = 0;
}

static void drop_inline(struct catalog *c)
{
	buf_release(&c->inl.bytes);
	free(c->inl.dead);
	memset(&c->inl, 0, sizeof(c->inl));
	buf_init(&c->inl.bytes);
}

static void forget(struct catalog *c)
{
	while (c->files_n)
		catalog_file_close(c->files[--c->files_n]);
	drop_mem(c);
	drop_inline(c);
	catalog_seen_free(c);
	map_release(&c->dropped);
	free(c->dead);
	c->dead = NULL;
	c->dead_n = 0;
	c->time = 0;
	c->changed = 1;
}

int catalog_open(const char *dir, const uint8_t place[32],
		 struct catalog **ret, struct err *e)
{
	struct catalog *c;
	int rc = os_mkdirs(dir, e);

	if (rc < 0)
		return rc;
	c = calloc(1, sizeof(*c));
	if (!c)
		return err_nomem(e);
	buf_init(&c->inl.bytes);
	memcpy(c->place, place, 32);
	c->dir = malloc(strlen(dir) + 1);
	if (!c->dir) {
		free(c);
		return err_nomem(e);
	}
	memcpy(c->dir, dir, strlen(dir) + 1);
	rc = catalog_list_load(c, e);
	if (rc == HUB_ENOMEM) {
		catalog_close(c);
		return rc;
	}
	if (rc < 0) {
		forget(c);
		/* Whatever lies there may be replaced. */
		c->foreign = -1;
	} else {
		c->changed = 0;
	}
	*ret = c;
	return 0;
}

void catalog_close(struct catalog *c)
{
	if (!c)
		return;
	forget(c);
	os_lock_drop(c->lock);
	free(c->dir);
	free(c);
}

/* The lock, and nobody else's list in the folder: 1; else 0 for this run. */
static int may_write(struct catalog *c)
{
	struct buf path = BUF_INIT;

	if (c->lock)
		return 1;
	if (c->foreign > 0)
		return 0;
	buf_addf(&path, "%s/lock", c->dir);
	if (buf_error(&path) || os_lock_take(path.p, &c->lock, NULL) < 0)
		c->lock = NULL;
	buf_release(&path);
	if (c->lock && c->foreign == 0 && !catalog_list_same(c)) {
		os_lock_drop(c->lock);
		c->lock = NULL;
		c->foreign = 1;
	}
	return c->lock != NULL;
}

int catalog_reset(struct catalog *c, struct err *e)
{
	uint64_t turn = c->turn;

	forget(c);
	c->turn = turn + 1;
	c->foreign = -1;
	if (may_write(c)) {
		catalog_list_sweep(c);
		return catalog_list_save(c, e);
	}
	return 0;
}

/* ---- adding ---- */

int catalog_has(const struct catalog *c, const uint8_t name[32])
{
	return map_get(&c->seen_at, name, 32) != NULL;
}

int catalog_keeps(const struct catalog *c, const uint8_t (*names)[32],
		  size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (catalog_has(c, names[i]))
			return 1;
	return c->seen_n == 0;
}

/* Its drops, and which packs it names that were dropped before. */
static int note(struct catalog *c, const uint8_t name[32],
		const struct segment *s, struct err *e)
{
	struct catalog_seen seen = { { 0 }, 0, 0, NULL, NULL };
	uint32_t i;

	memcpy(seen.name, name, 32);
	seen.drops = malloc(s->drops_n ? (size_t)s->drops_n * 32 : 1);
	seen.keeps = malloc(s->packs_n ? (size_t)s->packs_n * 32 : 1);
	if (!seen.drops || !seen.keeps) {
		free(seen.drops);
		free(seen.keeps);
		return err_nomem(e);
	}
	for (i = 0; i < s->drops_n; i++)
		memcpy(seen.drops[seen.drops_n++],
		       s->drops + (size_t)i * SEGMENT_DROP, 32);
	for (i = 0; c->dropped.count && i < s->packs_n; i++)
		if (map_get(&c->dropped, s->packs + (size_t)i * SEGMENT_PACK,
			    32))
			memcpy(seen.keeps[seen.keeps_n++],
			       s->packs + (size_t)i * SEGMENT_PACK, 32);
	return catalog_seen_add(c, &seen, e);
}

/* How many files the rows in memory take in. */
static size_t files_to_merge(const struct catalog *c, unsigned tier)
{
	uint64_t rows = 0;
	struct catalog_mem *m;
	size_t i;

	for (m = c->mem; m; m = m->next)
		rows += m->seg.entries_n;
	for (i = 0; i < c->files_n; i++) {
		if (c->files[i]->rows_n > tier * rows &&
		    c->files_n - i < CATALOG_FILES_MAX - 1)
			break;
		rows += c->files[i]->rows_n;
	}
	return i;
}

static void mark_dead(const struct catalog *c, const uint8_t *packs, uint32_t n,
		      uint8_t **dead)
{
	size_t i;
	int64_t at;

	free(*dead);
	*dead = NULL;
	for (i = 0; i < c->dead_n; i++) {
		at = catalog_find_id(packs, n, SEGMENT_PACK, c->dead[i]);
		if (at < 0)
			continue;
		if (!*dead)
			*dead = calloc(n, 1);
		if (*dead)
			(*dead)[at] = 1;
	}
}

/* What is in memory goes into a file. */
static int save(struct catalog *c, unsigned tier, struct err *e)
{
	struct catalog_file *f = NULL;
	size_t n, i;
	int rc;

	if (!c->mem || !may_write(c))
		return 0;
	n = files_to_merge(c, tier);
	rc = catalog_merge(c, n, &f, e);
	if (rc < 0)
		return rc;
	for (i = 0; i < n; i++)
		catalog_file_close(c->files[i]);
	memmove(c->files + 1, c->files + n,
		(c->files_n - n) * sizeof(*c->files));
	c->files[0] = f;
	c->files_n = c->files_n - n + 1;
	drop_mem(c);
	mark_dead(c, f->packs, f->packs_n, &f->dead);
	c->changed = 1;
	return 0;
}

int catalog_add(struct catalog *c, const uint8_t name[32], const void *p,
		size_t n, struct err *e)
{
	struct catalog_mem *m;
	int rc;

	if (catalog_has(c, name))
		return 0;
	c->turn++;
	m = calloc(1, sizeof(*m));
	if (!m)
		return err_nomem(e);
	buf_init(&m->bytes);
	buf_add(&m->bytes, p, n);
	rc = buf_error(&m->bytes) ? err_nomem(e)
	     : segment_open(&m->seg, m->bytes.p, m->bytes.n, e);
	if (rc == 0)
		rc = note(c, name, &m->seg, e);
	if (rc < 0) {
		buf_release(&m->bytes);
		free(m);
		return rc;
	}
	m->next = c->mem;
	c->mem = m;
	c->mem_bytes += n;
	c->mem_n++;
	c->changed = 1;
	/* A failure to save is none to add, unless memory would run full. */
	if ((c->mem_bytes > MEM_MAX || c->mem_n > MEM_N_MAX) &&
	    c->files_n < CATALOG_FILES_MAX - 1)
		rc = save(c, TIER_ADD, NULL) == HUB_ENOMEM ? err_nomem(e) : 0;
	return rc;
}

int catalog_inline(struct catalog *c, const void *p, size_t n, struct err *e)
{
	int rc = 0;

	c->turn++;
	drop_inline(c);
	if (n == 0)
		return 0;
	buf_add(&c->inl.bytes, p, n);
	rc = buf_error(&c->inl.bytes) ? err_nomem(e)
	     : segment_open(&c->inl.seg, c->inl.bytes.p, c->inl.bytes.n, e);
	if (rc < 0)
		drop_inline(c);
	return rc;
}

/* ---- which packs are dropped ---- */

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int say(struct map *m, const uint8_t id[32], struct catalog *dead)
{
	return map_put(m, id, 32, dead);
}

/* All mentions, oldest first: the last one stays. */
static int fold(struct catalog *c, struct map *m, const uint8_t (*names)[32],
		size_t n)
{
	const struct segment *s = &c->inl.seg;
	const struct catalog_seen *seen;
	struct map_slot *slot;
	size_t i;
	uint32_t k;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->dead_n; i++)
		rc = say(m, c->dead[i], c);
	for (i = 0; rc == 0 && i < n; i++) {
		slot = map_get(&c->seen_at, names[i], 32);
		if (!slot)
			continue;	/* it could not be read */
		seen = &c->seen[(uintptr_t)slot->value - 1];
		for (k = 0; rc == 0 && k < seen->drops_n; k++)
			rc = say(m, seen->drops[k], c);
		for (k = 0; rc == 0 && k < seen->keeps_n; k++)
			rc = say(m, seen->keeps[k], NULL);
	}
	for (k = 0; rc == 0 && k < s->drops_n; k++)
		rc = say(m, s->drops + (size_t)k * SEGMENT_DROP, c);
	for (k = 0; rc == 0 && k < s->drops_n; k++)
		rc = map_put(&c->dropped, s->drops + (size_t)k * SEGMENT_DROP,
			     32, c);
	for (k = 0; rc == 0 && m->count && k < s->packs_n; k++)
		if (map_get(m, s->packs + (size_t)k * SEGMENT_PACK, 32))
			rc = say(m, s->packs + (size_t)k * SEGMENT_PACK, NULL);
	return rc;
}

static int find_dead(struct catalog *c, const uint8_t (*names)[32], size_t n,
		     struct err *e)
{
	struct map m = MAP_INIT;
	struct map_slot *s;
	uint8_t (*dead)[32] = NULL;
	size_t pos = 0, k = 0;
	int rc = fold(c, &m, names, n);

	if (rc == 0)
		dead = malloc(m.count ? m.count * 32 : 1);
	if (!dead) {
		map_release(&m);
		return err_nomem(e);
	}
	while ((s = map_next(&m, &pos)))
		if (s->value)
			memcpy(dead[k++], s->key, 32);
	qsort(dead, k, 32, by_id);
	if (k != c->dead_n || (k && memcmp(dead, c->dead, k * 32)))
		c->changed = 1;
	free(c->dead);
	c->dead = dead;
	c->dead_n = k;
	map_release(&m);
	return 0;
}

static void mark_all(struct catalog *c)
{
	struct catalog_mem *m;
	size_t i;

	for (i = 0; i < c->files_n; i++)
		mark_dead(c, c->files[i]->packs, c->files[i]->packs_n,
			  &c->files[i]->dead);
	for (m = c->mem; m; m = m->next)
		mark_dead(c, m->seg.packs, m->seg.packs_n, &m->dead);
	mark_dead(c, c->inl.seg.packs, c->inl.seg.packs_n, &c->inl.dead);
}

/* Segments that are in no state any more need not be remembered. */
static int prune_seen(struct catalog *c, const uint8_t (*names)[32], size_t n,
		      struct err *e)
{
	struct catalog_seen *old = c->seen;
	size_t old_n = c->seen_n, i;
	struct map keep = MAP_INIT;
	int rc = 0;

	if (c->seen_n <= n)
		return 0;
	for (i = 0; rc == 0 && i < n; i++)
		rc = map_put(&keep, names[i], 32, c);
	if (rc < 0) {
		map_release(&keep);
		return err_nomem(e);
	}
	c->seen = NULL;
	c->seen_n = c->seen_alloc = 0;
	map_release(&c->seen_at);
	for (i = 0; i < old_n; i++) {
		if (rc == 0 && map_get(&keep, old[i].name, 32)) {
			rc = catalog_seen_add(c, &old[i], e);
		} else {
			free(old[i].drops);
			free(old[i].keeps);
		}
	}
	free(old);
	map_release(&keep);
	c->changed = 1;
	return rc;
}

int catalog_settle(struct catalog *c, const uint8_t (*names)[32], size_t n,
		   uint64_t time, struct err *e)
{
	int rc = find_dead(c, names, n, e);

	c->turn++;
	if (rc == 0)
		rc = prune_seen(c, names, n, e);
	if (rc < 0)
		return rc;
	c->time = time;
	rc = save(c, TIER, NULL);
	mark_all(c);
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	/* What is only in memory must not stand in the list. */
	if (c->changed && !c->mem && may_write(c) &&
	    catalog_list_save(c, NULL) == 0) {
		c->changed = 0;
		c->foreign = 0;
		catalog_list_sweep(c);
	}
	os_lock_drop(c->lock);
	c->lock = NULL;
	return 0;
}

uint64_t catalog_time(const struct catalog *c)
{
	return c->time;
}

/* ---- looking up ---- */

static int find_in(const struct catalog_mem *m, const uint8_t name[32],
		   struct catalog_at *ret)
{
	struct segment_entry en;
	int64_t at = segment_find(&m->seg, name);

	if (at < 0)
		return 0;
	segment_entry(&m->seg, (uint32_t)at, &en);
	if (m->dead && m->dead[en.pack])
		return 0;
	ret->at = en.at;
	ret->row = (uint64_t)at;
	memcpy(ret->pack, m->seg.packs + (size_t)en.pack * SEGMENT_PACK, 32);
	return 1;
}

int catalog_find(struct catalog *c, const uint8_t name[32],
		 struct catalog_at *ret, struct err *e)
{
	const struct catalog_mem *m;
	uint64_t before = 0, next = c->inl.seg.entries_n;
	size_t i;
	int rc;

	for (i = 0; i < c->files_n; i++)
		if (!c->files[i]->sieve)
			catalog_file_aim(c->files[i], name);
	for (i = 0; i < c->files_n; i++)
		if (!c->files[i]->sieve)
			catalog_file_near(c->files[i], name);
	rc = find_in(&c->inl, name, ret);
	for (m = c->mem; rc == 0 && m; m = m->next) {
		before = next;
		next += m->seg.entries_n;
		rc = find_in(m, name, ret);
	}
	for (i = 0; rc == 0 && i < c->files_n; i++) {
		before = next;
		next += c->files[i]->rows_n;
		rc = catalog_file_find(c->files[i], name, ret, e);
	}
	if (rc > 0)
		ret->row += before;
	return rc;
}

int catalog_pack(const struct catalog *c, const uint8_t id[32])
{
	const struct catalog_mem *m;
	size_t i;

	if (catalog_is_dead(c, id))
		return 2;
	if (segment_find_pack(&c->inl.seg, id) >= 0)
		return 1;
	for (m = c->mem; m; m = m->next)
		if (segment_find_pack(&m->seg, id) >= 0)
			return 1;
	for (i = 0; i < c->files_n; i++)
		if (catalog_find_id(c->files[i]->packs, c->files[i]->packs_n,
				    SEGMENT_PACK, id) >= 0)
			return 1;
	return 0;
}

/* Each layer's table of packs is sorted: the least of the next ones. */
int catalog_each(struct catalog *c, catalog_fn fn, void *arg, struct err *e)
{
	size_t n = c->files_n + c->mem_n + 1, i, k = 0;
	struct segment *view = calloc(n, sizeof(*view));
	uint32_t *at = calloc(n, sizeof(*at));
	const struct catalog_mem *m;
	struct segment_pack p, q;
	int rc = 0, any;

	if (!view || !at) {
		rc = err_nomem(e);
		goto out;
	}
	view[k++] = c->inl.seg;
	for (m = c->mem; m; m = m->next)
		view[k++] = m->seg;
	for (i = 0; i < c->files_n; i++, k++) {
		view[k].packs = c->files[i]->packs;
		view[k].packs_n = c->files[i]->packs_n;
	}
	for (;;) {
		for (i = 0, any = 0; i < n; i++) {
			if (at[i] == view[i].packs_n)
				continue;
			segment_pack(&view[i], at[i], &q);
			if (!any || memcmp(q.id, p.id, 32) < 0)
				p = q;
			any = 1;
		}
		if (!any)
			break;
		for (i = 0; i < n; i++) {
			if (at[i] == view[i].packs_n)
				continue;
			segment_pack(&view[i], at[i], &q);
			if (memcmp(q.id, p.id, 32))
				continue;
			if (q.named < p.named)
				p.named = q.named;
			at[i]++;
		}
		rc = catalog_is_dead(c, p.id) ? 0 : fn(arg, &p, e);
		if (rc < 0)
			goto out;
		rc = 0;
	}
out:
	free(view);
	free(at);
	return rc;
}

uint64_t catalog_turn(const struct catalog *c)
{
	return c->turn;
}

uint64_t catalog_rows(const struct catalog *c)
{
	const struct catalog_mem *m;
	uint64_t rows = c->inl.seg.entries_n;
	size_t i;

	for (m = c->mem; m; m = m->next)
		rows += m->seg.entries_n;
	for (i = 0; i < c->files_n; i++)
		rows += c->files[i]->rows_n;
	return rows;
}
