/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clone.c - make a workspace of a hub.  The files come with the first sync, so
 * an interrupted clone is finished by `hub clone` or `hub sync` alike.
 */
#include "sync/clone.h"
#include "sync/far.h"

#include <string.h>

#include "os/os.h"
#include "sync/workspace.h"
#include "sync/wsfile.h"

/* There while .git is being made.  Inside it, where no tree can put a file: a
 * hub must not be able to make a workspace look unfinished. */
#define MARK "/.git/hub-clone~"

struct clone {
	struct hub *hub;
	struct buf url;			/* as stored: absolute */
	struct buf root;		/* absolute, no '/' at the end */
	const char *name;
	struct err *e;
	const struct join *join;	/* or NULL */
};

/* "/srv/work.git" -> "work" */
static int default_dir(const struct hub *h, struct buf *ret)
{
	const char *name = hub_name(h), *last = strrchr(name, '/');
	size_t n;

	if (!last)
		last = strrchr(name, ':');
	last = last ? last + 1 : name;
	n = strlen(last);
	if (n > 4 && !strcmp(last + n - 4, ".git"))
		n -= 4;
	buf_add(ret, last, n);
	return buf_error(ret);
}

static int is_empty(const char *dir, int *exists, struct err *e)
{
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	struct os_stat st;
	int rc = os_dir_open(dir, &d, e);

	*exists = rc != HUB_EABSENT;
	if (rc == HUB_EABSENT) {
		err_clear(e);
		if (!os_lstat(dir, &st, NULL))
			return err_set(e, HUB_ECONFLICT, "'%s' is no folder",
				       dir);
		return 1;
	}
	if (!rc)
		rc = os_dir_next(d, &name, &type, e);
	os_dir_close(d);
	return rc < 0 ? rc : !rc;
}

static int mark_path(struct clone *c, struct buf *p)
{
	buf_addf(p, "%s" MARK, c->root.p);
	return buf_error(p) ? err_nomem(c->e) : 0;
}

/* 1, 0, or a code: could not look. */
static int is_there(const char *path, struct err *e)
{
	struct os_stat st;
	int rc = os_lstat(path, &st, e);

	if (rc != HUB_EABSENT)
		return rc < 0 ? rc : 1;
	err_clear(e);
	return 0;
}

/* 1 if a clone was killed here before .git was complete.  Nothing of it is
 * removed: making it goes on. */
static int is_unfinished(struct clone *c)
{
	struct buf mark = BUF_INIT, path = BUF_INIT;
	int rc = mark_path(c, &mark), found = 0;

	buf_addf(&path, "%s/.git", c->root.p);
	if (!rc && !buf_error(&path))
		os_rmdir(path.p, NULL);	/* killed before the mark */
	buf_addstr(&path, "/vibehub/config");
	if (!rc)
		rc = buf_error(&path) ? err_nomem(c->e) : 0;
	if (!rc)
		rc = is_there(mark.p, c->e);
	if (rc > 0) {
		rc = is_there(path.p, c->e);
		found = rc == 0;
		if (rc > 0)		/* killed before the mark was removed */
			rc = os_unlink(mark.p, c->e);
	}
	buf_release(&mark);
	buf_release(&path);
	return rc < 0 ? rc : found;
}

static int set_up(struct clone *c, int born)
{
	struct buf branch = BUF_INIT;
	struct repo *r = NULL;
	int rc = 0;

	if (!born) {
		rc = hub_default_branch(c->hub, &branch, c->e);
		if (!rc)
			rc = repo_open(c->root.p, &r, c->e);
		if (!rc && branch.n)
			rc = repo_set_branch(r, branch.p, c->e);
		repo_close(r);
	}
	if (!rc)
		rc = workspace_create(c->root.p, c->hub, c->url.p, c->name,
				      c->join ? c->join->device : NULL,
				      c->join ? c->join->command.p : NULL,
				      c->e);
	buf_release(&branch);
	return rc;
}

static int make_git(struct clone *c)
{
	struct buf head = BUF_INIT;
	int rc;

	buf_addf(&head, "%s/.git/HEAD", c->root.p);
	rc = buf_error(&head) ? err_nomem(c->e) : is_there(head.p, c->e);
	if (rc == 0)
		rc = repo_create(c->root.p, 0, c->e);
	buf_release(&head);
	return rc < 0 ? rc : 0;
}

/* No temp file: one left behind would make the folder look used. */
static int put_mark(const char *path, struct err *e)
{
	int fd = -1, rc = os_create(path, 0, &fd, e);

	if (!rc)
		rc = os_close(fd, path, e);
	return rc < 0 ? rc : os_sync_parent(path, e);
}

static int make_new(struct clone *c)
{
	struct buf mark = BUF_INIT, git = BUF_INIT;
	int rc = mark_path(c, &mark);

	buf_addf(&git, "%s/.git", c->root.p);
	if (!rc)
		rc = buf_error(&git) ? err_nomem(c->e) :
			os_mkdirs(git.p, c->e);
	if (!rc)
		rc = put_mark(mark.p, c->e);
	if (!rc)
		rc = make_git(c);
	if (!rc)
		rc = set_up(c, 0);
	if (!rc)
		rc = os_unlink(mark.p, c->e);
	if (!rc)
		rc = os_sync_parent(mark.p, c->e);
	buf_release(&mark);
	buf_release(&git);
	return rc;
}

/* Does this remote address mean our hub? */
static int same_hub(struct clone *c, const char *url)
{
	struct buf path = BUF_INIT, abs = BUF_INIT;
	int same;

	if (c->hub->far)
		return far_is_same(url, c->url.p);
	same = !hub_url_path(url, &path, NULL) &&
		!os_abspath(path.p, &abs, NULL);
	while (same && abs.n > 1 && abs.p[abs.n - 1] == '/')
		buf_setlen(&abs, abs.n - 1);
	same = same && !strcmp(abs.p, c->hub->path.p);
	buf_release(&path);
	buf_release(&abs);
	return same;
}

static int adopt(struct clone *c, enum clone_result *ret)
{
	struct buf vdir = BUF_INIT, origin = BUF_INIT;
	struct repo *r = NULL;
	struct wsconfig cfg;
	int rc = repo_open(c->root.p, &r, c->e);

	if (rc < 0)
		goto out;
	buf_addf(&vdir, "%svibehub/", repo_gitdir(r));
	rc = buf_error(&vdir) ? err_nomem(c->e) :
		wsfile_read(vdir.p, &cfg, c->e);
	if (!rc) {
		if (memcmp(cfg.hub, c->hub->format.id, 32))
			rc = err_set(c->e, HUB_ECONFLICT, "'%s' is a workspace "
				     "of another hub (%s)", c->root.p,
				     cfg.url.p);
		wsconfig_release(&cfg);
		*ret = CLONE_WAS;
		goto out;
	}
	err_clear(c->e);
	rc = repo_config_get(r, "remote.origin.url", &origin, c->e);
	if (!rc && !same_hub(c, origin.p)) {
		rc = err_set(c->e, HUB_ECONFLICT, "'%s' is a clone of '%s', not "
			     "of this hub: `git remote rename origin upstream` "
			     "first", c->root.p, origin.p);
		goto out;
	}
	if (rc && rc != HUB_EABSENT)
		goto out;
	*ret = CLONE_ADOPTED;
	rc = set_up(c, 1);
out:
	repo_close(r);
	buf_release(&vdir);
	buf_release(&origin);
	return rc;
}

static int into(struct clone *c, enum clone_result *ret)
{
	struct buf git = BUF_INIT;
	int exists, rc = is_unfinished(c);

	if (!rc)
		rc = is_empty(c->root.p, &exists, c->e);
	if (rc > 0) {
		*ret = CLONE_MADE;
		rc = make_new(c);
	} else if (!rc) {
		buf_addf(&git, "%s/.git", c->root.p);
		rc = buf_error(&git) ? err_nomem(c->e) : is_there(git.p, c->e);
		if (rc == 0)
			rc = err_set(c->e, HUB_ECONFLICT, "'%s' holds files of "
				     "no repository: clone elsewhere, then `hub "
				     "import` this folder", c->root.p);
		else if (rc > 0)
			rc = adopt(c, ret);
	}
	buf_release(&git);
	return rc;
}

static int stored_url(struct clone *c, const char *url)
{
	if (c->hub->far || !strncmp(url, "file://", 7))
		buf_addstr(&c->url, url);
	else
		buf_addstr(&c->url, c->hub->path.p);
	return buf_error(&c->url) ? err_nomem(c->e) : 0;
}

static int is_within(const struct buf *in, const struct buf *out)
{
	return in->n >= out->n && !memcmp(in->p, out->p, out->n) &&
		(in->n == out->n || in->p[out->n] == '/' || out->n == 1);
}

/* A hub that is among the files it syncs changes with every sync. */
static int check_apart(const struct clone *c)
{
	if (c->hub->far || (!is_within(&c->hub->path, &c->root) &&
	    !is_within(&c->root, &c->hub->path)))
		return 0;
	return err_set(c->e, HUB_ECONFLICT, "'%s' and the hub '%s' lie in one "
		       "another: a workspace is a folder beside its hub",
		       c->root.p, c->hub->path.p);
}

int clone_prepare(const char *url, const char *dir, const char *name,
		  const struct join *j, struct buf *root,
		  enum clone_result *ret, struct far **ret_far, struct err *e)
{
	struct clone c = { .url = BUF_INIT, .root = BUF_INIT, .join = j,
			   .e = e };
	struct buf path = BUF_INIT, target = BUF_INIT, host = BUF_INIT;
	struct far *far = NULL;
	int rc;

	if (far_is(url)) {
		rc = far_new(url, j ? j->command.p : NULL, &far, e);
		if (!rc)
			rc = far_hub_open(far, NULL, &c.hub, e);
	} else {
		rc = hub_url_path(url, &path, e);
		if (!rc)
			rc = hub_open(path.p, NULL, &c.hub, e);
	}
	if (!rc)
		rc = stored_url(&c, url);
	if (rc < 0)
		goto out;
	os_hostname(&host);
	c.name = name ? name : host.p;
	if (dir)
		buf_addstr(&target, dir);
	else
		default_dir(c.hub, &target);
	rc = buf_error(&target) ? err_nomem(e) :
		os_abspath(target.p, &c.root, e);
	while (!rc && c.root.n > 1 && c.root.p[c.root.n - 1] == '/')
		buf_setlen(&c.root, c.root.n - 1);
	if (!rc)
		rc = check_apart(&c);
	if (!rc)
		rc = into(&c, ret);
	if (!rc) {
		buf_add(root, c.root.p, c.root.n);
		rc = buf_error(root) ? err_nomem(e) : 0;
	}
out:
	hub_close(c.hub);
	if (rc < 0)
		far_close(far);
	*ret_far = rc < 0 ? NULL : far;
	buf_release(&c.url);
	buf_release(&c.root);
	buf_release(&path);
	buf_release(&target);
	buf_release(&host);
	return rc;
}
