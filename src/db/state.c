/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c - open, migrate and check a workspace's memory; transactions and
 * the table of statements.  Rows are in state_base.c, state_meta.c and
 * state_runs.c.
 *
 * Order of opening: look at the file's marks (whose it is, which version)
 * before anything in it is changed; then the log mode; then create or migrate
 * in one transaction; then compare the schema with ours, word for word, so
 * that no table, index or trigger of somebody else's takes part in ours.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "db/state_internal.h"

/* WITHOUT ROWID: one tree keyed by the path, so the cursor reads in order and
 * a row costs no second look-up. */
static const struct { const char *name, *sql; } tables[] = {
	{ "base", "CREATE TABLE base("
		"path BLOB PRIMARY KEY, rec BLOB NOT NULL) WITHOUT ROWID" },
	{ "meta", "CREATE TABLE meta("
		"name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID" },
	{ "runs", "CREATE TABLE runs("
		"id INTEGER PRIMARY KEY, begun INTEGER NOT NULL, "
		"ended INTEGER NOT NULL, what TEXT NOT NULL, "
		"exit INTEGER NOT NULL, \"before\" BLOB NOT NULL, "
		"recorded BLOB NOT NULL, \"after\" BLOB NOT NULL, "
		"changed INTEGER NOT NULL, received INTEGER NOT NULL, "
		"conflicts INTEGER NOT NULL, message TEXT NOT NULL)" },
	{ "sets", "CREATE TABLE sets("
		"name TEXT NOT NULL, item BLOB NOT NULL, "
		"PRIMARY KEY(name, item)) WITHOUT ROWID" },
};
#define TABLES (sizeof(tables) / sizeof(*tables))

static const char *const sql[STATE_STMTS] = {
	[STATE_BEGIN] = "BEGIN IMMEDIATE",
	[STATE_COMMIT] = "COMMIT",
	[STATE_ROLLBACK] = "ROLLBACK",
	[STATE_BASE_PUT] = "REPLACE INTO base VALUES(?1, ?2)",
	[STATE_BASE_GET] = "SELECT rec FROM base WHERE path = ?1",
	[STATE_BASE_DEL] = "DELETE FROM base WHERE path = ?1",
	[STATE_BASE_CLEAR] = "DELETE FROM base",
	[STATE_BASE_COUNT] = "SELECT count(*) FROM base",
	[STATE_META_PUT] = "REPLACE INTO meta VALUES(?1, ?2)",
	[STATE_META_GET] = "SELECT value FROM meta WHERE name = ?1",
	[STATE_META_DEL] = "DELETE FROM meta WHERE name = ?1",
	[STATE_SET_ADD] = "REPLACE INTO sets VALUES(?1, ?2)",
	[STATE_SET_HAS] = "SELECT 1 FROM sets WHERE name = ?1 AND item = ?2",
	[STATE_SET_CLEAR] = "DELETE FROM sets WHERE name = ?1",
	[STATE_RUN_ADD] = ("INSERT INTO runs VALUES"
		"(NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
	[STATE_RUN_TRIM] = "DELETE FROM runs WHERE id <= ?1",
};

/* ---- opening ---- */

static int create(struct state *s, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < TABLES; i++)
		rc = db_exec(s->db, tables[i].sql, e);
	/* 0x56487374 and 1: pragmas take no parameters. */
	_Static_assert(STATE_APPLICATION_ID == 1447588724, "pragma below");
	_Static_assert(STATE_VERSION == 1, "pragma below; write a migration");
	if (rc == 0)
		rc = db_exec(s->db, "PRAGMA application_id=1447588724;"
				    "PRAGMA user_version=1", e);
	return rc;
}

/* Whose file is this?  Stores its version, 0 for one that is still empty. */
static int look(struct state *s, int64_t *ret_version, struct err *e)
{
	int64_t app = 0, version = 0, tables_n = 0;
	int rc;

	rc = db_int(s->db, "PRAGMA application_id", &app, e);
	if (rc == 0)
		rc = db_int(s->db, "PRAGMA user_version", &version, e);
	if (rc == 0)
		rc = db_int(s->db, "SELECT count(*) FROM sqlite_schema",
			    &tables_n, e);
	if (rc < 0)
		return rc;
	if (app == 0 && version == 0 && tables_n == 0)
		*ret_version = 0;
	else if (app != STATE_APPLICATION_ID || version < 1)
		return db_damaged(s->db, "it is a data base, but not the "
				  "memory of a hub workspace", e);
	else if (version > STATE_VERSION)
		return err_set(e, HUB_EVERSION, "'%s' was made by a newer "
			       "version of hub (%lld, this one knows %d): "
			       "use that version", s->db->path,
			       (long long)version, STATE_VERSION);
	else
		*ret_version = version;
	return 0;
}

static int migrate(struct state *s, struct err *e)
{
	int64_t version = 0;
	int rc;

	rc = state_begin(s, e);
	if (rc == 0)
		rc = look(s, &version, e);	/* somebody may have been faster */
	if (rc == 0 && version == 0)
		rc = create(s, e);
	if (rc == 0)
		rc = state_commit(s, e);
	if (rc < 0)
		state_rollback(s);
	return rc;
}

static int check_schema(struct state *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const char *name, *text;
	size_t i;
	int rc;

	/* sqlite_...: SQLite's own, such as what ANALYZE leaves. */
	rc = db_prepare(s->db, "SELECT name, sql FROM sqlite_schema WHERE "
			"name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
			"ORDER BY name", &st, e);
	for (i = 0; rc == 0 && i < TABLES; i++) {
		rc = db_step(s->db, st, e);
		if (rc < 0)
			break;
		name = rc ? (const char *)sqlite3_column_text(st, 0) : NULL;
		text = rc ? (const char *)sqlite3_column_text(st, 1) : NULL;
		rc = 0;
		if (!name || strcmp(name, tables[i].name) ||
		    !text || strcmp(text, tables[i].sql))
			rc = db_damaged(s->db, "its tables are not those of "
					"a hub workspace", e);
	}
	if (rc == 0)
		rc = db_step(s->db, st, e);
	if (rc == 1)
		rc = db_damaged(s->db, "it has a table too many", e);
	sqlite3_finalize(st);
	return rc;
}

int state_open(const char *path, struct state **ret, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int64_t version = 0;
	int rc;

	*ret = NULL;
	if (!s)
		return err_nomem(e);
	rc = db_open(path, &s->db, e);
	if (rc == 0)
		rc = look(s, &version, e);
	if (rc == 0)
		rc = db_use_wal(s->db, e);
	if (rc == 0 && version < STATE_VERSION)
		rc = migrate(s, e);
	if (rc == 0)
		rc = check_schema(s, e);
	if (rc == 0)
		*ret = s;
	else
		state_close(s);
	return rc;
}

void state_close(struct state *s)
{
	size_t i;

	if (!s)
		return;
	if (s->db)
		state_rollback(s);
	for (i = 0; i < STATE_STMTS; i++)
		sqlite3_finalize(s->st[i]);
	db_close(s->db);
	free(s);
}

/* ---- statements ---- */

int state_stmt(struct state *s, enum state_stmt id, sqlite3_stmt **ret,
	       struct err *e)
{
	int rc = 0;

	if (!s->st[id])
		rc = db_prepare(s->db, sql[id], &s->st[id], e);
	*ret = s->st[id];
	return rc;
}

int state_stmt_write(struct state *s, enum state_stmt id, sqlite3_stmt **ret,
		     struct err *e)
{
	if (!s->in_tx)
		return err_set(e, HUB_EBUG, "'%s' written to outside a "
			       "transaction", s->db->path);
	/* SQLite undoes all by itself when the disk is full, for example.
	 * What came after it would be a transaction of its own, each. */
	if (sqlite3_get_autocommit(s->db->h))
		return err_set(e, HUB_EIO, "cannot write '%s': an earlier "
			       "failure undid the transaction", s->db->path);
	return state_stmt(s, id, ret, e);
}

int state_stmt_run(struct state *s, sqlite3_stmt *st, struct err *e)
{
	int rc = db_step(s->db, st, e);

	sqlite3_reset(st);
	return rc;
}

int state_bind_name(struct state *s, sqlite3_stmt *st, int i,
		    const char *name, struct err *e)
{
	int rc = sqlite3_bind_text(st, i, name, -1, SQLITE_STATIC);

	return rc ? db_fail(s->db, rc, "use", e) : 0;
}

/* ---- transactions ---- */

/* SQLite takes the setting between transactions only. */
static int begin(struct state *s, int soft, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = 0;

	if (s->in_tx)
		return err_set(e, HUB_EBUG, "a transaction on '%s' inside "
			       "another", s->db->path);
	if (s->soft != soft)
		rc = db_exec(s->db, soft ? "PRAGMA synchronous=NORMAL" :
			     "PRAGMA synchronous=FULL", e);
	if (rc < 0)
		return rc;
	s->soft = soft;
	rc = state_stmt(s, STATE_BEGIN, &st, e);
	if (rc == 0)
		rc = state_stmt_run(s, st, e);
	if (rc == 0)
		s->in_tx = 1;
	return rc;
}

int state_begin(struct state *s, struct err *e)
{
	return begin(s, 0, e);
}

int state_begin_soft(struct state *s, struct err *e)
{
	return begin(s, 1, e);
}

int state_commit(struct state *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	rc = state_stmt_write(s, STATE_COMMIT, &st, e);
	if (rc == 0)
		rc = state_stmt_run(s, st, e);
	if (rc == 0)
		s->in_tx = 0;
	return rc;
}

void state_rollback(struct state *s)
{
	sqlite3_stmt *st = NULL;

	if (!s->in_tx)
		return;
	s->in_tx = 0;
	if (sqlite3_get_autocommit(s->db->h))
		return;
	/* A rollback that fails leaves the transaction to be undone when the
	 * handle is closed; nothing of it can be committed any more. */
	if (state_stmt(s, STATE_ROLLBACK, &st, NULL) == 0)
		state_stmt_run(s, st, NULL);
}
