/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-store-file.c - large files into chunks and back: every shape of content,
 * with and without workers; holes; what a small change stores; a put that was
 * interrupted; recipes of several levels; what is missing or lies.
 */
#include "base/banned.h"
#include "lib-pack.h"
#include "os/os_file.h"
#include "store/file_internal.h"

#define MIB ((size_t)1 << 20)

static struct keyring *keys;

/* ---- a file in memory: pieces, and a store over struct mem ---- */

struct bytes {
	uint8_t *p;
	size_t n, at;
	uint64_t progress;
	size_t step;		/* at most so many per read; 0: all */
};

static int source_read(void *arg, void *p, size_t n, size_t *ret_n,
		       struct err *e)
{
	struct bytes *b = arg;

	(void)e;
	n = n < b->n - b->at ? n : b->n - b->at;
	memcpy(p, b->p + b->at, n);
	b->at += n;
	*ret_n = n;
	return 0;
}

static int progress(void *arg, uint64_t done, struct err *e)
{
	struct bytes *b = arg;

	(void)e;
	b->progress = done;
	return 0;
}

static int sink_write(void *arg, const void *p, size_t n, struct err *e)
{
	struct bytes *b = arg;

	if (n > b->n - b->at)
		return err_set(e, HUB_EBUG, "too much was written");
	memcpy(b->p + b->at, p, n);
	b->at += n;
	return 0;
}

static struct packread *reader;

static int store_read(void *arg, struct file_want *w, size_t n, struct err *e)
{
	struct mem *m = arg;
	struct packread_want want[64];
	struct mem_object *o;
	size_t i;

	for (i = 0; i < n; i++) {
		o = mem_find(m, w[i].name);
		if (!o->put)
			return err_set(e, HUB_EABSENT, "no such object");
		if (w[i].type == PACK_CHUNK && o->en.plain != w[i].n)
			return err_set(e, HUB_ECORRUPT, "another size");
		w[i].n = o->en.plain;
		memcpy(want[i].pack, o->pack, 32);
		want[i].at = o->en;
		want[i].out = w[i].out;
	}
	return packread_objects(reader, want, n, NULL, e);
}

static int put(struct mem *m, unsigned jobs, const uint8_t *p, size_t n,
	       struct pointer *ret, struct packer_count *c, struct err *e)
{
	struct bytes b = { (uint8_t *)(uintptr_t)p, n, 0, 0, 0 };
	struct file_source src = { source_read, NULL, progress, &b };
	struct packer *pk = NULL;
	int rc;

	rc = mem_packer(m, jobs, &pk, e);
	if (rc == 0)
		rc = file_put(pk, &src, ret, e);
	if (rc == 0)
		rc = packer_flush(pk, e);
	if (rc == 0 && (ret->size != n || b.progress != n))
		rc = err_set(e, HUB_EBUG, "size");
	if (pk && c)
		packer_count(pk, c);
	packer_close(pk);
	return rc;
}

/* Is the content of the pointer this?  In whole, and ranges of it. */
static int same(struct mem *m, const struct pointer *ptr, const uint8_t *p,
		size_t n, struct err *e)
{
	struct bytes b = { calloc(1, n + 1), n, 0, 0, 0 };
	struct file_sink sink = { sink_write, NULL, progress, &b };
	struct file_store store = { store_read, m };
	size_t from, len, i;
	int good;

	packread_open(&m->place, keys, &reader, e);
	good = ptr->size == n && file_get(&store, ptr, &sink, e) == 0 &&
	       b.at == n && b.progress == n && !memcmp(b.p, p, n);
	for (i = 0; good && i < 12; i++) {
		from = i * 7919 * 131 % n;
		len = i == 11 ? n - from : (i * 123457 + 1) % (n - from + 1);
		b.at = 0;
		good = file_get_range(&store, ptr, from, len, &sink, e) == 0 &&
		       b.at == len && !memcmp(b.p, p + from, len);
		if (!good)
			printf("# range %zu + %zu of %zu: %s\n", from, len, n,
			       e->msg);
	}
	packread_close(reader);
	free(b.p);
	return good;
}

/* ---- shapes ---- */

static void shapes(unsigned jobs)
{
	static const size_t sizes[] = {
		1, 63, 64, 65535, 65536, 65537, 1 << 20, (1 << 20) + 1,
		4 << 20, (4 << 20) + 1, 9 << 20, 13000000,
	};
	uint8_t *p = malloc(16 * MIB);
	struct pointer ptr, again;
	struct err e = ERR_INIT;
	struct mem m;
	size_t i, k;
	int good;

	for (k = 0; k < 4; k++) {
		mem_open(&m, keys);
		good = 1;
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			if (k == 0)
				test_random(p, sizes[i], i + 3);
			else if (k == 1)
				test_text(p, sizes[i], i + 3);
			else
				memset(p, 0, sizes[i]);
			if (k == 3)	/* zeros between data, and at both ends */
				test_random(p + sizes[i] / 3, sizes[i] / 9 + 1, i);
			if (put(&m, jobs, p, sizes[i], &ptr, NULL, &e) < 0 ||
			    !same(&m, &ptr, p, sizes[i], &e) ||
			    put(&m, jobs ? 0 : 2, p, sizes[i], &again, NULL,
				&e) < 0 ||
			    memcmp(again.recipe, ptr.recipe, 32)) {
				printf("# %zu bytes: %s\n", sizes[i], e.msg);
				good = 0;
			}
		}
		ok(good, "%u jobs: %s of every size", jobs, k == 0 ? "random" :
		   k == 1 ? "text" : k == 2 ? "zeros" : "zeros and data");
		mem_close(&m);
	}
	free(p);
}

/* ---- what changes cost ---- */

static void changes(void)
{
	size_t n = 48 * MIB;
	uint8_t *p = malloc(n + 300);
	struct packer_count c;
	struct pointer one, two;
	struct err e = ERR_INIT;
	struct mem m;
	int rc;

	mem_open(&m, keys);
	test_random(p, n, 1);
	rc = put(&m, 2, p, n, &one, &c, &e);
	ok(rc == 0 && c.bytes < n + n / 25, "48 MB: %llu bytes stored",
	   (unsigned long long)c.bytes);
	rc = put(&m, 2, p, n, &two, &c, &e);
	ok(rc == 0 && c.packs == 0 && !memcmp(&one, &two, sizeof(one)),
	   "again: nothing");
	memmove(p + n / 2 + 300, p + n / 2, n - n / 2);
	memset(p + n / 2, 7, 300);
	rc = put(&m, 2, p, n + 300, &two, &c, &e);
	ok(rc == 0 && c.bytes <= MIB, "300 bytes put in: %llu",
	   (unsigned long long)c.bytes);
	ok(same(&m, &two, p, n + 300, &e), "... reads as it is");
	test_random(p + 20 * MIB, 10 * MIB, 99);
	rc = put(&m, 2, p, n + 300, &two, &c, &e);
	ok(rc == 0 && c.bytes <= 12 * MIB, "10 MB overwritten: %llu",
	   (unsigned long long)c.bytes);
	free(p);
	mem_close(&m);
}

/* A put that failed half way, and what the next one has to do. */
static void interrupted(void)
{
	size_t n = 64 * MIB;
	uint8_t *p = malloc(n);
	struct packer_count c;
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct mem m;
	size_t i, before;
	int rc;

	mem_open(&m, keys);
	test_random(p, n, 5);
	m.fail_put = 3;
	rc = put(&m, 2, p, n, &ptr, NULL, &e);
	ok(rc == HUB_ELIMIT, "the place is full: %s", e.msg);
	before = m.packs;
	/* What was claimed but not put is not known to the next run. */
	for (i = 0; i < m.cap; i++)
		if (m.object[i].claimed && !m.object[i].put)
			m.object[i].claimed = 0;
	m.fail_put = 0;
	err_clear(&e);
	rc = put(&m, 2, p, n, &ptr, &c, &e);
	ok(rc == 0 && before == 2 && c.known_plain > 30 * MIB &&
	   c.plain + c.known_plain >= n, "the next run stores the rest: %llu",
	   (unsigned long long)c.plain);
	ok(same(&m, &ptr, p, n, &e), "... reads as it is");
	free(p);
	mem_close(&m);
}

/* ---- holes ---- */

static void holes(void)
{
	char path[512];
	struct pointer ptr, dense;
	struct packer_count c;
	struct packer *pk = NULL;
	struct os_stat st;
	struct err e = ERR_INIT;
	struct mem m;
	struct file_store store = { store_read, &m };
	uint64_t size = 3000 * (uint64_t)MIB + 5;
	uint8_t *p = malloc(MIB), *q = malloc(MIB);
	size_t got = 0;
	int fd = -1, rc;

	mem_open(&m, keys);
	snprintf(path, sizeof(path), "%s/sparse", tap_dir());
	rc = os_create(path, 0, &fd, &e);
	os_close(fd, path, &e);
	/* os_create() is for writing only: read by a handle of its own. */
	test_random(p, MIB, 4);
	rc |= os_create(path, 0, &fd, &e);
	rc |= os_pwrite(fd, p, MIB, 1000 * MIB + 77, path, &e);
	rc |= os_truncate(fd, size, path, &e);
	os_close(fd, path, &e);
	rc |= os_open_read(path, &fd, &e);
	ok(rc == 0, "a file of 3 GB with 1 MB of data %s", e.msg);
	mem_packer(&m, 2, &pk, &e);
	rc = file_put_fd(pk, fd, size, path, NULL, NULL, &ptr, &e);
	rc |= packer_flush(pk, &e);
	packer_count(pk, &c);
	ok(rc == 0 && ptr.size == size && c.bytes < 4 * MIB,
	   "... is put, %llu bytes stored %s", (unsigned long long)c.bytes, e.msg);
	rc = file_put_fd(pk, fd, 50 * MIB, path, NULL, NULL, &ptr, &e);
	ok(rc == 0 && ptr.size == 50 * MIB, "... and the first 50 MB alone");
	rc = file_put_fd(pk, fd, UINT64_MAX >> 4, path, NULL, NULL, &ptr, &e);
	ok(rc == 0 && ptr.size == size, "... and all, whatever was said");
	packer_close(pk);
	os_close(fd, path, &e);

	/* The same bytes without holes are the same file. */
	free(q);
	q = calloc(1, 40 * MIB);
	memcpy(q + 20 * MIB, p, MIB);
	rc = put(&m, 0, q, 40 * MIB, &dense, NULL, &e);
	snprintf(path, sizeof(path), "%s/small", tap_dir());
	rc |= os_create(path, 0, &fd, &e);
	rc |= os_pwrite(fd, p, MIB, 20 * MIB, path, &e);
	rc |= os_truncate(fd, 40 * MIB, path, &e);
	os_close(fd, path, &e);
	rc |= os_open_read(path, &fd, &e);
	mem_packer(&m, 0, &pk, &e);
	{
		struct pointer sparse;

		rc |= file_put_fd(pk, fd, 40 * MIB, path, NULL, NULL, &sparse, &e);
		ok(rc == 0 && !memcmp(sparse.recipe, dense.recipe, 32),
		   "a hole and zeros are one %s", e.msg);
	}
	packer_close(pk);
	os_close(fd, path, &e);

	packread_open(&m.place, keys, &reader, &e);
	snprintf(path, sizeof(path), "%s/back", tap_dir());
	rc = os_create(path, 0, &fd, &e);
	rc |= file_get_fd(&store, &ptr, fd, path, NULL, NULL, &e);
	rc |= os_fstat(fd, &st, path, &e);
	ok(rc == 0 && st.size == size, "read back: its size %s", e.msg);
	os_close(fd, path, &e);
	rc = os_open_read(path, &fd, &e);
	rc |= os_pread(fd, q, MIB, 1000 * MIB + 77, &got, path, &e);
	ok(rc == 0 && got == MIB && !memcmp(p, q, MIB), "... its data");
	ok(os_next_data(fd, 1100 * MIB) == UINT64_MAX ||
	   os_next_data(fd, 1100 * MIB) == 1100 * MIB, "... its holes");
	ok(m.gets < 200, "... zeros were read once (%zu reads)", m.gets);
	os_close(fd, path, &e);
	packread_close(reader);
	free(p);
	free(q);
	mem_close(&m);
}

/* ---- recipes of several levels ---- */

struct tally {
	uint64_t chunks, nodes, bytes;
};

static int tally(void *arg, const uint8_t name[32], unsigned type,
		 uint64_t size, struct err *e)
{
	struct tally *t = arg;

	(void)name;
	(void)e;
	t->chunks += type == PACK_CHUNK;
	t->nodes += type == PACK_RECIPE;
	t->bytes += type == PACK_CHUNK ? size : 0;
	return 0;
}

static int prune(void *arg, const uint8_t name[32], unsigned type,
		 uint64_t size, struct err *e)
{
	(void)size;
	(void)name;
	(void)e;
	++*(int *)arg;
	return type == PACK_RECIPE;
}

/* A tree over made-up names: ${n} chunks of ${size} bytes. */
static int tree(struct mem *m, uint64_t n, int alike, struct pointer *ret,
		struct packer_count *c, struct err *e)
{
	struct file_tree *t = malloc(sizeof(*t));
	struct packer *pk = NULL;
	uint8_t name[32];
	uint64_t i;
	int rc;

	rc = mem_packer(m, 0, &pk, e);
	file_tree_init(t, pk);
	memset(name, alike == 2 ? 0x80 : 0x81, 32);
	for (i = 0; rc == 0 && i < n; i++) {
		if (!alike)
			test_random(name, 32, i + 1);
		rc = file_tree_add(t, name, 1000, e);
	}
	if (rc == 0)
		rc = file_tree_end(t, ret->recipe, e);
	ret->size = n * 1000;
	if (rc == 0)
		rc = packer_flush(pk, e);
	packer_count(pk, c);
	packer_close(pk);
	free(t);
	return rc;
}

static void trees(void)
{
	static const uint64_t sizes[] = {
		1, 31, 32, 33, 1023, 1024, 1025, 2048, 40000, 1200000,
	};
	struct packer_count c;
	struct tally t;
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct mem m;
	struct file_store store = { store_read, &m };
	size_t i;
	int alike, good, rc, n;

	for (alike = 0; alike < 3; alike++) {
		good = 1;
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			mem_open(&m, keys);
			packread_open(&m.place, keys, &reader, &e);
			memset(&t, 0, sizeof(t));
			rc = tree(&m, sizes[i], alike, &ptr, &c, &e);
			if (rc == 0)
				rc = file_each(&store, &ptr, tally, &t, &e);
			if (rc < 0 || t.chunks != sizes[i] || t.bytes != ptr.size ||
			    t.nodes > sizes[i] / 30 + 3) {
				printf("# %llu: %llu %llu %s\n",
				       (unsigned long long)sizes[i],
				       (unsigned long long)t.chunks,
				       (unsigned long long)t.nodes, e.msg);
				good = 0;
			}
			packread_close(reader);
			if (i + 1 < sizeof(sizes) / sizeof(*sizes))
				mem_close(&m);
		}
		ok(good, "trees of 1 to 1,200,000 chunks, %s", alike == 0 ?
		   "all different" : "all alike");
		if (alike)
			ok(c.objects <= 8, "... stored in %llu nodes",
			   (unsigned long long)c.objects);
		else
			ok(t.nodes > 5000 && t.nodes < 12000, "... %llu nodes",
			   (unsigned long long)t.nodes);
		n = 0;
		packread_open(&m.place, keys, &reader, &e);
		rc = file_each(&store, &ptr, prune, &n, &e);
		ok(rc == 0 && n == 1, "... and what is known is not entered");
		packread_close(reader);
		mem_close(&m);
	}
}

/* ---- what is missing, or lies ---- */

static void node_put(struct mem *m, unsigned level, uint32_t n,
		     const uint8_t (*name)[32], uint64_t size, uint8_t ret[32])
{
	static struct recipe_node r;
	static uint8_t out[RECIPE_NODE_MAX];
	struct packer *pk = NULL;
	struct err e = ERR_INIT;
	uint32_t i;

	r.level = level;
	r.n = n;
	for (i = 0; i < n; i++) {
		memcpy(r.entry[i].name, name[i], 32);
		r.entry[i].size = size;
	}
	mem_packer(m, 0, &pk, &e);
	packer_offer(pk, PACK_RECIPE, out, recipe_encode(out, &r), ret, &e);
	packer_flush(pk, &e);
	packer_close(pk);
}

static int get(struct mem *m, const uint8_t top[32], uint64_t size,
	       struct err *e)
{
	struct pointer ptr = { .size = size };
	struct tally t = { 0, 0, 0 };
	struct file_store store = { store_read, m };

	memcpy(ptr.recipe, top, 32);
	err_clear(e);
	return file_each(&store, &ptr, tally, &t, e);
}

static void damage(void)
{
	uint8_t name[3][32], low[2][32], top[32], *p = malloc(3 * MIB);
	struct bytes b = { p, 3 * MIB, 0, 0, 0 };
	struct file_sink sink = { sink_write, NULL, NULL, &b };
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct mem m;
	struct file_store store = { store_read, &m };
	int rc;

	mem_open(&m, keys);
	packread_open(&m.place, keys, &reader, &e);
	memset(name, 0x11, sizeof(name));
	node_put(&m, 0, 2, (const uint8_t (*)[32])name, 500, low[0]);
	memcpy(low[1], low[0], 32);
	ok(get(&m, low[0], 1000, &e) == 0, "a node as a top");
	ok(get(&m, low[0], 1001, &e) == HUB_ECORRUPT, "... of another size");
	ok(get(&m, name[0], 1000, &e) == HUB_EABSENT, "a top that is not there");
	node_put(&m, 1, 2, (const uint8_t (*)[32])low, 1000, top);
	ok(get(&m, top, 2000, &e) == 0, "two levels");
	node_put(&m, 1, 2, (const uint8_t (*)[32])low, 999, top);
	ok(get(&m, top, 1998, &e) == HUB_ECORRUPT, "a size that does not fit");
	node_put(&m, 2, 2, (const uint8_t (*)[32])low, 1000, top);
	ok(get(&m, top, 2000, &e) == HUB_ECORRUPT, "a level left out");
	node_put(&m, 1, 1, (const uint8_t (*)[32])low, 1000, top);
	ok(get(&m, top, 1000, &e) == HUB_ECORRUPT, "a top over one node");
	node_put(&m, 1, 2, (const uint8_t (*)[32])name, 1000, top);
	ok(get(&m, top, 2000, &e) == HUB_EABSENT, "a node that is not there");

	test_random(p, 3 * MIB, 6);
	rc = put(&m, 0, p, 3 * MIB, &ptr, NULL, &e);
	b.p = malloc(3 * MIB);
	ok(rc == 0 && file_get(&store, &ptr, &sink, &e) == 0, "a file");
	m.pack[m.packs - 1].p[3000] ^= 1;
	b.at = 0;
	err_clear(&e);
	rc = file_get(&store, &ptr, &sink, &e);
	ok(rc == HUB_ECORRUPT || memcmp(b.p, p, 3 * MIB) == 0,
	   "a damaged pack gives no wrong byte: %s", e.msg);
	ok(b.at <= 3 * MIB && !memcmp(b.p, p, b.at), "... before it neither");
	rc = put(&m, 0, p, 0, &ptr, NULL, &e);
	ok(rc == HUB_EUSAGE, "an empty file");
	packread_close(reader);
	free(b.p);
	free(p);
	mem_close(&m);
}

/* ---- what call-backs may say ---- */

static int cancel(void *arg, uint64_t done, struct err *e)
{
	(void)arg;
	return done > 8 * MIB ? err_set(e, HUB_ECANCEL, "stopped") : 0;
}

static int fail_read(void *arg, void *p, size_t n, size_t *ret_n, struct err *e)
{
	struct bytes *b = arg;

	if (b->at > 6 * MIB)
		return err_set(e, HUB_EIO, "cannot read");
	return source_read(arg, p, n, ret_n, e);
}

static void call_backs(unsigned jobs)
{
	struct bytes b = { calloc(1, 40 * MIB), 40 * MIB, 0, 0, 0 };
	struct file_source src = { fail_read, NULL, NULL, &b };
	struct packer *pk = NULL;
	struct pointer ptr;
	struct err e = ERR_INIT;
	struct mem m;
	int rc;

	test_random(b.p, b.n, 8);
	mem_open(&m, keys);
	mem_packer(&m, jobs, &pk, &e);
	rc = file_put(pk, &src, &ptr, &e);
	ok(rc == HUB_EIO && strstr(e.msg, "read"), "%u jobs: a failing read", jobs);
	src.read = source_read;
	src.progress = cancel;
	b.at = 0;
	rc = file_put(pk, &src, &ptr, &e);
	ok(rc == HUB_ECANCEL, "%u jobs: cancelled", jobs);
	src.progress = NULL;
	b.at = 0;
	rc = file_put(pk, &src, &ptr, &e);
	if (rc == 0)
		rc = packer_flush(pk, &e);
	ok(rc == 0 && same(&m, &ptr, b.p, b.n, &e),
	   "%u jobs: the same packer goes on", jobs);
	packer_close(pk);
	mem_close(&m);
	free(b.p);
}

int main(void)
{
	crypt_init(NULL);
	keys = test_keys();
	shapes(0);
	shapes(2);
	changes();
	interrupted();
	holes();
	trees();
	damage();
	call_backs(0);
	call_backs(2);
	keyring_free(keys);
	return done();
}
