/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * presence.h - the presence file of a device, hub.git/vibehub/devices/<id>
 * (hubformat-presence(5)): who it is, when it was last here, which tips it
 * last saw or pushed.  Signed; together they are the record of refs that
 * `hub verify` uses.  Text, one "key value" line each, fixed order.
 *
 *	vibehub-presence 1
 *	hub <64 hex>
 *	device <uuid>
 *	key <64 hex>			Ed25519 public key
 *	name <1..32 of [A-Za-z0-9._-]>
 *	seen <seconds>			decimal, UTC
 *	nonce <32 hex>			session nonce
 *	token <64 hex>
 *	state <ok|behind|conflict|parked|error>
 *	pending <n>			local files not yet recorded
 *	tip <40 hex> <full ref name>	0..256 of them, sorted by name
 *	...
 *	sig <128 hex>			over all lines before, context
 *					"vibehub-presence"
 */
#ifndef FMT_PRESENCE_H
#define FMT_PRESENCE_H

#include "base/buf.h"
#include "base/oid.h"

#define PRESENCE_MAX 131072	/* bytes of a file */
#define PRESENCE_TIPS_MAX 256
#define PRESENCE_REF_MAX 255
#define PRESENCE_NAME_MAX 32
#define PRESENCE_UUID 36
#define PRESENCE_CONTEXT "vibehub-presence"

enum presence_state { PRESENCE_OK, PRESENCE_BEHIND, PRESENCE_CONFLICT,
		      PRESENCE_PARKED, PRESENCE_ERROR };

struct presence_tip { struct oid oid; char ref[PRESENCE_REF_MAX + 1]; };

struct presence {
	uint8_t hub[32];
	char device[PRESENCE_UUID + 1];
	uint8_t key[32];
	char name[PRESENCE_NAME_MAX + 1];
	int64_t seen;
	uint8_t nonce[16];
	uint8_t token[32];
	enum presence_state state;
	uint64_t pending;
	struct presence_tip *tips;	/* owned: presence_release() */
	size_t tips_n;
	uint8_t sig[64];
	size_t signed_n;		/* bytes of the file that sig covers;
					   set by presence_decode() */
};

/* presence_encode(): append all but the "sig" line.  Tips without id or with a
 * name that presence_ref_ok() refuses are left out; a bad name is reduced by
 * presence_name_from(), a time moved into 1970..9999.  BUG() for a bad device
 * id, tips that are not strictly sorted by name, or more than
 * PRESENCE_TIPS_MAX of them. */
void presence_encode(struct buf *out, const struct presence *p);
/* presence_encode_sig(): the "sig" line. */
void presence_encode_sig(struct buf *out, const uint8_t sig[64]);
/* presence_decode(): only the canonical form.  Does not check the signature:
 * the caller does, over the first ${signed_n} bytes.  HUB_ECORRUPT;
 * HUB_EVERSION for another number in line 1; HUB_ENOMEM; *ret is empty then. */
int presence_decode(struct presence *ret, const void *p, size_t n,
		    struct err *e);
void presence_release(struct presence *p);
/* presence_state_name(): "ok", ... */
const char *presence_state_name(enum presence_state s);
/* presence_name_ok(), presence_uuid_ok(), presence_ref_ok(): syntax.  A ref is
 * a full name below refs/ that git-check-ref-format(1) accepts. */
int presence_name_ok(const char *s);
int presence_ref_ok(const char *s);
int presence_uuid_ok(const char *s);
/* presence_name_from(): reduce any text to a legal name: other characters
 * become '-', at most 32 bytes, "computer" if no letter or digit is left.
 * A legal name stays as it is. */
void presence_name_from(char out[PRESENCE_NAME_MAX + 1], const char *s);

#endif
