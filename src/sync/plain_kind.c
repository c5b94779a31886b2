/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain_kind.c - is there a git repository, or a place?
 *
 * Another computer is asked for the hubs that its folder has sealed copies of: if
 * it has none it is git's to say what is there.  The connection is kept for what
 * follows.
 */
#include <string.h>

#include "base/hex.h"
#include "os/os_file.h"
#include "sync/plain_internal.h"
#include "sync/site.h"

#define GIT_THERE "git"		/* file in PLAIN_FOLDER: addresses, one a line */
#define GIT_THERE_MAX 65536

static int has(const char *path, const char *rest)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc;

	buf_addf(&p, "%s%s", path, rest);
	rc = buf_error(&p) ? HUB_ENOMEM : os_stat(p.p, &st, NULL);
	buf_release(&p);
	return !rc;
}

/* As git looks for a repository that it was given the path of; a linked worktree
 * has a file .git. */
static int is_repository(const char *path)
{
	return (has(path, "/HEAD") && has(path, "/objects")) ||
		has(path, "/.git") ||
		(has(path, ".git/HEAD") && has(path, ".git/objects"));
}

/* ---- another computer ---- */

static int is_id(const char *name)
{
	uint8_t id[32];

	return strlen(name) == 64 && !hex_decode(id, 32, name, 64);
}

static int one_name(void *arg, const char *name, struct err *e)
{
	(void)e;
	*(int *)arg += is_id(name);
	return 0;
}

static int memory_path(struct repo *r, struct buf *ret, struct err *e)
{
	buf_addf(ret, "%s" PLAIN_FOLDER GIT_THERE, repo_commondir(r));
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* The memory: lines; whether ${line} is one of them. */
static int remembered(const struct buf *all, const struct buf *line)
{
	const char *s = all->p;

	for (; s && (s = strstr(s, line->p)); s++)
		if (s == all->p || s[-1] == '\n')
			return 1;
	return 0;
}

static int ask(const char *path, struct repo *r, enum plain_kind *ret,
	       struct err *e)
{
	int n = 0, rc = site_each(path, r, one_name, &n, e);

	/* No folder, or no hub program: git may know better. */
	if (rc == HUB_EABSENT || rc == HUB_EUSAGE) {
		err_clear(e);
		rc = 0;
	}
	*ret = n ? PLAIN_PLACE : PLAIN_GIT;
	return rc;
}

static int served(const char *path, struct repo *r, enum plain_kind *ret,
		  struct err *e)
{
	struct buf file = BUF_INIT, all = BUF_INIT, line = BUF_INIT;
	int rc = r ? memory_path(r, &file, e) : 0;

	if (!rc && r && os_read_file(file.p, GIT_THERE_MAX, &all, NULL))
		buf_reset(&all);
	buf_addf(&line, "%s\n", path);
	if (!rc && (buf_error(&all) || buf_error(&line)))
		rc = err_nomem(e);
	if (rc < 0 || (r && remembered(&all, &line))) {
		*ret = PLAIN_GIT;
		goto out;
	}
	rc = ask(path, r, ret, e);
	if (rc || !r || *ret != PLAIN_GIT || all.n + line.n > GIT_THERE_MAX)
		goto out;
	buf_add(&all, line.p, line.n);
	buf_reset(&line);
	buf_addf(&line, "%s" PLAIN_FOLDER, repo_commondir(r));
	if (!buf_error(&all) && !buf_error(&line) && !os_mkdirs(line.p, NULL))
		os_replace_derived(file.p, all.p, all.n, NULL);
out:
	buf_release(&file);
	buf_release(&all);
	buf_release(&line);
	return rc;
}

int plain_kind(const struct plain_conf *conf, enum plain_kind *ret,
	       struct err *e)
{
	const char *path = conf->path, *last = strrchr(path, '/');
	struct repo *r = NULL;
	int rc;

	*ret = PLAIN_PLACE;
	if (!site_is_url(path)) {
		if (is_repository(path))
			*ret = PLAIN_GIT;
		return 0;
	}
	if (!site_is_served(path) || (last && is_id(last + 1)))
		return 0;
	rc = conf->gitdir ? repo_open_git(conf->gitdir, &r, e) : 0;
	if (!rc)
		rc = served(path, r, ret, e);
	repo_close(r);
	return rc;
}
