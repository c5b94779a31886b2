/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_internal.h - what the files of state.h share.  Included by db/ only. */
#ifndef DB_STATE_INTERNAL_H
#define DB_STATE_INTERNAL_H

#include "db/db_internal.h"
#include "db/state.h"

#define STATE_APPLICATION_ID 0x56487374		/* "VHst" */

/* The closed list of statements, prepared at first use; SQL in state.c. */
enum state_stmt {
	STATE_BEGIN, STATE_COMMIT, STATE_ROLLBACK,
	STATE_BASE_PUT, STATE_BASE_GET, STATE_BASE_DEL, STATE_BASE_CLEAR,
	STATE_BASE_COUNT,
	STATE_META_PUT, STATE_META_GET, STATE_META_DEL,
	STATE_SET_ADD, STATE_SET_HAS, STATE_SET_CLEAR,
	STATE_RUN_ADD, STATE_RUN_TRIM,
	STATE_STMTS
};

/*
 * Invariants:
 * 1. in_tx is 1 from a successful state_begin() to a successful state_commit()
 *    or to state_rollback().
 * 2. a statement in st[] is reset, without bindings that are used again,
 *    whenever no function of state.h is running.
 */
struct state {
	struct db *db;
	int in_tx;
	int soft;		/* the handle does not sync at a commit */
	sqlite3_stmt *st[STATE_STMTS];
};

/* state_stmt(): statement ${id}, ready to be bound. */
int state_stmt(struct state *s, enum state_stmt id, sqlite3_stmt **ret,
	       struct err *e);
/* state_stmt_write(): the same for one that writes: only in a transaction. */
int state_stmt_write(struct state *s, enum state_stmt id, sqlite3_stmt **ret,
		     struct err *e);
/* state_stmt_run(): one step, then reset; what db_step() said. */
int state_stmt_run(struct state *s, sqlite3_stmt *st, struct err *e);

/* state_bind_name(): a short name of ours as text, borrowed. */
int state_bind_name(struct state *s, sqlite3_stmt *st, int i,
		    const char *name, struct err *e);

#endif
