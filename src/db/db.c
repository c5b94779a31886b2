/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db.c - SQLite handles: open, errors, statements.
 *
 * What a data base of ours holds is data, never instructions: the file may
 * have been copied, restored or edited by others, so triggers and views are
 * off, the schema is not trusted and defensive mode is on.  The file itself
 * is created by os/ (exclusively), for its error codes and because only then
 * do we know that the name is new and has to be made durable.
 */
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include "base/banned.h"
#include "base/path.h"
#include "os/os_file.h"
#include "db/db_internal.h"

int db_rc(int sqlite_rc)
{
	switch (sqlite_rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return HUB_EBUSY;
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return HUB_ELIMIT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return HUB_ECORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return HUB_EDENIED;
	case SQLITE_NOMEM:
		return HUB_ENOMEM;
	case SQLITE_INTERRUPT:
		return HUB_ECANCEL;
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		return HUB_EBUG;
	default:
		return HUB_EIO;
	}
}

/*
 * unread(): SQLite calls a data base malformed whose disk did not answer (EIO).
 * What the system said of its file or its log, or 0.
 */
static int unread(struct db *d)
{
	sqlite3_file *log = NULL;
	int os = 0;

	if (!d->h)
		return 0;
	sqlite3_file_control(d->h, "main", SQLITE_FCNTL_LAST_ERRNO, &os);
	if (!os && !sqlite3_file_control(d->h, "main",
					 SQLITE_FCNTL_JOURNAL_POINTER, &log) &&
	    log && log->pMethods)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &os);
	return os;
}

int db_fail(struct db *d, int sqlite_rc, const char *doing, struct err *e)
{
	int rc = db_rc(sqlite_rc), bad;
	int os = d->h ? sqlite3_system_errno(d->h) : 0;
	const char *why = sqlite3_errstr(sqlite_rc);

	if (rc == HUB_ENOMEM)
		return err_nomem(e);
	bad = rc == HUB_ECORRUPT ? unread(d) : 0;
	if (bad) {
		rc = err_set(e, HUB_EIO, "cannot %s '%s': its disk does not "
			     "answer: try again", doing, d->path);
		if (e)
			e->os = bad;
		return rc;
	}
	/* The handle's text says more, unless it is about another failure. */
	if (d->h && (sqlite3_extended_errcode(d->h) & 0xff) ==
		    (sqlite_rc & 0xff))
		why = sqlite3_errmsg(d->h);
	rc = err_set(e, rc ? rc : HUB_EBUG, "cannot %s '%s': %s", doing,
		     d->path, why);
	if (e)
		e->os = os;
	return rc;
}

int db_damaged(struct db *d, const char *why, struct err *e)
{
	return err_set(e, HUB_ECORRUPT, "'%s' is damaged: %s", d->path, why);
}

void db_plain_name(struct buf *out, const char *path)
{
	int drive = path[0] && path[1] == ':' && path[2] == '/';

	if (path[0] != '/' && !drive)
		buf_addstr(out, "./");
	buf_addstr(out, path);
}

/* Letters, digits and the few marks that mean nothing in a URI's path. */
static int uri_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("/._-~", c));
}

void db_uri_name(struct buf *out, const char *path, const char *query)
{
	struct buf name = BUF_INIT;
	size_t i;

	db_plain_name(&name, path);
	if (buf_error(&name))
		out->failed = 1;
	/* "//" after the scheme would begin the name of a host: give it an
	 * empty one before every absolute path. */
	buf_addstr(out, name.p[0] == '/' ? "file://" : "file:");
	for (i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (uri_plain(c))
			buf_addch(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	buf_addf(out, "?%s", query);
	buf_release(&name);
}

/* An absent file is created empty, which SQLite takes for a new data base. */
static int create_if_absent(const char *path, struct err *e)
{
	struct os_dir *dir = NULL;
	struct buf parent = BUF_INIT;
	struct os_stat st;
	size_t base = path_base(path, strlen(path));
	int fd = -1, rc;

	rc = os_stat(path, &st, e);
	if (rc != HUB_EABSENT)
		goto out;
	err_clear(e);
	buf_add(&parent, path, base);
	rc = buf_error(&parent) ? err_nomem(e)
		: os_dir_open(parent.n ? parent.p : ".", &dir, e);
	if (rc < 0)
		goto out;
	rc = os_dir_create(dir, path + base, 0, &fd, e);
	if (rc == HUB_ECONFLICT) {	/* another process was faster */
		err_clear(e);
		rc = 0;
		goto out;
	}
	if (rc < 0)
		goto out;
	rc = os_close(fd, path, e);
	if (rc == 0)
		rc = os_dir_sync(dir, e);
out:
	os_dir_close(dir);
	buf_release(&parent);
	return rc;
}

static int configure(struct db *d, struct err *e)
{
	static const int on[] = { SQLITE_DBCONFIG_DEFENSIVE };
	static const int off[] = {
		SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
		SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_DQS_DML,
		SQLITE_DBCONFIG_DQS_DDL,
	};
	size_t i;
	int rc;

	sqlite3_extended_result_codes(d->h, 1);
	sqlite3_busy_timeout(d->h, DB_BUSY_MS);
	for (i = 0; i < sizeof(on) / sizeof(*on); i++) {
		rc = sqlite3_db_config(d->h, on[i], 1, NULL);
		if (rc)
			return db_fail(d, rc, "configure", e);
	}
	for (i = 0; i < sizeof(off) / sizeof(*off); i++) {
		rc = sqlite3_db_config(d->h, off[i], 0, NULL);
		if (rc)
			return db_fail(d, rc, "configure", e);
	}
	return 0;
}

int db_open(const char *path, struct db **ret, struct err *e)
{
	struct db *d = NULL;
	struct buf name = BUF_INIT;
	int rc;

	*ret = NULL;
	rc = create_if_absent(path, e);
	if (rc < 0)
		goto out;
	d = calloc(1, sizeof(*d));
	if (d)
		d->path = strdup(path);
	db_plain_name(&name, path);
	if (!d || !d->path || buf_error(&name)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = sqlite3_open_v2(name.p, &d->h, SQLITE_OPEN_READWRITE |
			     SQLITE_OPEN_NOMUTEX, NULL);
	if (rc) {
		rc = db_fail(d, rc, "open", e);
		goto out;
	}
	/* SQLite falls back to reading what it may not write. */
	if (sqlite3_db_readonly(d->h, "main") > 0) {
		rc = err_set(e, HUB_EDENIED, "cannot write '%s': it is "
			     "read-only for this user", path);
		goto out;
	}
	rc = configure(d, e);
	if (rc == 0) {
		*ret = d;
		d = NULL;
	}
out:
	db_close(d);
	buf_release(&name);
	return rc;
}

void db_close(struct db *d)
{
	if (!d)
		return;
	if (sqlite3_close(d->h) != SQLITE_OK)
		BUG("'%s' closed with a statement open", d->path);
	free(d->path);
	free(d);
}

int db_use_wal(struct db *d, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const char *mode;
	int rc;

	/* fullfsync: on macOS fsync() alone does not reach the disk. */
	rc = db_exec(d, "PRAGMA synchronous=FULL; PRAGMA fullfsync=1;"
			"PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
			"PRAGMA secure_delete=0; PRAGMA cell_size_check=1;"
			"PRAGMA cache_size=-4096", e);
	if (rc == 0)
		rc = db_prepare(d, "PRAGMA journal_mode=WAL", &st, e);
	if (rc == 0)
		rc = db_step(d, st, e);
	if (rc < 0)
		goto out;
	/* The log stays when the file is closed, and is written back when it
	 * has grown: a run of a second does not sync the file and begin a new
	 * log each time. */
	sqlite3_db_config(d->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	mode = (const char *)sqlite3_column_text(st, 0);
	rc = mode && !strcmp(mode, "wal") ? 0 :
		err_set(e, HUB_EIO, "cannot open '%s': its file system has no "
			"shared memory; a workspace belongs on a local disk",
			d->path);
out:
	sqlite3_finalize(st);
	return rc;
}

int db_exec(struct db *d, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(d->h, sql, NULL, NULL, NULL);

	return rc ? db_fail(d, rc, "use", e) : 0;
}

int db_prepare(struct db *d, const char *sql, sqlite3_stmt **ret,
	       struct err *e)
{
	int rc = sqlite3_prepare_v3(d->h, sql, -1, SQLITE_PREPARE_PERSISTENT,
				    ret, NULL);

	return rc ? db_fail(d, rc, "use", e) : 0;
}

int db_step(struct db *d, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return db_fail(d, rc, sqlite3_stmt_readonly(st) ? "read" : "write", e);
}

int db_int(struct db *d, const char *sql, int64_t *ret, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = db_prepare(d, sql, &st, e);

	if (rc == 0)
		rc = db_step(d, st, e);
	if (rc == 1) {
		*ret = sqlite3_column_int64(st, 0);
		rc = 0;
	} else if (rc == 0) {
		rc = db_damaged(d, "a value is missing", e);
	}
	sqlite3_finalize(st);
	return rc;
}

void db_bind(sqlite3_stmt *st, int i, const void *p, size_t n)
{
	/* A NULL pointer would bind NULL, not the empty blob. */
	if (n > INT_MAX ||
	    sqlite3_bind_blob(st, i, n ? p : "", (int)n, SQLITE_STATIC))
		BUG("cannot bind parameter %d, %zu bytes", i, n);
}

int db_column(struct db *d, sqlite3_stmt *st, int i, size_t max,
	      struct span *ret, struct err *e)
{
	const void *p;

	if (sqlite3_column_type(st, i) != SQLITE_BLOB)
		return db_damaged(d, "a column has another type", e);
	p = sqlite3_column_blob(st, i);
	ret->n = (size_t)sqlite3_column_bytes(st, i);
	if (ret->n > max)
		return db_damaged(d, "a value is too long", e);
	if (!p && ret->n)
		return err_nomem(e);
	ret->p = p ? p : (const uint8_t *)"";
	return 0;
}

int db_header_is_sqlite(const void *p, size_t n)
{
	/* The NUL at the end of the text is part of it: 16 bytes. */
	return n >= 16 && !memcmp(p, "SQLite format 3", 16);
}
