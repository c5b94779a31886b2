/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-pack.c - packs from outside (vectors), packs that we make, with and
 * without workers, and objects out of them.
 */
#include "base/banned.h"
#include "base/hex.h"
#include "lib-pack.h"
#include "vec.h"
#include "crypt/hash.h"
#include "store/packer_internal.h"

static struct keyring *keys;

static void packfile(const struct vec *v)
{
	struct err e = ERR_INIT;
	uint8_t id[32];
	int rc;

	hash_tree(id, v->data.p, v->data.n);
	rc = packread_check(keys, id, v->data.p, v->data.n, NULL, NULL, &e);
	if (!ok(vec_expected(v, rc, &e), "%s", v->name))
		printf("# %s\n", e.msg);
	id[3] ^= 1;
	rc = packread_check(keys, id, v->data.p, v->data.n, NULL, NULL, &e);
	if (!strcmp(v->expect, "ok"))
		ok(rc == HUB_ECORRUPT, "... under another id");
}

/* ---- what a run of the packer has to do ---- */

#define CHUNKS 120

static struct { size_t at, n; } chunk[CHUNKS];
static uint8_t *data;

/* Random, text, zeros, repeated; of every size from 1 byte to 1 MiB. */
static void make_chunks(void)
{
	size_t i, n, at = 0;

	data = malloc(CHUNKS * (size_t)PACK_CHUNK_MAX);
	for (i = 0; i < CHUNKS; i++) {
		n = (i * 7919 + 13) % 500000 + 1;
		if (i == 5)
			n = PACK_CHUNK_MAX;
		if (i == 6)
			n = 1;
		chunk[i].at = at;
		chunk[i].n = n;
		if (i % 10 == 9) {
			chunk[i] = chunk[i - 5];
			continue;
		}
		if (i % 4 == 1)
			test_text(data + at, n, i);
		else if (i % 16 == 2)
			memset(data + at, 0, n);
		else
			test_random(data + at, n, i);
		at += n;
	}
}

/* Give all chunks to the packer, batch by batch. */
static int feed(struct packer *p, unsigned jobs, uint8_t name[][32],
		struct err *e)
{
	struct packer_batch *b, *back;
	size_t i = 0, out = 0, got = 0, k;
	int rc = 0;

	while (got < CHUNKS) {
		if (i < CHUNKS && out <= jobs) {
			b = packer_batch_new();
			while (i < CHUNKS && b->n + chunk[i].n <= PACKER_BATCH &&
			       b->items_n < 12) {
				b->items[b->items_n].at = b->n;
				b->items[b->items_n++].n = chunk[i].n;
				memcpy(b->p + b->n, data + chunk[i].at,
				       chunk[i].n);
				b->n += chunk[i++].n;
			}
			out++;
			packer_submit(p, b, e);
			continue;
		}
		rc = packer_next(p, &back, e);
		if (!back)
			break;
		for (k = 0; k < back->items_n; k++)
			memcpy(name[got++], back->items[k].name, 32);
		packer_batch_free(back);
		out--;
		if (rc < 0 && i < CHUNKS)
			break;
	}
	while (rc < 0 && packer_next(p, &back, e) < 0 && back)
		packer_batch_free(back);
	return rc;
}

static void read_all(struct mem *m, uint8_t name[][32], const char *what)
{
	struct packread *r = NULL;
	struct buf b = BUF_INIT;
	struct mem_object *o;
	struct err e = ERR_INIT;
	int good = 1, once = 1;
	uint8_t want[32];
	size_t i;

	packread_open(&m->place, keys, &r, &e);
	for (i = 0; i < CHUNKS; i++) {
		keyring_name(keys, 1, data + chunk[i].at, chunk[i].n, want);
		o = mem_find(m, name[i]);
		once &= o->put == 1;
		buf_reset(&b);
		if (memcmp(want, name[i], 32) ||
		    packread_object(r, o->pack, &o->en, &b, &e) < 0 ||
		    b.n != chunk[i].n ||
		    memcmp(b.p, data + chunk[i].at, b.n)) {
			printf("# chunk %zu: %s\n", i, e.msg);
			good = 0;
		}
	}
	ok(good, "%s: every chunk comes back under its name", what);
	ok(once, "%s: each is stored once", what);
	buf_release(&b);
	packread_close(r);
}

static void run(unsigned jobs, const char *what)
{
	static uint8_t name[CHUNKS][32];
	struct packer_count c;
	struct packer *p = NULL;
	struct err e = ERR_INIT;
	struct mem m;
	size_t gets;
	int rc;

	mem_open(&m, keys);
	m.check = 1;
	rc = mem_packer(&m, jobs, &p, &e);
	ok(rc == 0, "%s: open", what);
	rc = feed(p, jobs, name, &e);
	ok(rc == 0, "%s: all chunks", what);
	rc = packer_flush(p, &e);
	ok(rc == 0 && !e.rc, "%s: flush %s", what, e.msg);
	packer_count(p, &c);
	ok(c.objects == m.objects && c.packs == m.packs &&
	   c.bytes == mem_bytes(&m) && c.objects + c.known == CHUNKS,
	   "%s: the counts are right", what);
	printf("# %zu packs, %llu bytes for %llu sealed, %llu plain\n", m.packs,
	       (unsigned long long)c.bytes, (unsigned long long)c.stored,
	       (unsigned long long)c.plain);
	ok(c.bytes <= c.stored + c.stored / 20, "%s: padding under 5 %%", what);
	read_all(&m, name, what);
	gets = m.objects;
	rc = feed(p, jobs, name, &e);
	if (rc == 0)
		rc = packer_flush(p, &e);
	ok(rc == 0 && m.objects == gets, "%s: a second time nothing is stored",
	   what);
	packer_close(p);
	mem_close(&m);
}

/* One object alone, of several sizes: the smallest class that holds it. */
static void alone(void)
{
	static const struct { size_t n; unsigned klass; unsigned type; } t[] = {
		{ 1, 12, PACK_CHUNK }, { 4096 - 136 - 64 - 32, 12, PACK_RECIPE },
		{ 4096 - 136 - 64 - 31, 14, PACK_RECIPE },
		{ 60000, 16, PACK_CHUNK }, { 65536, 17, PACK_REFS },
		{ 1 << 20, 21, PACK_CHUNK }, { 5 << 20, 23, PACK_SEGMENT },
		{ PACK_PLAIN_MAX, 24, PACK_LIST },
	};
	uint8_t *p = malloc(PACK_PLAIN_MAX), name[32];
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct packread *r = NULL;
		struct pack_entry *dir = NULL;
		struct packer *pk = NULL;
		struct pack_head h;
		struct err e = ERR_INIT;
		struct mem m;
		size_t n = 0;
		int rc;

		mem_open(&m, keys);
		m.check = 1;
		test_random(p, t[i].n, i);
		keyring_name(keys, (int)t[i].type, p, t[i].n, name);
		rc = mem_packer(&m, 0, &pk, &e);
		rc |= packer_add(pk, t[i].type, name, p, t[i].n, &e);
		rc |= packer_flush(pk, &e);
		ok(rc == 0 && m.packs == 1 && m.pack[0].n == 1u << t[i].klass,
		   "%zu bytes alone: class %u", t[i].n, t[i].klass);
		rc = packread_open(&m.place, keys, &r, &e);
		rc |= packread_head(r, m.pack[0].id, &h, &e);
		ok(rc == 0 && (int)h.kind == pack_kind_of(t[i].type) &&
		   h.klass == t[i].klass && h.epoch == 7, "... head");
		rc = packread_dir(r, m.pack[0].id, &dir, &n, &e);
		ok(rc == 0 && n == 1 && !memcmp(dir[0].name, name, 32) &&
		   dir[0].plain == t[i].n, "... directory");
		buf_reset(&b);
		rc = packread_object(r, m.pack[0].id, &dir[0], &b, &e);
		ok(rc == 0 && b.n == t[i].n && !memcmp(b.p, p, b.n),
		   "... content");
		free(dir);
		packread_close(r);
		packer_close(pk);
		mem_close(&m);
	}
	buf_release(&b);
	free(p);
}

/* Six workers with 10 MB each when the end comes: the tails are joined, full
 * packs leave, the rest goes into smaller files. */
static void tails(void)
{
	size_t n = 300000, each = 35, i, k;
	uint8_t *p = malloc(n), name[32];
	struct packread *r = NULL;
	struct packer *pk = NULL;
	struct mem_object *o;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct mem m;
	int rc, good = 1;

	mem_open(&m, keys);
	m.check = 1;
	rc = mem_packer(&m, 6, &pk, &e);
	for (i = 0; rc == 0 && i < 6; i++)
		for (k = 0; rc == 0 && k < each; k++) {
			test_random(p, n, i * each + k + 1);
			keyring_name(keys, PACK_CHUNK, p, n, name);
			rc = packer_store(&pk->worker[i], PACK_CHUNK, name, p, n,
					  &e);
		}
	ok(rc == 0 && m.packs == 0, "six tails of 10 MB");
	rc = packer_flush(pk, &e);
	ok(rc == 0 && m.objects == 6 * each, "... are put, and are packs: %s",
	   e.msg);
	ok(mem_bytes(&m) < 6 * each * n * 104 / 100, "... in %zu files of %llu "
	   "bytes", m.packs, (unsigned long long)mem_bytes(&m));
	packread_open(&m.place, keys, &r, &e);
	for (i = 0; i < 6 * each; i++) {
		test_random(p, n, i + 1);
		keyring_name(keys, PACK_CHUNK, p, n, name);
		o = mem_find(&m, name);
		buf_reset(&b);
		good &= o->put == 1 && packread_object(r, o->pack, &o->en, &b,
						       &e) == 0 &&
			b.n == n && !memcmp(b.p, p, n);
	}
	ok(good, "... every object once");
	buf_release(&b);
	packread_close(r);
	packer_close(pk);
	mem_close(&m);
	free(p);
}

/* ---- what goes wrong ---- */

static void place_full(unsigned jobs)
{
	static uint8_t name[CHUNKS][32];
	struct packer *p = NULL;
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct mem m;
	int rc;

	mem_open(&m, keys);
	m.fail_put = 1;
	mem_packer(&m, jobs, &p, &e);
	rc = feed(p, jobs, name, &e);
	if (rc == 0)
		rc = packer_flush(p, &e);
	ok(rc == HUB_ELIMIT && e.rc == rc && strstr(e.msg, "full"),
	   "%u jobs: a full place is said", jobs);
	ok(packer_flush(p, &e2) == HUB_ELIMIT && strstr(e2.msg, "full") &&
	   packer_add(p, PACK_CHUNK, name[0], data, 5, &e2) == HUB_ELIMIT,
	   "... again and again");
	packer_close(p);
	mem_close(&m);
}

static void close_early(void)
{
	struct packer_batch *b;
	struct packer *p = NULL;
	struct err e = ERR_INIT;
	struct mem m;
	int i;

	mem_open(&m, keys);
	mem_packer(&m, 2, &p, &e);
	for (i = 0; i < 4; i++) {
		b = packer_batch_new();
		memcpy(b->p, data, 100000);
		b->n = b->items[0].n = 100000;
		b->items_n = 1;
		packer_submit(p, b, &e);
	}
	packer_close(p);
	ok(1, "closed with batches out");
	mem_close(&m);
}

/* Every byte of a pack counts: to the reader of one object those of the head and
 * of the object, to the check all. */
static void flips(void)
{
	struct packread *r = NULL;
	struct packer *p = NULL;
	struct mem_object *o;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct mem m;
	uint8_t name[32];
	size_t i, seen = 0, checked = 0, n;
	int rc;

	mem_open(&m, keys);
	mem_packer(&m, 0, &p, &e);
	keyring_name(keys, PACK_CHUNK, data, 1000, name);
	packer_add(p, PACK_CHUNK, name, data, 1000, &e);
	packer_flush(p, &e);
	o = mem_find(&m, name);
	n = m.pack[0].n;
	for (i = 0; i < n; i++) {
		m.pack[0].p[i] ^= 0x10;
		packread_open(&m.place, keys, &r, &e);
		buf_reset(&b);
		rc = packread_object(r, o->pack, &o->en, &b, &e);
		seen += rc == HUB_ECORRUPT || rc == HUB_EAUTH ||
			rc == HUB_EVERSION;
		if (rc < 0 && b.n)
			seen = 1u << 30;
		packread_close(r);
		checked += packread_check(keys, m.pack[0].id, m.pack[0].p, n,
					  NULL, NULL, &e) == HUB_ECORRUPT;
		m.pack[0].p[i] ^= 0x10;
	}
	/* Class and size of the file are for the check. */
	ok(seen >= PACK_HEAD + o->en.stored - 1 &&
	   seen <= PACK_HEAD + o->en.stored, "a reader sees each flip in head "
	   "and object (%zu of %zu)", seen, (size_t)PACK_HEAD + o->en.stored);
	ok(checked == n, "a check sees each flip");
	buf_release(&b);
	packer_close(p);
	mem_close(&m);
}

/* Entries of an index that lie. */
static void lies(void)
{
	struct packread *r = NULL;
	struct packer *p = NULL;
	struct mem_object *o;
	struct pack_entry en;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct mem m;
	uint8_t name[32], other[32];

	mem_open(&m, keys);
	mem_packer(&m, 0, &p, &e);
	test_random(data, 3000, 77);
	keyring_name(keys, PACK_CHUNK, data, 1000, name);
	keyring_name(keys, PACK_CHUNK, data + 1000, 1000, other);
	packer_add(p, PACK_CHUNK, name, data, 1000, &e);
	packer_add(p, PACK_CHUNK, other, data + 1000, 1000, &e);
	packer_flush(p, &e);
	o = mem_find(&m, name);
	packread_open(&m.place, keys, &r, &e);
	en = o->en;
	ok(packread_object(r, o->pack, &en, &b, &e) == 0, "as it is");
#define LIE(change, what) \
	en = o->en; change; \
	ok(packread_object(r, o->pack, &en, &b, &e) == HUB_ECORRUPT, what)
	LIE(memcpy(en.name, other, 32), "another name");
	LIE(en.at = mem_find(&m, other)->en.at, "another place");
	LIE(en.at = 0, "in the head");
	LIE(en.at = 0xfffffff0u, "behind the end");
	LIE(en.stored++; en.plain++, "longer");
	LIE(en.stored--; en.plain--, "shorter");
	LIE(en.stored = 0, "nothing");
	LIE(en.plain++, "another size");
	LIE(en.plain = 0xffffffffu, "a huge size");
	LIE(en.codec = 1, "another codec");
	LIE(en.codec = 1; en.plain += 5, "another codec and size");
	LIE(en.type = 2, "another type");
	LIE(en.type = 5, "a type of the other kind");
	LIE(en.type = 0, "no type");
	ok(b.n == 1000, "nothing came out of a lie");
	ok(packread_object(r, name, &o->en, &b, &e) == HUB_EABSENT,
	   "no such pack");
	ok(strstr(e.msg, "pack ") != NULL, "... which is named: %s", e.msg);
	buf_release(&b);
	packread_close(r);
	packer_close(p);
	mem_close(&m);
}

int main(void)
{
	crypt_init(NULL);
	keys = test_keys();
	vec_each("packfile", 23, packfile);
	make_chunks();
	run(0, "no workers");
	run(2, "two workers");
	run(5, "five workers");
	alone();
	tails();
	place_full(0);
	place_full(2);
	close_early();
	flips();
	lies();
	free(data);
	keyring_free(keys);
	return done();
}
