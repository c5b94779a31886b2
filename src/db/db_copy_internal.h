/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_copy_internal.h - what the two files of db_copy_live() share: the state
 * of the source's files at a moment, and how they may be read.
 */
#ifndef DB_DB_COPY_INTERNAL_H
#define DB_DB_COPY_INTERNAL_H

#include "os/os_file.h"
#include "db/db_internal.h"

#define DB_COPY_HEADER 100
#define DB_COPY_VERSIONS_AT 18	/* in the header: write and read version */

enum db_copy_way { DB_COPY_LIVE, DB_COPY_STILL, DB_COPY_ASIDE };

/* The files of a data base; -shm is memory, not content, and comes last. */
enum { DB_COPY_MAIN, DB_COPY_WAL, DB_COPY_JOURNAL, DB_COPY_SHM,
       DB_COPY_FILES };

/* One moment; a file that is absent has type OS_UNKNOWN and size 0. */
struct db_copy_seen { struct os_stat f[DB_COPY_FILES]; };

/* The clock of a file system: the time stamp of a file that was just made
 * there, and the same moment on our monotonic clock. */
struct db_copy_clock { int64_t made_ns; uint64_t made_ms; };

/* db_copy_name(): name of file ${file} of the data base ${path}${more}. */
int db_copy_name(struct buf *b, const char *path, const char *more, int file,
		 struct err *e);
/* db_copy_look(): what is there now?  HUB_EABSENT; HUB_EIO if the main file is
 * not a regular one. */
int db_copy_look(const char *path, struct db_copy_seen *ret, struct err *e);
/* db_copy_unchanged(): did nothing happen in between? */
int db_copy_unchanged(const struct db_copy_seen *a,
		      const struct db_copy_seen *b);
/* db_copy_choose(): how may it be read?  HUB_ECORRUPT if its header is none. */
int db_copy_choose(const char *path, const struct db_copy_seen *s,
		   enum db_copy_way *ret, struct err *e);
/* db_copy_settle(): wait until any change from now on must show in a time
 * stamp.  HUB_ECANCEL. */
int db_copy_settle(const struct db_copy_clock *c, const struct db_copy_seen *s,
		   struct err *e);

#endif
