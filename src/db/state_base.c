/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_base.c - base rows: path -> base record.  Paths and records are
 * opaque bytes here; only their lengths are checked, both ways, so that a
 * damaged file cannot make a reader allocate.
 */
#include <stdlib.h>
#include <string.h>
#include "base/banned.h"
#include "base/path.h"
#include "db/state_internal.h"

struct state_cursor {
	struct state *s;
	sqlite3_stmt *st;
	struct buf from, to;	/* bounds, bound to st */
};

static int check_path(struct state *s, size_t n, struct err *e)
{
	if (n == 0 || n > PATH_LEN_MAX)
		return err_set(e, HUB_ELIMIT, "a path of %zu bytes does not "
			       "fit into '%s': at most %d", n, s->db->path,
			       PATH_LEN_MAX);
	return 0;
}

int state_base_put(struct state *s, const char *path, size_t path_n,
		   const void *rec, size_t rec_n, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	rc = check_path(s, path_n, e);
	if (rc == 0 && rec_n > STATE_REC_MAX)
		rc = err_set(e, HUB_ELIMIT, "a base record of %zu bytes does "
			     "not fit into '%s': at most %d", rec_n,
			     s->db->path, STATE_REC_MAX);
	if (rc == 0)
		rc = state_stmt_write(s, STATE_BASE_PUT, &st, e);
	if (rc < 0)
		return rc;
	db_bind(st, 1, path, path_n);
	db_bind(st, 2, rec, rec_n);
	return state_stmt_run(s, st, e);
}

int state_base_get(struct state *s, const char *path, size_t path_n,
		   struct buf *rec, struct err *e)
{
	sqlite3_stmt *st = NULL;
	struct span v;
	int rc;

	rc = state_stmt(s, STATE_BASE_GET, &st, e);
	if (rc < 0)
		return rc;
	if (path_n == 0 || path_n > PATH_LEN_MAX)
		return HUB_EABSENT;
	db_bind(st, 1, path, path_n);
	rc = db_step(s->db, st, e);
	if (rc == 0)
		rc = HUB_EABSENT;
	else if (rc == 1)
		rc = db_column(s->db, st, 0, STATE_REC_MAX, &v, e);
	if (rc == 0) {
		buf_reset(rec);
		buf_add(rec, v.p, v.n);
		rc = buf_error(rec) ? err_nomem(e) : 0;
	}
	sqlite3_reset(st);
	return rc;
}

int state_base_del(struct state *s, const char *path, size_t path_n,
		   struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	rc = check_path(s, path_n, e);
	if (rc == 0)
		rc = state_stmt_write(s, STATE_BASE_DEL, &st, e);
	if (rc < 0)
		return rc;
	db_bind(st, 1, path, path_n);
	return state_stmt_run(s, st, e);
}

int state_base_clear(struct state *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = state_stmt_write(s, STATE_BASE_CLEAR, &st, e);

	return rc < 0 ? rc : state_stmt_run(s, st, e);
}

int state_base_count(struct state *s, uint64_t *ret, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = state_stmt(s, STATE_BASE_COUNT, &st, e);

	if (rc < 0)
		return rc;
	rc = db_step(s->db, st, e);
	if (rc == 1) {
		*ret = (uint64_t)sqlite3_column_int64(st, 0);
		rc = 0;
	}
	sqlite3_reset(st);
	return rc;
}

int state_base_open(struct state *s, const char *prefix, size_t prefix_n,
		    struct state_cursor **ret, struct err *e)
{
	struct state_cursor *c = calloc(1, sizeof(*c));
	int rc;

	*ret = NULL;
	if (!c)
		return err_nomem(e);
	c->s = s;
	buf_init(&c->from);
	buf_init(&c->to);
	if (prefix_n) {
		/* "a/" .. "a0": '0' is the character after '/'. */
		buf_add(&c->from, prefix, prefix_n);
		buf_addch(&c->from, '/');
		buf_add(&c->to, prefix, prefix_n);
		buf_addch(&c->to, '/' + 1);
	}
	rc = buf_error(&c->from) || buf_error(&c->to) ? err_nomem(e) : 0;
	if (rc == 0)
		rc = db_prepare(s->db, prefix_n ?
				"SELECT path, rec FROM base WHERE path >= ?1 "
				"AND path < ?2 ORDER BY path" :
				"SELECT path, rec FROM base ORDER BY path",
				&c->st, e);
	if (rc < 0) {
		state_base_close(c);
		return rc;
	}
	if (prefix_n) {
		db_bind(c->st, 1, c->from.p, c->from.n);
		db_bind(c->st, 2, c->to.p, c->to.n);
	}
	*ret = c;
	return 0;
}

int state_base_next(struct state_cursor *c, struct span *path,
		    struct span *rec, struct err *e)
{
	struct db *db = c->s->db;
	int rc = db_step(db, c->st, e);

	if (rc != 1)
		return rc;
	rc = db_column(db, c->st, 0, PATH_LEN_MAX, path, e);
	if (rc == 0)
		rc = db_column(db, c->st, 1, STATE_REC_MAX, rec, e);
	if (rc == 0 && path->n == 0)
		rc = db_damaged(db, "a row without a path", e);
	return rc < 0 ? rc : 1;
}

void state_base_close(struct state_cursor *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->st);
	buf_release(&c->from);
	buf_release(&c->to);
	free(c);
}
