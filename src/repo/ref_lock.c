/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ref_lock.c - git's lock of a ref, <ref>.lock, made so that a lock which a
 * killed run left behind can be told from a living one's.
 *
 * The content (the new id) is written to a temp file, "vibehub-ref-<random>" in
 * the repository's folder, synced, and linked to <ref>.lock: the lock appears
 * whole or not at all.  The temp file keeps its name until the lock is gone.
 * Therefore
 *   - in a workspace, where all runs of hub hold one flock while they do this,
 *     a temp file that is found under that flock belongs to a dead run, and so
 *     does the lock that is the same file (ref_lock_sweep());
 *   - in a hub, whose file system need not have working flocks, a lock with
 *     exactly the id that our interrupted run was about to write is ours
 *     (ref_unlock_own()), and any lock that does not change for 10 minutes by
 *     our own clock is nobody's (ref_unlock_stale()).
 */
#include "base/hex.h"
#include "base/rd.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_file.h"
#include "repo/ref.h"
#include "repo/ref_internal.h"

#define TEMP "vibehub-ref-"
#define STALE_S 600
#define DAY_S 86400
#define LINK_TRIES 5
#define MEMO_SIZE 32

static int temp_path(struct repo *r, struct buf *ret, struct err *e)
{
	uint8_t salt[8];

	os_random(salt, sizeof(salt));
	buf_reset(ret);
	buf_addf(ret, "%s" TEMP, r->commondir);
	hex_add(ret, salt, sizeof(salt));
	return buf_error(ret) ? err_nomem(e) : 0;
}

static int write_temp(const char *path, const void *p, size_t n, struct err *e)
{
	int fd = -1, rc, rc2;

	rc = os_create(path, 0, &fd, e);
	if (rc < 0)
		return rc;
	rc = os_write(fd, p, n, path, e);
	if (rc == 0)
		rc = os_fsync(fd, path, e);
	rc2 = os_close(fd, path, rc < 0 ? NULL : e);
	return rc < 0 ? rc : rc2;
}

/* make_parent(): the folder of ${path}, which git may remove at any moment
 * while it is empty. */
static int make_parent(struct repo *r, const char *path, struct err *e)
{
	struct buf dir = BUF_INIT;
	size_t n = strlen(path);
	int rc;

	while (n > 0 && path[n - 1] != '/')
		n--;
	buf_add(&dir, path, n > 1 ? n - 1 : n);
	rc = buf_error(&dir) ? err_nomem(e) : repo_mkdirs(r, dir.p, e);
	buf_release(&dir);
	return rc;
}

int ref_lock_take(struct ref_lock *l, struct repo *r, const char *path,
		  const void *p, size_t n, struct err *e)
{
	int rc;

	rc = temp_path(r, &l->temp, e);
	if (rc == 0)
		rc = repo_path(&l->path, path, ".lock", e);
	if (rc == 0)
		rc = write_temp(l->temp.p, p, n, e);
	for (int i = 0; rc == 0 && i < LINK_TRIES; i++) {
		rc = make_parent(r, path, e);
		if (rc < 0)
			break;
		rc = os_link_new(l->temp.p, l->path.p, e);
		if (rc == 0) {
			l->held = 1;
			return 0;
		}
		if (rc != HUB_EABSENT)
			break;
		rc = i + 1 < LINK_TRIES ? 0 : rc;
	}
	if (rc == HUB_ECONFLICT)
		rc = err_set(e, HUB_EBUSY, "'%s' exists: another program changes "
			     "the ref, or was killed while it did", l->path.p);
	ref_lock_drop(l);
	return rc;
}

int ref_lock_commit(struct ref_lock *l, const char *path, int durable,
		    struct err *e)
{
	int rc;

	rc = os_rename(l->path.p, path, e);
	if (rc < 0)
		return rc;
	l->held = 0;
	return durable ? os_sync_parent(path, e) : 0;
}

void ref_lock_drop(struct ref_lock *l)
{
	if (l->held)
		os_unlink(l->path.p, NULL);
	if (l->temp.n)
		os_unlink(l->temp.p, NULL);
	l->held = 0;
	buf_release(&l->path);
	buf_release(&l->temp);
}

/* ---- what others left ---- */

static int is_same(const struct os_stat *a, const char *path)
{
	struct os_stat b;

	return a->ino != 0 && os_lstat(path, &b, NULL) == 0 &&
	       a->ino == b.ino && a->dev == b.dev;
}

/*
 * sweep_one(): one temp file of a dead run, and the lock that is the same file
 * if it is one of those.  While it is some other ref's lock it is kept, because
 * that lock will be known by it.
 */
static void sweep_one(struct os_dir *d, const char *name,
		      const char *const locks[2])
{
	struct os_stat st;
	uint32_t links = 1;

	if (os_dir_stat(d, name, &st, NULL) == 0)
		links = st.nlink;
	for (int i = 0; i < 2 && links > 1; i++)
		if (is_same(&st, locks[i])) {
			os_unlink(locks[i], NULL);
			links = 1;
		}
	if (links < 2)
		os_dir_unlink(d, name, NULL);
}

void ref_lock_sweep(struct repo *r, const char *path, int64_t min_age_s)
{
	struct buf lock = BUF_INIT, packed = BUF_INIT;
	struct os_dir *d = NULL;
	struct os_stat st;
	const char *name, *locks[2];
	enum os_type type;

	if (repo_path(&lock, path, ".lock", NULL) < 0 ||
	    repo_path(&packed, r->commondir, "packed-refs.lock", NULL) < 0 ||
	    os_dir_open(r->commondir, &d, NULL) < 0)
		goto out;
	locks[0] = lock.p;
	locks[1] = packed.p;
	while (os_dir_next(d, &name, &type, NULL) == 1) {
		if (strncmp(name, TEMP, strlen(TEMP)) != 0)
			continue;
		if (min_age_s && (os_dir_stat(d, name, &st, NULL) < 0 ||
		    os_now() - st.mtime_ns / 1000000000 < min_age_s))
			continue;
		sweep_one(d, name, locks);
	}
out:
	os_dir_close(d);
	buf_release(&lock);
	buf_release(&packed);
}

static int lock_path(struct repo *r, const char *name, struct buf *ret,
		     struct err *e)
{
	int rc;

	if (!strcmp(name, "packed-refs"))
		return repo_path(ret, r->commondir, "packed-refs.lock", e);
	rc = ref_path(r, name, ret, e);
	buf_addstr(ret, ".lock");
	return rc < 0 ? rc : buf_error(ret) ? err_nomem(e) : 0;
}

int ref_unlock_own(struct repo *hub, const char *name, const struct oid *id,
		   struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc;

	rc = lock_path(hub, name, &path, e);
	if (rc == 0)
		rc = os_read_file(path.p, REF_FILE_MAX, &text, e);
	if (rc == 0 && text.n == OID_HEX + 1 &&
	    !memcmp(text.p, oid_hex(id), OID_HEX))
		rc = os_unlink(path.p, e);
	if (rc == HUB_EABSENT || rc == HUB_ELIMIT) {
		err_clear(e);
		rc = 0;
	}
	if (rc == 0 && path.n > 5) {
		buf_setlen(&path, path.n - 5);
		ref_lock_sweep(hub, path.p, DAY_S);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

int ref_unlock_stale(struct repo *hub, const char *name, int64_t now,
		     struct buf *memo, int *ret_removed, struct err *e)
{
	struct buf path = BUF_INIT, seen = BUF_INIT;
	struct os_stat st;
	struct rd rd;
	int64_t since;
	int rc;

	*ret_removed = 0;
	rc = lock_path(hub, name, &path, e);
	if (rc == 0)
		rc = os_lstat(path.p, &st, e);
	if (rc == HUB_EABSENT) {
		err_clear(e);
		buf_reset(memo);
		rc = 0;
		goto out;
	}
	if (rc < 0)
		goto out;
	buf_add_u64(&seen, st.ino);
	buf_add_u64(&seen, (uint64_t)st.mtime_ns);
	buf_add_u64(&seen, st.size);
	if (memo->n == MEMO_SIZE && !memcmp(memo->p, seen.p, seen.n)) {
		rd_init(&rd, memo->p + seen.n, 8);
		since = (int64_t)rd_u64(&rd);
		/* a clock that was set back starts the wait anew */
		if (now >= since && now - since < STALE_S)
			goto out;
		if (now - since >= STALE_S) {
			rc = os_unlink(path.p, e);
			*ret_removed = rc == 0;
			buf_reset(memo);
			goto out;
		}
	}
	buf_add_u64(&seen, (uint64_t)now);
	buf_reset(memo);
	buf_add(memo, seen.p, seen.n);
	rc = buf_error(&seen) || buf_error(memo) ? err_nomem(e) : 0;
out:
	buf_release(&path);
	buf_release(&seen);
	return rc;
}
