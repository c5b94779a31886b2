/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dbside.h - the side files of SQLite data bases: "x-wal", "x-shm" and
 * "x-journal" beside data base "x" are never recorded; and a change that is
 * still in the WAL is noticed although "x" itself has not moved.
 */
#ifndef SYNC_DBSIDE_H
#define SYNC_DBSIDE_H

#include "db/state.h"
#include "os/os_file.h"

struct dbside { char **v; size_t n, alloc; };

/* dbside_note(): ${path} is a data base.  Call in scan order. */
int dbside_note(struct dbside *d, const char *path, size_t n);
/* dbside_is_side(): is ${path} a side file of one noted before? */
int dbside_is_side(struct dbside *d, const char *path, size_t n);
void dbside_release(struct dbside *d);

/* What a WAL looked like; all zero if there is none. */
struct dbside_wal { uint64_t size; int64_t mtime_ns; };

/* dbside_wal(): of the data base ${name} in ${dir}.  Take it BEFORE copying. */
void dbside_wal(struct os_dir *dir, const char *name, struct dbside_wal *ret);
/* dbside_unchanged(): is it as dbside_remember() noted it for ${path}? */
int dbside_unchanged(struct state *s, const char *path, size_t n,
		     const struct dbside_wal *now);
/* dbside_remember(): inside a state transaction. */
int dbside_remember(struct state *s, const char *path, size_t n,
		    const struct dbside_wal *w, struct err *e);

#endif
