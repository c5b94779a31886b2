/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-repo-scanfault.c - a scan while the system says no, or while somebody else
 * changes the tree.  Calls are replaced, so that it works for root too.
 */
#include <dirent.h>
#include <errno.h>

#include "os/posix/sys.h"
#include "lib-scan.h"

/* The call on a path that ends so fails with this. */
static const char *open_fails, *stat_fails;
static int fail_with;
static const char *list_fails;	/* the folder that holds this entry */
static int unknown;		/* readdir() tells no types */
static int twice;		/* and tells each name twice */
static const char *change_at;	/* before this is looked at ... */
static void (*change)(void);	/* ... this happens, once */

static int is(const char *name, const char *want)
{
	return want && !strcmp(name, want);
}

static void change_now(const char *name)
{
	if (is(name, change_at)) {
		change_at = NULL;
		change();
	}
}

static int my_openat(int fd, const char *name, int flags, unsigned mode)
{
	change_now(name);
	if (is(name, open_fails)) {
		errno = fail_with;
		return -1;
	}
	return sys_real.openat(fd, name, flags, mode);
}

static int my_fstatat(int fd, const char *name, struct stat *st, int flags)
{
	change_now(name);
	if (is(name, stat_fails)) {
		errno = fail_with;
		return -1;
	}
	return sys_real.fstatat(fd, name, st, flags);
}

static struct dirent *my_readdir(DIR *d)
{
	static struct dirent *again;
	struct dirent *de = again;

	again = NULL;
	if (de)
		return de;
	de = sys_real.readdir(d);
	if (de && is(de->d_name, list_fails)) {
		errno = fail_with;
		return NULL;
	}
	if (de && unknown)
		de->d_type = DT_UNKNOWN;
	if (twice)
		again = de;
	return de;
}

static void fresh(const char *name)
{
	sys = sys_real;
	tree(name);
	sys.openat = my_openat;
	sys.fstatat = my_fstatat;
	sys.readdir = my_readdir;
	open_fails = stat_fails = list_fails = change_at = NULL;
	unknown = twice = 0;
	why[0] = '\0';
	put("a/b/x", "");
	put("a/y", "");
	put("c", "");
	put("d/z", "");
}

static void test_refused(void)
{
	fresh("refused");
	open_fails = "b";
	fail_with = EACCES;
	looks("U a/b/\nF a/y\nF c\nF d/z\n", "a folder that cannot be opened");
	ok(strstr(why, "a/b") && strstr(why, strerror(EACCES)),
	   "the note says why: %s", why);
	open_fails = "a";
	fail_with = EMFILE;
	looks("U a/\nF c\nF d/z\n", "no handles left");
	fail_with = ENOENT;
	looks("U a/\nF c\nF d/z\n", "not opened, but there: not called gone");
	open_fails = NULL;
	list_fails = "y";
	fail_with = EIO;
	looks("U a/\nF c\nF d/z\n", "a folder that cannot be listed");
	list_fails = NULL;
	stat_fails = "y";
	looks("F a/b/x\nU a/y\nF c\nF d/z\n", "a file that cannot be examined");
	stat_fails = NULL;
	list_fails = "c";
	fails(HUB_EIO, "refused", "a root that cannot be listed");
	list_fails = NULL;
	open_fails = root;
	fail_with = EACCES;
	fails(HUB_EDENIED, "refused", "a root that cannot be opened");
}

static void test_rule_files(void)
{
	fresh("rule-files");
	put("a/.gitignore", "secret\n");
	put("a/secret", "");
	open_fails = ".gitignore";
	fail_with = EACCES;
	fails(HUB_EDENIED, "/a/.gitignore", "unreadable rules stop the scan");
	fail_with = EIO;
	fails(HUB_EIO, "/a/.gitignore", "likewise");
	fail_with = ENOENT;
	looks("F a/.gitignore\nF a/b/x\nF a/secret\nF a/y\nF c\nF d/z\n",
	      "removed meanwhile: no rules");
	open_fails = NULL;
	looks("F a/.gitignore\nF a/b/x\nI a/secret\nF a/y\nF c\nF d/z\n",
	      "readable");
	put("../rule-files.git/info/exclude", "a\n");
	tracked[0] = "a/y";
	open_fails = ".gitignore";
	fail_with = EACCES;
	looks("I a/.gitignore\nI a/b/\nI a/secret\nF a/y\nF c\nF d/z\n",
	      "in an ignored folder no rules are read, so none can fail");
}

static void c_gone(void) { unlink("c"); }
static void d_gone(void) { unlink("d/z"); rmdir("d"); }
static void d_file(void) { d_gone(); put("d", ""); }
static void d_link(void) { d_gone(); if (symlink("a", "d")) perror("d"); }

static void c_folder(void)
{
	unlink("c");
	put("c/in", "");
}

static void c_link(void)
{
	unlink("c");
	if (symlink("a", "c"))
		perror("c");
}

static void test_changes(void)
{
	fresh("gone-file");
	change_at = "c";
	change = c_gone;
	looks("F a/b/x\nF a/y\nF d/z\n", "a file that vanishes is gone");
	fresh("gone-folder");
	change_at = "d";
	change = d_gone;
	looks("F a/b/x\nF a/y\nF c\n", "so is a folder");
	fresh("file-folder");
	put("c-d", "");
	put("c.d", "");
	put("c0", "");
	change_at = "c";
	change = c_folder;
	looks("F a/b/x\nF a/y\nF c-d\nF c.d\nF c/in\nF c0\nF d/z\n",
	      "a file that became a folder is walked in its place");
	fresh("file-link");
	change_at = "c";
	change = c_link;
	looks("F a/b/x\nF a/y\nL c\nF d/z\n", "a file that became a symlink");
	fresh("folder-file");
	change_at = "d";
	change = d_file;
	looks("F a/b/x\nF a/y\nF c\nU d/\n",
	      "a folder that became a file: nothing below it is called deleted");
	fresh("folder-link");
	change_at = "d";
	change = d_link;
	looks("F a/b/x\nF a/y\nF c\nU d/\n", "a symlink: not followed");
}

static void test_readdir(void)
{
	fresh("unknown");
	put(".gitignore", "y\nb/\nc/\n");
	put("l/m", "");
	if (symlink("a", "k"))
		perror("k");
	unknown = 1;
	looks("F .gitignore\nI a/b/\nI a/y\nF c\nF d/z\nL k\nF l/m\n",
	      "a file system that tells no types");
	stat_fails = open_fails = "d";
	fail_with = EACCES;
	looks("F .gitignore\nI a/b/\nI a/y\nF c\nU d\nU d/\nL k\nF l/m\n",
	      "nor lets us ask");
	stat_fails = open_fails = NULL;
	unknown = 0;
	twice = 1;
	looks("F .gitignore\nI a/b/\nI a/y\nF c\nF d/z\nL k\nF l/m\n",
	      "a name listed twice is reported once");
}

int main(void)
{
	test_refused();
	test_rule_files();
	test_changes();
	test_readdir();
	sys = sys_real;
	return done();
}
