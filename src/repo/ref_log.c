/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_log.c - git's log of a ref: a line for each move, appended while the
 * ref's lock is held and before the ref moves, as git does it.  A run killed in
 * between leaves a line about a move that did not happen, which harms nobody.
 *
 * Whether there is a log at all is git's rule: always if the file exists; a new
 * one by core.logAllRefUpdates (default: in a repository with a working tree).
 */
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref_internal.h"

static int is_usual(const char *name)
{
	return !strcmp(name, "HEAD") || !strncmp(name, "refs/heads/", 11) ||
	       !strncmp(name, "refs/remotes/", 13) ||
	       !strncmp(name, "refs/notes/", 11);
}

static int wants_log(struct repo *r, const char *name)
{
	struct buf v = BUF_INIT;
	int yes;

	if (repo_config_get(r, "core.logallrefupdates", &v, NULL) < 0)
		yes = r->workdir && is_usual(name);
	else if (!strcmp(v.p, "always"))
		yes = 1;
	else
		yes = repo_config_get_bool(r, "core.logallrefupdates", 0) == 1 &&
		      is_usual(name);
	buf_release(&v);
	return yes;
}

static int log_path(struct repo *r, const char *name, struct buf *ret,
		    struct err *e)
{
	const char *base = strcmp(name, "HEAD") ? r->commondir : r->gitdir;

	buf_reset(ret);
	buf_addf(ret, "%slogs/%s", base, name);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/* make_room(): parents of the file; an empty folder in its place goes. */
static int make_room(struct repo *r, struct buf *path, struct err *e)
{
	struct os_stat st;
	size_t n = path->n;
	int rc;

	if (os_lstat(path->p, &st, NULL) == 0 && st.type == OS_DIR)
		ref_prune_folders(path->p);
	while (path->p[n - 1] != '/')
		n--;
	path->p[n - 1] = '\0';
	rc = repo_mkdirs(r, path->p, e);
	path->p[n - 1] = '/';
	return rc;
}

/* one_line(): git's own rule: what would break the line becomes a space. */
static void one_line(struct buf *b, const char *s)
{
	for (; *s; s++)
		buf_addch(b, *s == '\n' || *s == '\r' ? ' ' : *s);
}

static int append(struct repo *r, struct buf *path, const struct buf *line,
		  int fresh, int durable, struct err *e)
{
	int fd = -1, rc, rc2;

	rc = fresh ? make_room(r, path, e) : 0;
	if (rc == 0)
		rc = os_open_append(path->p, &fd, e);
	if (rc < 0)
		return rc;
	rc = os_write(fd, line->p, line->n, path->p, e);
	if (rc == 0 && durable)
		rc = os_fsync(fd, path->p, e);
	rc2 = os_close(fd, path->p, rc < 0 ? NULL : e);
	if (rc == 0)
		rc = rc2;
	if (rc == 0 && fresh && durable)
		rc = os_sync_parent(path->p, e);
	return rc;
}

int ref_log_add(struct repo *r, const char *name, const struct oid *old,
		const struct oid *new, const char *ident, const char *why,
		int durable, struct err *e)
{
	struct buf path = BUF_INIT, line = BUF_INIT;
	struct os_stat st;
	int64_t now = os_now();
	int rc, fresh, tz = os_utc_offset(now) / 60, t = tz < 0 ? -tz : tz;

	rc = log_path(r, name, &path, e);
	if (rc < 0)
		goto out;
	fresh = os_lstat(path.p, &st, NULL) < 0 || st.type != OS_REG;
	if (fresh && !wants_log(r, name))
		goto out;
	buf_addf(&line, "%s %s ", oid_hex(old), oid_hex(new));
	one_line(&line, ident);
	buf_addf(&line, " %lld %c%02d%02d\t", (long long)now,
		 tz < 0 ? '-' : '+', t / 60, t % 60);
	one_line(&line, why);
	buf_addch(&line, '\n');
	rc = buf_error(&line) ? err_nomem(e) :
		append(r, &path, &line, fresh, durable, e);
out:
	buf_release(&path);
	buf_release(&line);
	return rc;
}

void ref_log_remove(struct repo *r, const char *name)
{
	struct buf path = BUF_INIT;

	if (log_path(r, name, &path, NULL) == 0)
		os_unlink(path.p, NULL);
	buf_release(&path);
}
