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

/* Does the file system keep the executable bit?  Asked with a file of ours. */
static int keeps_exec(const char *gitdir)
{
	struct os_dir *d = NULL;
	struct os_stat st = { 0 };
	int fd = -1, yes = 0;

	if (os_dir_open(gitdir, &d, NULL) < 0)
		return 0;
	os_dir_unlink(d, "vibehub-probe", NULL);	/* of a killed run */
	if (os_dir_create(d, "vibehub-probe", 0, &fd, NULL) == 0) {
		os_close(fd, "probe", NULL);
		yes = os_dir_stat(d, "vibehub-probe", &st, NULL) == 0 && !st.exec;
		yes = yes &&
		      os_dir_chmod_exec(d, "vibehub-probe", 1, NULL) == 0 &&
		      os_dir_stat(d, "vibehub-probe", &st, NULL) == 0 && st.exec;
		os_dir_unlink(d, "vibehub-probe", NULL);
	}
	os_dir_close(d);
	return yes;
}

/* Is "CoNfIg" there when "config" is? */
static int ignores_case(const char *gitdir)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	int yes;

	yes = repo_path(&p, gitdir, "/CoNfIg", NULL) == 0 &&
	      os_lstat(p.p, &st, NULL) == 0;
	buf_release(&p);
	return yes;
}

static void config_text(struct buf *b, const char *gitdir, int bare,
			int ignorecase)
{
	buf_addstr(b, "[core]\n\trepositoryformatversion = 0\n");
	buf_addf(b, "\tfilemode = %s\n", keeps_exec(gitdir) ? "true" : "false");
	buf_addf(b, "\tbare = %s\n", bare ? "true" : "false");
	if (!bare)
		buf_addstr(b, "\tlogallrefupdates = true\n");
	if (ignorecase)
		buf_addstr(b, "\tignorecase = true\n");
}

static int write_config(const char *gitdir, int bare, struct err *e)
{
	struct buf p = BUF_INIT, text = BUF_INIT;
	struct os_stat st;
	int rc;

	rc = repo_path(&p, gitdir, "/config", e);
	if (rc < 0 || os_lstat(p.p, &st, NULL) == 0)
		goto out;
	config_text(&text, gitdir, bare, 0);
	rc = buf_error(&text) ? err_nomem(e)
			      : os_replace(p.p, text.p, text.n, 0, e);
	if (rc < 0 || !ignores_case(gitdir))
		goto out;
	buf_reset(&text);
	config_text(&text, gitdir, bare, 1);
	rc = buf_error(&text) ? err_nomem(e)
			      : os_replace(p.p, text.p, text.n, 0, e);
out:
	buf_release(&p);
	buf_release(&text);
	return rc;
}

/* refuse_used(): a bare repository needs an empty folder, or one in which an
 * earlier run of ours was stopped. */
static int refuse_used(const char *path, struct err *e)
{
	static const char *const ours[] = {
		"objects", "refs", "info", "config", "vibehub-probe",
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
	struct os_stat st;
	int rc;

	rc = repo_path(&dir, path, bare ? "" : "/.git", e);
	if (rc == 0)
		rc = repo_path(&p, dir.p, "/HEAD", e);
	if (rc < 0)
		goto out;
	rc = os_lstat(p.p, &st, NULL);
	if (rc == 0) {
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
