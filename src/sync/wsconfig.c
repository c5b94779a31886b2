/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wsconfig.c - the configuration file of a workspace. */
#include "sync/wsconfig.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/rd.h"
#include "os/os_file.h"

/* A value between double quotes with \\ \" \n \t, as git writes them. */
static int unquote(struct span v, struct buf *ret)
{
	size_t i;

	if (v.n < 2 || v.p[0] != '"' || v.p[v.n - 1] != '"')
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
		} else if (c == '"') {
			return HUB_ECORRUPT;
		}
		buf_addch(ret, c);
	}
	return buf_error(ret);
}

static void add_quoted(struct buf *b, const char *s)
{
	buf_addch(b, '"');
	for (; *s; s++) {
		if (*s == '\n')
			buf_addstr(b, "\\n");
		else if (*s == '\t')
			buf_addstr(b, "\\t");
		else {
			if (*s == '"' || *s == '\\')
				buf_addch(b, '\\');
			buf_addch(b, *s);
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
	if (v.n >= size)
		return HUB_ECORRUPT;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return 0;
}

static int parse(struct wsconfig *c, const struct buf *text)
{
	struct rd r;
	struct span v;

	rd_init(&r, text->p, text->n);
	v = rd_line(&r);
	if (r.failed || v.n != 9 || memcmp(v.p, "[vibehub]", 9))
		return HUB_ECORRUPT;
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

int wsconfig_read(const char *vdir, struct wsconfig *ret, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->url);
	buf_addf(&path, "%sconfig", vdir);
	rc = buf_error(&path) ? err_nomem(e) :
		os_read_file(path.p, WSCONFIG_MAX, &text, e);
	if (!rc) {
		rc = parse(ret, &text);
		if (rc < 0)
			err_set(e, rc, "'%s' is damaged: run `hub clone` on this "
				"folder again to write it anew", path.p);
	}
	if (rc < 0)
		wsconfig_release(ret);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int wsconfig_write(const char *vdir, const struct wsconfig *c, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	buf_addstr(&text, "[vibehub]\n\thubid = ");
	hex_add(&text, c->hub, 32);
	buf_addstr(&text, "\n\thub = ");
	add_quoted(&text, c->url.p);
	buf_addf(&text, "\n\tdevice = %s\n\tname = %s\n", c->device, c->name);
	buf_addf(&path, "%sconfig", vdir);
	rc = buf_error(&text) || buf_error(&path) ? err_nomem(e) :
		os_replace(path.p, text.p, text.n, 0, e);
	buf_release(&path);
	buf_release(&text);
	return rc;
}

void wsconfig_release(struct wsconfig *c)
{
	buf_release(&c->url);
}
