/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-vault.c - a vault in a folder, for scripts.  The hub's keys are known.
 *
 *	test-vault init DIR
 *	test-vault commit DIR CACHE DEVICE FROM N	N states, one object each;
 *							"ok I" after each
 *	test-vault verify DIR CACHE DEVICE		objects named on stdin are
 *							there; then all is checked
 *
 * DEVICE: a name; its counter lies in CACHE/.. .  Status 1: something is wrong,
 * with a line that says what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/lib-vault.h"
#include "os/os.h"
#include "remote/folder.h"

static struct keyring *ring;
static struct err e = ERR_INIT;

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", what, err_name(e.rc), e.msg);
	return 1;
}

static int init(const char *dir)
{
	struct place *p = NULL;
	int rc = folder_create(dir, 0, &p, &e);

	if (rc == 0)
		rc = vault_init(p, ring->hub, 1000, &e);
	place_close(p);
	return rc < 0 ? fail("init") : 0;
}

static int put_one(struct vault *v, uint64_t i)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	uint8_t obj[500], name[32];
	int rc = vault_put_begin(v, &pt, &e);

	memset(&c, 0, sizeof(c));
	c.change = i + 1;
	test_object(obj, sizeof(obj), i);
	if (rc == 0)
		rc = vault_put_object(pt, PACK_CHUNK, obj, sizeof(obj), name,
				      &e);
	if (rc == 0)
		rc = vault_put_commit(pt, &c, &e);
	vault_put_end(pt);
	return rc;
}

static int commit(struct vault *v, uint64_t from, uint64_t n)
{
	uint64_t i;

	for (i = from; i < from + n; i++) {
		if (put_one(v, i) < 0)
			return fail("commit");
		printf("ok %llu\n", (unsigned long long)i);
		fflush(stdout);
	}
	return 0;
}

static int problem(void *arg, const struct vault_problem *p, struct err *err)
{
	fprintf(stderr, "problem %d: state %llu: %s\n", (int)p->what,
		(unsigned long long)p->seq, p->why->msg);
	return 0;
}

static int verify(struct vault *v)
{
	uint8_t obj[500], name[32];
	unsigned long long i;
	struct vault_report r;
	struct vault_check c;
	struct buf b = BUF_INIT;
	int n = 0, bad = 0;

	while (scanf("%llu", &i) == 1) {
		test_object(obj, sizeof(obj), i);
		keyring_name(ring, PACK_CHUNK, obj, sizeof(obj), name);
		buf_reset(&b);
		n++;
		if (vault_read(v, name, PACK_CHUNK, &b, &e) < 0 ||
		    b.n != sizeof(obj) || memcmp(b.p, obj, b.n)) {
			fprintf(stderr, "object %llu: %s\n", i, e.msg);
			bad = 1;
		}
	}
	buf_release(&b);
	memset(&c, 0, sizeof(c));
	c.read_data = 1;
	c.problem = problem;
	if (vault_check(v, &c, &r, &e) < 0)
		return fail("check");
	printf("objects %d, state %llu, states %llu, packs %llu, damaged %llu\n",
	       n, (unsigned long long)vault_seq(v),
	       (unsigned long long)r.states, (unsigned long long)r.packs,
	       (unsigned long long)r.damaged);
	return bad || r.damaged;
}

static int with_vault(int argc, char **argv)
{
	struct test_device d;
	struct vault_conf c;
	struct place *p = NULL;
	struct vault *v = NULL;
	char counters[512];
	int rc, status = 1;

	snprintf(counters, sizeof(counters), "%s/..", argv[3]);
	test_device(&d, "hub", argv[4], CERT_EDITOR, counters);
	memset(&c, 0, sizeof(c));
	c.keys = ring;
	c.signer = &d.signer;
	c.cache = argv[3];
	rc = folder_open(argv[2], &p, &e);
	c.place = p;
	if (rc == 0)
		rc = vault_open(&c, &v, &e);
	if (rc < 0)
		fail("open");
	else if (!strcmp(argv[1], "commit") && argc == 7)
		status = commit(v, strtoull(argv[5], NULL, 10),
				strtoull(argv[6], NULL, 10));
	else if (!strcmp(argv[1], "verify"))
		status = verify(v);
	vault_close(v);
	place_close(p);
	test_device_free(&d);
	return status;
}

int main(int argc, char **argv)
{
	int status = 129;

	os_init();
	crypt_init(NULL);
	ring = test_ring("hub");
	if (argc == 3 && !strcmp(argv[1], "init"))
		status = init(argv[2]);
	else if (argc >= 5)
		status = with_vault(argc, argv);
	keyring_free(ring);
	return status;
}
