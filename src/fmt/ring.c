/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ring.c - encode and decode a keyring.  Neither leaves a copy behind. */
#include <string.h>
#include "base/banned.h"
#include "fmt/ring.h"
#include "fmt/text.h"

#define MAGIC "VHkr"
#define VERSION 1

size_t ring_size(const struct keyring *r)
{
	return RING_HEAD + (size_t)r->epochs_n * RING_EPOCH;
}

static uint8_t *put(uint8_t *at, const void *p, size_t n)
{
	memcpy(at, p, n);
	return at + n;
}

static uint8_t *put_number(uint8_t *at, uint64_t v, int bytes)
{
	int i;

	for (i = bytes - 1; i >= 0; i--)
		*at++ = (uint8_t)(v >> 8 * i);
	return at;
}

void ring_encode(uint8_t *out, const struct keyring *r)
{
	uint8_t *at = put(out, MAGIC "\1\0\0", 8);
	uint32_t i;

	at = put(at, r->hub, 32);
	at = put(at, r->identity, 32);
	at = put(at, r->name_secret, KEYRING_KEY);
	at = put(at, r->chunker_secret, KEYRING_KEY);
	at = put_number(at, r->epochs_n, 4);
	for (i = 0; i < r->epochs_n; i++) {
		at = put_number(at, r->epochs[i].number, 4);
		at = put_number(at, r->epochs[i].created, 8);
		at = put(at, r->epochs[i].key_secret, KEYRING_KEY);
	}
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "keyring: %s", what);
}

static int read_head(struct rd *r, struct err *e)
{
	struct span magic = rd_bytes(r, 4);
	uint8_t version = rd_u8(r);

	if (!magic.p || memcmp(magic.p, MAGIC, 4))
		return bad(e, "it does not begin with " MAGIC);
	if (r->failed)
		return bad(e, "it is cut off");
	if (version != VERSION)
		return err_set(e, HUB_EVERSION, "keyring: version %u, this "
			       "program reads %d: use a newer hub", version,
			       VERSION);
	if (rd_u8(r) | rd_u16(r))
		return bad(e, "bytes that must be zero are not");
	return 0;
}

static int read_epochs(struct keyring *k, struct rd *r, struct err *e)
{
	uint32_t i, before = 0;

	for (i = 0; i < k->epochs_n; i++) {
		struct keyring_epoch *x = &k->epochs[i];

		x->number = rd_u32(r);
		x->created = rd_u64(r);
		rd_copy(r, x->key_secret, KEYRING_KEY);
		if (x->number <= before)
			return bad(e, "its epochs do not ascend");
		if (x->created > TEXT_TIME_MAX)
			return bad(e, "an epoch began after the year 9999");
		before = x->number;
	}
	return 0;
}

int ring_decode(struct keyring **ret, struct rd *r, struct err *e)
{
	struct keyring *k = NULL;
	struct rd at;
	uint32_t n;
	int rc = read_head(r, e);

	if (rc < 0)
		return rc;
	if (r->n < RING_HEAD - 8)
		return bad(e, "it is cut off");
	at = *r;
	rd_bytes(&at, 4 * 32);
	n = rd_u32(&at);
	if (!n || n > KEYRING_EPOCHS_MAX)
		return bad(e, "it has no or too many epochs");
	if (at.n < (size_t)n * RING_EPOCH)
		return bad(e, "it is cut off");
	k = keyring_new(n);
	if (!k)
		return err_nomem(e);
	rd_copy(r, k->hub, 32);
	rd_copy(r, k->identity, 32);
	rd_copy(r, k->name_secret, KEYRING_KEY);
	rd_copy(r, k->chunker_secret, KEYRING_KEY);
	rd_u32(r);
	rc = read_epochs(k, r, e);
	if (rc < 0) {
		keyring_free(k);
		return rc;
	}
	*ret = k;
	return 0;
}
