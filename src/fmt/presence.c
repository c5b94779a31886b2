/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * presence.c - encode and decode presence files, hubformat-presence(5).
 *
 * What is encoded decodes.  Refs, clocks and names come from outside and may be
 * anything: what no reader would accept of those is left out or put right.
 * The rest is the caller's doing, and so a bug.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "fmt/presence.h"
#include "fmt/text.h"

#define NAME "vibehub-presence"
#define VERSION 1
/* The shortest "tip" line has the name "refs/x". */
#define TIP_LINE_MIN (4 + OID_HEX + 1 + 6 + 1)

static const char *const states[] = {
	[PRESENCE_OK] = "ok", [PRESENCE_BEHIND] = "behind",
	[PRESENCE_CONFLICT] = "conflict", [PRESENCE_PARKED] = "parked",
	[PRESENCE_ERROR] = "error",
};
#define STATES (sizeof(states) / sizeof(*states))

const char *presence_state_name(enum presence_state s)
{
	if ((unsigned)s >= STATES)
		BUG("no such presence state: %d", (int)s);
	return states[s];
}

/* ---- syntax ---- */

static int is_alnum(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static int is_name_char(unsigned char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

int presence_name_ok(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++)
		if (i == PRESENCE_NAME_MAX || !is_name_char((unsigned char)s[i]))
			return 0;
	return i > 0;
}

int presence_uuid_ok(const char *s)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; shape[i]; i++) {
		int hex = (s[i] >= '0' && s[i] <= '9') ||
			  (s[i] >= 'a' && s[i] <= 'f');

		if (shape[i] == '-' ? s[i] != '-' : !hex)
			return 0;	/* the end of s, too */
	}
	return s[i] == 0;
}

void presence_name_from(char out[PRESENCE_NAME_MAX + 1], const char *s)
{
	size_t n = 0;
	int any = 0;

	if (presence_name_ok(s)) {
		memcpy(out, s, strlen(s) + 1);
		return;
	}
	for (; *s && n < PRESENCE_NAME_MAX; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c & 0xc0) == 0x80)		/* inside a UTF-8 character */
			continue;
		any |= is_alnum(c);
		out[n++] = is_name_char(c) ? (char)c : '-';
	}
	out[n] = 0;
	if (!any)
		memcpy(out, "computer", 9);
}

/* One component of a ref name, as git-check-ref-format(1) has it. */
static int ref_component_ok(const char *s, size_t n)
{
	size_t i;

	if (n == 0 || s[0] == '.')
		return 0;
	if (n >= 5 && !memcmp(s + n - 5, ".lock", 5))
		return 0;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c <= ' ' || c == 0x7f || strchr("~^:?*[\\", c))
			return 0;
		if (i && c == '.' && s[i - 1] == '.')
			return 0;
		if (i && c == '{' && s[i - 1] == '@')
			return 0;
	}
	return 1;
}

int presence_ref_ok(const char *s)
{
	size_t n = strlen(s), at = 5, end;

	if (n > PRESENCE_REF_MAX || strncmp(s, "refs/", 5) || s[n - 1] == '.')
		return 0;
	for (; at <= n; at = end + 1) {
		const char *slash = strchr(s + at, '/');

		end = slash ? (size_t)(slash - s) : n;
		if (!ref_component_ok(s + at, end - at))
			return 0;
	}
	return 1;
}

/* ---- encode ---- */

static void check(const struct presence *p)
{
	size_t i;

	if (!presence_uuid_ok(p->device))
		BUG("presence of a device '%s'", p->device);
	if (p->tips_n > PRESENCE_TIPS_MAX)
		BUG("presence with %zu tips", p->tips_n);
	for (i = 1; i < p->tips_n; i++)
		if (strcmp(p->tips[i - 1].ref, p->tips[i].ref) >= 0)
			BUG("tips not in order: '%s'", p->tips[i].ref);
}

void presence_encode(struct buf *out, const struct presence *p)
{
	char name[PRESENCE_NAME_MAX + 1];
	size_t i;

	check(p);
	presence_name_from(name, p->name);
	buf_addf(out, NAME " %d\n", VERSION);
	text_add_hex(out, "hub", p->hub, sizeof(p->hub));
	buf_addf(out, "device %s\n", p->device);
	text_add_hex(out, "key", p->key, sizeof(p->key));
	buf_addf(out, "name %s\n", name);
	text_add_time(out, "seen", p->seen);
	text_add_hex(out, "nonce", p->nonce, sizeof(p->nonce));
	text_add_hex(out, "token", p->token, sizeof(p->token));
	buf_addf(out, "state %s\n", presence_state_name(p->state));
	buf_addf(out, "pending %llu\n", (unsigned long long)p->pending);
	for (i = 0; i < p->tips_n; i++)
		if (presence_ref_ok(p->tips[i].ref) &&
		    !oid_is_zero(&p->tips[i].oid))
			buf_addf(out, "tip %s %s\n", oid_hex(&p->tips[i].oid),
				 p->tips[i].ref);
}

void presence_encode_sig(struct buf *out, const uint8_t sig[64])
{
	text_add_hex(out, "sig", sig, 64);
}

/* ---- decode ---- */

static int read_state(struct text *t, enum presence_state *ret, struct err *e)
{
	struct span v = { NULL, 0 };
	size_t i;
	int rc = text_value(t, "state", &v, e);

	if (rc < 0)
		return rc;
	for (i = 0; i < STATES; i++) {
		if (v.n == strlen(states[i]) && !memcmp(v.p, states[i], v.n)) {
			*ret = (enum presence_state)i;
			return 0;
		}
	}
	return text_bad(t, "state", e);
}

static int read_tip(struct text *t, struct presence_tip *ret, struct err *e)
{
	struct span v = { NULL, 0 };
	int rc = text_value(t, "tip", &v, e);
	size_t n;

	if (rc < 0)
		return rc;
	if (v.n <= OID_HEX + 1 || v.p[OID_HEX] != ' ' ||
	    v.n - OID_HEX - 1 > PRESENCE_REF_MAX ||
	    oid_parse(&ret->oid, (const char *)v.p, OID_HEX) < 0 ||
	    oid_is_zero(&ret->oid))
		return text_bad(t, "tip", e);
	n = v.n - OID_HEX - 1;
	memcpy(ret->ref, v.p + OID_HEX + 1, n);
	ret->ref[n] = 0;
	if (strlen(ret->ref) != n || !presence_ref_ok(ret->ref))
		return text_bad(t, "tip", e);
	return 0;
}

static int read_tips(struct text *t, struct presence *ret, struct err *e)
{
	size_t max = t->r.n / TIP_LINE_MIN;
	int rc = 0;

	if (!text_is(t, "tip"))
		return 0;
	if (max > PRESENCE_TIPS_MAX)
		max = PRESENCE_TIPS_MAX;
	ret->tips = calloc(max ? max : 1, sizeof(*ret->tips));
	if (!ret->tips)
		return err_nomem(e);
	while (rc == 0 && ret->tips_n < max && text_is(t, "tip")) {
		struct presence_tip *tip = &ret->tips[ret->tips_n];

		rc = read_tip(t, tip, e);
		if (rc == 0 && ret->tips_n &&
		    strcmp(tip[-1].ref, tip->ref) >= 0)
			rc = text_bad(t, "tip", e);
		ret->tips_n++;
	}
	return rc;	/* one too many is no "sig" line */
}

static int read_all(struct text *t, struct presence *ret, struct err *e)
{
	int rc;

	rc = text_hex(t, "hub", ret->hub, sizeof(ret->hub), e);
	if (rc == 0)
		rc = text_string(t, "device", ret->device, sizeof(ret->device),
				 presence_uuid_ok, e);
	if (rc == 0)
		rc = text_hex(t, "key", ret->key, sizeof(ret->key), e);
	if (rc == 0)
		rc = text_string(t, "name", ret->name, sizeof(ret->name),
				 presence_name_ok, e);
	if (rc == 0)
		rc = text_time(t, "seen", &ret->seen, e);
	if (rc == 0)
		rc = text_hex(t, "nonce", ret->nonce, sizeof(ret->nonce), e);
	if (rc == 0)
		rc = text_hex(t, "token", ret->token, sizeof(ret->token), e);
	if (rc == 0)
		rc = read_state(t, &ret->state, e);
	if (rc == 0)
		rc = text_number(t, "pending", 0, UINT64_MAX, &ret->pending, e);
	if (rc == 0)
		rc = read_tips(t, ret, e);
	ret->signed_n = text_offset(t);
	if (rc == 0)
		rc = text_hex(t, "sig", ret->sig, sizeof(ret->sig), e);
	if (rc == 0)
		rc = text_close(t, e);
	return rc;
}

int presence_decode(struct presence *ret, const void *p, size_t n,
		    struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, PRESENCE_MAX, p, n, e);
	if (rc == 0)
		rc = read_all(&t, ret, e);
	if (rc < 0)
		presence_release(ret);
	return rc;
}

void presence_release(struct presence *p)
{
	free(p->tips);
	memset(p, 0, sizeof(*p));
}
