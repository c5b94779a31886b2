/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib-history.h - repositories with some history, for the tests of what carries
 * objects from one into another.
 */
#ifndef T_LIB_HISTORY_H
#define T_LIB_HISTORY_H

#include "gitcli.h"
#include "repo/repo.h"

static struct err e = ERR_INIT;

static struct repo *open_new(const char *name)
{
	struct repo *r = NULL;

	if (repo_create(path(name), 1, &e) < 0 ||
	    repo_open(path(name), &r, &e) < 0)
		ok(0, "%s: %s", name, e.msg);
	return r;
}

static struct repo *open_old(const char *dir)
{
	struct repo *r = NULL;

	if (repo_open(dir, &r, &e) < 0)
		ok(0, "%s: %s", dir, e.msg);
	return r;
}

/* merge_side(): a side branch off main~3 in ${d}, merged, and an annotated tag. */
static void merge_side(const char *d)
{
	char f[1200];

	git(d, "checkout", "-q", "-b", "side", "HEAD~3", NULL);
	snprintf(f, sizeof(f), "%s/side", d);
	put_file(f, "side");
	git(d, "add", ".", NULL);
	git(d, "commit", "-q", "-m", "side", NULL);
	git(d, "checkout", "-q", "main", NULL);
	git(d, "merge", "-q", "--no-edit", "side", NULL);
	git(d, "tag", "-a", "-m", "t", "v1", NULL);
}

/* whole(): is all of ${id} there, by git's judgement? */
static int whole(const char *dir, const struct oid *id)
{
	return git(dir, "update-ref", "refs/tags/check", oid_hex(id), NULL) == 0 &&
	       git(dir, "fsck", "--strict", "--full", "--no-dangling", NULL) == 0 &&
	       git_out.n == 0;
}

#endif
