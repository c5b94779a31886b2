/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os_names.c - names of files and of variables, by rules that hold everywhere. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/hex.h"
#include "os/os.h"
#include "os/os_common.h"
#include "base/banned.h"

/* A '*' at the end stands for anything. */
static const char *const redirecting[] = {
	"GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR",
	"GIT_INDEX_FILE", "GIT_INDEX_VERSION", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH",
	"GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_NAMESPACE", "GIT_PREFIX",
	"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
	"GIT_ATTR_SOURCE", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS",
	"GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_*", "GIT_CONFIG_VALUE_*",
	"GIT_INTERNAL_*", "GIT_TEMPLATE_DIR", "GIT_DEFAULT_HASH",
	"GIT_DEFAULT_REF_FORMAT", "GIT_REFLOG_ACTION", "GIT_EXTERNAL_DIFF",
	"GIT_DIFF_OPTS", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
	"GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
};

int os_env_redirects(const char *name, size_t n)
{
	size_t i, k;

	for (i = 0; i < sizeof(redirecting) / sizeof(redirecting[0]); i++) {
		const char *r = redirecting[i];

		k = strlen(r);
		if (r[k - 1] == '*' ? n >= k - 1 && !memcmp(name, r, k - 1)
				    : n == k && !memcmp(name, r, k))
			return 1;
	}
	return 0;
}

int os_name_ok(const char *name)
{
	if (name[0] && !strchr(name, '/') && strcmp(name, ".") &&
	    strcmp(name, ".."))
		return 1;
	errno = EINVAL;
	return 0;
}

size_t os_parent(const char *path, struct buf *ret)
{
	size_t n = strlen(path), name;

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	name = n;
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n)
		buf_add(ret, path, n);
	else
		buf_addch(ret, '.');
	return name;
}

int os_abspath(const char *path, struct buf *ret, struct err *e)
{
	size_t n = strlen(path), cut = n;
	struct buf head = BUF_INIT;
	struct buf real = BUF_INIT;
	int rc = 0;

	if (!n) {
		errno = ENOENT;
		return err_os(e, "resolve", path);
	}
	for (;;) {
		buf_reset(&head);
		buf_add(&head, path, cut);
		if (!cut)
			buf_addstr(&head, ".");
		if (buf_error(&head)) {
			rc = err_nomem(e);
			goto out;
		}
		if (!os_realpath(head.p, &real))
			break;
		if (!cut || (errno != ENOENT && errno != ENOTDIR)) {
			rc = err_os(e, "resolve", path);
			goto out;
		}
		/* One component less, with the slashes before it. */
		while (cut && path[cut - 1] == '/')
			cut--;
		while (cut && path[cut - 1] != '/')
			cut--;
	}
	buf_add(ret, real.p, real.n);
	while (path[cut] == '/')
		cut++;
	if (cut < n) {
		if (ret->n && ret->p[ret->n - 1] != '/')
			buf_addch(ret, '/');
		buf_add(ret, path + cut, n - cut);
	}
	rc = buf_error(ret) || buf_error(&real) ? err_nomem(e) : 0;
out:
	buf_release(&real);
	buf_release(&head);
	return rc;
}

/* "<seconds>[.<fraction>]" in nanoseconds; nonsense counts as not set. */
int os_clock_env(int64_t *ret_ns)
{
	const char *s = os_env("VIBEHUB_NOW");
	size_t n = s ? strcspn(s, ".") : 0, i;
	uint64_t sec, frac = 0;

	if (!s || hex_dec_u64(s, n, &sec) < 0 || sec > INT64_MAX / 1000000000 - 1)
		return 0;
	for (i = 0; i < 9; i++) {
		frac *= 10;
		if (s[n] && s[n + 1] >= '0' && s[n + 1] <= '9')
			frac += (uint64_t)(s[++n] - '0');
	}
	*ret_ns = (int64_t)(sec * 1000000000 + frac);
	return 1;
}

unsigned os_cpus_env(unsigned n)
{
	const char *s = os_env("VIBEHUB_THREADS");
	uint64_t want;

	if (s && !hex_dec_u64(s, strlen(s), &want) && want > 0 && want < n)
		return (unsigned)want;
	return n;
}
