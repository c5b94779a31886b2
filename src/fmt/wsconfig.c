/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wsconfig.c - the configuration file of a workspace. */
#include "fmt/wsconfig.h"

#include <string.h>

#include "base/hex.h"
#include "base/rd.h"

/*
 * A value between double quotes.  Canonical: \\n and \\t for newline and tab,
 * a backslash before '"' and '\\', every other byte as it is; no NUL.
 */
static int unquote(struct span v, struct buf *ret)
{
	size_t i;

	if (v.n < 3 || v.p[0] != '"' || v.p[v.n - 1] != '"')
		return HUB_ECORRUPT;
	for (i = 1; i < v.n - 1; i++) {
		char c = (char)v.p[i];

		if (c == '\\') {
			if (++i == v.n - 1)
				return HUB_ECORRUPT;
			c = (char)v.p[i];
			if (c == 'n')
				c = '\n';
			else if (c == 't')
				c = '\t';
			else if (c != '\\' && c != '"')
				return HUB_ECORRUPT;
		} else if (c == '"' || c == '\t' || !c) {
			return HUB_ECORRUPT;
		}
		buf_addch(ret, c);
	}
	return ret->n > WSCONFIG_URL_MAX ? HUB_ECORRUPT : buf_error(ret);
}

static void add_quoted(struct buf *b, const char *s, size_t n)
{
	size_t i;

	buf_addch(b, '"');
	for (i = 0; i < n; i++) {
		if (s[i] == '\n')
			buf_addstr(b, "\\n");
		else if (s[i] == '\t')
			buf_addstr(b, "\\t");
		else {
			if (s[i] == '"' || s[i] == '\\')
				buf_addch(b, '\\');
			buf_addch(b, s[i]);
		}
	}
	buf_addch(b, '"');
}

/* The value of the line "\t<key> = <value>". */
static int value(struct rd *r, const char *key, struct span *ret)
{
	struct span line = rd_line(r);
	size_t k = strlen(key);

	if (r->failed || line.n < k + 4 || line.p[0] != '\t' ||
	    memcmp(line.p + 1, key, k) || memcmp(line.p + 1 + k, " = ", 3))
		return HUB_ECORRUPT;
	ret->p = line.p + k + 4;
	ret->n = line.n - k - 4;
	return 0;
}

static int copy_text(char *out, size_t size, struct span v)
{
	if (v.n >= size || memchr(v.p, 0, v.n))
		return HUB_ECORRUPT;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return 0;
}

static int parse(struct wsconfig *c, const void *p, size_t n)
{
	struct rd r;
	struct span v;

	rd_init(&r, p, n);
	v = rd_line(&r);
	if (r.failed || v.n != 9 || memcmp(v.p, "[vibehub]", 9))
		return HUB_ECORRUPT;
	if (value(&r, "version", &v))
		return HUB_ECORRUPT;
	if (v.n != 1 || v.p[0] != '1')
		return HUB_EVERSION;
	if (value(&r, "hubid", &v) || hex_decode(c->hub, 32, (const char *)v.p,
						 v.n))
		return HUB_ECORRUPT;
	if (value(&r, "hub", &v) || unquote(v, &c->url))
		return HUB_ECORRUPT;
	if (value(&r, "device", &v) || copy_text(c->device, sizeof(c->device), v)
	    || !presence_uuid_ok(c->device))
		return HUB_ECORRUPT;
	if (value(&r, "name", &v) || copy_text(c->name, sizeof(c->name), v) ||
	    !presence_name_ok(c->name))
		return HUB_ECORRUPT;
	return rd_end(&r);
}

int wsconfig_decode(struct wsconfig *ret, const void *p, size_t n,
		    struct err *e)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->url);
	rc = n > WSCONFIG_MAX ? HUB_ECORRUPT : parse(ret, p, n);
	if (rc == HUB_ENOMEM)
		err_nomem(e);
	else if (rc == HUB_EVERSION)
		err_set(e, rc, "this workspace was made by a newer hub");
	else if (rc < 0)
		err_set(e, rc, "this is no workspace configuration of hub's");
	if (rc < 0)
		wsconfig_release(ret);
	return rc;
}

void wsconfig_encode(struct buf *out, const struct wsconfig *c)
{
	buf_addstr(out, "[vibehub]\n\tversion = 1\n\thubid = ");
	hex_add(out, c->hub, 32);
	buf_addstr(out, "\n\thub = ");
	add_quoted(out, c->url.p, c->url.n);
	buf_addf(out, "\n\tdevice = %s\n\tname = %s\n", c->device, c->name);
}

void wsconfig_release(struct wsconfig *c)
{
	buf_release(&c->url);
}
