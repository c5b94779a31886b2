/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-seal.c - how fast files are sealed and read back, without disk.
 *
 *	test-seal random|text MEGABYTES JOBS [FILE]
 *
 * Content is made in memory once (64 MB, given again with other bytes
 * strewn in) or taken from FILE; packs are dropped.  Then the first 128 MB are
 * put again, and kept, to be read.  One line: GB/s by CPU time, the same of the
 * best 64 MB (nearly that of a quiet machine, if this one is not), GB/s by wall
 * time, all of putting; then GB/s by CPU time of getting.
 */
#include <sys/resource.h>
#include <time.h>
#include "base/banned.h"
#include "store/file.h"
#include "../unit/lib-pack.h"

#define MIB ((size_t)1 << 20)
#define PIECE (64 * MIB)

struct content {
	uint8_t *p;
	size_t n;
	uint64_t at, all;
	double since, best;	/* CPU time at the last PIECE, least of one */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void slice(struct content *c)
{
	double t = cpu();

	if (c->at >= PIECE && (!(c->best > 0) || t - c->since < c->best))
		c->best = t - c->since;
	c->since = t;
}

/* Front to back, over and over; the number of the round every 4 KB. */
static int content_read(void *arg, void *p, size_t n, size_t *ret_n,
			struct err *e)
{
	struct content *c = arg;
	uint8_t *to = p;
	uint64_t round;
	size_t got, k, i;

	(void)e;
	if (n > c->all - c->at)
		n = (size_t)(c->all - c->at);
	for (got = 0; got < n; got += k) {
		k = c->n - (size_t)(c->at % c->n);
		k = k < n - got ? k : n - got;
		memcpy(to + got, c->p + c->at % c->n, k);
		round = c->at / c->n;
		for (i = 0; round && i + 8 < k; i += 4096)
			memcpy(to + got + i, &round, 8);
		if (c->at / PIECE != (c->at + k) / PIECE || !c->at)
			slice(c);
		c->at += k;
	}
	*ret_n = n;
	return 0;
}

static int drop(void *arg, const struct packer_pack *pack, struct err *e)
{
	(void)arg;
	(void)pack;
	(void)e;
	return 0;
}

static struct packread *reader;

static int get_read(void *arg, struct file_want *w, size_t n, struct err *e)
{
	struct packread_want want[64];
	struct mem_object *o;
	size_t i;

	for (i = 0; i < n; i++) {
		o = mem_find(arg, w[i].name);
		w[i].n = o->en.plain;
		memcpy(want[i].pack, o->pack, 32);
		want[i].at = o->en;
		want[i].out = w[i].out;
	}
	return packread_objects(reader, want, n, NULL, e);
}

static int get_write(void *arg, const void *p, size_t n, struct err *e)
{
	(void)p;
	(void)e;
	*(uint64_t *)arg += n;
	return 0;
}

static void load(struct content *c, const char *kind, const char *path)
{
	FILE *f = path ? fopen(path, "rb") : NULL;

	c->p = malloc(PIECE);
	c->n = PIECE;
	if (f)
		c->n = fread(c->p, 1, PIECE, f);
	else if (!strcmp(kind, "text"))
		test_text(c->p, PIECE, 1);
	else
		test_random(c->p, PIECE, 1);
	if (f)
		fclose(f);
}

/* Time without the copies that content_read() makes. */
static double copies(struct content *c)
{
	uint8_t *p = malloc(PACKER_BATCH);
	double t = cpu();
	size_t n;

	for (c->at = 0; c->at < c->all;)
		content_read(c, p, PACKER_BATCH, &n, NULL);
	free(p);
	return cpu() - t;
}

static int put(struct mem *m, struct content *c, unsigned jobs,
	       int (*fn)(void *arg, const struct packer_pack *pack,
			 struct err *e),
	       struct pointer *ptr, struct packer_count *n, double *ret_cpu,
	       double *ret_wall, struct err *e)
{
	struct file_source src = { content_read, NULL, NULL, c };
	struct packer_conf conf = {
		.keys = m->keys, .jobs = jobs, .known = mem_known, .put = fn,
		.done = mem_done, .arg = m,
	};
	struct packer *p = NULL;
	double t = cpu(), w = wall();
	int rc;

	rc = packer_open(&conf, &p, e);
	if (rc == 0)
		rc = file_put(p, &src, ptr, e);
	if (rc == 0)
		rc = packer_flush(p, e);
	*ret_cpu = cpu() - t;
	*ret_wall = wall() - w;
	if (rc == 0)
		packer_count(p, n);
	packer_close(p);
	return rc;
}

int main(int argc, char **argv)
{
	struct content c = { NULL, 0, 0, 0, 0, 0 };
	uint64_t done = 0, all;
	struct file_sink sink = { get_write, NULL, NULL, &done };
	struct keyring *keys;
	struct packer_count n, n2;
	struct file_store store;
	struct pointer ptr;
	struct rusage ru;
	struct err e = ERR_INIT;
	struct mem m;
	double t, w, g = 0, free_t, best, best_copy;
	int rc;

	if (argc < 4) {
		fprintf(stderr, "usage: test-seal random|text MB JOBS [FILE]\n");
		return 129;
	}
	crypt_init(NULL);
	keys = test_keys();
	mem_open(&m, keys);
	load(&c, argv[1], argc > 4 ? argv[4] : NULL);
	c.all = all = (uint64_t)strtoul(argv[2], NULL, 10) * MIB;
	free_t = copies(&c);
	best_copy = c.best;
	c.at = 0;
	c.best = 0;
	rc = put(&m, &c, (unsigned)strtoul(argv[3], NULL, 10), drop, &ptr, &n,
		 &t, &w, &e);
	t -= free_t;
	best = c.best - best_copy;
	getrusage(RUSAGE_SELF, &ru);
	mem_close(&m);
	mem_open(&m, keys);
	c.all = all < 128 * MIB ? all : 128 * MIB;
	c.at = 0;
	if (rc == 0)
		rc = put(&m, &c, 0, mem_put, &ptr, &n2, &g, &g, &e);
	if (rc == 0) {
		store = (struct file_store){ get_read, &m };
		packread_open(&m.place, keys, &reader, &e);
		g = cpu();
		rc = file_get(&store, &ptr, &sink, &e);
		g = cpu() - g;
		packread_close(reader);
	}
	printf("%s, %s jobs: %.3f GB/s cpu, best %.3f, %.3f wall; ratio %.2f, padding "
	       "%.2f %%; get %.3f; %ld MB%s%s\n", argv[1], argv[3],
	       (double)all / t / 1e9,
	       best > 0 ? (double)PIECE / best / 1e9 : 0.0, (double)all / w / 1e9,
	       (double)n.plain / (double)n.stored,
	       100.0 * ((double)n.bytes / (double)n.stored - 1),
	       g > 0 ? (double)done / g / 1e9 : 0.0, ru.ru_maxrss >> 10,
	       rc < 0 ? " FAILED " : "", e.msg);
	mem_close(&m);
	keyring_free(keys);
	free(c.p);
	return rc < 0;
}
