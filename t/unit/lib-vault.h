/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-vault.h - a hub of known keys with devices, for tests of the vault.  The
 * same name gives the same keys in every process.
 */
#ifndef T_LIB_VAULT_H
#define T_LIB_VAULT_H

#include <stdio.h>
#include <string.h>
#include "crypt/hash.h"
#include "store/vault.h"

struct test_device {
	struct vault_signer signer;
	struct cert_chain chain;
	struct sign_secret *key;
	char counter[1200];
};

static struct sign_secret *test_key(const char *what)
{
	uint8_t seed[32];

	hash_once(seed, what, strlen(what));
	return sign_from_seed(seed);
}

/* The keys of the hub ${name}. */
__attribute__((unused)) static struct keyring *test_ring(const char *name)
{
	struct sign_secret *identity = test_key(name);
	struct keyring *r = keyring_new(1);

	hash_once(r->hub, name, strlen(name));
	sign_public(identity, r->identity);
	memset(r->name_secret, name[0], 32);
	memset(r->chunker_secret, 'c', 32);
	r->epochs_n = 1;
	r->epochs[0].number = 1;
	r->epochs[0].created = 1;
	memset(r->epochs[0].key_secret, name[0] ^ 0x20, 32);
	sign_free(identity);
	return r;
}

/* The device ${name} of the hub ${hub}, with a counter in ${dir}. */
__attribute__((unused))
static void test_device(struct test_device *d, const char *hub,
			const char *name, enum cert_role role, const char *dir)
{
	struct sign_secret *identity = test_key(hub);
	struct keyring *r = test_ring(hub);
	struct cert *c = &d->chain.at[0];
	uint8_t h[32];

	memset(d, 0, sizeof(*d));
	d->key = test_key(name);
	d->chain.n = 1;
	c->role = role;
	memcpy(c->hub, r->hub, 32);
	hash_once(h, name, strlen(name));
	memcpy(c->device, h, 16);
	sign_public(d->key, c->sign_pk);
	memset(c->box_pk, 'b', 32);
	c->issued = 1;
	cert_sign(c, identity);
	memcpy(d->signer.device, c->device, 16);
	d->signer.key = d->key;
	d->signer.chain = &d->chain;
	snprintf(d->counter, sizeof(d->counter), "%s/counter-%s", dir, name);
	d->signer.counter = d->counter;
	keyring_free(r);
	sign_free(identity);
}

__attribute__((unused)) static void test_device_free(struct test_device *d)
{
	sign_free(d->key);
}

/* The ${n} bytes of test object ${i}. */
__attribute__((unused))
static void test_object(uint8_t *p, size_t n, uint64_t i)
{
	uint8_t h[32];
	size_t k, at;
	uint64_t in[2] = { i, 0 };

	for (at = 0; at < n; at += k) {
		hash_once(h, in, sizeof(in));
		in[1]++;
		k = n - at < 32 ? n - at : 32;
		memcpy(p + at, h, k);
	}
}

#endif
