/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_runs.c - the log of runs: one row each, the newest 10,000 kept. */
#include <string.h>
#include "base/banned.h"
#include "db/state_internal.h"

#define RUNS_KEPT 10000

static int bind_run(struct state *s, sqlite3_stmt *st,
		    const struct state_run *r, struct err *e)
{
	int rc = sqlite3_bind_int64(st, 1, r->begun);

	if (!rc)
		rc = sqlite3_bind_int64(st, 2, r->ended);
	if (!rc)
		rc = sqlite3_bind_text(st, 3, r->what, -1, SQLITE_STATIC);
	if (!rc)
		rc = sqlite3_bind_int(st, 4, r->exit_code);
	if (!rc)
		rc = sqlite3_bind_int64(st, 8, (sqlite3_int64)r->changed);
	if (!rc)
		rc = sqlite3_bind_int64(st, 9, (sqlite3_int64)r->received);
	if (!rc)
		rc = sqlite3_bind_int64(st, 10, (sqlite3_int64)r->conflicts);
	if (!rc)
		rc = sqlite3_bind_text(st, 11, r->message, -1, SQLITE_STATIC);
	if (rc)
		return db_fail(s->db, rc, "use", e);
	db_bind(st, 5, r->before.h, OID_SIZE);
	db_bind(st, 6, r->recorded.h, OID_SIZE);
	db_bind(st, 7, r->after.h, OID_SIZE);
	return 0;
}

int state_run_add(struct state *s, const struct state_run *r, struct err *e)
{
	sqlite3_stmt *add = NULL, *trim = NULL;
	int rc;

	rc = state_stmt_write(s, STATE_RUN_ADD, &add, e);
	if (rc == 0)
		rc = state_stmt(s, STATE_RUN_TRIM, &trim, e);
	if (rc == 0)
		rc = bind_run(s, add, r, e);
	if (rc == 0)
		rc = state_stmt_run(s, add, e);
	if (rc < 0)
		return rc;
	/* The newest row is never deleted, so numbers only grow. */
	rc = sqlite3_bind_int64(trim, 1,
				sqlite3_last_insert_rowid(s->db->h) - RUNS_KEPT);
	if (rc)
		return db_fail(s->db, rc, "use", e);
	return state_stmt_run(s, trim, e);
}

static int read_oid(struct state *s, sqlite3_stmt *st, int i, struct oid *ret,
		    struct err *e)
{
	struct span v;
	int rc = db_column(s->db, st, i, OID_SIZE, &v, e);

	if (rc == 0 && v.n != OID_SIZE)
		rc = db_damaged(s->db, "a value has the wrong size", e);
	if (rc == 0)
		memcpy(ret->h, v.p, OID_SIZE);
	return rc;
}

static int read_text(struct state *s, sqlite3_stmt *st, int i, char *ret,
		     size_t size, struct err *e)
{
	const char *p = (const char *)sqlite3_column_text(st, i);
	size_t n = (size_t)sqlite3_column_bytes(st, i);

	if (!p || n >= size || strlen(p) != n)
		return db_damaged(s->db, "a text in the log of runs is too "
				  "long or broken", e);
	memcpy(ret, p, n + 1);
	return 0;
}

static int read_run(struct state *s, sqlite3_stmt *st, struct state_run *r,
		    struct err *e)
{
	int rc;

	r->id = sqlite3_column_int64(st, 0);
	r->begun = sqlite3_column_int64(st, 1);
	r->ended = sqlite3_column_int64(st, 2);
	rc = read_text(s, st, 3, r->what, sizeof(r->what), e);
	r->exit_code = sqlite3_column_int(st, 4);
	if (rc == 0)
		rc = read_oid(s, st, 5, &r->before, e);
	if (rc == 0)
		rc = read_oid(s, st, 6, &r->recorded, e);
	if (rc == 0)
		rc = read_oid(s, st, 7, &r->after, e);
	r->changed = (uint64_t)sqlite3_column_int64(st, 8);
	r->received = (uint64_t)sqlite3_column_int64(st, 9);
	r->conflicts = (uint64_t)sqlite3_column_int64(st, 10);
	if (rc == 0)
		rc = read_text(s, st, 11, r->message, sizeof(r->message), e);
	return rc;
}

int state_run_each(struct state *s,
		   int (*fn)(void *arg, const struct state_run *r), void *arg,
		   struct err *e)
{
	sqlite3_stmt *st = NULL;
	struct state_run r;
	int rc;

	rc = db_prepare(s->db, "SELECT * FROM runs ORDER BY id DESC", &st, e);
	while (rc == 0) {
		rc = db_step(s->db, st, e);
		if (rc != 1)
			break;
		memset(&r, 0, sizeof(r));
		rc = read_run(s, st, &r, e);
		if (rc == 0)
			rc = fn(arg, &r);
	}
	sqlite3_finalize(st);
	return rc < 0 ? rc : 0;
}
