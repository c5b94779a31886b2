/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * releasedfile.h - which contents of large files a person let go (hub prune, hub
 * forget), hubformat-released(5).  Text, signed:
 *
 *	vibehub-released 1
 *	hub <64 hex>
 *	time <seconds>
 *	by <1..32 of [A-Za-z0-9._-]>
 *	tip <40 hex>			0.. of them, ascending
 *	content <64 hex> <size> <seconds> <prune|forget>
 *					0.. of them, ascending
 *	chain <hex>			certificates (cert.h), 1 to 4
 *	sig <128 hex>			over all lines before, context
 *					"vibehub-released"
 *
 * What a content line names is released as named by the commits that the tips
 * reach.  A commit outside of their history that names it again takes it back.
 */
#ifndef FMT_RELEASEDFILE_H
#define FMT_RELEASEDFILE_H

#include "base/buf.h"
#include "base/oid.h"
#include "fmt/cert.h"

#define RELEASEDFILE_MAX (64u << 20)
#define RELEASEDFILE_TIPS_MAX 65536u
#define RELEASEDFILE_NAME_MAX 32
#define RELEASEDFILE_CONTEXT "vibehub-released"

enum releasedfile_what { RELEASEDFILE_PRUNE, RELEASEDFILE_FORGET };

struct releasedfile_content {
	uint8_t recipe[32];
	uint64_t size;			/* of the file, 1 .. 2^60 */
	int64_t time;			/* when it was released */
	enum releasedfile_what what;
};

struct releasedfile {
	uint8_t hub[32];
	int64_t time;
	char by[RELEASEDFILE_NAME_MAX + 1];
	struct oid *tips;		/* owned: releasedfile_release() */
	size_t tips_n;
	struct releasedfile_content *contents;	/* owned */
	size_t contents_n;
	struct cert_chain chain;
	uint8_t sig[64];
	size_t signed_n;		/* bytes that sig covers; set by
					   releasedfile_decode() */
};

/* releasedfile_encode(): append all but the "sig" line.  HUB_ELIMIT: more than
 * the limits allow.  BUG() if tips or contents are not strictly ascending, or
 * the name or chain is no good. */
int releasedfile_encode(struct buf *out, const struct releasedfile *f);
void releasedfile_encode_sig(struct buf *out, const uint8_t sig[64]);
/* releasedfile_decode(): only the canonical form.  The signature is not looked
 * at.  HUB_ECORRUPT, HUB_EVERSION, HUB_ENOMEM; *ret is empty then. */
int releasedfile_decode(struct releasedfile *ret, const void *p, size_t n,
			struct err *e);
void releasedfile_release(struct releasedfile *f);
/* releasedfile_find(): is ${recipe} among the contents?  Borrowed; NULL. */
const struct releasedfile_content *
releasedfile_find(const struct releasedfile *f, const uint8_t recipe[32]);
/* releasedfile_what_name(): "prune", "forget". */
const char *releasedfile_what_name(enum releasedfile_what w);

#endif
