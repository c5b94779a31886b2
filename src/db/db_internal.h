/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_internal.h - what the files of db/ share: one SQLite handle, its errors
 * as ours, and statements.  Included by db/ only.
 */
#ifndef DB_DB_INTERNAL_H
#define DB_DB_INTERNAL_H

#include <sqlite3.h>
#include "db/db.h"

#define DB_BUSY_MS 10000

struct db {
	sqlite3 *h;
	char *path;		/* as the caller named it, for messages */
};

/*
 * db_open(): open a data base of our own for reading and writing, created
 * (and its name made durable) if it is absent.  Nothing in the file is
 * trusted: defensive, no triggers, no views, no attached code.  Does not yet
 * choose a journal mode: see db_use_wal().
 */
int db_open(const char *path, struct db **ret, struct err *e);
/* db_close(): NULL is fine.  All statements must have been finalized. */
void db_close(struct db *d);

/* db_use_wal(): write-ahead log, every commit synced. */
int db_use_wal(struct db *d, struct err *e);

/* db_rc(): one of SQLite's result codes as one of ours. */
int db_rc(int sqlite_rc);
/* db_fail(): set the error of the last call on ${d}, which returned
 * ${sqlite_rc}: "cannot ${doing} '<path>': ...".  Returns our code. */
int db_fail(struct db *d, int sqlite_rc, const char *doing, struct err *e);
/* db_damaged(): HUB_ECORRUPT for what SQLite does not notice itself. */
int db_damaged(struct db *d, const char *why, struct err *e);

/* db_exec(): run SQL of ours that returns no rows (rows are ignored). */
int db_exec(struct db *d, const char *sql, struct err *e);
/* db_int(): first column of the first row. */
int db_int(struct db *d, const char *sql, int64_t *ret, struct err *e);
/* db_prepare(): owned by the caller, sqlite3_finalize(). */
int db_prepare(struct db *d, const char *sql, sqlite3_stmt **ret,
	       struct err *e);
/* db_step(): 1 for a row, 0 at the end, < 0 on failure. */
int db_step(struct db *d, sqlite3_stmt *st, struct err *e);
/* db_bind(): ${n} bytes as a blob (never NULL); ${p} is borrowed until the
 * statement is reset. */
void db_bind(sqlite3_stmt *st, int i, const void *p, size_t n);
/* db_column(): a blob of at most ${max} bytes; HUB_ECORRUPT for anything else
 * in that column.  Borrowed until the next step. */
int db_column(struct db *d, sqlite3_stmt *st, int i, size_t max,
	      struct span *ret, struct err *e);

/*
 * db_plain_name(): ${path} in a form that sqlite3_open_v2() cannot take for
 * anything but the name of a file (SQLite may be built to see a URI in every
 * "file:...", and ":memory:" and "" are no names).
 */
void db_plain_name(struct buf *out, const char *path);
/* db_uri_name(): ${path} as a "file:" URI, all odd bytes escaped, with
 * ${query} ("immutable=1") behind it. */
void db_uri_name(struct buf *out, const char *path, const char *query);

#endif
