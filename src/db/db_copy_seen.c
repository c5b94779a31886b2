/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_copy_seen.c - the files of a data base of somebody else's, from outside:
 * which are there, did they change, how may they be read.  See db_copy.c.
 */
#include <string.h>
#include "base/banned.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "db/db_copy_internal.h"

static const char *const suffix[DB_COPY_FILES] = {
	"", "-wal", "-journal", "-shm"
};

int db_copy_name(struct buf *b, const char *path, const char *more, int file,
		 struct err *e)
{
	buf_reset(b);
	buf_addf(b, "%s%s%s", path, more, suffix[file]);
	return buf_error(b) ? err_nomem(e) : 0;
}

int db_copy_look(const char *path, struct db_copy_seen *ret, struct err *e)
{
	struct buf name = BUF_INIT;
	int i, rc = 0;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; rc == 0 && i < DB_COPY_FILES; i++) {
		rc = db_copy_name(&name, path, "", i, e);
		if (rc == 0)
			rc = os_lstat(name.p, &ret->f[i], e);
		if (rc == HUB_EABSENT && i != DB_COPY_MAIN) {
			err_clear(e);
			memset(&ret->f[i], 0, sizeof(ret->f[i]));
			ret->f[i].type = OS_UNKNOWN;
			rc = 0;
		}
	}
	if (rc == 0 && ret->f[DB_COPY_MAIN].type != OS_REG)
		rc = err_set(e, HUB_EIO, "'%s' is not a regular file", path);
	buf_release(&name);
	return rc;
}

int db_copy_unchanged(const struct db_copy_seen *a,
		      const struct db_copy_seen *b)
{
	int i;

	for (i = 0; i < DB_COPY_SHM; i++) {
		const struct os_stat *x = &a->f[i], *y = &b->f[i];

		if (x->type != y->type || x->size != y->size ||
		    x->ino != y->ino || x->dev != y->dev ||
		    x->mtime_ns != y->mtime_ns || x->ctime_ns != y->ctime_ns)
			return 0;
	}
	return 1;
}

static int read_header(const char *path, int *ret_wal_mode, struct err *e)
{
	uint8_t p[DB_COPY_VERSIONS_AT + 2];
	size_t n = 0;
	int fd = -1, rc;

	rc = os_open_read(path, &fd, e);
	if (rc == 0)
		rc = os_read(fd, p, sizeof(p), &n, path, e);
	os_close(fd, path, NULL);
	if (rc < 0)
		return rc;
	if (n < sizeof(p) || !db_header_is_sqlite(p, n))
		return err_set(e, HUB_ECORRUPT, "'%s' is not a SQLite data "
			       "base", path);
	*ret_wal_mode = p[DB_COPY_VERSIONS_AT + 1] == 2;
	return 0;
}

int db_copy_choose(const char *path, const struct db_copy_seen *s,
		   enum db_copy_way *ret, struct err *e)
{
	int wal_mode = 0, rc = read_header(path, &wal_mode, e);

	if (rc < 0)
		return rc;
	if (!wal_mode)
		*ret = DB_COPY_LIVE;
	else if (!s->f[DB_COPY_WAL].size && !s->f[DB_COPY_JOURNAL].size)
		*ret = DB_COPY_STILL;
	else if (s->f[DB_COPY_SHM].type == OS_UNKNOWN)
		*ret = DB_COPY_ASIDE;
	else
		*ret = DB_COPY_LIVE;
	return 0;
}

/*
 * Time stamps move in ticks of up to 10 ms, or of 2 s where they have no
 * fractions.  A stamp of the future is as good as an old one: the next change
 * would move it back to the present.
 */
int db_copy_settle(const struct db_copy_clock *c, const struct db_copy_seen *s,
		   struct err *e)
{
	int64_t now = c->made_ns +
		(int64_t)(os_mono_ms() - c->made_ms) * 1000000;
	int64_t wait = 0, window, left;
	int i;

	for (i = 0; i < DB_COPY_SHM; i++) {
		if (s->f[i].type == OS_UNKNOWN)
			continue;
		window = s->f[i].mtime_ns % 1000000000 ? 50000000 : 2100000000;
		left = s->f[i].mtime_ns + window - now;
		if (left > wait && left < 2 * window)
			wait = left;
	}
	if (wait)
		os_sleep_ms((unsigned)(wait / 1000000 + 1));
	if (os_interrupted())
		return err_set(e, HUB_ECANCEL, "interrupted");
	return 0;
}
