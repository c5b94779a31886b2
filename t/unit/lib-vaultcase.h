/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-vaultcase.h - a hub with four devices, places in memory, and objects that
 * are numbers: for tests of the vault.
 */
#ifndef T_LIB_VAULTCASE_H
#define T_LIB_VAULTCASE_H

#include "store/vault_internal.h"
#include "lib-place.h"
#include "lib-vault.h"

static struct keyring *ring;
static struct test_device dev1, dev2, viewer, stranger;
static char cache_dir[1000];
static int caches;

/* A cache folder that nobody has used. */
__attribute__((unused))
static const char *fresh_cache(void)
{
	snprintf(cache_dir, sizeof(cache_dir), "%s/cache-%d", tap_dir(),
		 caches++);
	return cache_dir;
}

__attribute__((unused))
static struct vault *open_as(struct place *p, const struct test_device *d,
			     const char *cache, int *ret_rc, struct err *e)
{
	struct vault_conf c;
	struct vault *v = NULL;
	int rc;

	memset(&c, 0, sizeof(c));
	c.place = p;
	c.keys = ring;
	c.signer = d ? &d->signer : NULL;
	c.cache = cache;
	rc = vault_open(&c, &v, e);
	if (ret_rc)
		*ret_rc = rc;
	else if (rc < 0)
		printf("# open: %s\n", e->msg);
	return v;
}

/* Put objects from..to-1 and commit them. */
__attribute__((unused))
static int put_range(struct vault *v, uint64_t from, uint64_t to, size_t size,
		     struct err *e)
{
	struct vault_put *pt = NULL;
	struct vault_change c;
	uint8_t name[32], *p = malloc(size);
	uint64_t i;
	int rc = vault_put_begin(v, &pt, e);

	memset(&c, 0, sizeof(c));
	for (i = from; rc == 0 && i < to; i++) {
		test_object(p, size, i);
		rc = vault_put_object(pt, PACK_CHUNK, p, size, name, e);
	}
	if (rc == 0)
		rc = vault_put_commit(pt, &c, e);
	vault_put_end(pt);
	free(p);
	if (rc < 0)
		printf("# put: %s\n", e->msg);
	return rc;
}

/* How many of objects from..to-1 can be read and are right. */
__attribute__((unused))
static uint64_t count_right(struct vault *v, uint64_t from, uint64_t to,
			    size_t size)
{
	uint8_t name[32], *p = malloc(size);
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint64_t i, n = 0;

	for (i = from; i < to; i++) {
		test_object(p, size, i);
		keyring_name(ring, PACK_CHUNK, p, size, name);
		buf_reset(&b);
		if (vault_read(v, name, PACK_CHUNK, &b, &e) == 0)
			n += b.n == size && !memcmp(b.p, p, size);
		else if (n + 3 > i - from)
			printf("# %d: %s\n", (int)i, e.msg);
	}
	buf_release(&b);
	free(p);
	return n;
}

__attribute__((unused))
static uint64_t count_known(struct vault *v, uint64_t from, uint64_t to,
			    size_t size)
{
	uint8_t name[32], *p = malloc(size);
	struct vault_at at;
	uint64_t i, n = 0;

	for (i = from; i < to; i++) {
		test_object(p, size, i);
		keyring_name(ring, PACK_CHUNK, p, size, name);
		n += vault_find(v, name, &at, NULL) == 1;
	}
	free(p);
	return n;
}

__attribute__((unused))
static struct place *new_place(struct err *e)
{
	struct place *p = mem_place_new();

	if (vault_init(p, ring->hub, 1000, e) < 0)
		printf("# %s\n", e->msg);
	return p;
}

__attribute__((unused)) static void case_begin(void)
{
	os_init();
	crypt_init(NULL);
	ring = test_ring("hub");
	test_device(&dev1, "hub", "one", CERT_EDITOR, tap_dir());
	test_device(&dev2, "hub", "two", CERT_ADMIN, tap_dir());
	test_device(&viewer, "hub", "viewer", CERT_VIEWER, tap_dir());
	test_device(&stranger, "other hub", "x", CERT_OWNER, tap_dir());
}

__attribute__((unused)) static int case_end(void)
{
	test_device_free(&dev1);
	test_device_free(&dev2);
	test_device_free(&viewer);
	test_device_free(&stranger);
	keyring_free(ring);
	return done();
}

#endif
