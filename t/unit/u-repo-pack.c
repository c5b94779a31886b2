/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own reader of packs: deltas of both kinds, packs that come and go, damage. */
#include <stdlib.h>

#include "gitcli.h"
#include "repo/repo_internal.h"

#define FILES 150

static struct err e = ERR_INIT;

__attribute__((format(printf, 1, 2)))
static void sh(const char *fmt, ...)
{
	char cmd[2048];
	const char *argv[] = { "sh", "-c", cmd, NULL };
	struct os_proc p = { .argv = argv };
	int status = -1;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (os_run(&p, &status, &e) < 0 || status)
		BUG("%s", cmd);
}

static void setup(void)
{
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("HOME", "/nonexistent", 1);
	setenv("GIT_AUTHOR_NAME", "A U Thor", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "A U Thor", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@example.com", 1);
}

/* Ids of all objects, by git. */
static size_t all_ids(const char *repo, struct oid *ids, size_t max)
{
	const char *p;
	size_t n = 0;

	if (git(repo, "rev-list", "--objects", "--all", NULL))
		BUG("rev-list");
	for (p = git_out.p; p && n < max; p = strchr(p, '\n')) {
		p += *p == '\n';
		n += !oid_parse(&ids[n], p, OID_HEX);
	}
	return n;
}

/* Read all, twice: how many are right; *own: by our own reader. */
static size_t read_all(struct repo *r, const struct oid *ids, size_t n,
		       size_t *own, size_t *bad)
{
	struct buf b = BUF_INIT;
	enum obj_type t;
	struct oid got;
	size_t i, good = 0;

	*own = *bad = 0;
	for (i = 0; i < 2 * n; i++) {
		const struct oid *id = &ids[i % n];

		if (repo_read(r, id, &t, 0, &b, &e) < 0)
			continue;
		if (repo_hash(t, b.p, b.n, &got) || !oid_eq(&got, id))
			++*bad;
		else
			good++;
		*own += repo_pack_read(r, id, &t, 0, &b);
	}
	buf_release(&b);
	return good;
}

static void make(const char *repo)
{
	int i;

	sh("git init -q -b main '%s'", repo);
	for (i = 0; i < FILES; i++)
		sh("{ seq 1 400; echo %d; seq %d 900; } >'%s/f%d'", i, 400 + i,
		   repo, i);
	sh("cd '%s' && git add . && git commit -qm 1 && "
	   "for i in 1 2 3; do seq $i 700 >f$i; done && "
	   "git commit -qam 2 && git tag -am t t", repo);
}

static struct repo *reopen(const char *repo)
{
	struct repo *r = NULL;

	if (repo_open(repo, &r, &e) < 0)
		BUG("cannot open: %s", e.msg);
	return r;
}

static void deltas(const char *repo, const struct oid *ids, size_t n,
		   const char *how, const char *what)
{
	size_t own, bad, good;
	struct repo *r;

	sh("cd '%s' && %s", repo, how);
	r = reopen(repo);
	good = read_all(r, ids, n, &own, &bad);
	ok(good == 2 * n && !bad && own > n, "%s: %zu of %zu, %zu by us", what,
	   good, 2 * n, own);
	repo_close(r);
}

/* A pack is replaced while it is open. */
static void moving(const char *repo, const struct oid *ids, size_t n)
{
	struct repo *r = reopen(repo);
	size_t own, bad, good = read_all(r, ids, n, &own, &bad);

	ok(good == 2 * n, "before");
	sh("cd '%s' && git repack -qadf --depth=3", repo);
	good = read_all(r, ids, n, &own, &bad);
	ok(good == 2 * n && !bad, "packs that went: %zu", good);
	ok(repo_refresh(r, &e) == 0, "refresh");
	good = read_all(r, ids, n, &own, &bad);
	ok(good == 2 * n && own > n, "packs that came: %zu by us", own);
	repo_close(r);
}

/* Bytes of the pack and its index are wrong: never a wrong content. */
static void damage(const char *repo, const struct oid *ids, size_t n,
		   const char *suffix)
{
	size_t own, bad, all_bad = 0, good = 0;
	struct repo *r;
	int i;

	for (i = 0; i < 15; i++) {
		sh("cd '%s/.git/objects/pack' && chmod u+w *%s && f=$(ls *%s) && "
		   "cp \"$f\" ../../keep && "
		   "printf '\\%o' | dd of=\"$f\" bs=1 conv=notrunc status=none "
		   "seek=$(( $(stat -c %%s \"$f\") * %d / 16 ))",
		   repo, suffix, suffix, 0200 + i, i + 1);
		r = reopen(repo);
		good += read_all(r, ids, n, &own, &bad);
		all_bad += bad;
		repo_close(r);
		sh("cd '%s/.git/objects/pack' && cp ../../keep \"$(ls *%s)\"",
		   repo, suffix);
	}
	ok(!all_bad && good, "damaged %s: %zu read, all right", suffix, good);
}

int main(void)
{
	struct oid ids[2 * FILES];
	char repo[1024];
	size_t n;

	if (repo_lib_init(&e) < 0)
		BUG("%s", e.msg);
	setup();
	snprintf(repo, sizeof(repo), "%s", path("w"));
	make(repo);
	n = all_ids(repo, ids, 2 * FILES);
	ok(n > FILES, "%zu objects", n);
	deltas(repo, ids, n, "git repack -qadf --depth=0", "whole");
	deltas(repo, ids, n, "git repack -qadf --depth=40 --window=30",
	       "deltas to offsets");
	deltas(repo, ids, n, "git -c repack.useDeltaBaseOffset=false repack "
	       "-qadf --depth=10", "deltas to names");
	deltas(repo, ids, n, "git -c pack.indexVersion=2 -c core.compression=0 "
	       "repack -qadF", "not compressed");
	moving(repo, ids, n);
	damage(repo, ids, n, ".pack");
	damage(repo, ids, n, ".idx");
	repo_lib_shutdown();
	return done();
}
