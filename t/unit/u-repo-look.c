/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Could not look" is never "not there": libgit2 says both alike. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gitcli.h"
#include "fault.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/index.h"
#include "repo/ref.h"
#include "repo/repo.h"

static struct err e = ERR_INIT;
static const char *blind;	/* a part of the paths that cannot be asked for */
static int times;		/* that often */
static int only_mode = -1;

/* libgit2's; ours go through the table of os/. */
int access(const char *path, int mode)
{
	if (blind && times && strstr(path, blind) &&
	    (only_mode < 0 || mode == only_mode)) {
		times--;
		errno = EIO;
		return -1;
	}
	return faccessat(AT_FDCWD, path, mode, 0);
}

static void blind_for(const char *part, int n)
{
	blind = part;
	times = n;
}

static struct repo *reopen(const char *name)
{
	struct repo *r = NULL;

	if (repo_open(path(name), &r, &e) < 0)
		BUG("cannot open: %s", e.msg);
	return r;
}

static void loose(void)
{
	struct oid blob = git_oid_of(path("h"), "HEAD:a");
	struct oid commit = git_oid_of(path("h"), "HEAD"), old;
	struct repo *r = reopen("h");
	struct buf b = BUF_INIT;
	struct commit c = COMMIT_INIT;
	enum obj_type t;
	uint64_t n;
	int rc;

	old = git_oid_of(path("h"), "HEAD~2");
	blind_for("/objects/", 1);
	ok(repo_read(r, &blob, &t, 0, &b, &e) == 0 && !times,
	   "read at the second look");
	repo_close(r);
	r = reopen("h");
	blind_for("/objects/", 1000);
	rc = repo_read(r, &commit, &t, 0, &b, &e);
	ok(rc == HUB_EIO, "there, but not readable: %s", e.msg);
	ok(repo_size(r, &blob, &t, &n, &e) == HUB_EIO, "size: %s", e.msg);
	ok(repo_has(r, &blob, &e) == 1, "has, all the same");
	ok(commit_read(r, &commit, &c, &e) == HUB_EIO, "commit: %s", e.msg);
	ok(repo_is_ancestor(r, &old, &commit, &e) == HUB_EIO, "history: %s",
	   e.msg);
	ok(repo_resolve(r, oid_hex(&commit), &old, &e) == HUB_EIO, "%s", e.msg);
	blind_for(NULL, 0);
	commit_release(&c);
	repo_close(r);
	buf_release(&b);
}

/* Every call of our own look fails once: never "not there" of what is, and
 * never a fact where one of them failed. */
static void own_calls(const char *name, const struct oid *there)
{
	struct repo *r;
	struct oid none;
	int i, wrong = 0, has, hit = 1;

	memset(&none, 7, sizeof(none));
	for (i = 1; hit && i < 1000; i++) {
		blind_for("/objects/", 1000);
		r = reopen(name);
		fault_arm(i, EIO, 0);
		has = repo_has(r, there, &e);
		hit = fault_end() != NULL;
		wrong += has == 0;
		repo_close(r);
		r = reopen(name);
		blind_for(NULL, 0);
		fault_arm(i, EMFILE, FAULT_STAY);
		has = repo_has(r, &none, &e);
		hit |= fault.hit != NULL;
		wrong += fault_end() ? has >= 0 || has == HUB_EABSENT :
			has != 0;
		repo_close(r);
	}
	blind_for(NULL, 0);
	ok(i > 5 && i < 1000 && !wrong, "%s: %d calls, %d wrong", name, i,
	   wrong);
}

static void packed(void)
{
	struct oid blob = git_oid_of(path("h"), "HEAD:a");
	struct repo *r;
	struct buf b = BUF_INIT;
	enum obj_type t;

	own_calls("h", &blob);
	git(path("h"), "repack", "-adq", NULL);
	r = reopen("h");
	ok(repo_has(r, &blob, &e) == 1, "has, in a pack");
	own_calls("h", &blob);
	repo_close(r);
	r = reopen("h");
	rename(path("h/.git/objects"), path("away"));
	ok(repo_read(r, &blob, &t, 0, &b, &e) == HUB_EOFFLINE, "%s", e.msg);
	rename(path("away"), path("h/.git/objects"));
	ok(repo_read(r, &blob, &t, 0, &b, &e) == 0, "back again");
	repo_close(r);
	buf_release(&b);
}

static void borrowed(void)
{
	struct oid blob = git_oid_of(path("h"), "HEAD:a"), none;
	struct repo *r;

	memset(&none, 7, sizeof(none));
	git(tap_dir(), "clone", "-q", "--shared", "h", "lend", NULL);
	r = reopen("lend");
	ok(repo_has(r, &blob, &e) == 1, "borrowed");
	ok(repo_has(r, &none, &e) == 0, "in neither: a fact");
	own_calls("lend", &blob);
	rename(path("h"), path("gone"));
	ok(repo_has(r, &none, &e) == HUB_EOFFLINE, "%s", e.msg);
	rename(path("gone"), path("h"));
	repo_close(r);
}

static void opening(void)
{
	struct repo *r = NULL;
	struct index *x = NULL;
	const char *op;
	int rc;

	git(path("h"), "config", "core.sparseCheckout", "true", NULL);
	blind_for("/config", 1000);
	ok(repo_open(path("h"), &r, &e) == HUB_EVERSION, "sparse: %s", e.msg);
	only_mode = R_OK;
	ok(repo_open(path("h"), &r, &e) == HUB_EIO, "the configuration cannot "
	   "be asked for: %s", e.msg);
	only_mode = -1;
	blind_for(NULL, 0);
	git(path("h"), "config", "--unset", "core.sparseCheckout", NULL);
	r = reopen("h");
	fault_arm(1, EIO, FAULT_STAY);
	ok(repo_operation(r, &op, &e) == HUB_EIO, "operation: %s", e.msg);
	fault_end();
	git(path("h"), "update-index", "--index-version=4", NULL);
	blind_for("/index", 1000);
	rc = index_peek(r, &x, &e);
	ok(rc == HUB_EIO || (rc == 0 && index_count(x) > 0),
	   "an index that cannot be asked for is not empty: %s", e.msg);
	if (rc == 0)
		index_close(x);
	blind_for(NULL, 0);
	repo_close(r);
}

int main(void)
{
	const char *n[] = { "1", "2", "3", "4" };

	os_init();
	repo_lib_init(&e);
	git(tap_dir(), "init", "-q", "-b", "main", "h", NULL);
	for (size_t i = 0; i < 4; i++) {
		put_file(path("h/a"), n[i]);
		git(path("h"), "add", "-A", NULL);
		git(path("h"), "commit", "-qm", n[i], NULL);
	}
	loose();
	packed();
	borrowed();
	opening();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
