/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.h - rules about the names of files in a tree.  Pure.  Paths are byte
 * strings with '/' between components, relative to the workspace's root.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/buf.h"

#define PATH_NAME_MAX 255	/* bytes in one component */
#define PATH_LEN_MAX 4095	/* bytes in a path */

/*
 * path_is_dotgit(): is this one component any spelling of ".git" that some
 * file system would take for it?  ".git" in any case, with trailing dots,
 * spaces or an NTFS stream (".git::$INDEX_ALLOCATION", ".git . ."), the 8.3
 * name "git~1", and HFS+ spellings with ignorable code points (U+200C..200F,
 * U+202A..202E, U+206A..206F, U+FEFF).  See git CVE-2014-9390, 2019-1352,
 * 2019-1353.
 */
int path_is_dotgit(const char *name, size_t n);

/*
 * path_component_ok(): may this component stand in a tree of ours at all?
 * Not empty, ".", "..", no '/' and no NUL, at most PATH_NAME_MAX bytes, not
 * path_is_dotgit().  Everything else (control characters, bad UTF-8, a leading
 * '-', a backslash) may.
 */
int path_component_ok(const char *name, size_t n);

/* path_ok(): all components ok, no leading or trailing '/', not too long. */
int path_ok(const char *path, size_t n);

/*
 * path_windows_ok(): could Windows hold this component?  No < > : " | ? * or
 * backslash, no control characters, no trailing dot or space, not
 * CON PRN AUX NUL COM1-9 LPT1-9 (with any extension), valid UTF-8.
 */
int path_windows_ok(const char *name, size_t n);

/* path_base(): offset of the last component. */
size_t path_base(const char *path, size_t n);

/*
 * path_ext(): offset of the extension in a component, with its dot; n if there
 * is none.  A leading dot does not start one (".bashrc"); ".tar.gz",
 * ".tar.xz", ".tar.zst", ".tar.bz2" count whole.
 */
size_t path_ext(const char *name, size_t n);

#endif
