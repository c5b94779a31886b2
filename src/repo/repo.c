/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo.c - library start and end, opening a repository, its paths and state.
 *
 * Nothing is searched for: a repository is opened at the path given, so that a
 * folder inside another repository is never mistaken for it.  What this build
 * cannot read is refused here by name, because libgit2's own message ("not
 * found", "unsupported extension") leaves a person without a next step.
 */
#include <stdlib.h>

#include "repo/repo_internal.h"
#include "os/os_file.h"

#define CACHE_MAX ((ssize_t)16 << 20)
#define WINDOW_SIZE ((size_t)8 << 20)
#define WINDOW_LIMIT ((size_t)64 << 20)
#define SMALL_MAX (4u << 20)
#define WINDOW_FILES ((size_t)128)

/* libgit2 says ELOCKED of a lock file, and of all that it may not read. */
static int is_denied(const git_error *ge)
{
	return ge && ge->klass == GIT_ERROR_OS && ge->message &&
		!strstr(ge->message, "lock file");
}

int repo_fail(struct err *e, int git_rc, const char *fmt, ...)
{
	const git_error *ge = git_error_last();
	int klass = ge ? ge->klass : GIT_ERROR_NONE;
	struct buf doing = BUF_INIT;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	buf_vaddf(&doing, fmt, ap);
	va_end(ap);
	switch (git_rc) {
	case GIT_ENOTFOUND:	rc = HUB_EABSENT; break;
	case GIT_ELOCKED:	rc = is_denied(ge) ? HUB_EDENIED : HUB_EBUSY; break;
	case GIT_EEXISTS:
	case GIT_EMODIFIED:	rc = HUB_ECONFLICT; break;
	case GIT_EMISMATCH:	rc = HUB_ECORRUPT; break;
	case GIT_EOWNER:
	case GIT_EAUTH:		rc = HUB_EDENIED; break;
	case GIT_EAMBIGUOUS:
	case GIT_EINVALIDSPEC:	rc = HUB_EUSAGE; break;
	default:		rc = 0;
	}
	if (rc == 0)
		switch (klass) {
		case GIT_ERROR_NOMEMORY: rc = HUB_ENOMEM; break;
		case GIT_ERROR_INVALID:	rc = HUB_EUSAGE; break;
		case GIT_ERROR_ZLIB:
		case GIT_ERROR_SHA1:
		case GIT_ERROR_ODB:
		case GIT_ERROR_OBJECT:
		case GIT_ERROR_TREE:
		case GIT_ERROR_TAG:
		case GIT_ERROR_INDEX:
		case GIT_ERROR_REFERENCE:
		case GIT_ERROR_CONFIG:	rc = HUB_ECORRUPT; break;
		default:		rc = HUB_EIO;
		}
	err_set(e, rc, "%s: %s", doing.p,
		ge && ge->message ? ge->message : "unknown error");
	buf_release(&doing);
	return rc;
}

int repo_path(struct buf *ret, const char *base, const char *rest,
	      struct err *e)
{
	buf_reset(ret);
	buf_addstr(ret, base);
	buf_addstr(ret, rest);
	return buf_error(ret) ? err_nomem(e) : 0;
}

/*
 * worktreeConfig and preciousObjects ask nothing of a program that reads
 * objects and refs; sparse checkouts, which use the former, are refused below.
 */
static const char *const extensions[] = { "worktreeconfig", "preciousobjects" };

int repo_lib_init(struct err *e)
{
	int rc;

	rc = git_libgit2_init();
	if (rc < 0)
		return repo_fail(e, rc, "cannot start libgit2");
	if (git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) < 0 ||
	    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0) < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, CACHE_MAX) < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, WINDOW_SIZE) < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, WINDOW_LIMIT) < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, WINDOW_FILES) < 0 ||
	    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
			     sizeof(extensions) / sizeof(extensions[0])) < 0)
		return repo_fail(e, -1, "cannot configure libgit2");
	return 0;
}

void repo_lib_shutdown(void)
{
	git_libgit2_shutdown();
}

/* is_there(): 1, 0, or < 0 if we could not look. */
static int is_there(const char *base, const char *rest, struct os_stat *st,
		    struct err *e)
{
	struct buf p = BUF_INIT;
	int rc;

	rc = repo_path(&p, base, rest, e);
	if (rc == 0)
		rc = os_stat(p.p, st, e);
	buf_release(&p);
	if (rc == HUB_EABSENT)
		return 0;
	return rc < 0 ? rc : 1;
}

/* why_version(): does the configuration at ${dir} ask for what we lack? */
static int why_version(const char *dir, const char *path, struct err *e)
{
	git_config *c = NULL;
	git_buf v = GIT_BUF_INIT;
	struct buf p = BUF_INIT;
	int32_t n = 0;
	int rc = 0;

	if (repo_path(&p, dir, "/config", e) < 0 ||
	    git_config_open_ondisk(&c, p.p) < 0)
		goto out;
	if (git_config_get_string_buf(&v, c, "extensions.objectformat") == 0 &&
	    strcmp(v.ptr, "sha1") != 0)
		rc = err_set(e, HUB_EVERSION, "'%s' names its objects by %s; hub "
			     "needs a SHA-1 repository: make one and `hub import "
			     "--git` this one", path, v.ptr);
	else if (git_config_get_string_buf(&v, c, "extensions.refstorage") == 0 &&
		 strcmp(v.ptr, "files") != 0)
		rc = err_set(e, HUB_EVERSION, "'%s' keeps its refs as %s; turn it "
			     "off with `git refs migrate --ref-format=files`",
			     path, v.ptr);
	else if (git_config_get_int32(&n, c, "core.repositoryformatversion") == 0 &&
		 n > 1)
		rc = err_set(e, HUB_EVERSION, "'%s' has git's repository format "
			     "%d; hub knows 0 and 1", path, (int)n);
out:
	git_buf_dispose(&v);
	git_config_free(c);
	buf_release(&p);
	return rc;
}

/* readable(): 0 if ${rest} can be read, or is not there. */
static int readable(const char *base, const char *rest, struct err *e)
{
	struct buf p = BUF_INIT, text = BUF_INIT;
	int rc;

	rc = repo_path(&p, base, rest, e);
	if (rc == 0)
		rc = os_read_file(p.p, SMALL_MAX, &text, e);
	buf_release(&p);
	buf_release(&text);
	return rc == HUB_EABSENT ? 0 : rc;
}

/* why_absent(): libgit2 found no repository, or could not look. */
static int why_absent(const char *path, const char *dir, struct err *e)
{
	static const char *const parts[] = { "/objects", "/config", "/HEAD",
					     "/refs" };
	struct os_stat st;
	int rc, has[4];

	for (int i = 0; i < 4; i++) {
		rc = has[i] = is_there(dir, parts[i], &st, e);
		if (rc < 0)
			return rc;
	}
	if (!has[0] || !has[1])
		return err_set(e, HUB_EABSENT, "there is no git repository at "
			       "'%s'", path);
	if (!has[2] || !has[3])
		return err_set(e, HUB_ECORRUPT, "repository '%s' is damaged: "
			       "its HEAD or refs folder is missing; put 'ref: "
			       "refs/heads/main' into '%s/HEAD' or restore it",
			       path, dir);
	return err_set(e, HUB_EIO, "repository '%s' could not be read just now: "
		       "try again", path);
}

/* why_not(): libgit2 refused with ${git_rc}: find the reason that helps. */
static int why_not(const char *path, int git_rc, struct err *e)
{
	struct err first = ERR_INIT;
	struct os_stat st;
	struct buf dir = BUF_INIT;
	int rc, refused;

	refused = repo_fail(&first, git_rc, "cannot open repository '%s'", path);
	if (git_error_last() && git_error_last()->klass == GIT_ERROR_REPOSITORY)
		refused = HUB_EVERSION;
	rc = os_stat(path, &st, e);
	if (rc < 0)
		return rc;
	rc = is_there(path, "/.git", &st, e);
	if (rc < 0)
		return rc;
	rc = repo_path(&dir, path, rc && st.type == OS_DIR ? "/.git" : "", e);
	if (rc < 0)
		goto out;
	rc = why_version(dir.p, path, e);
	if (rc < 0)
		goto out;
	rc = git_rc == GIT_ENOTFOUND ? why_absent(path, dir.p, e) :
		readable(dir.p, "/config", e);
	if (rc == 0)
		rc = err_set(e, refused, "%s", first.msg);
out:
	buf_release(&dir);
	return rc;
}

/* worktree_config(): core.sparseCheckout usually stands in config.worktree,
 * which libgit2 does not read. */
static int worktree_config(struct repo *r, const char *key, struct err *e)
{
	struct buf p = BUF_INIT;
	struct os_stat st;
	git_config *c = NULL;
	int v = 0, rc;

	rc = is_there(r->gitdir, "config.worktree", &st, e);
	if (rc > 0)
		rc = repo_path(&p, r->gitdir, "config.worktree", e);
	if (rc < 0 || !p.n)
		goto out;
	rc = git_config_open_ondisk(&c, p.p);
	if (rc < 0)
		rc = repo_fail(e, rc, "cannot read '%s'", p.p);
	else if (git_config_get_bool(&v, c, key) < 0)
		v = 0;
	if (rc == HUB_EABSENT)		/* it is there: we looked */
		rc = HUB_EIO;
out:
	git_config_free(c);
	buf_release(&p);
	return rc < 0 ? rc : v;
}

/* Where history is cut off, no common commit can be told. */
static int refuse_shallow(struct repo *r, const char *path, struct err *e)
{
	struct os_stat st;
	int rc = is_there(r->commondir, "shallow", &st, e);

	if (rc <= 0 || !st.size)
		return rc < 0 ? rc : 0;
	return err_set(e, HUB_EVERSION, "'%s' has only the end of its history, "
		       "hub needs all of it: `git fetch --unshallow`", path);
}

static int refuse_variants(struct repo *r, struct err *e)
{
	static const struct { const char *key, *what, *how; } v[] = {
		{ "core.sparsecheckout", "a sparse checkout",
		  "git sparse-checkout disable" },
		{ "core.splitindex", "a split index",
		  "git update-index --no-split-index; "
		  "git config --unset core.splitIndex" },
	};

	if (!r->workdir)
		return 0;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		int rc = repo_config_get_bool(r, v[i].key, 0);

		if (rc != 1)
			rc = worktree_config(r, v[i].key, e);
		if (rc < 0)
			return rc;
		if (rc)
			return err_set(e, HUB_EVERSION, "'%s' has %s, which hub "
				       "cannot keep; turn it off: `%s`",
				       r->workdir, v[i].what, v[i].how);
	}
	return 0;
}

/* open_objects(): libgit2 says of what it could not look at that it is damaged:
 * a second try, then a look of our own. */
static int open_objects(struct repo *r, const char *path, struct err *e)
{
	struct err first = ERR_INIT, why = ERR_INIT;
	struct os_stat st;
	int rc = 0, look, i;

	for (i = 0; !r->odb && i < 2; i++)
		rc = git_repository_odb(&r->odb, r->g);
	if (r->odb)
		return 0;
	rc = repo_fail(&first, rc, "cannot open the objects of '%s'", path);
	look = is_there(r->commondir, "objects", &st, e);
	if (look < 0)
		return look;
	if (look == 0)
		return err_set(e, HUB_ECORRUPT, "repository '%s' is damaged: it "
			       "has no objects folder", path);
	look = repo_damage(r, &why);
	return err_set(e, look < 0 ? look : rc == HUB_EABSENT ? HUB_EIO : rc,
		       "%s", look < 0 ? why.msg : first.msg);
}

static int open_at(const char *path, int whole, struct repo **ret,
		   struct err *e)
{
	struct repo *r = NULL;
	int rc = 0, i;

	r = calloc(1, sizeof(*r));
	if (!r)
		return err_nomem(e);
	buf_init(&r->added);
	for (i = 0; !r->g && i < 2; i++)
		rc = git_repository_open_ext(&r->g, path,
				GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (!r->g) {
		rc = why_not(path, rc, e);
		goto out;
	}
	r->gitdir = git_repository_path(r->g);
	r->commondir = git_repository_commondir(r->g);
	r->workdir = git_repository_workdir(r->g);
	rc = open_objects(r, path, e);
	if (rc == 0)
		rc = repo_config_check(r, e);
	if (rc == 0)
		rc = repo_config_share(r, e);
	if (rc == 0 && whole)
		rc = refuse_variants(r, e);
	if (rc == 0)
		rc = refuse_shallow(r, path, e);
	if (rc < 0)
		goto out;
	*ret = r;
	r = NULL;
out:
	repo_close(r);
	return rc;
}

int repo_open(const char *path, struct repo **ret, struct err *e)
{
	return open_at(path, 1, ret, e);
}

int repo_open_git(const char *path, struct repo **ret, struct err *e)
{
	return open_at(path, 0, ret, e);
}

void repo_close(struct repo *r)
{
	if (!r)
		return;
	repo_pack_drop(r);
	git_config_free(r->cfg);
	git_odb_free(r->odb);
	git_repository_free(r->g);
	map_release(&r->packs);
	buf_release(&r->added);
	free(r);
}

const char *repo_gitdir(const struct repo *r)
{
	return r->gitdir;
}

const char *repo_commondir(const struct repo *r)
{
	return r->commondir;
}

const char *repo_workdir(const struct repo *r)
{
	return r->workdir;
}

int repo_is_bare(const struct repo *r)
{
	return r->workdir == NULL;
}

int repo_operation(struct repo *r, const char **ret, struct err *e)
{
	static const struct { const char *file, *name; } v[] = {
		{ "rebase-merge", "rebase" },
		{ "rebase-apply/applying", "am" },
		{ "rebase-apply", "rebase" },
		{ "MERGE_HEAD", "merge" },
		{ "REVERT_HEAD", "revert" },
		{ "CHERRY_PICK_HEAD", "cherry-pick" },
		{ "BISECT_LOG", "bisect" },
	};
	struct os_stat st;
	int rc = 0;

	*ret = NULL;
	for (size_t i = 0; !rc && i < sizeof(v) / sizeof(v[0]); i++) {
		rc = is_there(r->gitdir, v[i].file, &st, e);
		if (rc > 0)
			*ret = v[i].name;
	}
	return rc < 0 ? rc : 0;
}
