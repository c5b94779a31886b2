/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-catalog.c - many searches in a cache of several files: what is there is
 * found, what is not is not, also when the files' sieves are made in between; and
 * damage is seen through them.
 */
#include <stdio.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "store/catalog_internal.h"
#include "tap.h"

static const uint8_t place[32] = "a place";
static struct err e = ERR_INIT;

static void name_of(uint8_t out[32], uint64_t i)
{
	hash_once(out, &i, sizeof(i));
}

/* Rows from..to-1 in a pack of their own, as a state's newest segment. */
static int add(struct catalog *c, uint64_t from, uint64_t to)
{
	size_t n = (size_t)(to - from), i;
	struct segment_entry *en = calloc(n, sizeof(*en));
	struct segment_pack p = { .klass = 24, .kind = PACK_DATA };
	struct buf b = BUF_INIT;
	uint8_t name[32];
	int rc = HUB_ENOMEM;

	if (!en)
		return rc;
	name_of(p.id, ((uint64_t)1 << 60) + from);
	for (i = 0; i < n; i++) {
		name_of(en[i].at.name, from + i);
		en[i].at.at = PACK_HEAD + (uint32_t)i * 1000;
		en[i].at.stored = 1000;
		en[i].at.plain = 984;
		en[i].at.type = PACK_CHUNK;
	}
	rc = segment_encode(&b, &p, 1, NULL, 0, en, n, &e);
	name_of(name, ((uint64_t)1 << 61) + from);
	if (rc == 0)
		rc = catalog_add(c, name, b.p, b.n, &e);
	if (rc == 0)
		rc = catalog_settle(c, NULL, 0, 1, &e);
	buf_release(&b);
	free(en);
	return rc;
}

/* Wrong answers for rows from..to-1. */
static size_t wrong(struct catalog *c, uint64_t from, uint64_t to, int there)
{
	struct catalog_at at;
	uint8_t name[32];
	size_t bad = 0;
	uint64_t i;

	for (i = from; i < to; i++) {
		name_of(name, i);
		bad += catalog_find(c, name, &at, &e) != there ||
		       (there && memcmp(at.at.name, name, 32));
	}
	return bad;
}

static size_t sieves(const struct catalog *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->files_n; i++)
		n += c->files[i]->sieve != NULL;
	return n;
}

/* Turn a bit in the first row of each file. */
static void damage(const char *dir, const struct catalog *c)
{
	char path[512];
	uint8_t b;
	size_t i;
	FILE *f;

	for (i = 0; i < c->files_n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, c->files[i]->name);
		f = fopen(path, "r+b");
		if (!f)
			continue;
		fseek(f, CATALOG_HEAD + 1, SEEK_SET);
		b = (uint8_t)(fgetc(f) ^ 4);
		fseek(f, CATALOG_HEAD + 1, SEEK_SET);
		fputc(b, f);
		fclose(f);
	}
}

static void test_sieve(const char *dir)
{
	struct catalog *c = NULL;
	struct catalog_at at;
	size_t bad = 0, i;
	uint8_t name[32];

	ok(catalog_open(dir, place, &c, &e) == 0 && add(c, 0, 15000) == 0 &&
	   add(c, 20000, 20200) == 0 && add(c, 30000, 30003) == 0,
	   "three segments: %s", e.msg);
	ok(c->files_n == 3 && sieves(c) == 0, "are three files");
	for (i = 0; i < 3; i++) {
		bad += wrong(c, 0, 15000, 1);
		bad += wrong(c, 20000, 20200, 1);
		bad += wrong(c, 30000, 30003, 1);
		bad += wrong(c, 100000, 120000, 0);
	}
	ok(bad == 0, "every answer is right");
	ok(sieves(c) == 3, "each has a sieve by now");
	catalog_close(c);

	ok(catalog_open(dir, place, &c, &e) == 0 && sieves(c) == 0,
	   "a new run has none");
	damage(dir, c);
	for (i = 0; i < 50000; i++) {
		name_of(name, 100000 + i);
		catalog_find(c, name, &at, NULL);
	}
	ok(sieves(c) == 0, "none is made of rows that are damaged");
	for (bad = 0, i = 20000; i < 20200; i++) {
		name_of(name, i);
		bad += catalog_find(c, name, &at, NULL) == HUB_ECORRUPT;
	}
	ok(bad == 200, "and a search says so");
	catalog_close(c);
}

int main(void)
{
	char dir[400];

	crypt_init(NULL);
	snprintf(dir, sizeof(dir), "%s/catalog", tap_dir());
	test_sieve(dir);
	return done();
}
