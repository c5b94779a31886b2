/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - a workspace's memory, .git/vibehub/state.db (hubformat-state(5)):
 * base records, small facts, log of runs, tips offered, conflicts told.  A
 * closed list of typed statements over db.h.  Everything is written inside
 * state_begin() .. state_commit(); after state_commit() it survives a power
 * cut.  One thread per handle.
 */
#ifndef DB_STATE_H
#define DB_STATE_H

#include "base/buf.h"
#include "base/oid.h"

#define STATE_VERSION 1
#define STATE_REC_MAX 255	/* bytes of a base record */
#define STATE_VALUE_MAX 1048576	/* bytes of a fact, or of an item of a set */

struct state;

/* state_open(): open or create; migrates older versions.  HUB_EVERSION if a
 * newer hub made it; HUB_ECORRUPT (the caller may delete it: a full compare
 * with HEAD rebuilds it). */
int state_open(const char *path, struct state **ret, struct err *e);
/* state_close(): undoes an open transaction; NULL is fine.  All cursors must
 * have been closed. */
void state_close(struct state *s);

int state_begin(struct state *s, struct err *e);	/* BEGIN IMMEDIATE */
/* state_begin_soft(): what is committed survives a kill at once, a power cut not
 * before the next ordinary commit: one fsync for both. */
int state_begin_soft(struct state *s, struct err *e);
/* state_commit(): after a failure nothing was written; call state_rollback(). */
int state_commit(struct state *s, struct err *e);
/* state_rollback(): nothing to do outside a transaction. */
void state_rollback(struct state *s);

/* ---- base: path -> encoded base record (fmt/baserec.h), memcmp order ---- */
int state_base_put(struct state *s, const char *path, size_t path_n,
		   const void *rec, size_t rec_n, struct err *e);
/* state_base_get(): HUB_EABSENT (no message) if there is none.  ${rec} is
 * replaced. */
int state_base_get(struct state *s, const char *path, size_t path_n,
		   struct buf *rec, struct err *e);
int state_base_del(struct state *s, const char *path, size_t path_n,
		   struct err *e);
int state_base_clear(struct state *s, struct err *e);
int state_base_count(struct state *s, uint64_t *ret, struct err *e);

/* A cursor over all base rows in path order, or over those below "prefix/"
 * (${prefix} without the slash; its length 0: all).  Any number may be open.
 * Rows put or deleted while it is open may or may not be seen. */
struct state_cursor;
int state_base_open(struct state *s, const char *prefix, size_t prefix_n,
		    struct state_cursor **ret, struct err *e);
/* state_base_next(): 1 and views borrowed until the next call, 0 at the end. */
int state_base_next(struct state_cursor *c, struct span *path,
		    struct span *rec, struct err *e);
void state_base_close(struct state_cursor *c);

/* ---- meta: small facts by name ---- */
int state_put(struct state *s, const char *name, const void *p, size_t n,
	      struct err *e);
int state_get(struct state *s, const char *name, struct buf *ret,
	      struct err *e);			/* HUB_EABSENT, no message */
int state_del(struct state *s, const char *name, struct err *e);
int state_put_str(struct state *s, const char *name, const char *v,
		  struct err *e);
int state_put_oid(struct state *s, const char *name, const struct oid *o,
		  struct err *e);
int state_get_oid(struct state *s, const char *name, struct oid *ret,
		  struct err *e);
int state_put_u64(struct state *s, const char *name, uint64_t v, struct err *e);
int state_get_u64(struct state *s, const char *name, uint64_t *ret,
		  struct err *e);

/* ---- sets of short strings, for example "offered" -> commit ids,
 *      "conflict" -> paths told, "waiting" -> "<why>\0<path>" ---- */
int state_set_add(struct state *s, const char *set, const void *p, size_t n,
		  struct err *e);
int state_set_has(struct state *s, const char *set, const void *p, size_t n,
		  struct err *e);		/* 1, 0 or < 0 */
int state_set_clear(struct state *s, const char *set, struct err *e);
/* state_set_each(): in memcmp order.  ${fn} must not change the set.  It stops
 * when ${fn} returns non-zero; a negative value is returned, else 0. */
int state_set_each(struct state *s, const char *set,
		   int (*fn)(void *arg, const void *p, size_t n), void *arg,
		   struct err *e);

/* ---- log of runs; at most the newest 10,000 are kept ---- */
struct state_run {
	int64_t id;		/* given by the data base */
	int64_t begun, ended;	/* seconds, UTC */
	char what[16];		/* "sync", "push", "restore", ... */
	int exit_code;
	struct oid before, recorded, after; /* HEAD before; last commit that
		recorded local work, zero if none; HEAD after */
	uint64_t changed, received, conflicts;
	char message[256];
};
int state_run_add(struct state *s, const struct state_run *r, struct err *e);
/* newest first; stops when ${fn} returns non-zero: a negative value is
 * returned, else 0. */
int state_run_each(struct state *s,
		   int (*fn)(void *arg, const struct state_run *r), void *arg,
		   struct err *e);

#endif
