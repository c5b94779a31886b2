/* SPDX-License-Identifier: GPL-2.0-or-later */
/* invite.c - see invite.h. */
#include "fmt/invite.h"

#include <string.h>

#include "base/banned.h"
#include "base/base64.h"
#include "base/rd.h"
#include "crypt/hash.h"
#include "crypt/sign.h"

#define VERSION 1
#define FIXED 113
#define CHECK 4

int invite_is(const char *s)
{
	return !strncmp(s, INVITE_PREFIX, strlen(INVITE_PREFIX));
}

static int url_ok(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)s[i] <= 0x20 || s[i] == 0x7f)
			return 0;
	return n > 6 && n <= INVITE_URL_MAX && !memcmp(s, "ssh://", 6);
}

static void check(const void *p, size_t n, uint8_t ret[CHECK])
{
	uint8_t hash[HASH_SIZE];

	hash_once(hash, p, n);
	memcpy(ret, hash, CHECK);
}

void invite_encode(struct buf *out, const struct invite *v)
{
	struct buf raw = BUF_INIT;
	uint8_t sum[CHECK];

	if (!url_ok(v->url, strlen(v->url)))
		BUG("an invitation to nowhere");
	buf_addch(&raw, VERSION);
	buf_add(&raw, v->hub, 32);
	buf_add(&raw, v->id, 16);
	buf_add(&raw, v->seed, 32);
	buf_add(&raw, v->host_key, 32);
	buf_addstr(&raw, v->url);
	check(raw.p, raw.n, sum);
	buf_add(&raw, sum, CHECK);
	buf_addstr(out, INVITE_PREFIX);
	base64_add(out, BASE64_URL, raw.p, raw.n);
	if (buf_error(&raw))
		out->failed = 1;
	buf_wipe(&raw);
}

static int parse(struct invite *ret, const struct buf *raw)
{
	struct rd r;
	uint8_t sum[CHECK];
	size_t url = raw->n - FIXED - CHECK;

	check(raw->p, raw->n - CHECK, sum);
	if (memcmp(sum, raw->p + raw->n - CHECK, CHECK))
		return HUB_ECORRUPT;
	rd_init(&r, raw->p, raw->n);
	if (rd_u8(&r) != VERSION)
		return HUB_EVERSION;
	memcpy(ret->hub, rd_bytes(&r, 32).p, 32);
	memcpy(ret->id, rd_bytes(&r, 16).p, 16);
	memcpy(ret->seed, rd_bytes(&r, 32).p, 32);
	memcpy(ret->host_key, rd_bytes(&r, 32).p, 32);
	memcpy(ret->url, rd_bytes(&r, url).p, url);
	return url_ok(ret->url, url) ? 0 : HUB_ECORRUPT;
}

int invite_decode(struct invite *ret, const char *s, size_t n, struct err *e)
{
	size_t prefix = strlen(INVITE_PREFIX);
	struct buf raw = BUF_INIT;
	int rc = HUB_ECORRUPT;

	memset(ret, 0, sizeof(*ret));
	while (n && (s[n - 1] == '\n' || s[n - 1] == '\r' || s[n - 1] == ' '))
		n--;
	for (; n && *s == ' '; n--)
		s++;
	if (n > prefix && n <= INVITE_MAX && !memcmp(s, INVITE_PREFIX, prefix))
		rc = base64_decode(&raw, BASE64_URL, s + prefix, n - prefix);
	if (!rc)
		rc = raw.n > FIXED + CHECK && raw.n <= FIXED + INVITE_URL_MAX +
			CHECK ? parse(ret, &raw) : HUB_ECORRUPT;
	buf_wipe(&raw);
	if (rc)
		secret_wipe(ret, sizeof(*ret));
	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	if (rc == HUB_EVERSION)
		return err_set(e, rc, "this invitation is of a newer version: "
			       "update hub");
	return rc ? err_set(e, rc, "this is no whole invitation: copy the line "
			    "again, from '" INVITE_PREFIX "' to its end") : 0;
}
