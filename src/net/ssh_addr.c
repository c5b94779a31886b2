/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh_addr.c - addresses: "ssh://[user@]host[:port]/path", "sftp://...",
 * "[user@]host:path".  Pure.
 *
 * What comes to stand on a command line may not look like an option, whoever
 * wrote it (CVE-2017-1000117): no host and no user begins with '-'.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "net/ssh.h"
#include "base/banned.h"

static int scheme_of(const char *s, const char **rest)
{
	if (!strncmp(s, "ssh://", 6)) {
		*rest = s + 6;
		return SSH_HUB;
	}
	if (!strncmp(s, "sftp://", 7)) {
		*rest = s + 7;
		return SSH_SFTP;
	}
	return -1;
}

int ssh_addr_is(const char *s)
{
	const char *rest, *colon = strchr(s, ':'), *slash = strchr(s, '/');

	if (scheme_of(s, &rest) >= 0)
		return 1;
	if (!colon || (slash && slash < colon) || colon == s ||
	    !strncmp(colon, "://", 3))
		return 0;
	/* One letter before a root is a drive. */
	return colon - s > 1 || (colon[1] != '/' && colon[1] != '\\');
}

static int plain(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return 0;
	return 1;
}

/* Of a user or a host: nothing that a shell, ssh or we take for more. */
static int name_ok(const char *s, size_t n, int host)
{
	size_t i;

	if (!n || *s == '-' || n > 255)
		return 0;
	for (i = 0; i < n; i++)
		if (strchr(" \t\"'\\`$;&|<>()*?#!{}@/,", s[i]) ||
		    (unsigned char)s[i] <= 0x20 || s[i] == 0x7f ||
		    (host && strchr("%[]", s[i])))
			return 0;
	return 1;
}

static int take(char *to, const char *s, size_t n, int host)
{
	if (!name_ok(s, n, host))
		return -1;
	memcpy(to, s, n);
	to[n] = 0;
	return 0;
}

static int port_of(const char *s, size_t n, unsigned *ret)
{
	uint64_t v;

	if (hex_dec_u64(s, n, &v) < 0 || !v || v > 65535)
		return -1;
	*ret = (unsigned)v;
	return 0;
}

/* "[user@]host" or "[user@][v6]", and what stands behind it. */
static int authority(const char *s, size_t n, struct ssh_addr *a,
		     const char **rest, struct err *e)
{
	const char *at = memchr(s, '@', n), *end = s + n, *close;

	if (at) {
		if (take(a->user, s, (size_t)(at - s), 0) < 0)
			return err_set(e, HUB_EUSAGE, "no user name: '%.*s'",
				       (int)(at - s), s);
		s = at + 1;
	}
	if (s < end && *s == '[') {
		close = memchr(s, ']', (size_t)(end - s));
		*rest = close ? close + 1 : end;
		if (!close || take(a->host, s + 1, (size_t)(close - s - 1), 1))
			return err_set(e, HUB_EUSAGE, "no host name: '%.*s'",
				       (int)(end - s), s);
		return 0;
	}
	close = memchr(s, ':', (size_t)(end - s));
	*rest = close ? close : end;
	if (take(a->host, s, (size_t)(*rest - s), 1) < 0)
		return err_set(e, HUB_EUSAGE, "no host name: '%.*s'",
			       (int)(*rest - s), s);
	return 0;
}

static int path_of(const char *p, struct ssh_addr *a, struct err *e)
{
	size_t n = strlen(p);

	while (n > 1 && p[n - 1] == '/')
		n--;
	if (!n || n >= sizeof(a->path) || !plain(p, n))
		return err_set(e, HUB_EUSAGE, "an address needs a path of at "
			       "most %d bytes without control characters",
			       SSH_ADDR_MAX - 1);
	memcpy(a->path, p, n);
	a->path[n] = 0;
	if (a->path[0] == '~' && a->path[1] && a->path[1] != '/')
		return err_set(e, HUB_EUSAGE, "'%s': of homes only one's own, "
			       "'~/', can be named", a->path);
	if (!strcmp(a->path, "~"))
		return err_set(e, HUB_EUSAGE, "a whole home folder is no place: "
			       "name a folder in it");
	return 0;
}

static int of_url(const char *s, struct ssh_addr *a, struct err *e)
{
	size_t n = strcspn(s, "/");
	const char *rest;
	int rc = authority(s, n, a, &rest, e);

	if (rc < 0)
		return rc;
	if (rest < s + n && (*rest != ':' || port_of(rest + 1,
			(size_t)(s + n - rest - 1), &a->port) < 0))
		return err_set(e, HUB_EUSAGE, "no port number: '%.*s'",
			       (int)(s + n - rest), rest);
	s += n;
	/* As git: "/~/x" is below the home folder. */
	return path_of(s[0] == '/' && s[1] == '~' ? s + 1 : s, a, e);
}

/* "host:path": below the home folder unless absolute. */
static int of_short(const char *s, struct ssh_addr *a, struct err *e)
{
	const char *close = strchr(s, ']'), *rest, *colon;
	char path[SSH_ADDR_MAX];
	int rc;

	colon = strchr(strchr(s, '[') && close ? close : s, ':');
	if (!colon)
		return err_set(e, HUB_EUSAGE, "no address: '%s'", s);
	rc = authority(s, (size_t)(colon - s), a, &rest, e);
	if (rc < 0)
		return rc;
	if (rest != colon || strlen(colon) + 2 >= sizeof(path))
		return err_set(e, HUB_EUSAGE, "no address: '%.200s'", s);
	snprintf(path, sizeof(path), "%s%s", colon[1] == '/' ||
		 colon[1] == '~' || !colon[1] ? "" : "~/", colon + 1);
	return path_of(path, a, e);
}

int ssh_addr_parse(const char *s, struct ssh_addr *ret, struct err *e)
{
	struct ssh_addr a = { 0 };
	const char *rest = s;
	int scheme = scheme_of(s, &rest), rc;

	a.scheme = scheme == SSH_SFTP ? SSH_SFTP : SSH_HUB;
	rc = scheme < 0 ? of_short(s, &a, e) : of_url(rest, &a, e);
	if (rc == 0)
		*ret = a;
	return rc;
}

void ssh_addr_show(const struct ssh_addr *a, struct buf *ret)
{
	int v6 = strchr(a->host, ':') != NULL;

	buf_addstr(ret, a->scheme == SSH_SFTP ? "sftp://" : "ssh://");
	if (a->user[0])
		buf_addf(ret, "%s@", a->user);
	buf_addf(ret, "%s%s%s", v6 ? "[" : "", a->host, v6 ? "]" : "");
	if (a->port)
		buf_addf(ret, ":%u", a->port);
	buf_addf(ret, "%s%s", a->path[0] == '/' ? "" : "/", a->path);
}
