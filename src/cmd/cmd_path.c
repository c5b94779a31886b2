/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_path.c - from what a user writes to paths in the workspace. */
#include "cmd/cmd_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/tm.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "sync/far.h"

/* Put ${path} behind the folder in ${ret} ("" or "a/b"), by its text.
 * HUB_EUSAGE if ".." leads above. */
static int join(struct buf *ret, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && !memcmp(path, "..", 2)) {
			if (!ret->n)
				return HUB_EUSAGE;
			while (ret->n && ret->p[ret->n - 1] != '/')
				buf_setlen(ret, ret->n - 1);
			if (ret->n)
				buf_setlen(ret, ret->n - 1);
		} else if (n && !(n == 1 && *path == '.')) {
			if (ret->n)
				buf_addch(ret, '/');
			buf_add(ret, path, n);
		}
		path += n;
		path += *path == '/';
	}
	return 0;
}

/* Make ${p}, an absolute path, relative to the workspace's root. */
static int below(const struct workspace *ws, struct buf *p)
{
	const struct buf *root = &ws->root;	/* ends with '/' */
	struct buf rest = BUF_INIT;

	buf_addch(p, '/');
	if (buf_error(p) || p->n < root->n || memcmp(p->p, root->p, root->n))
		return HUB_EUSAGE;
	if (p->n > root->n)
		buf_add(&rest, p->p + root->n, p->n - root->n - 1);
	buf_reset(p);
	buf_add(p, rest.p, rest.n);
	p->failed |= rest.failed;
	buf_release(&rest);
	return 0;
}

/* An absolute path: the folder is the system's business, the last name ours. */
static int absolute(const struct workspace *ws, const char *arg,
		    struct buf *ret, struct err *e)
{
	size_t end = strlen(arg), at;
	struct buf dir = BUF_INIT;
	int rc = HUB_EUSAGE;

	while (end > 1 && arg[end - 1] == '/')
		end--;
	for (at = end; at && arg[at - 1] != '/'; )
		at--;
	buf_add(&dir, arg, at);
	if (buf_error(&dir)) {
		rc = err_nomem(e);
	} else if (end - at > 2 || memcmp("..", arg + at, end - at)) {
		rc = os_abspath(dir.p, ret, e);
		if (ret->n && ret->p[ret->n - 1] != '/')
			buf_addch(ret, '/');
		buf_add(ret, arg + at, end - at);
		if (!rc)
			rc = below(ws, ret);
	}
	if (rc == HUB_EUSAGE) {		/* "/x/..", or a link to a workspace */
		buf_reset(ret);
		rc = os_abspath(arg, ret, e);
		if (!rc)
			rc = below(ws, ret);
	}
	buf_release(&dir);
	return rc;
}

static int relative(const struct workspace *ws, const char *arg,
		    struct buf *ret, struct err *e)
{
	int rc = os_abspath(cmd_dir ? cmd_dir : ".", ret, e);

	if (!rc)
		rc = below(ws, ret);
	return rc < 0 ? rc : join(ret, arg);
}

int cmd_path(const struct workspace *ws, const char *arg, struct buf *ret,
	     struct err *e)
{
	int rc;

	buf_reset(ret);
	if (!*arg)
		return err_set(e, HUB_EUSAGE, "an empty path: '.' is this "
			       "folder");
	rc = *arg == '/' ? absolute(ws, arg, ret, e) :
		relative(ws, arg, ret, e);
	if (rc == HUB_EUSAGE)
		return err_set(e, rc, "'%s' is outside of the workspace '%s'",
			       arg, ws->root.p);
	if (rc < 0)
		return rc;
	return buf_error(ret) ? err_nomem(e) : 0;
}

int cmd_paths(const struct workspace *ws, int argc, char **argv,
	      struct cmd_paths *ret, int *code)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int i, rc = 0;

	ret->n = 0;
	ret->v = calloc((size_t)argc + 1, sizeof(*ret->v));
	if (!ret->v)
		rc = err_nomem(&e);
	for (i = 0; !rc && i < argc; i++) {
		rc = cmd_path(ws, argv[i], &b, &e);
		if (rc < 0)
			break;
		ret->v[i] = buf_detach(&b, NULL);
		if (!ret->v[i])
			rc = err_nomem(&e);
		else
			ret->n++;
	}
	buf_release(&b);
	if (rc < 0) {
		cmd_paths_free(ret);
		*code = cmd_fail(rc, &e);
	}
	return rc;
}

void cmd_paths_free(struct cmd_paths *p)
{
	while (p->n)
		free(p->v[--p->n]);
	free(p->v);
	p->v = NULL;
}

int cmd_file(const char *arg, struct buf *ret, struct err *e)
{
	buf_reset(ret);
	if (cmd_dir && *arg != '/')
		buf_addf(ret, "%s/", cmd_dir);
	buf_addstr(ret, arg);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int cmd_hub(const char *arg, struct buf *ret, struct err *e)
{
	int rc;

	buf_reset(ret);
	if (far_is(arg)) {
		buf_addstr(ret, arg);
		return buf_error(ret) ? err_nomem(e) : 0;
	}
	rc = hub_url_path(arg, ret, e);
	if (rc < 0 || strncmp(arg, "file://", 7))
		return rc < 0 ? rc : cmd_file(arg, ret, e);
	buf_reset(ret);
	buf_addstr(ret, arg);
	return buf_error(ret) ? err_nomem(e) : 0;
}

int cmd_hub_path(const char *arg, struct buf *ret, struct err *e)
{
	struct buf url = BUF_INIT;
	int rc = cmd_hub(arg, &url, e);

	if (!rc)
		rc = hub_url_path(url.p, ret, e);
	buf_release(&url);
	return rc;
}

void cmd_time(struct buf *b, int64_t t)
{
	int off = os_utc_offset(t), min = (off < 0 ? -off : off) / 60;
	struct buf s = BUF_INIT;

	tm_iso(&s, t + off);		/* "2026-11-21T08:32:07Z" */
	if (s.n == 20)
		buf_addf(b, "%.10s %.8s %c%02d%02d", s.p, s.p + 11,
			 off < 0 ? '-' : '+', min / 60, min % 60);
	buf_release(&s);
}
