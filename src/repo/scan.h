/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.h - walk a workspace's files: folder handles, readdir, fstatat.  Reports
 * in memcmp order of full paths (git's order: a folder sorts as "name/"), so
 * that the caller can join with the base records in one pass.  Never follows a
 * symlink, never opens a file but .gitignore.  Memory: the names of the folders
 * on the way.  Handles: at most 68, however deep the tree.  Cost: about 1.6 us
 * of CPU a file, nine tenths of it in the system; 0.3 us more where 70 ignore
 * rules hold.
 */
#ifndef REPO_SCAN_H
#define REPO_SCAN_H

#include "os/os_file.h"

struct scan_entry {
	const char *path;	/* NUL-ended; borrowed until the return */
	size_t path_n;
	const char *name;	/* last component of path */
	struct os_dir *dir;	/* its folder, open; borrowed until the return */
	struct os_stat st;	/* type is OS_REG or OS_LNK */
};

/* Notes come in the order of files, with one exception: SCAN_UNREADABLE for a
 * folder that can no longer be reached comes after what was seen of it. */
enum scan_note {
	SCAN_IGNORED,		/* file or folder (path ends with '/') ignored
				   by .gitignore and not tracked; nothing below
				   such a folder is reported */
	SCAN_NESTED_GIT,	/* path (no '/' at the end) of a ".git" in any
				   spelling, file or folder, that is not the
				   workspace's own: never synced */
	SCAN_BAD_NAME,		/* a name that no tree may hold (folder: '/') */
	SCAN_SPECIAL,		/* socket, FIFO, device */
	SCAN_UNREADABLE,	/* could not look: file, or folder (ends with '/');
				   nothing below it may count as deleted.  Also
				   what changed its kind under our eyes.  What
				   may be either is noted as both */
	SCAN_TOO_LONG,		/* path over PATH_LEN_MAX; folder ends with '/' */
};

struct scan_ops {
	void *arg;
	/* a regular file or symlink; non-zero stops and is returned */
	int (*file)(void *arg, const struct scan_entry *en);
	/* path: NUL-ended, borrowed until the return.  ${why} is set with
	 * SCAN_UNREADABLE, else NULL.  Non-zero stops and is returned. */
	int (*note)(void *arg, enum scan_note what, const char *path, size_t n,
		    const struct err *why);
	/* Is this path tracked (is_dir: is anything below it)?  Without a '/'
	 * at the end.  Asked only for what an ignore rule matches; tracked
	 * files are never ignored.  < 0 stops and is returned. */
	int (*tracked)(void *arg, const char *path, size_t n, int is_dir);
};

/*
 * scan_run(): walk ${workdir}.  Rules: .gitignore in every folder,
 * ${gitdir}/info/exclude, ${global_excludes} (paths or NULL), with git's
 * semantics (gitignore(5)): later rules win, "!" takes back, a file in an
 * ignored folder cannot be taken back, "/" anchors, "**".  A ".git" in the
 * root is skipped silently whatever it is.  ".vibehub" is an ordinary folder.
 * An ignored folder with tracked files below it is walked; whatever else is in
 * there is noted as ignored.  What vanishes during the walk is not reported.
 *
 * Returns 0; what a call-back returned; HUB_EABSENT, HUB_EDENIED, HUB_EIO if
 * the root, or any rule file, cannot be read (without its rules, files that
 * must stay private would be recorded); HUB_ELIMIT if rule files are too large;
 * HUB_ECANCEL after a signal; HUB_ENOMEM.
 */
int scan_run(const char *workdir, const char *gitdir,
	     const char *global_excludes, const struct scan_ops *ops,
	     struct err *e);

#endif
