/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sshkey.h - Ed25519 keys as OpenSSH's files have them (PROTOCOL.key of OpenSSH,
 * RFC 8709), without passphrase.
 */
#ifndef FMT_SSHKEY_H
#define FMT_SSHKEY_H

#include "base/buf.h"

#define SSHKEY_LINE_MAX 1024

/* sshkey_private(): append the file of a private key.  ${comment}: printable.
 * The caller wipes it. */
void sshkey_private(struct buf *out, const uint8_t seed[32],
		    const uint8_t pk[32], const char *comment);
/* sshkey_public(): append "ssh-ed25519 AAAA...", no newline. */
void sshkey_public(struct buf *out, const uint8_t pk[32]);
/* sshkey_public_decode(): from the first two words of such a line.
 * HUB_ECORRUPT: another kind of key, or none; HUB_ENOMEM. */
int sshkey_public_decode(const char *line, size_t n, uint8_t pk[32]);

#endif
