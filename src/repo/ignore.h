/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ignore.h - rules of .gitignore files, as gitignore(5) has them.  Pure.
 */
#ifndef REPO_IGNORE_H
#define REPO_IGNORE_H

#include "base/buf.h"

#define IGNORE_FILE_MAX (4u << 20)	/* larger ignore files: HUB_ELIMIT */
#define IGNORE_LINE_MAX 8192		/* longer lines are skipped */

struct ignore;		/* the rules of one file */

/* ignore_parse(): rules of a file that lies in folder ${base} ("" for the
 * root, else "a/b/").  Lines that are no pattern are skipped, as git does. */
int ignore_parse(const void *p, size_t n, const char *base, size_t base_n,
		 struct ignore **ret, struct err *e);
void ignore_free(struct ignore *ig);	/* NULL is fine */
/* ignore_match(): 1 ignored, 0 taken back by "!", -1 no rule matches. */
int ignore_match(const struct ignore *ig, const char *path, size_t n,
		 int is_dir);
/* ignore_wildmatch(): git's wildmatch with WM_PATHNAME ("*" does not cross
 * '/', double star does, [classes], backslash).  Bounded: never exponential. */
int ignore_wildmatch(const char *pat, size_t pn, const char *s, size_t n);

#endif
