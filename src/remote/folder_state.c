/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder_state.c - the states of a folder place.
 *
 * State n is states/<n/4096>/<n>/s.  The folder <n> appears by a rename of a
 * whole folder, which fails if <n> is there: see folder.h.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "remote/folder_internal.h"
#include "base/banned.h"

static int state_path(const struct folder *f, char path[FOLDER_PATH_MAX],
		      uint64_t seq, const char *tail, struct err *e)
{
	return folder_pathf(f, path, e, "states/%llu/%llu%s",
			    (unsigned long long)(seq / FOLDER_BLOCK),
			    (unsigned long long)seq, tail);
}

/* 1 if state ${seq} is there, 0 if not, or a code. */
static int is_there(const struct folder *f, uint64_t seq, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	struct os_stat st;
	int rc;

	if (seq == 0)
		return 0;
	rc = state_path(f, path, seq, "", e);
	if (rc == 0)
		rc = os_stat(path, &st, e);
	if (rc == 0)
		return 1;
	rc = folder_absent(f, rc, e);
	return rc == HUB_EABSENT ? 0 : rc;
}

/* The highest decimal name in a folder; 0 if there is none.  HUB_EABSENT. */
static int highest(const struct folder *f, const char *path, uint64_t below,
		   uint64_t *ret, int *ret_any, struct err *e)
{
	struct os_dir *d = NULL;
	enum os_type type;
	const char *name;
	uint64_t n, max = 0;
	int rc = os_dir_open(path, &d, e), any = 0;

	if (rc < 0)
		return folder_absent(f, rc, e);
	while ((rc = os_dir_next(d, &name, &type, e)) > 0) {
		if (hex_dec_u64(name, strlen(name), &n) < 0 || n >= below)
			continue;
		any = 1;
		if (n > max)
			max = n;
	}
	os_dir_close(d);
	if (rc < 0)
		return rc;
	*ret = max;
	*ret_any = any;
	return 0;
}

/* The newest by listing: the last block that is not empty. */
static int list_newest(const struct folder *f, uint64_t *ret, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	uint64_t block = UINT64_MAX, seq = 0;
	int rc, any;

	for (;;) {
		rc = folder_pathf(f, path, e, "states");
		if (rc == 0)
			rc = highest(f, path, block, &block, &any, e);
		if (rc == HUB_EABSENT)
			rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
		if (rc < 0)
			return rc;
		if (!any)
			break;
		rc = folder_pathf(f, path, e, "states/%llu",
				  (unsigned long long)block);
		if (rc == 0)
			rc = highest(f, path, UINT64_MAX, &seq, &any, e);
		if (rc < 0 && rc != HUB_EABSENT)
			return rc;
		if (rc == 0 && any && seq / FOLDER_BLOCK == block)
			break;
		seq = 0;
	}
	*ret = seq;
	return 0;
}

int folder_state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			struct err *e)
{
	struct folder *f = folder_of(p);
	uint64_t lo = hint, step = 1, hi, mid;
	int rc = is_there(f, hint, e);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return list_newest(f, ret, e);
	/* In growing steps to one that is not there, then halving between. */
	for (;;) {
		hi = lo + step;
		rc = is_there(f, hi, e);
		if (rc < 0)
			return rc;
		if (rc == 0)
			break;
		lo = hi;
		step *= 2;
	}
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		rc = is_there(f, mid, e);
		if (rc < 0)
			return rc;
		if (rc)
			lo = mid;
		else
			hi = mid;
	}
	*ret = lo;
	return 0;
}

int folder_state_get(struct place *p, uint64_t seq, struct buf *ret,
		     struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = state_path(f, path, seq, "/s", e);

	if (rc == 0)
		rc = os_read_file(path, PLACE_STATE_MAX, ret, e);
	if (rc == HUB_ELIMIT)
		return err_set(e, HUB_ECORRUPT, "'%s' has more bytes than a "
			       "state may have", path);
	rc = folder_absent(f, rc, e);
	if (rc == HUB_EABSENT && is_there(f, seq, NULL) == 1)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
	return rc;
}

/* ---- create ---- */

/* The folder ${dir} with the file s in it, all durable but its name. */
static int write_state(const char *dir, const void *bytes, size_t n,
		       struct err *e)
{
	struct os_dir *d = NULL;
	int fd = -1, rc;

	rc = os_mkdir(dir, e);
	if (rc == 0)
		rc = os_dir_open(dir, &d, e);
	if (rc == 0)
		rc = os_dir_create(d, "s", 0, &fd, e);
	if (rc < 0)
		goto out;
	rc = os_write(fd, bytes, n, dir, e);
	if (rc == 0)
		rc = os_fsync(fd, dir, e);
	if (rc < 0)
		goto out;
	rc = os_close(fd, dir, e);
	fd = -1;
	if (rc == 0)
		rc = os_dir_sync(d, e);
out:
	os_close(fd, dir, NULL);
	os_dir_close(d);
	return rc;
}

/*
 * The block's folder.  Whoever makes the first state of a block syncs its name,
 * also if another one made the folder and may not have come to that; all later
 * states stand on that first one.  So does the last name of the block before.
 */
static int make_block(const struct folder *f, uint64_t seq, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	struct os_stat st;
	int rc, first = seq == 1 || seq % FOLDER_BLOCK == 0;

	if (seq % FOLDER_BLOCK == 0) {
		rc = state_path(f, path, seq - 1, "", e);
		if (rc == 0)
			rc = os_sync_parent(path, e);
		if (rc < 0 && rc != HUB_EABSENT)
			return rc;
	}
	rc = folder_pathf(f, path, e, "states/%llu",
			  (unsigned long long)(seq / FOLDER_BLOCK));
	if (rc < 0 || (!first && os_stat(path, &st, NULL) == 0))
		return rc;
	rc = os_mkdir(path, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	if (rc == 0)
		rc = os_sync_parent(path, e);
	return rc;
}

int folder_state_create(struct place *p, uint64_t seq, const void *bytes,
			size_t n, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	int rc;

	if (n > PLACE_STATE_MAX || seq == 0)
		return err_set(e, HUB_ELIMIT, "a state of %zu bytes", n);
	folder_temp(name);
	rc = state_path(f, path, seq, "", e);
	if (rc == 0)
		rc = folder_pathf(f, temp, e, "states/%s", name);
	if (rc < 0)
		return rc;
	rc = is_there(f, seq, e);
	if (rc < 0)
		return rc;
	if (rc)
		return err_set(e, HUB_ECONFLICT, "state %llu exists",
			       (unsigned long long)seq);

	/* Order: 1. all of it, durable, under a temp name */
	rc = write_state(temp, bytes, n, e);
	if (rc < 0)
		goto out;

	/* 2. the folder that will hold it, durable */
	rc = make_block(f, seq, e);
	if (rc < 0)
		goto out;

	/* 3. its name: one of all who try gets it */
	rc = os_rename(temp, path, e);
	if (rc < 0)
		goto out;

	/* 4. its name is durable */
	return os_sync_parent(path, e);
out:
	os_rmtree(temp, NULL);
	return folder_absent(f, rc, e);
}

int folder_state_delete(struct place *p, uint64_t seq, struct err *e)
{
	struct folder *f = folder_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	int rc;

	/* Under a temp name first: never a state folder without its file. */
	folder_temp(name);
	rc = state_path(f, path, seq, "", e);
	if (rc == 0)
		rc = folder_pathf(f, temp, e, "states/%s", name);
	if (rc == 0)
		rc = os_rename(path, temp, e);
	if (rc == 0)
		rc = os_sync_parent(path, e);
	if (rc == 0)
		rc = os_rmtree(temp, e);
	return folder_absent(f, rc, e);
}

/* ---- probe ---- */

static int probe_in(const char *dir, struct err *e)
{
	char a[FOLDER_PATH_MAX], b[FOLDER_PATH_MAX], to[FOLDER_PATH_MAX];
	struct buf got = BUF_INIT;
	int rc, exclusive = 0;

	snprintf(a, sizeof(a), "%s/a", dir);
	snprintf(b, sizeof(b), "%s/b", dir);
	snprintf(to, sizeof(to), "%s/to", dir);
	rc = os_mkdir(dir, e);
	if (rc == 0)
		rc = write_state(a, "a", 1, e);
	if (rc == 0)
		rc = write_state(b, "b", 1, e);
	if (rc == 0)
		rc = os_rename(a, to, e);
	if (rc < 0)
		return rc;
	rc = os_rename(b, to, NULL);
	snprintf(a, sizeof(a), "%s/to/s", dir);
	if (rc == HUB_ECONFLICT) {
		rc = os_read_file(a, 1, &got, e);
		exclusive = rc == 0 && got.n == 1 && got.p[0] == 'a';
	} else {
		rc = 0;		/* it took it, or failed in another way */
	}
	buf_release(&got);
	return rc < 0 ? rc : exclusive;
}

int folder_probe(const char *vault, struct err *e)
{
	char dir[FOLDER_PATH_MAX - 16], name[32];
	int rc, n;

	folder_temp(name);
	n = snprintf(dir, sizeof(dir), "%s/%s", vault, name);
	if (n < 0 || n >= (int)sizeof(dir))
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'", vault);
	rc = probe_in(dir, e);
	os_rmtree(dir, NULL);
	return rc;
}
