/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyring.c - the keys of a hub in locked memory, and what derives from them. */
#include <stdio.h>
#include <string.h>
#include "base/banned.h"
#include "crypt/hash.h"
#include "crypt/keyring.h"
#include "crypt/sign.h"

#define CONTEXT_MAX 64

struct keyring *keyring_new(uint32_t epochs)
{
	struct keyring *r;

	if (!epochs || epochs > KEYRING_EPOCHS_MAX)
		BUG("a keyring of %u epochs", epochs);
	r = secret_new(sizeof(*r));
	if (!r)
		return NULL;
	r->epochs = secret_new(epochs * sizeof(*r->epochs));
	if (!r->epochs) {
		keyring_free(r);
		return NULL;
	}
	r->epochs_n = epochs;
	return r;
}

struct keyring *keyring_make(const uint8_t hub[32], const uint8_t identity[32],
			     uint64_t now)
{
	struct keyring *r = keyring_new(1);

	if (!r)
		return NULL;
	memcpy(r->hub, hub, 32);
	memcpy(r->identity, identity, 32);
	secret_random(r->name_secret, KEYRING_KEY);
	secret_random(r->chunker_secret, KEYRING_KEY);
	secret_random(r->epochs[0].key_secret, KEYRING_KEY);
	r->epochs[0].number = 1;
	r->epochs[0].created = now;
	return r;
}

/* The first epochs of the copy are those of ${r}. */
static struct keyring *copy_with(const struct keyring *r, uint32_t epochs)
{
	struct keyring *c = keyring_new(epochs);

	if (!c)
		return NULL;
	memcpy(c->hub, r->hub, 32);
	memcpy(c->identity, r->identity, 32);
	memcpy(c->name_secret, r->name_secret, KEYRING_KEY);
	memcpy(c->chunker_secret, r->chunker_secret, KEYRING_KEY);
	memcpy(c->epochs, r->epochs, r->epochs_n * sizeof(*r->epochs));
	return c;
}

struct keyring *keyring_copy(const struct keyring *r)
{
	return copy_with(r, r->epochs_n);
}

struct keyring *keyring_rotate(const struct keyring *r, uint64_t now)
{
	struct keyring_epoch *last;
	struct keyring *c;

	if (r->epochs_n == KEYRING_EPOCHS_MAX ||
	    keyring_epoch(r) == UINT32_MAX)
		return NULL;
	c = copy_with(r, r->epochs_n + 1);
	if (!c)
		return NULL;
	last = &c->epochs[r->epochs_n];
	last->number = keyring_epoch(r) + 1;
	last->created = now;
	secret_random(last->key_secret, KEYRING_KEY);
	return c;
}

void keyring_free(struct keyring *r)
{
	if (!r)
		return;
	secret_free(r->epochs);
	secret_free(r);
}

uint32_t keyring_epoch(const struct keyring *r)
{
	return r->epochs[r->epochs_n - 1].number;
}

int keyring_subkey(const struct keyring *r, uint32_t epoch, const char *use,
		   uint8_t out[KEYRING_KEY])
{
	char context[CONTEXT_MAX];
	uint32_t i;
	int n = snprintf(context, sizeof(context), "vibehub-%s", use);

	if (n < 0 || (size_t)n >= sizeof(context))
		BUG("a key for '%s'", use);
	for (i = r->epochs_n; i-- > 0; ) {
		if (r->epochs[i].number != epoch)
			continue;
		hash_keyed(out, r->epochs[i].key_secret, context, NULL, 0);
		return 0;
	}
	memset(out, 0, KEYRING_KEY);
	return HUB_EABSENT;
}

void keyring_name(const struct keyring *r, int type, const void *plain,
		  size_t n, uint8_t out[32])
{
	char context[] = "vibehub-object-?";

	if (type < 1 || type > 9)
		BUG("an object of type %d", type);
	context[sizeof(context) - 2] = (char)('0' + type);
	hash_keyed(out, r->name_secret, context, plain, n);
}
