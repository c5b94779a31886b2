/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import_file.c - read, compare and copy one file of the folder that is
 * imported.  A data base is taken as one consistent snapshot.  What changes
 * while it is copied is left out, unless it has only grown.
 */
#include "sync/import_internal.h"

#include <string.h>

#include "base/hex.h"
#include "db/db.h"
#include "os/os.h"

#define DB_BUSY_MS 5000

void import_note(struct import *im, enum report_kind k,
		 const struct scan_entry *en, const char *why)
{
	report_add(&im->ret->rep, k, en->path, en->path_n, why);
}

/* A failure to look at a file of theirs is noted; ours stops. */
static int cannot_read(struct import *im, const struct scan_entry *en, int rc,
		       const struct err *why)
{
	if (rc == HUB_ENOMEM || rc == HUB_ECANCEL)
		return err_set(im->e, rc, "%s", why->msg);
	if (rc != HUB_EABSENT)
		import_note(im, REPORT_UNREADABLE, en, why->msg);
	return 1;
}

static int is_database(int fd, const struct os_stat *st, const char *what)
{
	uint8_t head[16];
	size_t got;

	return st->size >= 512 &&
		!os_pread(fd, head, sizeof(head), 0, &got, what, NULL) &&
		db_header_is_sqlite(head, got);
}

/* The snapshot becomes the source; raw bytes if it is no data base after all.
 * No handle of ours is open on it: closing one would drop SQLite's locks. */
static int open_database(struct import *im, struct import_src *s,
			 struct err *why)
{
	struct buf full = BUF_INIT;
	struct os_stat st;
	uint8_t r[8];
	int rc;

	os_random(r, sizeof(r));
	buf_addf(&full, "%s%s", im->src.p, s->en->path);
	buf_addf(&s->copy, "%s/", im->tmp_path.p);
	hex_add(&s->copy, r, sizeof(r));
	rc = buf_error(&full) || buf_error(&s->copy) ? err_nomem(why) :
		db_copy_live(full.p, s->copy.p, DB_BUSY_MS, why);
	if (!rc)
		rc = os_open_read(s->copy.p, &s->fd, why);
	if (!rc)
		rc = os_fstat(s->fd, &st, s->copy.p, why);
	if (!rc)
		s->size = st.size;
	s->is_db = 1;
	if (rc == HUB_ECORRUPT) {
		err_clear(why);
		buf_reset(&s->copy);
		s->is_db = 0;
		rc = os_dir_open_file(s->en->dir, s->en->name, &s->fd, why);
	}
	buf_release(&full);
	return rc;
}

int import_src_open(struct import *im, const struct scan_entry *en,
		    struct import_src *s)
{
	struct err why = ERR_INIT;
	struct os_stat st;
	int rc;

	s->en = en;
	s->size = en->st.size;
	if (en->st.type == OS_LNK) {
		rc = os_dir_readlink(en->dir, en->name, &s->link, &why);
		s->size = s->link.n;
		return rc ? cannot_read(im, en, rc, &why) : 0;
	}
	rc = os_dir_open_file(en->dir, en->name, &s->fd, &why);
	if (!rc)
		rc = os_fstat(s->fd, &st, en->path, &why);
	if (!rc) {
		s->size = st.size;
		if (is_database(s->fd, &st, en->path) && !im->o->dry_run) {
			os_close(s->fd, en->path, NULL);
			s->fd = -1;
			rc = open_database(im, s, &why);
		} else if (is_database(s->fd, &st, en->path)) {
			s->is_db = 1;
		}
	}
	return rc ? cannot_read(im, en, rc, &why) : 0;
}

void import_src_close(struct import_src *s)
{
	if (s->fd >= 0)
		os_close(s->fd, "", NULL);
	if (s->copy.n)
		os_unlink(s->copy.p, NULL);
	buf_release(&s->link);
	buf_release(&s->copy);
	s->fd = -1;
}

/* Do the first ${n} bytes of both agree? */
static int same_bytes(struct import *im, int a, int b, uint64_t n,
		      const char *what)
{
	char *p = im->io, *q = p + IMPORT_IO;
	uint64_t off = 0;
	size_t x, y;

	while (off < n) {
		size_t k = n - off < IMPORT_IO ? (size_t)(n - off) : IMPORT_IO;

		if (os_pread(a, p, k, off, &x, what, NULL) || x != k ||
		    os_pread(b, q, k, off, &y, what, NULL) || y != k ||
		    memcmp(p, q, k))
			return 0;
		off += k;
	}
	return 1;
}

int import_src_same(struct import *im, struct import_src *s, struct os_dir *d,
		    const char *name, const struct os_stat *st)
{
	struct buf target = BUF_INIT;
	int fd = -1, same = 0;

	if (s->fd < 0) {
		same = st->type == OS_LNK &&
			!os_dir_readlink(d, name, &target, NULL) &&
			!buf_cmp(&target, &s->link);
		buf_release(&target);
		return same;
	}
	if (st->type != OS_REG || st->size != s->size)
		return 0;
	if (!os_dir_open_file(d, name, &fd, NULL))
		same = same_bytes(im, s->fd, fd, s->size, name);
	os_close(fd, name, NULL);
	return same;
}

int import_src_hash(struct import *im, struct import_src *s,
		    uint8_t ret[HASH_SIZE])
{
	struct err why = ERR_INIT;
	struct hash h;
	uint64_t off = 0;
	size_t got = 1;
	int rc = 0;

	hash_init(&h, NULL, 0);
	if (s->fd < 0)
		hash_add(&h, s->link.p, s->link.n);
	while (s->fd >= 0 && off < s->size && got && !rc) {
		uint64_t left = s->size - off;

		rc = os_pread(s->fd, im->io, left < IMPORT_IO ? (size_t)left :
			      IMPORT_IO, off, &got, s->en->path, &why);
		if (!rc)
			hash_add(&h, im->io, got);
		off += got;
	}
	hash_end(&h, ret);
	return rc ? cannot_read(im, s->en, rc, &why) : 0;
}

/* As it was when it was opened, or with something behind it since. */
static int is_stable(struct import *im, struct import_src *s,
		     const char *tmp, uint64_t copied)
{
	const struct os_stat *was = &s->en->st;
	struct os_stat now;
	int fd = -1, same;

	if (s->is_db)
		return 1;
	if (copied != s->size || os_fstat(s->fd, &now, s->en->path, NULL))
		return 0;
	if (now.size == was->size && now.mtime_ns == was->mtime_ns &&
	    now.ctime_ns == was->ctime_ns)
		return 1;
	if (now.size < s->size || os_dir_open_file(im->tmp, tmp, &fd, NULL))
		return 0;
	same = same_bytes(im, s->fd, fd, s->size, s->en->path);
	os_close(fd, tmp, NULL);
	return same;
}

/* All bytes to ${to}.  A failure to read is in *why, to write in im->e. */
static int pump(struct import *im, struct import_src *s, int to,
		uint64_t *copied, struct err *why)
{
	size_t got = 1;
	int rc = 0;

	*copied = 0;
	while (!rc && got && *copied < s->size) {
		uint64_t left = s->size - *copied;

		rc = os_pread(s->fd, im->io, left < IMPORT_IO ? (size_t)left :
			      IMPORT_IO, *copied, &got, s->en->path, why);
		if (!rc && os_write(to, im->io, got, s->en->path, im->e))
			return im->e->rc;
		*copied += got;
		if (!rc && !(*copied & ((64u << 20) - 1)))
			rc = workspace_progress(im->ws, "importing", im->done,
						im->files, why);
	}
	return rc;
}

static int copy_regular(struct import *im, struct import_src *s,
			const char *tmp)
{
	struct err why = ERR_INIT;
	uint64_t copied = 0;
	int fd = -1, rc2;
	int rc = os_dir_create(im->tmp, tmp, s->en->st.exec, &fd, im->e);

	if (rc < 0)
		return rc;
	rc = pump(im, s, fd, &copied, &why);
	if (rc < 0 && why.rc)
		rc = cannot_read(im, s->en, rc, &why);
	if (!rc)
		rc = os_set_mtime(fd, s->en->st.mtime_ns, s->en->path, im->e);
	if (!rc && !os_has_syncfs())
		rc = os_fsync(fd, s->en->path, im->e);
	rc2 = os_close(fd, s->en->path, rc ? NULL : im->e);
	if (!rc)
		rc = rc2;
	if (!rc && !is_stable(im, s, tmp, copied)) {
		import_note(im, REPORT_UNSTABLE, s->en,
			    "changed while it was copied");
		rc = 1;
	}
	if (rc)
		os_dir_unlink(im->tmp, tmp, NULL);
	return rc;
}

int import_src_copy(struct import *im, struct import_src *s, const char *tmp)
{
	if (s->fd >= 0)
		return copy_regular(im, s, tmp);
	return os_dir_symlink(im->tmp, s->link.p, tmp, im->e);
}
