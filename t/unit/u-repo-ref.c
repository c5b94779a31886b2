/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refs: reading, moving, deleting, locks of the dead, and git doing the same at
 * the same time. */
#include "gitcli.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/sink.h"

static struct err e = ERR_INIT;
static struct oid c[4];

static const char *sub(const char *dir, const char *rest)
{
	static char p[4][2048];
	static int i;

	i = (i + 1) % 4;
	snprintf(p[i], sizeof(p[i]), "%s/%s", dir, rest);
	return p[i];
}

/* new_commit(): an empty tree's commit on ${parent}. */
static int new_commit(struct repo *r, const struct oid *parent, const char *msg,
		      struct oid *ret)
{
	struct commit k = COMMIT_INIT;
	struct sink *s = NULL;
	struct buf b = BUF_INIT;
	int rc;

	rc = sink_open(r, SINK_LOOSE, &s, &e);
	if (rc == 0)
		rc = sink_put(s, OBJ_TREE, "", 0, &k.tree, &e);
	k.parents = (struct oid *)parent;
	k.parents_n = parent && !oid_is_zero(parent);
	buf_addstr(&k.author, "A <a@b>");
	buf_addstr(&k.committer, "A <a@b>");
	buf_addstr(&k.message, msg);
	if (rc == 0)
		rc = commit_encode(&b, &k);
	if (rc == 0)
		rc = sink_put(s, OBJ_COMMIT, b.p, b.n, ret, &e);
	if (rc == 0)
		rc = sink_commit(s, NULL, &e);
	else
		sink_abort(s);
	k.parents = NULL;
	commit_release(&k);
	buf_release(&b);
	return rc;
}

static struct repo *fresh(const char *name, int bare)
{
	struct repo *r = NULL;

	if (repo_create(path(name), bare, &e) < 0 ||
	    repo_open(path(name), &r, &e) < 0)
		ok(0, "repository %s: %s", name, e.msg);
	new_commit(r, NULL, "0\n", &c[0]);
	for (int i = 1; i < 4; i++)
		new_commit(r, &c[i - 1], "n\n", &c[i]);
	return r;
}

static void names(void)
{
	static const char *const good[] = {
		"refs/heads/a", "refs/heads/a/b", "refs/heads/\xc3\xa9",
		"refs/x", "refs/heads/a.b", "refs/heads/@", "refs/heads/a@b",
	};
	static const char *const bad[] = {
		"", "a", "HEAD", "heads/a", "refs", "refs/", "refs/heads/",
		"refs//a", "refs/heads/a.lock", "refs/a.lock/b", "refs/heads/.a",
		"refs/heads/a..b", "refs/../config", "refs/heads/a~", "refs/a b",
		"refs/a^", "refs/a:", "refs/a?", "refs/a*", "refs/a[", "refs/a\\b",
		"refs/a\x7f", "refs/a\n", "refs/a@{b", "refs/a.", "/refs/a",
		"refs/heads/-x", "refs/-/x",
	};
	char quoted[100];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(ref_name_ok(good[i]) &&
		   git(tap_dir(), "check-ref-format", good[i], NULL) == 0,
		   "good: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(quoted, sizeof(quoted), "%s", bad[i]);
		if (strchr(quoted, '\n'))
			*strchr(quoted, '\n') = '?';
		ok(!ref_name_ok(bad[i]), "bad: %s", quoted);
	}
}

static int show(void *arg, const char *name, const struct oid *id)
{
	struct buf *b = arg;

	buf_addf(b, "%s%s %s", b->n ? "\n" : "", oid_hex(id), name);
	return 0;
}

/* same_list(): do we list what git lists? */
static int same_list(struct repo *r, const char *dir, const char *prefix)
{
	struct buf b = BUF_INIT;
	int same;

	git(dir, "for-each-ref", "--format=%(objectname) %(refname)", prefix,
	    NULL);
	same = ref_each(r, prefix, show, &b, &e) == 0 &&
	       buf_cmp(&b, &git_out) == 0;
	if (!same)
		printf("# ours: %s (%s)\n# git: %s\n", b.p, e.msg, git_out.p);
	buf_release(&b);
	return same;
}

static int seven(void *arg, const char *name, const struct oid *id)
{
	return 7;
}

static void reading(void)
{
	struct repo *r = fresh("read.git", 1);
	const char *dir = path("read.git");
	struct buf b = BUF_INIT;
	struct oid id;

	ok(same_list(r, dir, "refs/"), "no refs");
	git(dir, "update-ref", "refs/heads/b", oid_hex(&c[0]), NULL);
	git(dir, "update-ref", "refs/heads/a/b", oid_hex(&c[1]), NULL);
	git(dir, "update-ref", "refs/heads/a-b", oid_hex(&c[1]), NULL);
	git(dir, "update-ref", "refs/tags/t", oid_hex(&c[2]), NULL);
	git(dir, "tag", "-a", "-m", "x", "annotated", oid_hex(&c[2]), NULL);
	ok(same_list(r, dir, "refs/"), "loose ones");
	git(dir, "pack-refs", "--all", NULL);
	ok(same_list(r, dir, "refs/"), "packed ones");
	git(dir, "update-ref", "refs/heads/b", oid_hex(&c[3]), NULL);
	git(dir, "update-ref", "refs/heads/new", oid_hex(&c[3]), NULL);
	git(dir, "update-ref", "-d", "refs/heads/a/b", NULL);
	git(dir, "symbolic-ref", "refs/remotes/o/HEAD", "refs/heads/b", NULL);
	ok(same_list(r, dir, "refs/"), "both and a symbolic one");
	git(dir, "symbolic-ref", "refs/remotes/o/HEAD", "refs/heads/gone", NULL);
	ok(same_list(r, dir, "refs/"), "one that leads nowhere");
	git(dir, "symbolic-ref", "refs/heads/loop", "refs/heads/loop", NULL);
	ok(same_list(r, dir, "refs/"), "a loop");
	ok(same_list(r, dir, "refs/heads/"), "a folder");
	ok(same_list(r, dir, "refs/none/"), "no such folder");
	ok(ref_each(r, "refs/", seven, NULL, &e) == 7, "stopped");
	ok(ref_get(r, "refs/heads/b", &id, &e) == 0 && oid_eq(&id, &c[3]),
	   "get: loose wins");
	ok(ref_get(r, "refs/tags/t", &id, &e) == 0 && oid_eq(&id, &c[2]),
	   "get packed");
	ok(ref_get(r, "refs/heads/nope", &id, &e) == HUB_EABSENT, "%s", e.msg);
	ok(ref_get(r, "HEAD", &id, &e) == HUB_EABSENT, "%s", e.msg);
	git(dir, "symbolic-ref", "HEAD", "refs/heads/b", NULL);
	ok(ref_get(r, "HEAD", &id, &e) == 0 && oid_eq(&id, &c[3]), "get HEAD");
	ok(repo_head(r, &b, &id, &e) == 0 && !strcmp(b.p, "refs/heads/b") &&
	   oid_eq(&id, &c[3]), "repo_head");
	put_file(sub(dir, "refs/heads/x.lock"), "junk");
	put_file(sub(dir, "refs/heads/.DS_Store"), "junk");
	ok(same_list(r, dir, "refs/"), "locks and dot files are no refs");
	put_file(sub(dir, "refs/heads/empty"), "");
	ok(ref_each(r, "refs/", show, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	ok(ref_get(r, "refs/heads/empty", &id, &e) == HUB_ECORRUPT, "%s", e.msg);
	os_unlink(sub(dir, "refs/heads/empty"), &e);
	put_file(sub(dir, "refs/heads/a copy"), "junk");
	ok(ref_each(r, "refs/", show, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	os_unlink(sub(dir, "refs/heads/a copy"), &e);
	os_unlink(sub(dir, "refs/heads/b"), &e);
	ok(os_mkdirs(sub(dir, "refs/heads/b"), &e) == 0 &&
	   ref_get(r, "refs/heads/b", &id, &e) == 0 && oid_eq(&id, &c[0]),
	   "an empty folder hides no packed ref");
	buf_release(&b);
	repo_close(r);
}

/* Every single-bit flip in packed-refs is noticed, or changes one id's digit
 * for another (which only a signed record of refs can tell), or a name. */
static void damaged_packed(void)
{
	static const char *const bad[] = {
		"# pack-refs with: peeled fully-peeled sorted \n\n", "x\n",
		"0123456789012345678901234567890123456789 refs/heads/a",
		"0123456789012345678901234567890123456789 refs/heads/a b\n",
		"0123456789012345678901234567890123456789 ../../x\n",
		"0123456789012345678901234567890123456789\trefs/heads/a\n",
		"012345678901234567890123456789012345678 refs/heads/a\n",
		"0123456789012345678901234567890123456789 refs/heads/a\n^12\n",
		"^0123456789012345678901234567890123456789\n",
		"0123456789012345678901234567890123456789 refs/heads/a\n"
		"0123456789012345678901234567890123456789 refs/heads/a\n",
		"# pack-refs with: peeled fully-peeled sorted \n"
		"0123456789012345678901234567890123456789 refs/heads/b\n"
		"0123456789012345678901234567890123456789 refs/heads/a\n",
		"0000000000000000000000000000000000000000 refs/heads/a\n",
	};
	struct repo *r = fresh("packed.git", 1);
	const char *file = path("packed.git/packed-refs");
	struct buf b = BUF_INIT, flip = BUF_INIT;
	unsigned silent = 0, other = 0;
	struct oid id;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_file(file, bad[i]);
		ok(ref_each(r, "refs/", show, &b, &e) == HUB_ECORRUPT &&
		   ref_get(r, "refs/heads/zz", &id, &e) == HUB_ECORRUPT,
		   "packed-refs %zu: %s", i, e.msg);
	}
	put_file(file, "0123456789012345678901234567890123456789 refs/heads/b\n"
		 "0123456789012345678901234567890123456789 refs/heads/a\n");
	buf_reset(&b);
	ok(ref_each(r, "refs/", show, &b, &e) == 0 &&
	   strstr(b.p, "heads/a\n"), "unsorted without saying so is fine");
	os_unlink(file, &e);
	git(path("packed.git"), "update-ref", "refs/heads/one", oid_hex(&c[0]),
	    NULL);
	git(path("packed.git"), "pack-refs", "--all", NULL);
	buf_reset(&b);
	os_read_file(file, 1 << 20, &b, &e);
	for (size_t i = 0; i < b.n * 8; i++) {
		buf_reset(&flip);
		buf_add(&flip, b.p, b.n);
		flip.p[i / 8] ^= (char)(1 << i % 8);
		os_replace(file, flip.p, flip.n, 0, &e);
		if (ref_get(r, "refs/heads/one", &id, &e) == 0)
			silent += oid_eq(&id, &c[0]) && i / 8 > 46;
		else
			other++;
	}
	ok(silent == 0 && other > b.n, "%u of %zu flips noticed, %u unseen",
	   other, b.n * 8, silent);
	buf_release(&b);
	buf_release(&flip);
	repo_close(r);
}

static int reads(const char *dir, const char *name, const struct oid *want)
{
	struct oid got = git_oid_of(dir, name);

	return oid_eq(&got, want);
}

static int set(struct repo *r, const char *name, const struct oid *old,
	       const struct oid *new)
{
	err_clear(&e);
	return repo_is_bare(r)
	       ? ref_set_hub(r, name, old, new, "Dev <x>", "why\nnot", &e)
	       : ref_set_local(r, name, old, new, "why\nnot", &e);
}

/* clean(): nothing of ours is left lying about. */
static int clean(struct repo *r)
{
	struct os_dir *d = NULL;
	const char *s;
	enum os_type t;
	int n = 0;

	os_dir_open(repo_commondir(r), &d, &e);
	while (os_dir_next(d, &s, &t, &e) == 1)
		n += !strncmp(s, "vibehub-ref-", 12) || strstr(s, ".lock");
	os_dir_close(d);
	return n == 0;
}

static void moving(const char *name, int bare)
{
	struct repo *r = fresh(name, bare);
	const char *dir = path(name), *gd = repo_commondir(r);
	const char *m = "refs/heads/main";

	ok(set(r, m, &oid_zero, &c[0]) == 0 && reads(dir, m, &c[0]),
	   "%s: create: %s", name, e.msg);
	ok(set(r, m, &oid_zero, &c[1]) == HUB_ECONFLICT, "not twice: %s", e.msg);
	ok(set(r, m, &c[0], &c[1]) == 0 && reads(dir, m, &c[1]), "move");
	ok(set(r, m, &c[0], &c[2]) == HUB_ECONFLICT && reads(dir, m, &c[1]),
	   "%s", e.msg);
	git(dir, "pack-refs", "--all", "--prune", NULL);
	ok(set(r, m, &c[1], &c[2]) == 0 && reads(dir, m, &c[2]),
	   "move a packed one");
	git(dir, "pack-refs", "--all", "--prune", NULL);
	ok(set(r, m, &c[1], &oid_zero) == HUB_ECONFLICT && reads(dir, m, &c[2]),
	   "delete from elsewhere: %s", e.msg);
	ok(set(r, "refs/heads/main/x", &oid_zero, &c[0]) == HUB_ECONFLICT,
	   "below a packed one: %s", e.msg);
	ok(set(r, m, &c[2], &c[3]) == 0 &&
	   set(r, "refs/heads/main/x", &oid_zero, &c[0]) == HUB_ECONFLICT,
	   "below a loose one: %s", e.msg);
	ok(set(r, "refs/heads/d/e/f", &oid_zero, &c[0]) == 0 &&
	   set(r, "refs/heads/d/e", &oid_zero, &c[0]) == HUB_ECONFLICT,
	   "above a loose one: %s", e.msg);
	git(dir, "pack-refs", "--all", "--prune", NULL);
	ok(set(r, "refs/heads/d/e", &oid_zero, &c[0]) == HUB_ECONFLICT,
	   "above a packed one: %s", e.msg);
	ok(set(r, "refs/heads/d/e/f", &c[0], &oid_zero) == 0 &&
	   git(dir, "rev-parse", "-q", "--verify", "refs/heads/d/e/f", NULL) != 0,
	   "delete a packed one: %s", e.msg);
	os_mkdirs(sub(gd, "refs/heads/d/e/empty/er"), &e);
	ok(set(r, "refs/heads/d/e", &oid_zero, &c[0]) == 0 &&
	   reads(dir, "refs/heads/d/e", &c[0]), "over empty folders: %s", e.msg);
	ok(set(r, m, &c[3], &oid_zero) == 0 &&
	   git(dir, "rev-parse", "-q", "--verify", m, NULL) != 0,
	   "delete one that is loose and packed: %s", e.msg);
	ok(set(r, "refs/heads/-x", &oid_zero, &c[0]) == HUB_EUSAGE, "%s", e.msg);
	ok(set(r, "HEAD", &oid_zero, &c[0]) == HUB_EUSAGE, "%s", e.msg);
	ok(same_list(r, dir, "refs/"), "the same list");
	ok(clean(r), "nothing is left behind");
	ok(git(dir, "fsck", "--strict", NULL) == 0, "fsck");
	repo_close(r);
}

static void logs(void)
{
	struct repo *r = fresh("logs", 0);
	const char *dir = path("logs");
	const char *m = "refs/heads/main";

	set(r, m, &oid_zero, &c[0]);
	set(r, m, &c[0], &c[1]);
	git(dir, "reflog", "show", "--format=%H %gs", "main", NULL);
	ok(git_out.n == 2 * 48 + 1 && strstr(git_out.p, "why not"),
	   "the branch's log");
	git(dir, "reflog", "show", "--format=%H %gs", "HEAD", NULL);
	ok(git_out.n == 2 * 48 + 1, "HEAD's");
	set(r, "refs/heads/other", &oid_zero, &c[0]);
	git(dir, "reflog", "show", "--format=%H", "HEAD", NULL);
	ok(git_out.n == 2 * 40 + 1, "not for another branch");
	git(dir, "reflog", "show", "--format=%H %gs", "other", NULL);
	ok(git_out.n == 48, "which has its own");
	set(r, "refs/x/y", &oid_zero, &c[0]);
	ok(git(dir, "reflog", "exists", "refs/x/y", NULL) != 0, "refs/x has none");
	set(r, "refs/heads/other", &c[0], &oid_zero);
	ok(git(dir, "reflog", "exists", "refs/heads/other", NULL) != 0,
	   "the log goes with the branch");
	repo_close(r);

	r = fresh("logs.git", 1);
	set(r, m, &oid_zero, &c[0]);
	ok(git(path("logs.git"), "reflog", "exists", m, NULL) != 0,
	   "a bare one has none");
	repo_config_set(r, "core.logAllRefUpdates", "true", &e);
	set(r, m, &c[0], &c[1]);
	git(path("logs.git"), "reflog", "show", "--format=%H %gn", "main", NULL);
	ok(!memcmp(git_out.p, oid_hex(&c[1]), 40) && strstr(git_out.p, "Dev x"),
	   "unless it is asked for: %s", git_out.p);
	repo_close(r);
}

static void locks(void)
{
	struct repo *r = fresh("locks.git", 1), *w = fresh("locks", 0);
	const char *dir = path("locks.git");
	const char *m = "refs/heads/main";
	struct buf memo = BUF_INIT, t = BUF_INIT;
	int gone;

	put_file(sub(dir, "refs/heads/main.lock"), "");
	ok(set(r, m, &oid_zero, &c[0]) == HUB_EBUSY, "%s", e.msg);
	ok(ref_unlock_own(r, m, &c[0], &e) == 0 &&
	   set(r, m, &oid_zero, &c[0]) == HUB_EBUSY, "not ours: stays");
	buf_addf(&t, "%s\n", oid_hex(&c[0]));
	put_file(sub(dir, "refs/heads/main.lock"), t.p);
	ok(ref_unlock_own(r, m, &c[1], &e) == 0 &&
	   set(r, m, &oid_zero, &c[0]) == HUB_EBUSY, "another id: stays");
	ok(ref_unlock_own(r, m, &c[0], &e) == 0 &&
	   set(r, m, &oid_zero, &c[0]) == 0, "ours: removed");
	ok(ref_unlock_own(r, m, &c[0], &e) == 0, "no lock at all");

	put_file(sub(dir, "refs/heads/main.lock"), "");
	ok(ref_unlock_stale(r, m, 1000, &memo, &gone, &e) == 0 && !gone &&
	   memo.n && memo.n <= 256, "seen first");
	ok(ref_unlock_stale(r, m, 1599, &memo, &gone, &e) == 0 && !gone,
	   "too early");
	ok(ref_unlock_stale(r, m, 900, &memo, &gone, &e) == 0 && !gone,
	   "the clock was set back");
	ok(ref_unlock_stale(r, m, 1499, &memo, &gone, &e) == 0 && !gone,
	   "so the wait begins anew");
	put_file(sub(dir, "refs/heads/main.lock"), "x");
	ok(ref_unlock_stale(r, m, 5000, &memo, &gone, &e) == 0 && !gone,
	   "it changed");
	ok(ref_unlock_stale(r, m, 5600, &memo, &gone, &e) == 0 && gone &&
	   memo.n == 0, "stale: removed");
	ok(set(r, m, &c[0], &c[1]) == 0, "and free again");

	/* a run of ours was killed in a workspace */
	put_file(sub(repo_commondir(w), "vibehub-ref-dead"), t.p);
	os_link_new(sub(repo_commondir(w), "vibehub-ref-dead"),
		    sub(repo_commondir(w), "refs/heads/other.lock"), &e);
	put_file(sub(repo_commondir(w), "vibehub-ref-old"), t.p);
	ok(set(w, m, &oid_zero, &c[0]) == 0, "another branch moves");
	ok(set(w, "refs/heads/other", &oid_zero, &c[0]) == 0,
	   "the dead run's lock is known by its twin: %s", e.msg);
	ok(clean(w), "both are gone");
	put_file(sub(repo_commondir(w), "refs/heads/main.lock"), t.p);
	ok(set(w, m, &c[0], &c[1]) == HUB_EBUSY, "git's own lock stays: %s",
	   e.msg);
	buf_release(&memo);
	buf_release(&t);
	repo_close(r);
	repo_close(w);
}

/* ---- several at once ---- */

#define TURNS 200

/* increment(): put a commit on top of refs/heads/main, TURNS times. */
static int increment(const char *dir, const char *who)
{
	struct repo *r = NULL;
	struct oid at, new;
	int n = 0, rc;

	if (repo_open(dir, &r, &e) < 0)
		return 1;
	while (n < TURNS) {
		if (ref_get(r, "refs/heads/main", &at, &e) < 0 ||
		    new_commit(r, &at, who, &new) < 0)
			break;
		rc = set(r, "refs/heads/main", &at, &new);
		if (rc == 0)
			n++;
		else if (rc != HUB_ECONFLICT && rc != HUB_EBUSY)
			break;
	}
	if (n < TURNS)
		printf("# %s: %s\n", who, e.msg);
	repo_close(r);
	return n < TURNS;
}

/* churn(): make and delete branches, and leave none. */
static int churn(const char *dir, const char *who)
{
	struct repo *r = NULL;
	struct oid main_id;
	char name[64];
	int n, rc;

	if (repo_open(dir, &r, &e) < 0 ||
	    ref_get(r, "refs/heads/main", &main_id, &e) < 0)
		return 1;
	for (n = 0; n < TURNS / 2; n++) {
		snprintf(name, sizeof(name), "refs/heads/%s/%d", who, n);
		while ((rc = set(r, name, &oid_zero, &main_id)) == HUB_EBUSY)
			;
		while (rc == 0 && (rc = set(r, name, &main_id, &oid_zero)) ==
		       HUB_EBUSY)
			rc = 0;
		if (rc < 0)
			break;
	}
	if (n < TURNS / 2)
		printf("# %s: %s\n", who, e.msg);
	repo_close(r);
	return n < TURNS / 2;
}

static void together(void)
{
	static const char script[] =
		"cd \"$2\" && for i in 1 2 3 4; do \"$1\" inc . \"w$i\" & done\n"
		"for i in 1 2; do \"$1\" churn . \"x$i\" & done\n"
		"n=0; while test $n -lt 40; do\n"
		"  o=$(git rev-parse refs/heads/main) &&\n"
		"  c=$(git commit-tree -p $o -m git $o^{tree}) &&\n"
		"  git update-ref refs/heads/main $c $o 2>/dev/null &&\n"
		"  n=$((n + 1))\n"
		"  git pack-refs --all 2>/dev/null\n"
		"done\n"
		"wait; :";
	struct repo *r = fresh("many.git", 1);
	struct buf self = BUF_INIT;
	const char *argv[] = { "sh", "-c", script, "sh", NULL, NULL, NULL };
	struct os_proc p = { .argv = argv, .timeout_ms = 300000 };
	uint64_t n = 0;
	struct oid tip;
	struct buf list = BUF_INIT;
	char name[64];
	int status = -1, lines = 1;

	os_self_path(&self);
	argv[4] = self.p;
	argv[5] = path("many.git");
	set(r, "refs/heads/main", &oid_zero, &c[0]);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "refs/heads/keep%d", i);
		set(r, name, &oid_zero, &c[1]);
	}
	setenv("GIT_AUTHOR_NAME", "a", 1);
	setenv("GIT_AUTHOR_EMAIL", "a", 1);
	setenv("GIT_COMMITTER_NAME", "a", 1);
	setenv("GIT_COMMITTER_EMAIL", "a", 1);
	ok(os_run(&p, &status, &e) == 0 && status == 0, "all ended: %d %s",
	   status, e.msg);
	ok(ref_get(r, "refs/heads/main", &tip, &e) == 0 &&
	   repo_count(r, &tip, NULL, &n, &e) == 0 &&
	   n == 1 + 4 * TURNS + 40, "%llu commits, none lost",
	   (unsigned long long)n);
	ok(ref_each(r, "refs/", show, &list, &e) == 0, "list: %s", e.msg);
	for (const char *p1 = list.p; (p1 = strchr(p1, '\n')); p1++)
		lines++;
	ok(lines == 21 && !strstr(list.p, "/x"), "what was deleted stays "
	   "deleted, nothing else went: %d refs", lines);
	ok(clean(r), "nothing is left behind");
	buf_release(&list);
	buf_release(&self);
	repo_close(r);
}

int main(int argc, char **argv)
{
	os_init();
	repo_lib_init(&e);
	if (argc == 4 && !strcmp(argv[1], "inc"))
		return increment(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "churn"))
		return churn(argv[2], argv[3]);
	names();
	reading();
	damaged_packed();
	moving("hub.git", 1);
	moving("ws", 0);
	logs();
	locks();
	together();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
