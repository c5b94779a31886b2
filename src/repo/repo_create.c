/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo_create.c - making a repository, and finding the one around a folder.
 *
 * The repository is laid out by hand rather than by libgit2, which takes
 * templates (with hooks) from the system and syncs nothing.
 *
 * Order: folders, config, HEAD last, each durable.  git takes a folder without
 * HEAD for no repository, so a run that is killed half way leaves nothing that
 * could be mistaken for one, and the next run finishes it.
 */
#include "repo/repo_internal.h"
#include "os/os_file.h"

static const char *const folders[] = {
	"objects/info", "objects/pack", "refs/heads", "refs/tags", "info",
};

#define PROBE "vibehub-probe"

/* The name has to be free: a killed run, or one that could not remove it, left it. */
static int remove_probe(struct os_dir *d, struct err *e)
{
	int rc = os_dir_unlink(d, PROBE, e);

	if (rc != HUB_EABSENT)
		return rc;
	err_clear(e);
	return 0;
}

/* *yes: an executable bit that is set is there.  A disk that refuses keeps none. */
static int probe_exec(struct os_dir *d, int *yes, struct err *e)
{
	struct os_stat st = { 0 };
	int rc;

	rc = os_dir_stat(d, PROBE, &st, e);
	*yes = rc == 0 && !st.exec;
	if (!*yes)
		return rc;
	rc = os_dir_chmod_exec(d, PROBE, 1, e);
	if (rc == 0)
		rc = os_dir_stat(d, PROBE, &st, e);
	*yes = rc == 0 && st.exec;
	if (rc != HUB_EDENIED && rc != HUB_EUSAGE)
		return rc;
	err_clear(e);
	return 0;
}

/* Does the file system keep the executable bit?  Asked with a file of ours. */
static int keeps_exec(const char *gitdir, int *yes, struct err *e)
{
	struct os_dir *d = NULL;
	int fd = -1, rc;

	rc = os_dir_open(gitdir, &d, e);
	if (rc == 0)
		rc = remove_probe(d, e);
	if (rc == 0)
		rc = os_dir_create(d, PROBE, 0, &fd, e);
	if (rc < 0)
		goto out;
	rc = os_close(fd, "probe", e);
	if (rc == 0)
		rc = probe_exec(d, yes, e);
	if (rc == 0)
		rc = os_dir_unlink(d, PROBE, e);
	else
		os_dir_unlink(d, PROBE, NULL);
out:
	os_dir_close(d);
	return rc;
}

/* *yes: there is something at ${dir}/${name} */
static int is_there(const char *dir, const char *name, int *yes, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc;

	rc = repo_path(&p, dir, name, e);
	if (rc == 0)
		rc = os_lstat(p.p, &st, e);
	*yes = rc == 0;
	if (rc == HUB_EABSENT) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&p);
	return rc;
}

static int put_config(const char *path, int bare, int filemode, int ignorecase,
		      struct err *e)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "[core]\n\trepositoryformatversion = 0\n");
	buf_addf(&b, "\tfilemode = %s\n", filemode ? "true" : "false");
	buf_addf(&b, "\tbare = %s\n", bare ? "true" : "false");
	if (!bare)
		buf_addstr(&b, "\tlogallrefupdates = true\n");
	if (ignorecase)
		buf_addstr(&b, "\tignorecase = true\n");
	rc = buf_error(&b) ? err_nomem(e) : os_replace(path, b.p, b.n, 0, e);
	buf_release(&b);
	return rc;
}

static int write_config(const char *gitdir, int bare, struct err *e)
{
	struct buf p = BUF_INIT;
	int rc, there = 0, filemode = 0, ignorecase = 0;

	rc = is_there(gitdir, "/config", &there, e);
	if (rc < 0 || there)
		return rc;
	rc = is_there(gitdir, "/oBjEcTs", &ignorecase, e);
	if (rc == 0)
		rc = keeps_exec(gitdir, &filemode, e);
	if (rc == 0)
		rc = repo_path(&p, gitdir, "/config", e);
	if (rc == 0)
		rc = put_config(p.p, bare, filemode, ignorecase, e);
	buf_release(&p);
	return rc;
}

/* refuse_used(): a bare repository needs an empty folder, or one in which an
 * earlier run of ours was stopped. */
static int refuse_used(const char *path, struct err *e)
{
	static const char *const ours[] = {
		"objects", "refs", "info", "config", PROBE,
	};
	struct os_dir *d = NULL;
	const char *name;
	enum os_type type;
	size_t i;
	int rc;

	rc = os_dir_open(path, &d, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		return 0;
	}
	if (rc < 0)
		return rc;
	while ((rc = os_dir_next(d, &name, &type, e)) == 1) {
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			if (!strcmp(name, ours[i]))
				break;
		if (i == sizeof(ours) / sizeof(ours[0]) &&
		    strncmp(name, ".config.tmp-", 12) != 0) {
			rc = err_set(e, HUB_ECONFLICT, "'%s' is not empty (it "
				     "holds '%s'); give the name of a folder that "
				     "is, or does not exist yet", path, name);
			break;
		}
	}
	os_dir_close(d);
	return rc;
}

int repo_create(const char *path, int bare, struct err *e)
{
	struct buf dir = BUF_INIT, p = BUF_INIT;
	int rc, there = 0;

	rc = repo_path(&dir, path, bare ? "" : "/.git", e);
	if (rc == 0)
		rc = is_there(dir.p, "/HEAD", &there, e);
	if (rc < 0)
		goto out;
	if (there) {
		rc = err_set(e, HUB_ECONFLICT,
			     "there is a git repository at '%s' already", path);
		goto out;
	}
	rc = bare ? refuse_used(path, e) : 0;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (rc < 0)
			goto out;
		buf_reset(&p);
		buf_addf(&p, "%s/%s", dir.p, folders[i]);
		rc = buf_error(&p) ? err_nomem(e) : os_mkdirs(p.p, e);
	}
	if (rc == 0)
		rc = write_config(dir.p, bare, e);
	if (rc == 0)
		rc = repo_path(&p, dir.p, "/HEAD", e);
	if (rc == 0)
		rc = os_replace(p.p, "ref: refs/heads/main\n", 21, 0, e);
out:
	buf_release(&dir);
	buf_release(&p);
	return rc;
}

/* has_git(): 1 if ${dir} (ends with '/') holds .git: a folder with HEAD in it,
 * or a file (git worktree, submodule). */
static int has_git(const char *dir, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int rc;

	rc = repo_path(&p, dir, ".git", e);
	if (rc == 0)
		rc = os_stat(p.p, &st, e);
	if (rc == 0 && st.type == OS_DIR) {
		rc = repo_path(&p, dir, ".git/HEAD", e);
		if (rc == 0)
			rc = os_lstat(p.p, &st, e);
	}
	buf_release(&p);
	if (rc == HUB_EABSENT)
		return 0;
	return rc < 0 ? rc : 1;
}

/* up(): "a/b/" to "a/"; 0 at the root.  A Windows drive ("C:/") is a root. */
static int up(struct buf *b)
{
	size_t n = b->n - 1;

	while (n > 0 && b->p[n - 1] != '/')
		n--;
	if (n == 0)
		return 0;
	buf_setlen(b, n);
	return 1;
}

int repo_discover(const char *path, struct buf *ret_workdir, struct err *e)
{
	struct buf dir = BUF_INIT;
	struct os_stat st;
	uint64_t dev;
	int rc;

	rc = os_abspath(path, &dir, e);
	if (rc < 0)
		goto out;
	if (dir.n == 0 || dir.p[dir.n - 1] != '/')
		buf_addch(&dir, '/');
	rc = buf_error(&dir) ? err_nomem(e) : os_stat(dir.p, &st, e);
	if (rc < 0)
		goto out;
	dev = st.dev;
	for (;;) {
		rc = has_git(dir.p, e);
		if (rc != 0)
			break;
		if (!up(&dir) || os_stat(dir.p, &st, NULL) < 0 || st.dev != dev) {
			rc = err_set(e, HUB_EABSENT, "'%s' is not in a workspace "
				     "of hub, nor in any git repository", path);
			break;
		}
	}
	if (rc < 0)
		goto out;
	buf_reset(ret_workdir);
	buf_add(ret_workdir, dir.p, dir.n);
	rc = buf_error(ret_workdir) ? err_nomem(e) : 0;
out:
	buf_release(&dir);
	return rc;
}
