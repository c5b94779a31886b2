/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_meta.c - small facts by name, and sets of short strings.  Names are
 * words of ours, values are bytes.
 */
#include <string.h>
#include "base/banned.h"
#include "base/rd.h"
#include "db/state_internal.h"

static int check_size(struct state *s, const char *name, size_t n,
		      struct err *e)
{
	if (n > STATE_VALUE_MAX)
		return err_set(e, HUB_ELIMIT, "'%s' of %zu bytes does not fit "
			       "into '%s': at most %d", name, n, s->db->path,
			       STATE_VALUE_MAX);
	return 0;
}

/* Bind a name and, if ${p} is not NULL, a value to a statement that writes,
 * and run it. */
static int write_pair(struct state *s, enum state_stmt id, const char *name,
		      const void *p, size_t n, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	rc = check_size(s, name, n, e);
	if (rc == 0)
		rc = state_stmt_write(s, id, &st, e);
	if (rc == 0)
		rc = state_bind_name(s, st, 1, name, e);
	if (rc < 0)
		return rc;
	if (p)
		db_bind(st, 2, p, n);
	return state_stmt_run(s, st, e);
}

int state_put(struct state *s, const char *name, const void *p, size_t n,
	      struct err *e)
{
	return write_pair(s, STATE_META_PUT, name, p ? p : "", n, e);
}

int state_del(struct state *s, const char *name, struct err *e)
{
	return write_pair(s, STATE_META_DEL, name, NULL, 0, e);
}

int state_get(struct state *s, const char *name, struct buf *ret,
	      struct err *e)
{
	sqlite3_stmt *st = NULL;
	struct span v;
	int rc;

	rc = state_stmt(s, STATE_META_GET, &st, e);
	if (rc == 0)
		rc = state_bind_name(s, st, 1, name, e);
	if (rc < 0)
		return rc;
	rc = db_step(s->db, st, e);
	if (rc == 0)
		rc = HUB_EABSENT;
	else if (rc == 1)
		rc = db_column(s->db, st, 0, STATE_VALUE_MAX, &v, e);
	if (rc == 0) {
		buf_reset(ret);
		buf_add(ret, v.p, v.n);
		rc = buf_error(ret) ? err_nomem(e) : 0;
	}
	sqlite3_reset(st);
	return rc;
}

int state_put_str(struct state *s, const char *name, const char *v,
		  struct err *e)
{
	return state_put(s, name, v, strlen(v), e);
}

/* A fact of a known size. */
static int get_fixed(struct state *s, const char *name, void *p, size_t n,
		     struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = state_get(s, name, &b, e);

	if (rc == 0 && b.n != n)
		rc = db_damaged(s->db, "a value has the wrong size", e);
	if (rc == 0)
		memcpy(p, b.p, n);
	buf_release(&b);
	return rc;
}

int state_put_oid(struct state *s, const char *name, const struct oid *o,
		  struct err *e)
{
	return state_put(s, name, o->h, OID_SIZE, e);
}

int state_get_oid(struct state *s, const char *name, struct oid *ret,
		  struct err *e)
{
	return get_fixed(s, name, ret->h, OID_SIZE, e);
}

int state_put_u64(struct state *s, const char *name, uint64_t v, struct err *e)
{
	uint8_t p[8];
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
	return state_put(s, name, p, sizeof(p), e);
}

int state_get_u64(struct state *s, const char *name, uint64_t *ret,
		  struct err *e)
{
	uint8_t p[8];
	struct rd r;
	int rc = get_fixed(s, name, p, sizeof(p), e);

	if (rc == 0) {
		rd_init(&r, p, sizeof(p));
		*ret = rd_u64(&r);
	}
	return rc;
}

/* ---- sets ---- */

int state_set_add(struct state *s, const char *set, const void *p, size_t n,
		  struct err *e)
{
	return write_pair(s, STATE_SET_ADD, set, p ? p : "", n, e);
}

int state_set_clear(struct state *s, const char *set, struct err *e)
{
	return write_pair(s, STATE_SET_CLEAR, set, NULL, 0, e);
}

int state_set_has(struct state *s, const char *set, const void *p, size_t n,
		  struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (n > STATE_VALUE_MAX)
		return 0;
	rc = state_stmt(s, STATE_SET_HAS, &st, e);
	if (rc == 0)
		rc = state_bind_name(s, st, 1, set, e);
	if (rc < 0)
		return rc;
	db_bind(st, 2, p, n);
	return state_stmt_run(s, st, e);
}

int state_set_each(struct state *s, const char *set,
		   int (*fn)(void *arg, const void *p, size_t n), void *arg,
		   struct err *e)
{
	sqlite3_stmt *st = NULL;
	struct span v;
	int rc;

	/* A statement of its own: ${fn} may walk another set. */
	rc = db_prepare(s->db, "SELECT item FROM sets WHERE name = ?1 "
			       "ORDER BY item", &st, e);
	if (rc == 0)
		rc = state_bind_name(s, st, 1, set, e);
	while (rc == 0) {
		rc = db_step(s->db, st, e);
		if (rc != 1)
			break;
		rc = db_column(s->db, st, 0, STATE_VALUE_MAX, &v, e);
		if (rc == 0)
			rc = fn(arg, v.p, v.n);
	}
	sqlite3_finalize(st);
	return rc < 0 ? rc : 0;
}
