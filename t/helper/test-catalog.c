/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-catalog.c - figures of the cache of the index.
 *
 *	test-catalog make DIR ROWS	generated rows, 200,000 a segment
 *	test-catalog find DIR ROWS N	open, then N names that are there and N
 *					that are not, in random order
 *	test-catalog grow DIR FROM N	N more segments of 100 rows each, as after
 *					N syncs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "crypt/hash.h"
#include "crypt/sign.h"
#include "os/os.h"
#include "store/catalog.h"

#define PER_PACK 64

static const uint8_t place[32] = "a place";
static struct err e = ERR_INIT;

static double clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

/* Anonymous memory of this process, in KiB: what is not the mapped files. */
static long memory(void)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static void name_of(uint8_t out[32], uint64_t i)
{
	hash_once(out, &i, sizeof(i));
}

/* Rows from..to-1 as one segment. */
static int add(struct catalog *c, uint64_t from, uint64_t to)
{
	size_t n = (size_t)(to - from), packs = (n + PER_PACK - 1) / PER_PACK, i;
	struct segment_entry *en = calloc(n, sizeof(*en));
	struct segment_pack *p = calloc(packs, sizeof(*p));
	struct buf b = BUF_INIT;
	uint8_t name[32];
	int rc;

	for (i = 0; i < packs; i++) {
		name_of(p[i].id, ((uint64_t)1 << 60) + from + i);
		p[i].klass = 24;
		p[i].kind = PACK_DATA;
	}
	for (i = 0; i < n; i++) {
		name_of(en[i].at.name, from + i);
		en[i].pack = (uint32_t)(i / PER_PACK);
		en[i].at.at = PACK_HEAD + (uint32_t)(i % PER_PACK) * 250000;
		en[i].at.stored = 250000;
		en[i].at.plain = 249984;
		en[i].at.type = PACK_CHUNK;
	}
	rc = segment_encode(&b, p, packs, NULL, 0, en, n, &e);
	if (rc == 0) {
		name_of(name, ((uint64_t)1 << 61) + from);
		rc = catalog_add(c, name, b.p, b.n, &e);
	}
	buf_release(&b);
	free(en);
	free(p);
	return rc;
}

static int make(struct catalog *c, uint64_t rows)
{
	uint64_t i, k;
	double t = now();
	int rc = 0;

	for (i = 0; rc == 0 && i < rows; i = k) {
		k = i + 200000 < rows ? i + 200000 : rows;
		rc = add(c, i, k);
	}
	if (rc == 0)
		rc = catalog_settle(c, NULL, 0, 1, &e);
	printf("make\t%.2f s\t%ld KiB of memory\n", now() - t, memory());
	return rc;
}

static int look(struct catalog *c, uint64_t rows, uint64_t n, int there)
{
	struct catalog_at at;
	uint8_t *names = malloc((size_t)n * 32);
	uint64_t i, x = 88172645463325252u, hits = 0;
	double t, cpu;

	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		name_of(names + i * 32, x % rows +
			(there ? 0 : (uint64_t)1 << 50));
	}
	t = now();
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < n; i++)
		hits += catalog_find(c, names + i * 32, &at, &e) == 1;
	t = now() - t;
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%s\t%.2f M/s, %.2f M a second of CPU\t%llu of %llu\n",
	       there ? "known" : "unknown", (double)n / t / 1e6,
	       (double)n / cpu / 1e6, (unsigned long long)hits,
	       (unsigned long long)n);
	free(names);
	return hits == (there ? n : 0) ? 0 : err_set(&e, HUB_EBUG, "wrong");
}

static int grow(struct catalog *c, uint64_t from, uint64_t n)
{
	double t = now();
	uint64_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		rc = add(c, from + i * 100, from + i * 100 + 100);
		if (rc == 0)
			rc = catalog_settle(c, NULL, 0, 1, &e);
	}
	printf("grow\t%.2f ms each\n", (now() - t) * 1000 / (double)n);
	return rc;
}

int main(int argc, char **argv)
{
	struct catalog *c = NULL;
	uint64_t a, b;
	double t;
	int rc;

	os_init();
	crypt_init(NULL);
	if (argc < 4)
		return 129;
	a = strtoull(argv[3], NULL, 10);
	b = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
	t = now();
	rc = catalog_open(argv[2], place, &c, &e);
	printf("open\t%.4f s\t%llu rows\n", now() - t,
	       (unsigned long long)(rc ? 0 : catalog_rows(c)));
	if (rc == 0 && !strcmp(argv[1], "make"))
		rc = make(c, a);
	else if (rc == 0 && !strcmp(argv[1], "grow"))
		rc = grow(c, a, b);
	else if (rc == 0) {
		rc = look(c, a, b, 1);
		if (rc == 0)
			rc = look(c, a, b, 1);
		if (rc == 0)
			rc = look(c, a, b, 0);
		printf("memory\t%ld KiB, names of the test included\n",
		       memory());
	}
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", err_name(rc), e.msg);
	catalog_close(c);
	return rc < 0;
}
