/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grantfile.c - encode and decode a grant, hubformat-grant(5). */
#include "fmt/grantfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/path.h"
#include "fmt/text.h"

#define NAME "vibehub-grant"
#define VERSION 1
#define NONE "none"

static const char *const kinds[] = {
	[GRANTFILE_DEVICE] = "device", [GRANTFILE_INVITE] = "invite",
};

int grantfile_path_ok(const char *path)
{
	size_t i, n = strlen(path);

	for (i = 0; i < n; i++)
		if ((uint8_t)path[i] < 0x20 || path[i] == 0x7f)
			return 0;
	return n && n <= GRANTFILE_PATH_MAX && path_ok(path, n);
}

enum cert_role grantfile_role(const char *name)
{
	int r;

	for (r = CERT_OWNER; r <= CERT_VIEWER; r++)
		if (!strcmp(cert_role_name((enum cert_role)r), name))
			return (enum cert_role)r;
	return 0;
}

static int role_ok(const char *s)
{
	return grantfile_role(s) != 0;
}

static int kind_ok(const char *s)
{
	return !strcmp(s, kinds[0]) || !strcmp(s, kinds[1]);
}

static int from_ok(const char *s)
{
	return !strcmp(s, NONE) || presence_uuid_ok(s);
}

void grantfile_release(struct grantfile *g)
{
	size_t i;

	for (i = 0; i < g->paths_n; i++)
		free(g->paths[i]);
	memset(g, 0, sizeof(*g));
}

/* What cannot be said line by line: an invitation ends, a device does not; what
 * was invited was not itself redeemed. */
static int fits(const struct grantfile *g)
{
	if (g->chain.n < 1 || g->chain.n > CERT_CHAIN_MAX)
		return 0;
	return g->kind == GRANTFILE_INVITE ? g->until > 0 && !g->from[0] :
		!g->until;
}

/* ---- encode ---- */

static void check(const struct grantfile *g)
{
	size_t i;

	if (!presence_uuid_ok(g->id) || !presence_name_ok(g->name) ||
	    (g->from[0] && !presence_uuid_ok(g->from)) || !fits(g) ||
	    g->paths_n > GRANTFILE_PATHS_MAX)
		BUG("a grant that cannot be");
	for (i = 0; i < g->paths_n; i++)
		if (!grantfile_path_ok(g->paths[i]) ||
		    (i && strcmp(g->paths[i - 1], g->paths[i]) >= 0))
			BUG("paths of a grant not in order");
}

int grantfile_encode(struct buf *out, const struct grantfile *g)
{
	size_t i;

	check(g);
	buf_addf(out, NAME " %d\n", VERSION);
	text_add_hex(out, "hub", g->hub, 32);
	buf_addf(out, "id %s\nkind %s\nname %s\nrole %s\n", g->id,
		 kinds[g->kind], g->name, cert_role_name(g->role));
	for (i = 0; i < g->paths_n; i++)
		buf_addf(out, "path %s\n", g->paths[i]);
	text_add_hex(out, "ssh", g->ssh, 32);
	buf_addf(out, "from %s\n", g->from[0] ? g->from : NONE);
	text_add_time(out, "time", g->time);
	text_add_time(out, "until", g->until);
	text_add_chain(out, &g->chain);
	return buf_error(out) ? HUB_ENOMEM : 0;
}

void grantfile_encode_sig(struct buf *out, const uint8_t sig[64])
{
	text_add_hex(out, "sig", sig, 64);
}

/* ---- decode ---- */

static int decode_who(struct text *t, struct grantfile *g, struct err *e)
{
	char word[16];
	int rc = text_hex(t, "hub", g->hub, 32, e);

	if (!rc)
		rc = text_string(t, "id", g->id, sizeof(g->id),
				 presence_uuid_ok, e);
	if (!rc)
		rc = text_string(t, "kind", word, sizeof(word), kind_ok, e);
	if (!rc)
		g->kind = strcmp(word, kinds[GRANTFILE_INVITE]) ?
			GRANTFILE_DEVICE : GRANTFILE_INVITE;
	if (!rc)
		rc = text_string(t, "name", g->name, sizeof(g->name),
				 presence_name_ok, e);
	if (!rc)
		rc = text_string(t, "role", word, sizeof(word), role_ok, e);
	if (!rc)
		g->role = grantfile_role(word);
	return rc;
}

static int decode_paths(struct text *t, struct grantfile *g, struct err *e)
{
	char path[GRANTFILE_PATH_MAX + 1];
	int rc = 0;

	while (!rc && text_is(t, "path")) {
		rc = text_string(t, "path", path, sizeof(path),
				 grantfile_path_ok, e);
		if (!rc && (g->paths_n == GRANTFILE_PATHS_MAX || (g->paths_n &&
		    strcmp(g->paths[g->paths_n - 1], path) >= 0)))
			rc = text_bad(t, "path", e);
		if (rc)
			break;
		g->paths[g->paths_n] = strdup(path);
		if (!g->paths[g->paths_n])
			return err_nomem(e);
		g->paths_n++;
	}
	return rc;
}

static int decode(struct text *t, struct grantfile *g, struct err *e)
{
	int rc = decode_who(t, g, e);

	if (!rc)
		rc = decode_paths(t, g, e);
	if (!rc)
		rc = text_hex(t, "ssh", g->ssh, 32, e);
	if (!rc)
		rc = text_string(t, "from", g->from, sizeof(g->from), from_ok,
				 e);
	if (!rc && !strcmp(g->from, NONE))
		memset(g->from, 0, sizeof(g->from));
	if (!rc)
		rc = text_time(t, "time", &g->time, e);
	if (!rc)
		rc = text_time(t, "until", &g->until, e);
	if (!rc)
		rc = text_chain(t, &g->chain, e);
	if (!rc && !fits(g))
		rc = text_bad(t, "until", e);
	g->signed_n = text_offset(t);
	if (!rc)
		rc = text_hex(t, "sig", g->sig, 64, e);
	return rc ? rc : text_close(t, e);
}

int grantfile_decode(struct grantfile *ret, const void *p, size_t n,
		     struct err *e)
{
	struct text t;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = text_open(&t, NAME, VERSION, GRANTFILE_MAX, p, n, e);
	if (!rc)
		rc = decode(&t, ret, e);
	if (rc)
		grantfile_release(ret);
	return rc;
}

int grantfile_covers(const struct grantfile *g, const char *path, size_t n)
{
	size_t i, k;

	for (i = 0; i < g->paths_n; i++) {
		k = strlen(g->paths[i]);
		if (n >= k && !memcmp(path, g->paths[i], k) &&
		    (n == k || path[k] == '/'))
			return 1;
	}
	return !g->paths_n;
}
