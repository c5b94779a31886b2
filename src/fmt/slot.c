/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot.c - encode and decode key slots, hubformat-slot(5).  Opens nothing:
 * what is sealed stays sealed here (store/slots.h).
 */
#include <string.h>
#include "base/banned.h"
#include "fmt/slot.h"

#define MAGIC "VHsl"
#define VERSION 1
#define SUITE 1

_Static_assert(88 + 28 + AEAD_COMMIT + AEAD_NONCE + SLOT_SECRET_BOX + 4 +
	       SLOT_KEYS_MAX + BOX_EXTRA + 4 + AEAD_COMMIT + AEAD_NONCE +
	       SLOT_NOTES_BOX <= SLOT_MAX, "the largest slot fits");

static const uint8_t zeros[KDF_SALT];

static void put_head(struct buf *out, const struct slot *s)
{
	if (s->type != SLOT_PASSPHRASE && s->type != SLOT_DEVICE)
		BUG("a slot of type %d", (int)s->type);
	buf_addstr(out, MAGIC);
	buf_add_u8(out, VERSION);
	buf_add_u8(out, SUITE);
	buf_add_u8(out, (uint8_t)s->type);
	buf_add_u8(out, 0);
	buf_add(out, s->hub, 32);
	buf_add(out, s->id, SLOT_ID);
	buf_add(out, s->box_pk, BOX_PUBLIC);
}

void slot_encode_to_secret(struct buf *out, const struct slot *s)
{
	int pass = s->type == SLOT_PASSPHRASE;

	put_head(out, s);
	buf_add_u32(out, pass ? 0x01000000u : 0);
	buf_add_u32(out, pass ? s->ops : 0);
	buf_add_u32(out, pass ? s->kib : 0);
	buf_add(out, pass ? s->salt : zeros, KDF_SALT);
	if (pass) {
		buf_add(out, s->commit, AEAD_COMMIT);
		buf_add(out, s->nonce, AEAD_NONCE);
	}
}

void slot_encode_to_notes(struct buf *out, const struct slot *s)
{
	slot_encode_to_secret(out, s);
	if (s->type == SLOT_PASSPHRASE)
		buf_add(out, s->secret, SLOT_SECRET_BOX);
	buf_add_u32(out, (uint32_t)s->keys.n);
	buf_add(out, s->keys.p, s->keys.n);
	buf_add_u32(out, s->epoch);
	buf_add(out, s->notes_commit, AEAD_COMMIT);
	buf_add(out, s->notes_nonce, AEAD_NONCE);
}

void slot_encode(struct buf *out, const struct slot *s)
{
	slot_encode_to_notes(out, s);
	buf_add(out, s->notes, SLOT_NOTES_BOX);
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "key slot: %s", what);
}

static int newer(struct err *e, const char *what, unsigned n)
{
	return err_set(e, HUB_EVERSION, "key slot: %s %u is not known here: use "
		       "a newer hub", what, n);
}

static int read_head(struct slot *ret, struct rd *r, struct err *e)
{
	struct span magic = rd_bytes(r, 4);
	uint8_t version = rd_u8(r), suite = rd_u8(r), type = rd_u8(r);

	if (!magic.p || memcmp(magic.p, MAGIC, 4))
		return bad(e, "it does not begin with " MAGIC);
	if (r->failed)
		return bad(e, "it is cut off");
	if (version != VERSION)
		return newer(e, "version", version);
	if (suite != SUITE)
		return newer(e, "suite", suite);
	if (type != SLOT_PASSPHRASE && type != SLOT_DEVICE)
		return newer(e, "type", type);
	ret->type = (enum slot_type)type;
	if (rd_u8(r))
		return bad(e, "a byte that must be zero is not");
	rd_copy(r, ret->hub, 32);
	rd_copy(r, ret->id, SLOT_ID);
	rd_copy(r, ret->box_pk, BOX_PUBLIC);
	return 0;
}

static int read_kdf(struct slot *ret, struct rd *r, struct err *e)
{
	int pass = ret->type == SLOT_PASSPHRASE;
	uint32_t kdf = rd_u32(r);

	ret->ops = rd_u32(r);
	ret->kib = rd_u32(r);
	rd_copy(r, ret->salt, KDF_SALT);
	if (kdf != (pass ? 0x01000000u : 0))
		return bad(e, "its key derivation is not that of its type");
	if (!pass && (ret->ops || ret->kib ||
		      memcmp(ret->salt, zeros, KDF_SALT)))
		return bad(e, "a device slot has no key derivation");
	if (pass && (ret->ops < KDF_OPS_MIN || ret->ops > KDF_OPS_MAX ||
		     ret->kib < KDF_KIB_MIN || ret->kib > KDF_KIB_MAX))
		return bad(e, "its key derivation is out of bounds");
	if (pass) {
		rd_copy(r, ret->commit, AEAD_COMMIT);
		rd_copy(r, ret->nonce, AEAD_NONCE);
		rd_copy(r, ret->secret, SLOT_SECRET_BOX);
	}
	return 0;
}

static int read_rest(struct slot *ret, struct rd *r, struct err *e)
{
	uint32_t n = rd_u32(r);

	if (n < SLOT_PAD + BOX_EXTRA || n > SLOT_KEYS_MAX + BOX_EXTRA ||
	    (n - BOX_EXTRA) % SLOT_PAD)
		return bad(e, "its keyring has no right length");
	ret->keys = rd_bytes(r, n);
	ret->epoch = rd_u32(r);
	rd_copy(r, ret->notes_commit, AEAD_COMMIT);
	rd_copy(r, ret->notes_nonce, AEAD_NONCE);
	rd_copy(r, ret->notes, SLOT_NOTES_BOX);
	if (rd_end(r))
		return bad(e, "it has not the right length");
	if (!ret->epoch)
		return bad(e, "there is no epoch 0");
	return 0;
}

int slot_decode(struct slot *ret, const void *p, size_t n, struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = n > SLOT_MAX ? bad(e, "it is too large") : read_head(ret, &r, e);
	if (!rc)
		rc = read_kdf(ret, &r, e);
	if (!rc)
		rc = read_rest(ret, &r, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

/* ---- the keyring in it ---- */

size_t slot_keys_size(const struct keyring *r)
{
	return (ring_size(r) + SLOT_PAD - 1) / SLOT_PAD * SLOT_PAD;
}

void slot_keys_encode(uint8_t *out, const struct keyring *r)
{
	size_t n = ring_size(r);

	ring_encode(out, r);
	memset(out + n, 0, slot_keys_size(r) - n);
}

int slot_keys_decode(struct keyring **ret, const void *p, size_t n,
		     struct err *e)
{
	struct keyring *k = NULL;
	struct rd r;
	uint8_t any = 0;
	int rc;

	rd_init(&r, p, n);
	rc = ring_decode(&k, &r, e);
	if (rc < 0)
		return rc;
	if (n != slot_keys_size(k))
		rc = bad(e, "its keyring is not padded as it must be");
	while (r.n)
		any |= rd_u8(&r);
	if (!rc && any)
		rc = bad(e, "there is something behind its keyring");
	if (rc < 0)
		keyring_free(k);
	else
		*ret = k;
	return rc;
}
