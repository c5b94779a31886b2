/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog_list.c - the list of a catalog: its files, the segments that are in
 * them, the packs that are dropped.  File "list", binary:
 *
 *	magic "VHcl", version u32 2, place 32, time u64
 *	files u32, each: name 21, rows u64, its check 32; newest first
 *	segments u32, each: name 32, drops u32, ids; keeps u32, ids
 *	dead packs u32, ids, ascending
 *	H of all that
 *
 * The check of a file covers the sums of its rows: so the list says which bytes
 * all files have, and none can stand for another, or for itself as it was.
 */
#include <stdlib.h>
#include <string.h>
#include "base/rd.h"
#include "crypt/hash.h"
#include "store/catalog_internal.h"
#include "base/banned.h"

#define LIST_MAX (64u << 20)
#define VERSION 2
#define NAME_SIZE (CATALOG_NAME - 3)	/* "rows-" and 16 digits */

static int list_path(const struct catalog *c, struct buf *path)
{
	buf_addf(path, "%s/list", c->dir);
	return buf_error(path);
}

/* ---- what is remembered of segments ---- */

static void seen_release(struct catalog_seen *s)
{
	free(s->drops);
	free(s->keeps);
}

void catalog_seen_free(struct catalog *c)
{
	while (c->seen_n)
		seen_release(&c->seen[--c->seen_n]);
	free(c->seen);
	c->seen = NULL;
	c->seen_alloc = 0;
	map_release(&c->seen_at);
}

int catalog_seen_add(struct catalog *c, struct catalog_seen *s, struct err *e)
{
	size_t n = c->seen_alloc ? 2 * c->seen_alloc : 64;
	struct catalog_seen *p;
	uint32_t i;
	int rc = 0;

	if (c->seen_n == c->seen_alloc) {
		p = realloc(c->seen, n * sizeof(*p));
		if (!p) {
			seen_release(s);
			return err_nomem(e);
		}
		c->seen = p;
		c->seen_alloc = n;
	}
	for (i = 0; rc == 0 && i < s->drops_n; i++)
		rc = map_put(&c->dropped, s->drops[i], 32, c);
	if (rc == 0)
		rc = map_put(&c->seen_at, s->name, 32,
			     (void *)(uintptr_t)(c->seen_n + 1));
	if (rc < 0) {
		seen_release(s);
		return err_nomem(e);
	}
	c->seen[c->seen_n++] = *s;
	return 0;
}

/* ---- load ---- */

static int get_ids(struct rd *r, uint8_t (**ret)[32], uint32_t *ret_n)
{
	uint32_t n = rd_u32(r);
	struct span s;

	if (r->failed || n > r->n / 32)
		return HUB_ECORRUPT;
	s = rd_bytes(r, (size_t)n * 32);
	*ret = malloc(n ? (size_t)n * 32 : 1);
	if (!*ret)
		return HUB_ENOMEM;
	memcpy(*ret, s.p, (size_t)n * 32);
	*ret_n = n;
	return 0;
}

static int get_files(struct catalog *c, struct rd *r, struct err *e)
{
	char name[CATALOG_NAME] = "";
	uint32_t n = rd_u32(r), i;
	struct span s, check;
	uint64_t rows;
	int rc;

	if (n > CATALOG_FILES_MAX)
		return HUB_ECORRUPT;
	for (i = 0; i < n; i++) {
		s = rd_bytes(r, NAME_SIZE);
		rows = rd_u64(r);
		check = rd_bytes(r, HASH_SIZE);
		if (r->failed || memcmp(s.p, "rows-", 5) ||
		    memchr(s.p, '/', s.n) || memchr(s.p, 0, s.n))
			return HUB_ECORRUPT;
		memcpy(name, s.p, s.n);
		rc = catalog_file_open(c->dir, name, rows, check.p,
				       &c->files[i], e);
		if (rc < 0)
			return rc;
		c->files_n++;
	}
	return 0;
}

static int get_seen(struct catalog *c, struct rd *r, struct err *e)
{
	struct catalog_seen s;
	uint32_t n = rd_u32(r), i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n && !r->failed; i++) {
		memset(&s, 0, sizeof(s));
		rd_copy(r, s.name, 32);
		rc = get_ids(r, &s.drops, &s.drops_n);
		if (rc == 0)
			rc = get_ids(r, &s.keeps, &s.keeps_n);
		if (rc < 0) {
			seen_release(&s);
			break;
		}
		rc = catalog_seen_add(c, &s, e);
	}
	return rc < 0 ? rc : r->failed ? HUB_ECORRUPT : 0;
}

static int load(struct catalog *c, const struct buf *b, struct err *e)
{
	uint8_t sum[HASH_SIZE], place[32];
	uint32_t dead_n = 0, i;
	struct span magic;
	struct rd r;
	int rc;

	if (b->n < HASH_SIZE)
		return HUB_ECORRUPT;
	hash_once(sum, b->p, b->n - HASH_SIZE);
	if (memcmp(sum, b->p + b->n - HASH_SIZE, HASH_SIZE))
		return HUB_ECORRUPT;
	rd_init(&r, b->p, b->n - HASH_SIZE);
	magic = rd_bytes(&r, 4);
	if (!magic.p || memcmp(magic.p, "VHcl", 4) || rd_u32(&r) != VERSION)
		return HUB_ECORRUPT;
	rd_copy(&r, place, 32);
	if (memcmp(place, c->place, 32))
		return HUB_ECORRUPT;
	c->time = rd_u64(&r);
	rc = get_files(c, &r, e);
	if (rc == 0)
		rc = get_seen(c, &r, e);
	if (rc == 0)
		rc = get_ids(&r, &c->dead, &dead_n);
	if (rc == 0)
		rc = rd_end(&r);
	c->dead_n = dead_n;
	for (i = 0; rc == 0 && i < dead_n; i++)
		rc = map_put(&c->dropped, c->dead[i], 32, c);
	if (rc == 0)
		memcpy(c->list_check, sum, sizeof(sum));
	return rc;
}

int catalog_list_load(struct catalog *c, struct err *e)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	int rc;

	if (list_path(c, &path) < 0)
		rc = err_nomem(e);
	else
		rc = os_read_file(path.p, LIST_MAX, &b, e);
	if (rc == 0)
		rc = load(c, &b, e);
	buf_release(&path);
	buf_release(&b);
	return rc;
}

int catalog_list_same(const struct catalog *c)
{
	static const uint8_t none[32];
	struct buf path = BUF_INIT, b = BUF_INIT;
	int rc, same = 0;

	if (list_path(c, &path) == 0) {
		rc = os_read_file(path.p, LIST_MAX, &b, NULL);
		if (rc == HUB_EABSENT)
			same = !memcmp(c->list_check, none, 32);
		else if (rc == 0 && b.n >= HASH_SIZE)
			same = !memcmp(c->list_check, b.p + b.n - HASH_SIZE,
				       HASH_SIZE);
	}
	buf_release(&path);
	buf_release(&b);
	return same;
}

/* ---- save ---- */

static void add_ids(struct buf *b, uint8_t (*ids)[32], uint32_t n)
{
	buf_add_u32(b, n);
	buf_add(b, ids, (size_t)n * 32);
}

int catalog_list_save(struct catalog *c, struct err *e)
{
	struct buf path = BUF_INIT, b = BUF_INIT;
	uint8_t sum[HASH_SIZE];
	size_t i;
	int rc;

	buf_add(&b, "VHcl", 4);
	buf_add_u32(&b, VERSION);
	buf_add(&b, c->place, 32);
	buf_add_u64(&b, c->time);
	buf_add_u32(&b, (uint32_t)c->files_n);
	for (i = 0; i < c->files_n; i++) {
		buf_add(&b, c->files[i]->name, NAME_SIZE);
		buf_add_u64(&b, c->files[i]->rows_n);
		buf_add(&b, c->files[i]->check, HASH_SIZE);
	}
	buf_add_u32(&b, (uint32_t)c->seen_n);
	for (i = 0; i < c->seen_n; i++) {
		buf_add(&b, c->seen[i].name, 32);
		add_ids(&b, c->seen[i].drops, c->seen[i].drops_n);
		add_ids(&b, c->seen[i].keeps, c->seen[i].keeps_n);
	}
	add_ids(&b, c->dead, (uint32_t)c->dead_n);
	if (buf_error(&b) || list_path(c, &path) < 0) {
		rc = err_nomem(e);
		goto out;
	}
	hash_once(sum, b.p, b.n);
	buf_add(&b, sum, sizeof(sum));
	rc = buf_error(&b) ? err_nomem(e)
			   : os_replace(path.p, b.p, b.n, 0, e);
	if (rc == 0)
		memcpy(c->list_check, sum, sizeof(sum));
out:
	buf_release(&path);
	buf_release(&b);
	return rc;
}

static int is_ours(const struct catalog *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->files_n; i++)
		if (!strcmp(c->files[i]->name, name))
			return 1;
	return 0;
}

void catalog_list_sweep(const struct catalog *c)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;

	if (os_dir_open(c->dir, &d, NULL) < 0)
		return;
	while (os_dir_next(d, &name, &type, NULL) > 0)
		if (!strncmp(name, "rows-", 5) && !is_ours(c, name))
			os_dir_unlink(d, name, NULL);
	os_dir_close(d);
	os_replace_sweep(c->dir, 3600, NULL);
}
