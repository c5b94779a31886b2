/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * invite.h - an invitation: the line that is pasted on the new computer
 * (hubformat-invite(5)).  "hub-invite:" and in base64 for URLs:
 *
 *	  0  version u8 1
 *	  1  hub 32
 *	 33  invitation uuid 16
 *	 49  seed 32 (of the Ed25519 key that the hub's SSH knows)
 *	 81  host key 32 (Ed25519; zeros: not told)
 *	113  address, n bytes: "ssh://..."
 *	+n   check 4: the first of BLAKE2b-256 of all before
 *
 * Whoever has it can redeem it once: it is a secret.
 */
#ifndef FMT_INVITE_H
#define FMT_INVITE_H

#include "base/buf.h"

#define INVITE_PREFIX "hub-invite:"
#define INVITE_URL_MAX 1024
#define INVITE_MAX 2048		/* characters */

struct invite {
	uint8_t hub[32], id[16], seed[32], host_key[32];
	char url[INVITE_URL_MAX + 1];
};

/* invite_is(): does ${s} look like one? */
int invite_is(const char *s);
/* invite_encode(): append.  BUG() for an address that decoding refuses.  The
 * caller wipes both. */
void invite_encode(struct buf *out, const struct invite *v);
/* invite_decode(): blanks at the ends are forgiven.  HUB_ECORRUPT (a slip, or
 * cut off), HUB_EVERSION, HUB_ENOMEM; all zero then. */
int invite_decode(struct invite *ret, const char *s, size_t n, struct err *e);

#endif
