/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content.c - read one file for the history.
 *
 * The stat of a file that was modified within the clock's granularity before
 * it was read proves nothing: a later change in the same tick would look the
 * same.  Its record gets BASEREC_NOSTAT, and the next scan compares content.
 */
#include "sync/content_internal.h"

#include <stdint.h>
#include <string.h>

#include "db/db.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "base/hex.h"

#define RECENT_NS 2100000000
#define PAUSE_MS 15

/* Coarse clocks: FAT has 2 s, HFS+ and some NAS 1 s (no nanoseconds at all);
 * Linux ticks are at most 10 ms. */
int content_racy(int64_t mtime_ns, int64_t now_ns)
{
	int64_t grain = mtime_ns % 1000000000 ? 20000000 : 2100000000;

	return !now_ns || mtime_ns + grain > now_ns;
}

void content_record(struct baserec *rec, const struct tree_leaf *leaf,
		    const struct os_stat *st, int64_t fs_now_ns)
{
	memset(rec, 0, sizeof(*rec));
	rec->kind = leaf->mode == MODE_LINK ? BASEREC_LINK :
		leaf->mode == MODE_EXEC ? BASEREC_EXEC : BASEREC_FILE;
	rec->id_n = OID_SIZE;
	memcpy(rec->id, leaf->id.h, OID_SIZE);
	rec->size = st->size;
	rec->mtime_ns = st->mtime_ns;
	rec->ctime_ns = st->ctime_ns;
	rec->ino = st->ino;
	rec->dev = st->dev;
	if (content_racy(st->mtime_ns, fs_now_ns))
		rec->flags |= BASEREC_NOSTAT;
}

int content_is_large(const struct baserec *rec)
{
	return rec->kind == BASEREC_LARGE || rec->kind == BASEREC_LARGE_EXEC;
}

void content_record_large(struct baserec *rec, const struct pointer *ptr)
{
	if (rec->kind == BASEREC_DB || rec->size != ptr->size)
		return;
	rec->kind = rec->kind == BASEREC_EXEC ? BASEREC_LARGE_EXEC :
		BASEREC_LARGE;
	rec->id_n = sizeof(ptr->recipe);
	memcpy(rec->id, ptr->recipe, sizeof(ptr->recipe));
}

static struct tree_leaf large_leaf(const struct baserec *rec)
{
	struct pointer ptr = { .size = rec->size };
	struct tree_leaf l;

	memset(&l, 0, sizeof(l));
	memcpy(ptr.recipe, rec->id, sizeof(ptr.recipe));
	if (!rec->size || large_blob(&ptr, &l.id) < 0)
		return l;	/* unknown: it is compared */
	l.mode = rec->kind == BASEREC_LARGE_EXEC ? MODE_EXEC : MODE_FILE;
	return l;
}

struct tree_leaf content_leaf(const struct baserec *rec)
{
	struct tree_leaf l;

	if (content_is_large(rec))
		return large_leaf(rec);
	memset(&l, 0, sizeof(l));
	if (rec->kind == BASEREC_UNWRITTEN || rec->id_n != OID_SIZE)
		return l;
	l.mode = rec->kind == BASEREC_LINK ? MODE_LINK :
		rec->kind == BASEREC_EXEC ? MODE_EXEC : MODE_FILE;
	memcpy(l.id.h, rec->id, OID_SIZE);
	return l;
}

int content_base(struct state *s, const char *path, size_t n,
		 struct tree_leaf *ret, struct err *e)
{
	struct buf raw = BUF_INIT;
	struct baserec rec;
	int rc = state_base_get(s, path, n, &raw, e);

	memset(ret, 0, sizeof(*ret));
	if (!rc)
		rc = baserec_decode(&rec, raw.p, raw.n);
	if (!rc)
		*ret = content_leaf(&rec);
	buf_release(&raw);
	return rc == HUB_EABSENT ? 0 : rc;
}

int content_same_stat(const struct baserec *rec, const struct os_stat *st,
		      int exec_bits)
{
	if (rec->flags & BASEREC_NOSTAT || rec->kind == BASEREC_UNWRITTEN)
		return 0;
	if ((rec->kind == BASEREC_LINK) != (st->type == OS_LNK))
		return 0;
	if (exec_bits && st->type == OS_REG && rec->kind != BASEREC_DB &&
	    (rec->kind == BASEREC_EXEC || rec->kind == BASEREC_LARGE_EXEC) !=
	    !!st->exec)
		return 0;
	return rec->size == st->size && rec->mtime_ns == st->mtime_ns &&
		rec->ctime_ns == st->ctime_ns && rec->ino == st->ino;
}

int content_same_file(const struct os_stat *a, const struct os_stat *b)
{
	return a->size == b->size && a->mtime_ns == b->mtime_ns &&
		a->ctime_ns == b->ctime_ns && a->ino == b->ino;
}

int content_store(const struct content_job *job, const void *p, size_t n,
		  struct oid *id, struct err *e)
{
	if (job->sink)
		return sink_put(job->sink, OBJ_BLOB, p, n, id, e);
	return repo_hash(OBJ_BLOB, p, n, id);
}

/* A failure to look at a user's file is a verdict, not an error of ours. */
enum content_verdict content_verdict_of(int rc)
{
	if (rc == HUB_EABSENT)
		return CONTENT_GONE;
	return rc == HUB_EBUSY ? CONTENT_UNSTABLE : CONTENT_UNREADABLE;
}

static int read_link(const struct content_job *job, struct tree_leaf *leaf,
		     enum content_verdict *v, struct err *e)
{
	struct buf target = BUF_INIT;
	int rc = os_dir_readlink(job->dir, job->name, &target, e);

	leaf->mode = MODE_LINK;
	if (rc == HUB_ENOMEM)
		goto out;
	*v = rc < 0 ? content_verdict_of(rc) : CONTENT_OK;
	rc = *v == CONTENT_OK ? content_store(job, target.p, target.n, &leaf->id, e) : 0;
out:
	buf_release(&target);
	return rc;
}

/* Read exactly ${n} bytes from the start; fewer there: *ret_n says. */
int content_prefix(int fd, struct buf *b, uint64_t n, const char *what,
		   struct err *e)
{
	size_t got;
	int rc;

	buf_reset(b);
	if (n > SIZE_MAX / 2 || buf_grow(b, (size_t)n + 1))
		return err_nomem(e);
	rc = os_pread(fd, b->p, (size_t)n, 0, &got, what, e);
	if (rc < 0)
		return rc;
	b->n = got;
	b->p[got] = '\0';
	return 0;
}

/*
 * The file changed while it was read.  If it has only grown (a log), the bytes
 * we have are its state at the moment of opening: they are read a second time
 * to be sure that none of them was rewritten.
 */
static int only_grew(int fd, const struct buf *first, const struct os_stat *now,
		     const char *what, struct err *e)
{
	struct buf again = BUF_INIT;
	int same;

	if (now->size < first->n)
		return 0;
	if (content_prefix(fd, &again, first->n, what, e) < 0) {
		buf_release(&again);
		return 0;
	}
	same = !buf_cmp(&again, first);
	buf_release(&again);
	return same;
}

/*
 * A write that has begun moves the file's time only at its start: what was
 * modified a moment ago may be in the middle of one, and two reads in a row may
 * show the same mixture.  Where nobody has it open for writing that is excluded;
 * else some time must pass between the two.
 */
int content_being_written(const struct content_job *job, int fd,
			  const struct os_stat *st)
{
	return job->patience && st->mtime_ns + RECENT_NS > job->fs_now_ns &&
		os_being_written(fd) != 0;
}

static void pause_once(const struct content_job *job)
{
	if (*job->patience <= 0)
		return;
	--*job->patience;
	os_sleep_ms(PAUSE_MS);
}

/* Everything about an open plain file; ${st} becomes its stat at opening. */
static int read_small(const struct content_job *job, int fd,
		      struct os_stat *st, struct tree_leaf *leaf,
		      enum content_verdict *v, int *grew, struct err *e)
{
	struct buf data = BUF_INIT;
	struct os_stat after;
	int writer = content_being_written(job, fd, st);
	int rc = content_prefix(fd, &data, st->size, job->name, e);

	if (!rc)
		rc = os_fstat(fd, &after, job->name, e);
	if (rc < 0) {
		*v = content_verdict_of(rc);
		rc = rc == HUB_ENOMEM ? rc : 0;
		goto out;
	}
	*v = CONTENT_OK;
	if (data.n != st->size) {
		*v = CONTENT_UNSTABLE;
	} else if (writer) {
		pause_once(job);
		*grew = 1;
		if (!only_grew(fd, &data, &after, job->name, e))
			*v = CONTENT_UNSTABLE;
	} else if (job->fs_now_ns && content_same_file(st, &after) &&
		 content_racy(st->mtime_ns, job->fs_now_ns)) {
		/* written just now: within one tick of the clock a rewrite
		 * while we read would show in no stat */
		if (!only_grew(fd, &data, &after, job->name, e))
			*v = CONTENT_UNSTABLE;
	} else if (!content_same_file(st, &after)) {
		*grew = 1;
		if (!only_grew(fd, &data, &after, job->name, e))
			*v = CONTENT_UNSTABLE;
	}
	if (*v == CONTENT_OK)
		rc = content_store(job, data.p, data.n, &leaf->id, e);
out:
	buf_release(&data);
	return rc;
}

static int read_plain(const struct content_job *job, int fd,
		      struct os_stat *st, struct content_seen *seen,
		      struct tree_leaf *leaf, enum content_verdict *v,
		      struct err *e)
{
	int large;

	if (content_is_bare(job, fd, st->size, &leaf->id)) {
		*v = CONTENT_OK;
		seen->bare = 1;
		return 0;
	}
	large = content_large(job, fd, st->size, e);
	if (large < 0) {
		*v = content_verdict_of(large);
		return large == HUB_ENOMEM ? large : 0;
	}
	return large ? content_read_large(job, fd, st, seen, leaf, v, e) :
		read_small(job, fd, st, leaf, v, &seen->grew, e);
}

/* The copy of a data base lies in our own folder: it is stable. */
static int read_copy(const struct content_job *job, const char *copy,
		     struct tree_leaf *leaf, enum content_verdict *v,
		     struct err *e)
{
	struct content_job whole = *job;
	struct buf data = BUF_INIT;
	struct pointer ptr;
	struct os_stat st;
	int fd = -1, large = 0, rc = os_open_read(copy, &fd, e);

	*v = CONTENT_OK;
	whole.form = CONTENT_POINTER;	/* named even if it isn't stored */
	if (!rc)
		rc = os_fstat(fd, &st, copy, e);
	if (!rc)
		rc = large = content_large(job, fd, st.size, e);
	if (rc > 0)
		rc = content_put_large(&whole, fd, st.size, &ptr, leaf, v, e);
	else if (!rc)
		rc = content_prefix(fd, &data, st.size, copy, e);
	if (!rc && !large)
		rc = content_store(job, data.p, data.n, &leaf->id, e);
	os_close(fd, copy, NULL);
	buf_release(&data);
	return rc;
}

static int read_database(const struct content_job *job, struct tree_leaf *leaf,
			 enum content_verdict *v, struct err *e)
{
	struct buf copy = BUF_INIT;
	uint8_t r[8];
	int rc;

	*v = CONTENT_OK;
	if (!job->tmp)
		return 0;
	os_random(r, sizeof(r));
	buf_addf(&copy, "%s/", job->tmp);
	hex_add(&copy, r, sizeof(r));
	if (buf_error(&copy)) {
		rc = err_nomem(e);
		goto out;
	}
	rc = db_copy_live(job->full, copy.p, 5000, e);
	if (rc < 0) {
		*v = content_verdict_of(rc);
		rc = rc == HUB_ENOMEM || rc == HUB_ELIMIT ? rc : 0;
		goto out;
	}
	rc = read_copy(job, copy.p, leaf, v, e);
	os_unlink(copy.p, NULL);
out:
	buf_release(&copy);
	return rc;
}

static int is_database(int fd, const struct os_stat *st, const char *what)
{
	uint8_t head[16];
	size_t got;

	return st->size >= 512 &&
		!os_pread(fd, head, sizeof(head), 0, &got, what, NULL) &&
		db_header_is_sqlite(head, got);
}

static int read_regular(const struct content_job *job, struct tree_leaf *leaf,
			struct baserec *rec, enum content_verdict *v,
			struct err *e)
{
	struct content_seen seen;
	struct os_stat st;
	int fd = -1, db = 0;
	int rc = os_dir_open_file(job->dir, job->name, &fd, e);

	memset(&seen, 0, sizeof(seen));
	if (!rc)
		rc = os_fstat(fd, &st, job->name, e);
	if (rc < 0) {
		*v = content_verdict_of(rc);
		rc = rc == HUB_ENOMEM ? rc : 0;
		goto out;
	}
	leaf->mode = st.exec ? MODE_EXEC : MODE_FILE;
	db = is_database(fd, &st, job->name);
	rc = db ? read_database(job, leaf, v, e) :
		read_plain(job, fd, &st, &seen, leaf, v, e);
	content_record(rec, leaf, &st, job->fs_now_ns);
	if (db)
		rec->kind = st.exec ? BASEREC_EXEC : BASEREC_DB;
	else if (seen.ptr.size)
		content_record_large(rec, &seen.ptr);
	/* A write that began just before we looked may still go on, and moves
	 * the time only at its start: look again at the next run. */
	if (seen.grew || st.mtime_ns + RECENT_NS > job->fs_now_ns)
		rec->flags |= BASEREC_NOSTAT;
	if (seen.bare)
		rec->flags |= BASEREC_BEHIND;
out:
	os_close(fd, job->name, NULL);
	return rc;
}

int content_read(const struct content_job *job, struct tree_leaf *leaf,
		 struct baserec *rec, enum content_verdict *verdict,
		 struct err *e)
{
	int rc;

	memset(leaf, 0, sizeof(*leaf));
	memset(rec, 0, sizeof(*rec));
	if (job->st.type != OS_LNK)
		return read_regular(job, leaf, rec, verdict, e);
	rc = read_link(job, leaf, verdict, e);
	content_record(rec, leaf, &job->st, job->fs_now_ns);
	return rc;
}
