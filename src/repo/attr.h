/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attr.h - the `merge` attribute, as gitattributes(5) has it.  Pure.
 *
 * Not asked: the user's and the system's attribute files and merge drivers.
 * They differ from computer to computer, and the answer must not.
 */
#ifndef REPO_ATTR_H
#define REPO_ATTR_H

#include "base/buf.h"

#define ATTR_FILE_MAX (1u << 20)	/* larger attribute files: no rules */
#define ATTR_LINE_MAX 2048		/* longer lines are skipped, as in git */
#define ATTR_MACROS_MAX 64		/* more in one file are skipped */

enum attr_merge {
	ATTR_MERGE_LINES,	/* unspecified, set, `text`, or a driver of
				   the user's: as git does without it */
	ATTR_MERGE_NEVER,	/* unset (-merge, the macro binary) or `binary` */
	ATTR_MERGE_UNION,
};

/* The text of one folder's .gitattributes. */
struct attr_file {
	struct span text;
	size_t base_n;		/* of the folder's path, with '/'; root: 0 */
};

/*
 * attr_merge(): how to merge the file at ${path}, with the attribute files of
 * the folders on the way to it, the root's first (it must be there, with an
 * empty text if there is none: only the root's file can define macros).  Later
 * files, and later lines in one, win.  Never fails: what is no rule is skipped,
 * as git does.
 */
enum attr_merge attr_merge(const struct attr_file *files, size_t n,
			   const char *path, size_t path_n);

#endif
