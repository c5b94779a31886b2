/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert.h - certificates: who belongs to a hub (hubformat-cert(5)).
 *
 * A certificate says that a device, known by its signing and its box key, has a
 * role in a hub.  A chain of 1..4 leads from the hub's identity key to a device:
 * the first is issued by the identity key, each next one by the device before
 * it, which must be an owner or admin and cannot give more than it has.
 *
 *	  0  magic "VHct"	  40  device uuid 16
 *	  4  version u8 1	  56  sign pk 32 (Ed25519)
 *	  5  role u8		  88  box pk 32 (X25519)
 *	  6  flags u16 0	 120  issued u64
 *	  8  hub 32		 128  issuer pk 32
 *				 160  signature 64
 */
#ifndef FMT_CERT_H
#define FMT_CERT_H

#include "base/buf.h"
#include "base/rd.h"
#include "crypt/sign.h"

#define CERT_SIZE 224
#define CERT_SIGNED 160		/* bytes that the signature covers */
#define CERT_CHAIN_MAX 4
#define CERT_CONTEXT "vibehub-cert"

enum cert_role { CERT_OWNER = 1, CERT_ADMIN, CERT_EDITOR, CERT_VIEWER };

struct cert {
	enum cert_role role;
	uint8_t hub[32];
	uint8_t device[16];
	uint8_t sign_pk[32], box_pk[32];
	uint64_t issued;		/* seconds since 1970 */
	uint8_t issuer[32];
	uint8_t sig[64];
};

struct cert_chain { struct cert at[CERT_CHAIN_MAX]; int n; };

/* cert_encode(), cert_decode(): one form only.  The signature is not looked at.
 * HUB_ECORRUPT; HUB_EVERSION.  Decoding: *ret is all zero after a failure. */
void cert_encode(uint8_t out[CERT_SIZE], const struct cert *c);
int cert_decode(struct cert *ret, const void *p, size_t n, struct err *e);
/* cert_sign(): fill in issuer and signature by ${by}.  0 or HUB_ENOMEM. */
int cert_sign(struct cert *c, const struct sign_secret *by);

/* A chain in other formats: u8 number, then the certificates.  0 of them is
 * well formed here: the identity key itself. */
void cert_chain_encode(struct buf *out, const struct cert_chain *c);
int cert_chain_decode(struct cert_chain *ret, struct rd *r, struct err *e);
/* cert_chain_links(): as cert_chain_check(), but signatures are not looked at. */
int cert_chain_links(const struct cert_chain *c, const uint8_t hub[32],
		     const uint8_t identity[32], struct err *e);
/*
 * cert_chain_check(): 0 if the chain leads from ${identity} to its last device,
 * all of it in hub ${hub}; else HUB_EAUTH.  An empty chain is HUB_EAUTH.
 * HUB_ENOMEM.
 */
int cert_chain_check(const struct cert_chain *c, const uint8_t hub[32],
		     const uint8_t identity[32], struct err *e);
/* cert_chain_last(): the device at its end; BUG() for an empty one. */
const struct cert *cert_chain_last(const struct cert_chain *c);

/* cert_role_name(): "owner", "admin", "editor", "viewer". */
const char *cert_role_name(enum cert_role r);
/* cert_uuid(): 16 bytes from the text form of a UUID that is known to be one,
 * cert_uuid_text(): back, 36 characters and a NUL. */
void cert_uuid(uint8_t out[16], const char *text);
void cert_uuid_text(char out[37], const uint8_t uuid[16]);

#endif
