/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hubfile.h - the small text files of a hub and of a device.
 *
 * hub.git/vibehub/format (hubformat-hub(5)):
 *	vibehub-hub 1
 *	id <64 hex>
 *	min_reader <n>
 *	min_writer <n>
 *	created <seconds>
 *
 * <user dir>/devices/<uuid>.key, mode 0600 (hubformat-device(5)):
 *	vibehub-device-key 1
 *	device <uuid>
 *	hub <64 hex>
 *	seed <64 hex>			Ed25519 seed, secret
 * and once the device has a key slot in the vault (version 2), in line 1 a 2 and
 *	box <64 hex>			X25519 seed, secret
 *	identity <64 hex>		the hub's identity key
 *	cert <448 hex>			1..4: the chain from it to this device
 * The hub's own device has such a file too, hub.git/vibehub/key.
 *
 * hub.git/vibehub/accepted/<change-id>, signed (hubformat-accepted(5)): a mass
 * change that a person accepted on one computer:
 *	vibehub-accepted 1
 *	hub <64 hex>
 *	change <64 hex>
 *	device <uuid>
 *	key <64 hex>
 *	time <seconds>
 *	sig <128 hex>			context "vibehub-accepted"
 */
#ifndef FMT_HUBFILE_H
#define FMT_HUBFILE_H

#include "base/buf.h"
#include "fmt/cert.h"

#define HUBFILE_MAX 4096
#define HUBFILE_READER 1	/* the newest format that this program reads */
#define HUBFILE_WRITER 1
#define HUBFILE_VERSION_MAX 65535	/* 1 <= min_reader <= min_writer <= this */
#define HUBFILE_ACCEPTED_CONTEXT "vibehub-accepted"

/* All decoders: only the canonical form; HUB_ECORRUPT; HUB_EVERSION if line 1
 * has another number; *ret is all zero after a failure.  The encoders append,
 * move times into 1970..9999, and call BUG() for what no decoder would accept
 * (device ids that are not presence_uuid_ok(), versions).  Signatures are made and
 * checked by the caller, over the first ${signed_n} bytes. */

struct hubfile_hub {
	uint8_t id[32];
	uint64_t min_reader, min_writer;
	int64_t created;
};
void hubfile_hub_encode(struct buf *out, const struct hubfile_hub *h);
/* HUB_EVERSION also if min_reader is over HUBFILE_READER, whatever follows that
 * line (the caller checks min_writer before it writes). */
int hubfile_hub_decode(struct hubfile_hub *ret, const void *p, size_t n,
		       struct err *e);

struct hubfile_key {
	char device[37];
	uint8_t hub[32];
	uint8_t seed_secret[32];	/* hubfile_key_wipe() */
	uint8_t box_secret[32];
	uint8_t identity[32];
	struct cert_chain chain;	/* empty: version 1, without these */
};
/* hubfile_key_wipe(): zero all of it. */
void hubfile_key_wipe(struct hubfile_key *k);
/* The encoded text holds the secret: buf_wipe() it.  Decoding looks that the
 * chain ends at this device and hub; its signatures are the caller's to check. */
void hubfile_key_encode(struct buf *out, const struct hubfile_key *k);
int hubfile_key_decode(struct hubfile_key *ret, const void *p, size_t n,
		       struct err *e);

struct hubfile_accepted {
	uint8_t hub[32], change[32];
	char device[37];
	uint8_t key[32];
	int64_t time;
	uint8_t sig[64];
	size_t signed_n;
};
/* hubfile_accepted_encode(): all but the "sig" line. */
void hubfile_accepted_encode(struct buf *out, const struct hubfile_accepted *a);
void hubfile_accepted_encode_sig(struct buf *out, const uint8_t sig[64]);
int hubfile_accepted_decode(struct hubfile_accepted *ret, const void *p,
			    size_t n, struct err *e);

#endif
