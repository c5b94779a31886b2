/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_copy.c - one consistent copy of a data base that others may be using.
 *
 * The source is never written to, nor is anything created, changed or removed
 * beside it.  SQLite alone does not promise that: a reader of a data base in
 * WAL mode creates -wal and -shm where they are missing, and one that finds
 * the journal of a crashed writer either rolls back in place or refuses.  So
 * there are three ways to read it:
 *
 *	LIVE	a read-only connection with locks, as any program would have.
 *		A connection that cannot write never checkpoints and removes
 *		no -wal, at its end neither.
 *	STILL	WAL mode, but nothing in the log: the main file is the whole
 *		data base.  It is read without locks ("immutable").
 *	ASIDE	what only a writer could read: a hot journal, or a log whose
 *		-shm is missing or cannot be used.  The files are copied as
 *		they are, and rolled back or recovered there by SQLite.
 *
 * STILL and ASIDE take no locks, so they count only if no file of the source
 * changed meanwhile (size, inode, mtime, ctime; not so soon after a change
 * that another one could carry the same time stamp).  Otherwise somebody has
 * begun to write, and we look again.
 *
 * All three end in the backup interface.  The pages are copied as they are:
 * damage inside a page goes into the copy, as it should.  Only in the header
 * SQLite counts anew.  In rollback mode the header is put back, so that the copy
 * has the very bytes of the source.  In WAL mode the newest header may be in the
 * log, where we don't look; there the copy has the header that SQLite made, so
 * that the same content gives the same bytes, whichever way it was read.
 *
 * "One backup_step(-1)" is done in slices under one read transaction of the
 * source connection: its snapshot stands still, so no slice is ever begun
 * again, but a signal is noticed in between.
 */
#include <limits.h>
#include <string.h>
#include "base/banned.h"
#include "base/path.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "db/db_copy_internal.h"

#define ATTEMPTS 5
#define SLICE_PAGES 4096

struct copy {
	const char *from, *to;
	struct os_dir *dir;	/* folder of ${to} */
	int fd;			/* ${to}, for writing */
	struct db_copy_clock clock;
	unsigned busy_ms;
	int whole;		/* the source began with */
	uint8_t header[DB_COPY_HEADER];
};

/* ---- the copy itself ---- */

/* A handle on the source, or on its copy aside.  SQLite's code. */
static int open_source(const struct copy *c, const char *path,
		       enum db_copy_way way, struct db *ret)
{
	struct buf name = BUF_INIT;
	int flags = SQLITE_OPEN_NOMUTEX, rc = SQLITE_NOMEM;

	if (way == DB_COPY_STILL)
		db_uri_name(&name, path, "immutable=1");
	else
		db_plain_name(&name, path);
	flags |= way == DB_COPY_ASIDE ? SQLITE_OPEN_READWRITE :
					SQLITE_OPEN_READONLY;
	flags |= way == DB_COPY_STILL ? SQLITE_OPEN_URI : 0;
	if (!buf_error(&name))
		rc = sqlite3_open_v2(name.p, &ret->h, flags, NULL);
	if (ret->h) {
		sqlite3_extended_result_codes(ret->h, 1);
		sqlite3_busy_timeout(ret->h, c->busy_ms > INT_MAX ? INT_MAX :
				     (int)c->busy_ms);
	}
	buf_release(&name);
	return rc;
}

static int open_target(struct db *to, struct err *e)
{
	struct buf name = BUF_INIT;
	int rc;

	db_plain_name(&name, to->path);
	rc = buf_error(&name) ? SQLITE_NOMEM :
		sqlite3_open_v2(name.p, &to->h, SQLITE_OPEN_READWRITE |
				SQLITE_OPEN_NOMUTEX, NULL);
	buf_release(&name);
	if (rc)
		return db_fail(to, rc, "open", e);
	sqlite3_extended_result_codes(to->h, 1);
	/* Ours alone, removed if anything fails, synced by us at the end. */
	return db_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF",
		       e);
}

/* Inside the transaction nobody changes the main file, and in rollback mode it
 * has everything. */
static void read_header(struct copy *c, struct db *from)
{
	sqlite3_file *f = NULL;

	c->whole = !sqlite3_file_control(from->h, "main",
					 SQLITE_FCNTL_FILE_POINTER, &f) &&
		f && f->pMethods && !f->pMethods->xRead(f, c->header,
							DB_COPY_HEADER, 0) &&
		c->header[DB_COPY_VERSIONS_AT + 1] == 1;
}

/* Copy all pages.  SQLite's code in ${ret_sql} when it is the source that
 * cannot be read. */
static int copy_pages(struct copy *c, struct db *from, struct db *to,
		      int *ret_sql, struct err *e)
{
	sqlite3_backup *b = NULL;
	int sql, rc = 0;

	/* The transaction that holds the snapshot.  This pragma reads the
	 * header only: the schema may need what this library lacks. */
	sql = sqlite3_exec(from->h, "BEGIN; PRAGMA schema_version", NULL, NULL,
			   NULL);
	if (sql) {
		*ret_sql = sql;
		return db_fail(from, sql, "read", e);
	}
	read_header(c, from);
	b = sqlite3_backup_init(to->h, "main", from->h, "main");
	if (!b)
		return db_fail(to, sqlite3_errcode(to->h), "write", e);
	do {
		sql = sqlite3_backup_step(b, SLICE_PAGES);
		if (sql == SQLITE_OK && os_interrupted())
			rc = err_set(e, HUB_ECANCEL, "interrupted");
	} while (sql == SQLITE_OK && rc == 0);
	if (sql != SQLITE_OK && sql != SQLITE_DONE) {
		*ret_sql = sql;
		rc = db_fail(db_rc(sql) == HUB_ELIMIT ? to : from, sql,
			     "copy", e);
	}
	sqlite3_backup_finish(b);
	return rc;
}

/* One attempt, into a target that is emptied first. */
static int read_way(struct copy *c, const char *path,
		    enum db_copy_way way, int *ret_sql, struct err *e)
{
	struct db from = { NULL, (char *)path };
	struct db to = { NULL, (char *)c->to };
	int rc;

	rc = os_truncate(c->fd, 0, c->to, e);
	if (rc == 0) {
		*ret_sql = open_source(c, path, way, &from);
		rc = *ret_sql ? db_fail(&from, *ret_sql, "open", e) : 0;
	}
	if (rc == 0)
		rc = open_target(&to, e);
	if (rc == 0)
		rc = copy_pages(c, &from, &to, ret_sql, e);
	sqlite3_close(to.h);
	sqlite3_close(from.h);
	return rc;
}

/* ---- aside ---- */

static void aside_remove(const struct copy *c)
{
	struct buf name = BUF_INIT;
	int i;

	for (i = 0; i < DB_COPY_FILES; i++)
		if (db_copy_name(&name, c->to, ".src", i, NULL) == 0)
			os_unlink(name.p, NULL);
	buf_release(&name);
}

/* The main file last: without it the others mean nothing. */
static int aside_make(const struct copy *c, const struct db_copy_seen *s,
		      struct err *e)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	int i, rc = 0;

	aside_remove(c);	/* what a killed run left */
	for (i = DB_COPY_SHM - 1; rc == 0 && i >= DB_COPY_MAIN; i--) {
		if (s->f[i].type == OS_UNKNOWN)
			continue;
		rc = db_copy_name(&from, c->from, "", i, e);
		if (rc == 0)
			rc = db_copy_name(&to, c->to, ".src", i, e);
		if (rc == 0)
			rc = os_copy_file(from.p, to.p, e);
	}
	buf_release(&from);
	buf_release(&to);
	return rc;
}

/*
 * Without locks.  1: done; 0: somebody writes, look again; < 0: failed.
 * Order: wait, look, copy the bytes or read them, look again.
 */
static int copy_unlocked(struct copy *c, enum db_copy_way way, struct err *e)
{
	struct db_copy_seen before, after;
	struct buf aside = BUF_INIT;
	int rc, sql = 0;

	rc = db_copy_look(c->from, &before, e);
	if (rc == 0)
		rc = db_copy_settle(&c->clock, &before, e);
	if (rc < 0)
		return rc;
	if (way == DB_COPY_STILL) {
		rc = read_way(c, c->from, DB_COPY_STILL, &sql, e);
	} else {
		rc = aside_make(c, &before, e);
		if (rc == 0)
			rc = db_copy_name(&aside, c->to, ".src",
					  DB_COPY_MAIN, e);
	}
	/* What was read while it changed proves nothing, failures neither. */
	if (rc != HUB_ECANCEL && db_copy_look(c->from, &after, NULL) == 0 &&
	    !db_copy_unchanged(&before, &after)) {
		err_clear(e);
		rc = 0;
		goto out;
	}
	if (rc == 0 && way == DB_COPY_ASIDE)
		rc = read_way(c, aside.p, DB_COPY_ASIDE, &sql, e);
	if (rc == 0)
		rc = 1;
out:
	if (way == DB_COPY_ASIDE)
		aside_remove(c);
	buf_release(&aside);
	return rc;
}

/* Is it only that a reader may not do what has to be done first? */
static int needs_aside(int sql)
{
	switch (sql & 0xff) {
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return 1;
	case SQLITE_IOERR:
		return sql == SQLITE_IOERR_SHMOPEN ||
		       sql == SQLITE_IOERR_SHMSIZE ||
		       sql == SQLITE_IOERR_SHMMAP ||
		       sql == SQLITE_IOERR_SHMLOCK;
	default:
		return 0;
	}
}

static int copy_any_way(struct copy *c, struct err *e)
{
	struct db_copy_seen s;
	int i, rc = 0, sql = 0;

	for (i = 0; rc == 0 && i < ATTEMPTS; i++) {
		enum db_copy_way way = DB_COPY_LIVE;

		rc = db_copy_look(c->from, &s, e);
		if (rc == 0)
			rc = db_copy_choose(c->from, &s, &way, e);
		if (rc < 0)
			return rc;
		/* Where somebody keeps writing, only locks help. */
		if (i == ATTEMPTS - 1)
			way = DB_COPY_LIVE;
		if (way == DB_COPY_LIVE) {
			rc = read_way(c, c->from, DB_COPY_LIVE, &sql, e);
			if (rc == 0)
				return 0;
			if (!needs_aside(sql))
				return rc;
			err_clear(e);
			way = DB_COPY_ASIDE;
		}
		rc = copy_unlocked(c, way, e);
	}
	if (rc == 0)
		rc = err_set(e, HUB_EBUSY, "'%s' changes all the time and "
			     "cannot be locked: try again later", c->from);
	return rc < 0 ? rc : 0;
}

/* ---- the target ---- */

static int target_create(struct copy *c, struct err *e)
{
	struct buf parent = BUF_INIT;
	struct os_stat st;
	size_t base = path_base(c->to, strlen(c->to));
	int rc;

	buf_add(&parent, c->to, base);
	rc = buf_error(&parent) ? err_nomem(e)
		: os_dir_open(parent.n ? parent.p : ".", &c->dir, e);
	if (rc == 0)
		rc = os_dir_create(c->dir, c->to + base, 0, &c->fd, e);
	if (rc == 0)
		rc = os_fstat(c->fd, &st, c->to, e);
	if (rc == 0) {
		c->clock.made_ns = st.mtime_ns;
		c->clock.made_ms = os_mono_ms();
	}
	buf_release(&parent);
	return rc;
}

/* A copy in rollback mode needs no files beside it. */
static int target_finish(struct copy *c, struct err *e)
{
	int fd = c->fd, rc;

	rc = c->whole ?
		os_pwrite(fd, c->header, DB_COPY_HEADER, 0, c->to, e) :
		os_pwrite(fd, "\1\1", 2, DB_COPY_VERSIONS_AT, c->to, e);
	if (rc == 0)
		rc = os_fsync(fd, c->to, e);
	if (rc < 0)
		return rc;
	c->fd = -1;
	rc = os_close(fd, c->to, e);
	if (rc == 0)
		rc = os_dir_sync(c->dir, e);
	return rc;
}

int db_copy_live(const char *from, const char *to, unsigned busy_ms,
		 struct err *e)
{
	struct copy c = { .from = from, .to = to, .fd = -1,
			  .busy_ms = busy_ms };
	int created = 0, rc;

	rc = target_create(&c, e);
	created = c.fd >= 0;
	if (rc == 0)
		rc = copy_any_way(&c, e);
	if (rc == 0)
		rc = target_finish(&c, e);
	os_close(c.fd, to, NULL);
	if (rc < 0 && created)
		os_unlink(to, NULL);
	os_dir_close(c.dir);
	return rc;
}
