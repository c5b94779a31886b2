/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slot_notes.c - the notes of a key slot as bytes, hubformat-slot(5). */
#include <string.h>
#include "base/banned.h"
#include "base/utf8.h"
#include "fmt/slot.h"
#include "fmt/text.h"

_Static_assert(1 + 8 + 1 + SLOT_LABEL_MAX + 1 + CERT_CHAIN_MAX * CERT_SIZE +
	       SIGN_SIZE <= SLOT_NOTES, "the largest notes fit");

static int label_ok(const char *s, size_t n)
{
	size_t at = 0, step;
	uint32_t cp;

	if (!n || n > SLOT_LABEL_MAX)
		return 0;
	while (at < n) {
		step = utf8_next(s + at, n - at, &cp);
		if (!step || utf8_is_control(cp))
			return 0;
		at += step;
	}
	return 1;
}

int slot_label_ok(const char *s)
{
	return label_ok(s, strlen(s));
}

void slot_notes_encode(struct buf *out, const struct slot_notes *s)
{
	if (!slot_label_ok(s->label) || s->flags & ~SLOT_ROTATING)
		BUG("notes with flags %u, label '%s'", s->flags, s->label);
	buf_add_u8(out, s->flags);
	buf_add_u64(out, s->made);
	buf_add_u8(out, (uint8_t)strlen(s->label));
	buf_addstr(out, s->label);
	cert_chain_encode(out, &s->chain);
}

void slot_notes_encode_sig(struct buf *out, const struct slot_notes *s)
{
	size_t n = 1 + 8 + 1 + strlen(s->label) + 1 +
		(size_t)s->chain.n * CERT_SIZE + SIGN_SIZE;

	buf_add(out, s->sig, SIGN_SIZE);
	for (; n < SLOT_NOTES; n++)
		buf_add_u8(out, 0);
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "notes of a key slot: %s", what);
}

static int read_notes(struct slot_notes *ret, struct rd *r, struct err *e)
{
	struct span label;
	size_t all = r->n;
	int rc;

	ret->flags = rd_u8(r);
	ret->made = rd_u64(r);
	label = rd_bytes(r, rd_u8(r));
	if (ret->flags & ~SLOT_ROTATING)
		return bad(e, "unknown flags");
	if (ret->made > TEXT_TIME_MAX)
		return bad(e, "made after the year 9999");
	if (!label.p || !label_ok((const char *)label.p, label.n))
		return bad(e, "the label is no text of 1 to 64 bytes");
	memcpy(ret->label, label.p, label.n);
	rc = cert_chain_decode(&ret->chain, r, e);
	ret->signed_n = all - r->n;
	rd_copy(r, ret->sig, SIGN_SIZE);
	if (rc < 0)
		return rc;
	rd_zeros(r);
	return rd_end(r) ?
		bad(e, "there is something behind the signature") : 0;
}

int slot_notes_decode(struct slot_notes *ret, const void *p, size_t n,
		      struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = n == SLOT_NOTES ? read_notes(ret, &r, e) :
		bad(e, "they have not the right length");
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}
