/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ignore.h - rules of .gitignore files, as gitignore(5) has them.  Pure.
 */
#ifndef REPO_IGNORE_H
#define REPO_IGNORE_H

#include "base/buf.h"

#define IGNORE_FILE_MAX (4u << 20)	/* larger ignore files: HUB_ELIMIT */
#define IGNORE_LINE_MAX 8192		/* longer patterns are skipped */

struct ignore;		/* the rules of one file */

/* ignore_parse(): rules of a file that lies in folder ${base} ("" for the
 * root, else "a/b/").  Lines that are no pattern are skipped, as git does.
 * 0; HUB_ELIMIT over IGNORE_FILE_MAX; HUB_ENOMEM.  Owned: ignore_free(). */
int ignore_parse(const void *p, size_t n, const char *base, size_t base_n,
		 struct ignore **ret, struct err *e);
void ignore_free(struct ignore *ig);	/* NULL is fine */
/* ignore_count(): number of rules; with 0 there is nothing to ask. */
size_t ignore_count(const struct ignore *ig);
/* ignore_match(): 1 ignored, 0 taken back by "!", -1 no rule matches.  For
 * this path only: whoever walks asks for each folder on the way first (what is
 * below an ignored folder is ignored). */
int ignore_match(const struct ignore *ig, const char *path, size_t n,
		 int is_dir);
/*
 * ignore_wildmatch(): git's wildmatch with WM_PATHNAME ("*" does not cross
 * '/', double star does, [classes], backslash).  1 or 0.  Bounded: at most
 * about 4 million steps (some 10 ms), beyond them 0; a pattern of 256 bytes
 * on a path of PATH_LEN_MAX needs a quarter of that.
 */
int ignore_wildmatch(const char *pat, size_t pn, const char *s, size_t n);

#endif
