/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grantfile.h - what one computer may do in a hub that is served, or what who
 * redeems an invitation will be allowed (hubformat-grant(5)).  Text, signed:
 *
 *	vibehub-grant 1
 *	hub <64 hex>
 *	id <uuid>			of the device, or of the invitation
 *	kind <device|invite>
 *	name <1..32 of [A-Za-z0-9._-]>
 *	role <owner|admin|editor|viewer>
 *	path <path>			0..16, ascending: where it may write;
 *					none: everywhere
 *	ssh <64 hex>			its Ed25519 key for SSH; zeros: none
 *	from <uuid|none>		the invitation that was redeemed
 *	time <seconds>
 *	until <seconds>			invitations: no longer than that; else 0
 *	chain <hex>			who granted it (cert.h), 1 to 4
 *	sig <128 hex>			over all lines before, context
 *					"vibehub-grant"
 */
#ifndef FMT_GRANTFILE_H
#define FMT_GRANTFILE_H

#include "fmt/cert.h"
#include "fmt/presence.h"

#define GRANTFILE_MAX 65536u
#define GRANTFILE_PATHS_MAX 16
#define GRANTFILE_PATH_MAX 1024
#define GRANTFILE_CONTEXT "vibehub-grant"

enum grantfile_kind { GRANTFILE_DEVICE, GRANTFILE_INVITE };

struct grantfile {
	uint8_t hub[32];
	char id[PRESENCE_UUID + 1];
	enum grantfile_kind kind;
	char name[PRESENCE_NAME_MAX + 1];
	enum cert_role role;
	char *paths[GRANTFILE_PATHS_MAX];	/* owned */
	size_t paths_n;
	uint8_t ssh[32];
	char from[PRESENCE_UUID + 1];		/* "": none */
	int64_t time, until;
	struct cert_chain chain;
	uint8_t sig[64];
	size_t signed_n;	/* bytes that sig covers; set by decoding */
};

/* grantfile_path_ok(): a path in the tree, without control characters. */
int grantfile_path_ok(const char *path);
/* grantfile_encode(): append all but the "sig" line.  0, HUB_ENOMEM.  BUG() for
 * what grantfile_decode() would refuse. */
int grantfile_encode(struct buf *out, const struct grantfile *g);
void grantfile_encode_sig(struct buf *out, const uint8_t sig[64]);
/* grantfile_decode(): only the canonical form; the signature is not looked at.
 * HUB_ECORRUPT, HUB_EVERSION, HUB_ENOMEM; *ret is empty then. */
int grantfile_decode(struct grantfile *ret, const void *p, size_t n,
		     struct err *e);
void grantfile_release(struct grantfile *g);
/* grantfile_covers(): may it write at ${path} (n bytes)? */
int grantfile_covers(const struct grantfile *g, const char *path, size_t n);

/* grantfile_role(): by name; 0: there is no such role. */
enum cert_role grantfile_role(const char *name);

#endif
