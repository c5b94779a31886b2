/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db.h - SQLite handles as hub opens them: WAL, synchronous=FULL, defensive,
 * trusted_schema=OFF, a busy time-out of 10 s.  The only room with <sqlite3.h>.
 * One thread per handle.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/buf.h"

/* What SQLite says becomes HUB_EBUSY (locked), HUB_ELIMIT (full), HUB_ECORRUPT
 * (corrupt, not a data base), HUB_EDENIED (read-only, permission), HUB_ENOMEM,
 * HUB_EIO; a missing file is os/'s HUB_EABSENT. */

/*
 * db_copy_live(): copy a SQLite data base that another program may be writing,
 * as one consistent snapshot, to the new file ${to} (which must not exist;
 * removed on failure, with its -wal and -journal).  One backup_step(-1), see
 * DESIGN 11.  Our connection is read-only towards the source, never
 * checkpoints, and leaves -wal and -shm of it as they are.  The copy is in
 * rollback-journal mode, without side files, fsynced.
 *
 * HUB_EBUSY if the source stays locked for ${busy_ms}; HUB_ECORRUPT if it is
 * no data base or damaged; HUB_EIO, HUB_ELIMIT.
 */
int db_copy_live(const char *from, const char *to, unsigned busy_ms,
		 struct err *e);

/* db_header_is_sqlite(): do these first bytes of a file (16 suffice) say that
 * it is a SQLite 3 data base? */
int db_header_is_sqlite(const void *p, size_t n);

#endif
