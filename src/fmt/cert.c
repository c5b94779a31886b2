/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cert.c - certificates and their chains, hubformat-cert(5). */
#include <string.h>
#include "base/banned.h"
#include "base/hex.h"
#include "base/rd.h"
#include "fmt/cert.h"
#include "fmt/text.h"

#define MAGIC "VHct"
#define VERSION 1

_Static_assert(CERT_SIGNED + SIGN_SIZE == CERT_SIZE, "");

static const char *const roles[] = {
	[CERT_OWNER] = "owner", [CERT_ADMIN] = "admin",
	[CERT_EDITOR] = "editor", [CERT_VIEWER] = "viewer",
};

const char *cert_role_name(enum cert_role r)
{
	if (r < CERT_OWNER || r > CERT_VIEWER)
		BUG("no such role: %d", (int)r);
	return roles[r];
}

void cert_uuid(uint8_t out[16], const char *text)
{
	char hex[33];
	size_t n = 0;

	for (; *text && n < 32; text++)
		if (*text != '-')
			hex[n++] = *text;
	if (n != 32 || hex_decode(out, 16, hex, 32) < 0)
		BUG("this is no UUID");
}

void cert_uuid_text(char out[37], const uint8_t uuid[16])
{
	char *at = out;
	int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		hex_encode(at, uuid + i, 1);
		at += 2;
	}
}

static uint8_t *put(uint8_t *at, const void *p, size_t n)
{
	memcpy(at, p, n);
	return at + n;
}

void cert_encode(uint8_t out[CERT_SIZE], const struct cert *c)
{
	uint8_t *at = put(out, MAGIC, 4);
	int i;

	cert_role_name(c->role);	/* a role that there is */
	*at++ = VERSION;
	*at++ = (uint8_t)c->role;
	*at++ = 0;
	*at++ = 0;
	at = put(at, c->hub, 32);
	at = put(at, c->device, 16);
	at = put(at, c->sign_pk, 32);
	at = put(at, c->box_pk, 32);
	for (i = 7; i >= 0; i--)
		*at++ = (uint8_t)(c->issued >> 8 * i);
	at = put(at, c->issuer, 32);
	put(at, c->sig, SIGN_SIZE);
}

static int bad(struct err *e, const char *what)
{
	return err_set(e, HUB_ECORRUPT, "certificate: %s", what);
}

static int read_head(struct cert *ret, struct rd *r, struct err *e)
{
	struct span magic = rd_bytes(r, 4);
	uint8_t version = rd_u8(r), role;

	if (!magic.p || memcmp(magic.p, MAGIC, 4))
		return bad(e, "it does not begin with " MAGIC);
	if (version != VERSION)
		return err_set(e, HUB_EVERSION, "certificate: version %u, this "
			       "program reads %d: use a newer hub", version,
			       VERSION);
	role = rd_u8(r);
	if (role < CERT_OWNER || role > CERT_VIEWER)
		return bad(e, "no such role");
	ret->role = (enum cert_role)role;
	if (rd_u16(r))
		return bad(e, "its flags are not zero");
	return 0;
}

int cert_decode(struct cert *ret, const void *p, size_t n, struct err *e)
{
	struct rd r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rd_init(&r, p, n);
	rc = n == CERT_SIZE ? read_head(ret, &r, e) :
		bad(e, "it has not the right length");
	rd_copy(&r, ret->hub, 32);
	rd_copy(&r, ret->device, 16);
	rd_copy(&r, ret->sign_pk, 32);
	rd_copy(&r, ret->box_pk, 32);
	ret->issued = rd_u64(&r);
	rd_copy(&r, ret->issuer, 32);
	rd_copy(&r, ret->sig, SIGN_SIZE);
	if (!rc && ret->issued > TEXT_TIME_MAX)
		rc = bad(e, "its time is after the year 9999");
	if (!rc && rd_end(&r))
		rc = bad(e, "it has not the right length");
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

int cert_sign(struct cert *c, const struct sign_secret *by)
{
	uint8_t b[CERT_SIZE];

	sign_public(by, c->issuer);
	cert_encode(b, c);
	return sign_make(by, CERT_CONTEXT, b, CERT_SIGNED, c->sig);
}

/* ---- chains ---- */

void cert_chain_encode(struct buf *out, const struct cert_chain *c)
{
	uint8_t b[CERT_SIZE];
	int i;

	if (c->n < 0 || c->n > CERT_CHAIN_MAX)
		BUG("a chain of %d certificates", c->n);
	buf_add_u8(out, (uint8_t)c->n);
	for (i = 0; i < c->n; i++) {
		cert_encode(b, &c->at[i]);
		buf_add(out, b, sizeof(b));
	}
}

int cert_chain_decode(struct cert_chain *ret, struct rd *r, struct err *e)
{
	uint8_t n = rd_u8(r);
	struct span s;
	int i, rc = 0;

	memset(ret, 0, sizeof(*ret));
	if (r->failed || n > CERT_CHAIN_MAX)
		return bad(e, "a chain has at most four");
	for (i = 0; !rc && i < n; i++) {
		s = rd_bytes(r, CERT_SIZE);
		rc = s.p ? cert_decode(&ret->at[i], s.p, s.n, e) :
			bad(e, "the chain is cut off");
	}
	ret->n = n;
	if (rc < 0)
		memset(ret, 0, sizeof(*ret));
	return rc;
}

const struct cert *cert_chain_last(const struct cert_chain *c)
{
	if (c->n < 1 || c->n > CERT_CHAIN_MAX)
		BUG("the last of %d certificates", c->n);
	return &c->at[c->n - 1];
}

/* May ${c} stand behind ${before} (NULL: the identity key)? */
static int follows(const struct cert *c, const struct cert *before,
		   const uint8_t identity[32])
{
	if (!before)
		return !memcmp(c->issuer, identity, 32);
	return !memcmp(c->issuer, before->sign_pk, 32) &&
		before->role <= CERT_ADMIN && c->role >= before->role;
}

int cert_chain_links(const struct cert_chain *c, const uint8_t hub[32],
		     const uint8_t identity[32], struct err *e)
{
	int i;

	if (!c->n)
		return err_set(e, HUB_EAUTH, "no certificate");
	for (i = 0; i < c->n; i++) {
		if (memcmp(c->at[i].hub, hub, 32))
			return err_set(e, HUB_EAUTH, "a certificate is of "
				       "another hub");
		if (!follows(&c->at[i], i ? &c->at[i - 1] : NULL, identity))
			return err_set(e, HUB_EAUTH, "certificate %d was not "
				       "issued by one who may", i + 1);
	}
	return 0;
}

int cert_chain_check(const struct cert_chain *c, const uint8_t hub[32],
		     const uint8_t identity[32], struct err *e)
{
	uint8_t b[CERT_SIZE];
	int i, rc = cert_chain_links(c, hub, identity, e);

	for (i = 0; !rc && i < c->n; i++) {
		cert_encode(b, &c->at[i]);
		rc = sign_check(c->at[i].issuer, CERT_CONTEXT, b, CERT_SIGNED,
				c->at[i].sig);
		if (rc == HUB_EAUTH)
			err_set(e, rc, "the signature of certificate %d is "
				"wrong", i + 1);
		else if (rc)
			err_nomem(e);
	}
	return rc;
}
