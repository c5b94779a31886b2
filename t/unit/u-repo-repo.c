/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, creating, configuring; reading objects; commits; history. */
#include "gitcli.h"
#include "os/os.h"
#include "os/os_file.h"
#include "repo/repo.h"

static struct err e = ERR_INIT;

static int is(const struct buf *b, const char *s)
{
	return !strcmp(b->p, s) && b->n == strlen(s);
}

static void create(void)
{
	struct repo *r = NULL;
	struct buf b = BUF_INIT;
	const char *op;
	struct oid tip;

	ok(repo_create(path("bare.git"), 1, &e) == 0, "create bare: %s", e.msg);
	ok(git(path("bare.git"), "fsck", "--strict", NULL) == 0, "git likes it");
	git(path("bare.git"), "rev-parse", "--is-bare-repository", NULL);
	ok(is(&git_out, "true"), "git finds it bare");
	ok(repo_create(path("bare.git"), 1, &e) == HUB_ECONFLICT, "not twice");
	ok(repo_create(path("ws"), 0, &e) == 0, "create a workspace");
	ok(git(path("ws"), "status", NULL) == 0, "git status works in it");
	ok(os_mkdirs(path("full"), &e) == 0, "a folder");
	put_file(path("full/x"), "x");
	ok(repo_create(path("full"), 1, &e) == HUB_ECONFLICT,
	   "no bare one in a full folder: %s", e.msg);
	ok(repo_create(path("full"), 0, &e) == 0, "but a workspace");
	ok(repo_open(path("ws"), &r, &e) == 0, "open: %s", e.msg);
	ok(repo_head(r, &b, &tip, &e) == 0 && is(&b, "refs/heads/main") &&
	   oid_is_zero(&tip), "unborn main");
	ok(!repo_is_bare(r) && repo_workdir(r), "has a working tree");
	ok(repo_operation(r, &op, &e) == 0 && !op, "no operation");
	put_file(path("ws/.git/MERGE_HEAD"), "x\n");
	ok(repo_operation(r, &op, &e) == 0 && op && !strcmp(op, "merge"),
	   "a merge");
	os_unlink(path("ws/.git/MERGE_HEAD"), &e);
	repo_close(r);
	ok(os_mkdirs(path("ws/a/b"), &e) == 0 &&
	   repo_discover(path("ws/a/b"), &b, &e) == 0 &&
	   !strncmp(b.p + b.n - 4, "/ws/", 4), "discover: %s", b.p);
	buf_release(&b);
}

static void refusals(void)
{
	struct repo *r = NULL;

	ok(repo_open(path("nowhere"), &r, &e) == HUB_EABSENT, "%s", e.msg);
	os_mkdirs(path("empty"), &e);
	ok(repo_open(path("empty"), &r, &e) == HUB_EABSENT, "%s", e.msg);
	os_mkdirs(path("ws/sub"), &e);
	ok(repo_open(path("ws/sub"), &r, &e) == HUB_EABSENT,
	   "no search upwards: %s", e.msg);
	git(tap_dir(), "init", "-q", "--object-format=sha256", "s256", NULL);
	ok(repo_open(path("s256"), &r, &e) == HUB_EVERSION, "%s", e.msg);
	git(tap_dir(), "init", "-q", "fut", NULL);
	put_file(path("fut/.git/config"),
		 "[core]\n\trepositoryformatversion = 2\n");
	ok(repo_open(path("fut"), &r, &e) == HUB_EVERSION, "%s", e.msg);
	put_file(path("fut/.git/config"),
		 "[core]\n\trepositoryformatversion = 1\n"
		 "[extensions]\n\trefStorage = reftable\n");
	ok(repo_open(path("fut"), &r, &e) == HUB_EVERSION, "%s", e.msg);
	put_file(path("fut/.git/config"),
		 "[core]\n\trepositoryformatversion = 1\n"
		 "[extensions]\n\tnewThing = 1\n");
	ok(repo_open(path("fut"), &r, &e) == HUB_EVERSION, "%s", e.msg);
	git(tap_dir(), "init", "-q", "sparse", NULL);
	git(path("sparse"), "commit", "-q", "--allow-empty", "-m", "x", NULL);
	git(path("sparse"), "sparse-checkout", "set", "a", NULL);
	ok(repo_open(path("sparse"), &r, &e) == HUB_EVERSION, "%s", e.msg);
	git(path("sparse"), "sparse-checkout", "disable", NULL);
	ok(repo_open(path("sparse"), &r, &e) == 0, "sparse turned off again: %s",
	   e.msg);
	repo_close(r);
	put_file(path("fut/.git/config"), "[core\n");
	ok(repo_open(path("fut"), &r, &e) == HUB_ECORRUPT, "%s", e.msg);
	git(tap_dir(), "init", "-q", "nohead", NULL);
	os_unlink(path("nohead/.git/HEAD"), &e);
	ok(repo_open(path("nohead"), &r, &e) == HUB_ECORRUPT, "%s", e.msg);
}

static void config(void)
{
	struct repo *r = NULL, *r2 = NULL;
	struct buf b = BUF_INIT;

	repo_open(path("ws"), &r, &e);
	repo_open(path("ws"), &r2, &e);
	ok(repo_config_get(r, "vibehub.x", &b, &e) == HUB_EABSENT, "no such key");
	ok(repo_config_set(r, "vibehub.x", "a \"b\" #c", &e) == 0, "set: %s",
	   e.msg);
	ok(repo_config_get(r, "vibehub.x", &b, &e) == 0 &&
	   is(&b, "a \"b\" #c"), "get: %s", b.p);
	ok(repo_config_get(r2, "vibehub.x", &b, &e) == 0, "seen by another");
	git(path("ws"), "config", "vibehub.x", NULL);
	ok(is(&git_out, "a \"b\" #c"), "git reads it: %s", git_out.p);
	ok(repo_config_get_bool(r, "core.bare", 1) == 0, "bool");
	ok(repo_config_get_bool(r, "core.none", 7) == 7, "bool default");
	ok(repo_config_set(r, "vibehub.x", NULL, &e) == 0 &&
	   repo_config_get(r, "vibehub.x", &b, &e) == HUB_EABSENT, "removed");
	ok(repo_config_set(r, "vibehub.x", NULL, &e) == 0, "removed twice");
	ok(repo_config_set(r, "not a key", "x", &e) < 0, "%s", e.msg);
	put_file(path("ws/.git/config.lock"), "");
	ok(repo_config_set(r, "vibehub.y", "1", &e) == HUB_EBUSY, "%s", e.msg);
	os_unlink(path("ws/.git/config.lock"), &e);
	ok(git(path("ws"), "status", NULL) == 0, "git still likes it");
	repo_config_set(r, "user.name", "N <a>\x01m\xc3\xa9", &e);
	repo_config_set(r, "user.email", "n@m", &e);
	repo_identity(r, &b);
	ok(is(&b, "N am\xc3\xa9 <n@m>"), "identity: %s", b.p);
	setenv("GIT_AUTHOR_NAME", "Env", 1);
	repo_identity(r, &b);
	ok(is(&b, "Env <n@m>"), "identity from the environment: %s", b.p);
	unsetenv("GIT_AUTHOR_NAME");
	repo_close(r);
	repo_close(r2);
	buf_release(&b);
}

/* three commits: main c1 - c2 - c4(merge), side c3 */
static void history_setup(const char *dir)
{
	char f[1100];

	git(tap_dir(), "init", "-q", "-b", "main", dir, NULL);
	snprintf(f, sizeof(f), "%s/a", path(dir));
	put_file(f, "one\n");
	git(path(dir), "add", ".", NULL);
	git(path(dir), "commit", "-q", "-m", "c1", NULL);
	git(path(dir), "branch", "side", NULL);
	put_file(f, "two\n");
	git(path(dir), "commit", "-q", "-am", "c2", NULL);
	git(path(dir), "checkout", "-q", "side", NULL);
	git(path(dir), "commit", "-q", "--allow-empty", "-m", "c3", NULL);
	git(path(dir), "checkout", "-q", "main", NULL);
	git(path(dir), "merge", "-q", "--no-edit", "side", NULL);
}

static int collect(void *arg, const struct oid *id)
{
	struct buf *b = arg;

	buf_addf(b, "%s%s", b->n ? "\n" : "", oid_hex(id));
	return 0;
}

static void objects(struct repo *r)
{
	struct oid blob = git_oid_of(path("h"), "HEAD:a"), id, none;
	struct buf b = BUF_INIT;
	enum obj_type t;
	uint64_t n;

	ok(repo_read(r, &blob, &t, 0, &b, &e) == 0 && t == OBJ_BLOB &&
	   is(&b, "two\n"), "read a blob");
	ok(repo_read(r, &blob, &t, 4, &b, &e) == 0, "of 4 bytes at most");
	ok(repo_read(r, &blob, &t, 3, &b, &e) == HUB_ELIMIT, "%s", e.msg);
	ok(repo_size(r, &blob, &t, &n, &e) == 0 && n == 4, "size");
	ok(repo_read_as(r, &blob, OBJ_TREE, 0, &b, &e) == HUB_ECORRUPT, "%s",
	   e.msg);
	ok(repo_hash(OBJ_BLOB, "two\n", 4, &id) == 0 && oid_eq(&id, &blob),
	   "hash");
	memset(&none, 7, sizeof(none));
	ok(repo_read(r, &none, &t, 0, &b, &e) == HUB_EABSENT, "%s", e.msg);
	ok(repo_has(r, &blob, &e) == 1 && repo_has_quick(r, &blob), "has");
	ok(repo_has(r, &none, &e) == 0 && !repo_has_quick(r, &none), "has not");
	buf_release(&b);
}

static void history(struct repo *r)
{
	const char *d = path("h");
	struct oid head = git_oid_of(d, "HEAD"), c1 = git_oid_of(d, "HEAD^^");
	struct oid c2 = git_oid_of(d, "HEAD^1"), c3 = git_oid_of(d, "HEAD^2"), id;
	struct commit c = COMMIT_INIT;
	struct buf b = BUF_INIT, raw = BUF_INIT;
	uint64_t n;

	ok(commit_read(r, &head, &c, &e) == 0 && c.parents_n == 2 &&
	   oid_eq(&c.parents[1], &c3), "read a commit: %s", e.msg);
	ok(is(&c.author, "A U Thor <a@example.com>") &&
	   c.author_time == 1700000000 && c.author_tz == 90 &&
	   c.time == 1700000001 && c.tz == -300, "its people and times");
	ok(commit_encode(&b, &c) == 0 &&
	   repo_read_as(r, &head, OBJ_COMMIT, 0, &raw, &e) == 0 &&
	   buf_cmp(&b, &raw) == 0, "encoded again it is the same");
	ok(repo_merge_base(r, &c2, &c3, &id, &e) == 0 && oid_eq(&id, &c1),
	   "merge base");
	ok(repo_is_ancestor(r, &c1, &head, &e) == 1 &&
	   repo_is_ancestor(r, &head, &head, &e) == 1 &&
	   repo_is_ancestor(r, &c2, &c3, &e) == 0, "ancestors");
	git(d, "rev-list", "--topo-order", "--reverse", "HEAD", "^HEAD^^", NULL);
	buf_reset(&b);
	ok(repo_walk(r, &head, &c1, 1, 1, collect, &b, &e) == 0 &&
	   strlen(b.p) == git_out.n && !memcmp(b.p + 82, oid_hex(&head), 40),
	   "walk: %s", e.msg);
	ok(repo_count(r, &head, NULL, &n, &e) == 0 && n == 4, "count");
	ok(repo_count(r, &head, &c2, &n, &e) == 0 && n == 2, "count from");
	ok(repo_resolve(r, "HEAD^2", &id, &e) == 0 && oid_eq(&id, &c3),
	   "resolve HEAD^2");
	ok(repo_resolve(r, "nope", &id, &e) == HUB_EUSAGE, "%s", e.msg);
	ok(repo_resolve(r, "HEAD:a", &id, &e) == HUB_EUSAGE, "%s", e.msg);
	ok(repo_commit_at(r, &head, 1700000001, &id, &e) == 0 &&
	   oid_eq(&id, &head), "commit at");
	ok(repo_commit_at(r, &head, 1600000000, &id, &e) == HUB_EABSENT, "%s",
	   e.msg);
	git(d, "commit-tree", "HEAD^{tree}", "-m", "unrelated", NULL);
	oid_parse(&id, git_out.p, git_out.n);
	ok(repo_merge_base(r, &id, &c2, &id, &e) == HUB_EABSENT, "%s", e.msg);
	commit_release(&c);
	buf_release(&b);
	buf_release(&raw);
}

static void trailers(void)
{
	struct commit c = COMMIT_INIT;
	struct buf v = BUF_INIT;

	buf_addstr(&c.message, "Auto-sync: x\n\nbody Key: no\n\n"
		   "Key: one\nother: z\nkey:  two\n");
	ok(commit_trailer(&c, "Key", &v) == 1 && is(&v, "two"), "last trailer");
	ok(commit_trailer(&c, "Nope", &v) == 0, "no such trailer");
	ok(commit_is_auto(&c), "automatic");
	buf_reset(&c.message);
	buf_addstr(&c.message, "Key: subject\n");
	ok(commit_trailer(&c, "Key", &v) == 0, "the subject is no trailer");
	buf_addstr(&c.author, "A\nB");
	buf_reset(&v);
	ok(commit_encode(&v, &c) == HUB_EUSAGE, "a newline in a name");
	commit_release(&c);
	buf_release(&v);
}

/* hash-object --literally makes commits that git itself would not. */
static void odd_commits(struct repo *r)
{
	static const struct { const char *text; int rc; } t[] = {
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor x\n\nm",
		  0 },
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
		  "author a <b> 99999999999999999999 +9999\n\nm", 0 },
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nm", 0 },
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee49\n\nm",
		  HUB_ECORRUPT },
		{ "author a <b> 1 +0000\n\nm", HUB_ECORRUPT },
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent zz\n\n",
		  HUB_ECORRUPT },
		{ "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauth",
		  HUB_ECORRUPT },
	};
	struct commit c = COMMIT_INIT;
	struct oid id;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		put_file(path("odd"), t[i].text);
		git(path("h"), "hash-object", "--literally", "-w", "-t",
		    "commit", path("odd"), NULL);
		oid_parse(&id, git_out.p, git_out.n);
		ok(commit_read(r, &id, &c, &e) == t[i].rc, "odd commit %zu: %s",
		   i, t[i].rc ? e.msg : "read");
	}
	commit_release(&c);
}

/* Damage: what is there and wrong is never "absent". */
static void damage(void)
{
	struct repo *r = NULL;
	struct oid blob, none;
	struct buf b = BUF_INIT, f = BUF_INIT;
	char name[1200];
	size_t n;

	history_setup("d");
	blob = git_oid_of(path("d"), "HEAD:a");
	git(path("d"), "repack", "-adq", NULL);
	{
		struct os_dir *d = NULL;
		const char *s;
		enum os_type t;

		os_dir_open(path("d/.git/objects/pack"), &d, &e);
		while (os_dir_next(d, &s, &t, &e) == 1)
			if (!strcmp(s + strlen(s) - 4, ".idx"))
				snprintf(name, sizeof(name), "%s/%s",
					 path("d/.git/objects/pack"), s);
		os_dir_close(d);
	}
	memset(&none, 7, sizeof(none));
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &none, NULL, 0, &b, &e) == HUB_EABSENT, "sound: absent");
	repo_close(r);

	os_read_file(name, 1 << 20, &f, &e);
	n = f.n;
	f.p[8 + 1024 + 5] ^= 1;	/* in the table of names */
	os_replace(name, f.p, f.n, 0, &e);
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &none, NULL, 0, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	repo_close(r);

	f.p[8 + 1024 + 5] ^= 1;
	os_replace(name, f.p, n - 30, 0, &e);
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &blob, NULL, 0, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	repo_close(r);
	os_replace(name, f.p, n, 0, &e);

	strcpy(name + strlen(name) - 4, ".pack");
	buf_reset(&f);
	os_read_file(name, 1 << 20, &f, &e);
	f.p[f.n - 3] ^= 1;
	os_replace(name, f.p, f.n, 0, &e);
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &none, NULL, 0, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	repo_close(r);

	f.p[f.n - 3] ^= 1;
	for (size_t i = 12; i < f.n - 20; i += 7)
		f.p[i] ^= 0x20;
	os_replace(name, f.p, f.n, 0, &e);
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &blob, NULL, 0, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	repo_close(r);

	os_unlink(name, &e);
	repo_open(path("d"), &r, &e);
	ok(repo_read(r, &blob, NULL, 0, &b, &e) == HUB_ECORRUPT, "%s", e.msg);
	repo_close(r);
	buf_release(&b);
	buf_release(&f);
}

int main(void)
{
	struct repo *r = NULL;

	os_init();
	ok(repo_lib_init(&e) == 0, "libgit2 starts");
	create();
	refusals();
	config();
	history_setup("h");
	ok(repo_open(path("h"), &r, &e) == 0, "open git's own: %s", e.msg);
	objects(r);
	history(r);
	trailers();
	odd_commits(r);
	repo_close(r);
	damage();
	repo_lib_shutdown();
	buf_release(&git_out);
	return done();
}
