/* SPDX-License-Identifier: GPL-2.0-or-later */
/* removal.c - the record of a removed key slot as bytes, hubformat-removal(5). */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "fmt/removal.h"
#include "fmt/text.h"

#define MAGIC "VHrm"
#define VERSION 1
#define SUITE 1
#define PIN 72

_Static_assert(8 + 1 + 1 + SLOT_LABEL_MAX + 1 + REMOVAL_PINS_MAX * PIN + 1 +
	       CERT_CHAIN_MAX * CERT_SIZE + SIGN_SIZE <= REMOVAL_PLAIN,
	       "the largest body fits");

int removal_is(const void *p, size_t n)
{
	return n >= 4 && !memcmp(p, MAGIC, 4);
}

void removal_encode_ad(struct buf *out, const struct removal *r)
{
	buf_addstr(out, MAGIC);
	buf_add_u8(out, VERSION);
	buf_add_u8(out, SUITE);
	buf_add_u16(out, 0);
	buf_add(out, r->hub, 32);
	buf_add(out, r->id, SLOT_ID);
	buf_add_u32(out, r->epoch);
}

void removal_encode(struct buf *out, const struct removal *r)
{
	if (!r->epoch)
		BUG("a removal of epoch 0");
	removal_encode_ad(out, r);
	buf_add(out, r->commit, AEAD_COMMIT);
	buf_add(out, r->nonce, AEAD_NONCE);
	buf_add(out, r->box, REMOVAL_BOX);
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "removed key slot: %s", what);
}

static int read_all(struct removal *ret, struct rd *r, struct err *e)
{
	struct span magic = rd_bytes(r, 4);
	uint8_t version = rd_u8(r), suite = rd_u8(r);
	uint16_t zero = rd_u16(r);

	if (r->failed || !removal_is(magic.p, magic.n))
		return bad(e, "it does not begin with " MAGIC);
	if (version != VERSION || suite != SUITE)
		return err_set(e, HUB_EVERSION, "removed key slot: version %u, "
			       "suite %u: use a newer hub", version, suite);
	rd_copy(r, ret->hub, 32);
	rd_copy(r, ret->id, SLOT_ID);
	ret->epoch = rd_u32(r);
	rd_copy(r, ret->commit, AEAD_COMMIT);
	rd_copy(r, ret->nonce, AEAD_NONCE);
	rd_copy(r, ret->box, REMOVAL_BOX);
	if (rd_end(r))
		return bad(e, "it has not the right length");
	if (zero)
		return bad(e, "a byte that must be zero is not");
	return ret->epoch ? 0 : bad(e, "there is no epoch 0");
}

int removal_decode(struct removal *ret, const void *p, size_t n,
		   struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = read_all(ret, &r, e);
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

/* ---- the body ---- */

static size_t signed_size(const struct removal_body *b)
{
	return 8 + 1 + 1 + strlen(b->label) + 1 + (size_t)b->pins_n * PIN +
		1 + (size_t)b->chain.n * CERT_SIZE;
}

void removal_body_encode(struct buf *out, const struct removal_body *b)
{
	int i;

	if (!slot_label_ok(b->label) || b->pins_n > REMOVAL_PINS_MAX)
		BUG("a removal with %d pins of '%s'", b->pins_n, b->label);
	buf_add_u64(out, b->time);
	buf_add_u8(out, (uint8_t)b->type);
	buf_add_u8(out, (uint8_t)strlen(b->label));
	buf_addstr(out, b->label);
	buf_add_u8(out, b->pins_n);
	for (i = 0; i < b->pins_n; i++) {
		buf_add(out, b->pins[i].place, 32);
		buf_add_u64(out, b->pins[i].seq);
		buf_add(out, b->pins[i].hash, 32);
	}
	cert_chain_encode(out, &b->chain);
}

void removal_body_encode_sig(struct buf *out, const struct removal_body *b)
{
	size_t n = signed_size(b) + SIGN_SIZE;

	buf_add(out, b->sig, SIGN_SIZE);
	for (; n < REMOVAL_PLAIN; n++)
		buf_add_u8(out, 0);
}

static int read_pins(struct removal_body *ret, struct rd *r, struct err *e)
{
	int i;

	ret->pins_n = rd_u8(r);
	if (ret->pins_n > REMOVAL_PINS_MAX)
		return bad(e, "too many places");
	for (i = 0; i < ret->pins_n; i++) {
		rd_copy(r, ret->pins[i].place, 32);
		ret->pins[i].seq = rd_u64(r);
		rd_copy(r, ret->pins[i].hash, 32);
		if (!ret->pins[i].seq ||
		    (i && memcmp(ret->pins[i - 1].place, ret->pins[i].place,
				 32) >= 0))
			return bad(e, "its places are not in order");
	}
	return 0;
}

static int read_body(struct removal_body *ret, struct rd *r, struct err *e)
{
	size_t all = r->n;
	struct span label;
	uint8_t type;
	int rc;

	ret->time = rd_u64(r);
	type = rd_u8(r);
	ret->type = (enum slot_type)type;
	label = rd_bytes(r, rd_u8(r));
	if (type != SLOT_PASSPHRASE && type != SLOT_DEVICE)
		return bad(e, "there is no such type of slot");
	if (ret->time > TEXT_TIME_MAX)
		return bad(e, "removed after the year 9999");
	if (!label.p || label.n > SLOT_LABEL_MAX || memchr(label.p, 0, label.n))
		return bad(e, "the label is no text of 1 to 64 bytes");
	memcpy(ret->label, label.p, label.n);
	if (!slot_label_ok(ret->label))
		return bad(e, "the label is no text of 1 to 64 bytes");
	rc = read_pins(ret, r, e);
	if (!rc)
		rc = cert_chain_decode(&ret->chain, r, e);
	ret->signed_n = all - r->n;
	rd_copy(r, ret->sig, SIGN_SIZE);
	if (rc < 0)
		return rc;
	rd_zeros(r);
	return rd_end(r) ?
		bad(e, "there is something behind the signature") : 0;
}

int removal_body_decode(struct removal_body *ret, const void *p, size_t n,
			struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = n == REMOVAL_PLAIN ? read_body(ret, &r, e) :
		bad(e, "its body has not the right length");
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
