/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sshkey.c - see sshkey.h. */
#include "fmt/sshkey.h"

#include <string.h>

#include "base/banned.h"
#include "base/base64.h"
#include "crypt/sign.h"

#define KIND "ssh-ed25519"
#define MAGIC "openssh-key-v1"		/* and its NUL */
#define BLOCK 8
#define COLUMNS 70
#define PUBLIC_BLOB (4 + sizeof(KIND) - 1 + 4 + 32)

static void add_string(struct buf *b, const void *p, size_t n)
{
	buf_add_u32(b, (uint32_t)n);
	buf_add(b, p, n);
}

static void add_public(struct buf *b, const uint8_t pk[32])
{
	add_string(b, KIND, strlen(KIND));
	add_string(b, pk, 32);
}

/* The two equal words tell a reader that a passphrase was right: here is none,
 * and the same key gives the same file. */
static void add_secret(struct buf *b, const uint8_t seed[32],
		       const uint8_t pk[32], const char *comment)
{
	size_t from = b->n;
	char pad = 1;

	buf_add(b, pk, 4);
	buf_add(b, pk, 4);
	add_public(b, pk);
	buf_add_u32(b, 64);
	buf_add(b, seed, 32);
	buf_add(b, pk, 32);
	add_string(b, comment, strlen(comment));
	while ((b->n - from) % BLOCK)
		buf_addch(b, pad++);
}

void sshkey_private(struct buf *out, const uint8_t seed[32],
		    const uint8_t pk[32], const char *comment)
{
	struct buf raw = BUF_INIT, secret = BUF_INIT, text = BUF_INIT;
	size_t i;

	buf_add(&raw, MAGIC, sizeof(MAGIC));
	add_string(&raw, "none", 4);
	add_string(&raw, "none", 4);
	add_string(&raw, "", 0);
	buf_add_u32(&raw, 1);
	buf_add_u32(&raw, PUBLIC_BLOB);
	add_public(&raw, pk);
	add_secret(&secret, seed, pk, comment);
	add_string(&raw, secret.p, secret.n);
	base64_add(&text, BASE64_PADDED, raw.p, raw.n);
	buf_addstr(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	for (i = 0; i < text.n; i += COLUMNS) {
		buf_add(out, text.p + i, text.n - i < COLUMNS ? text.n - i :
			COLUMNS);
		buf_addch(out, '\n');
	}
	buf_addstr(out, "-----END OPENSSH PRIVATE KEY-----\n");
	if (buf_error(&raw) || buf_error(&secret) || buf_error(&text))
		out->failed = 1;
	buf_wipe(&raw);
	buf_wipe(&secret);
	buf_wipe(&text);
}

void sshkey_public(struct buf *out, const uint8_t pk[32])
{
	struct buf raw = BUF_INIT;

	add_public(&raw, pk);
	buf_addstr(out, KIND " ");
	base64_add(out, BASE64_PADDED, raw.p, raw.n);
	if (buf_error(&raw))
		out->failed = 1;
	buf_release(&raw);
}

int sshkey_public_decode(const char *line, size_t n, uint8_t pk[32])
{
	struct buf want = BUF_INIT, raw = BUF_INIT;
	const char *text = line + sizeof(KIND), *end;
	int rc = HUB_ECORRUPT;

	if (n > SSHKEY_LINE_MAX || n <= sizeof(KIND) ||
	    memcmp(line, KIND " ", sizeof(KIND)))
		return rc;
	n -= sizeof(KIND);
	for (end = text; end < text + n && *end != ' ' && *end != '\n' &&
	     *end != '\r'; end++)
		;
	rc = base64_decode(&raw, BASE64_PADDED, text, (size_t)(end - text));
	if (!rc && raw.n != PUBLIC_BLOB)
		rc = HUB_ECORRUPT;
	if (!rc) {
		memcpy(pk, raw.p + PUBLIC_BLOB - 32, 32);
		add_public(&want, pk);
		rc = buf_error(&want) ? HUB_ENOMEM :
			memcmp(want.p, raw.p, PUBLIC_BLOB) ? HUB_ECORRUPT : 0;
	}
	buf_release(&want);
	buf_release(&raw);
	return rc;
}
