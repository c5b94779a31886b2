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
 * as one consistent snapshot, to the new file ${to}.  Through the backup
 * interface, under one read transaction (DESIGN 11).  In rollback mode the copy
 * has the bytes of the source.  One in WAL mode becomes a copy in rollback mode,
 * of which equal content gives equal bytes.  No side files; fsynced, its name too.
 *
 * Nothing of the source is written, and no file beside it is created, changed
 * or removed: its log is not checkpointed, and the journal of a writer that
 * crashed is rolled back in the copy only.  (If its last user ends while we
 * read, it may leave the log to be folded in by the next one.)  Damage inside
 * pages is copied as it is.  Room for twice the source is needed in the folder
 * of ${to} where it has to be recovered; files named ${to}".src"... are used
 * for that, and removed.
 *
 * HUB_EABSENT: no source, or no folder for ${to}; HUB_ECONFLICT: ${to} exists;
 * HUB_EBUSY if the source stays locked for ${busy_ms} or changes all the time;
 * HUB_ECORRUPT if it is no data base or its header is damaged; HUB_EIO (not a
 * regular file, too); HUB_ELIMIT; HUB_EDENIED; HUB_ECANCEL after a signal.
 * ${to} is removed on failure.
 *
 * This process must have no other handle on the source, SQLite's or a plain
 * one that it closes meanwhile: POSIX drops all its locks then.
 */
int db_copy_live(const char *from, const char *to, unsigned busy_ms,
		 struct err *e);

/* db_header_is_sqlite(): do these first bytes of a file (16 suffice) say that
 * it is a SQLite 3 data base? */
int db_header_is_sqlite(const void *p, size_t n);

#endif
