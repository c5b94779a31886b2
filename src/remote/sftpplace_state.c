/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftpplace_state.c - the states of a place on a box: folder_state.c in the
 * words of sftp, with several questions in one round trip.
 *
 * OpenSSH's server renames a folder as rename(2) does, which no folder with
 * something in it survives a race of; a file it links and unlinks.
 */
#include <stdio.h>
#include <string.h>
#include "base/hex.h"
#include "remote/sftpplace_internal.h"
#include "base/banned.h"

#define ASK 8		/* numbers in one round trip */

static int state_path(const struct sftpplace *f, char path[FOLDER_PATH_MAX],
		      uint64_t seq, const char *tail, struct err *e)
{
	return sftpplace_pathf(f, path, e, "states/%llu/%llu%s",
			       (unsigned long long)(seq / FOLDER_BLOCK),
			       (unsigned long long)seq, tail);
}

/* ---- is it there? ---- */

struct asked {
	struct sftpplace *f;
	uint64_t seq;
	int done, rc;
	struct err why;
};

static void told(void *arg, struct sftpmsg_reply *r)
{
	struct asked *a = arg;

	a->done = 1;
	a->rc = sftp_status(a->f->s, r, SFTPMSG_ATTRS, "a state", &a->why);
}

/* Which of ${n} numbers, at most ASK, are there: 1, 0. */
static int look(struct sftpplace *f, const uint64_t *seq, size_t n, int *there,
		struct err *e)
{
	struct asked a[ASK];
	char path[FOLDER_PATH_MAX];
	uint32_t id;
	size_t i, begun;
	int rc = 0;

	for (begun = 0; rc == 0 && begun < n; begun++) {
		a[begun] = (struct asked){ .f = f, .seq = seq[begun],
					   .why = ERR_INIT };
		rc = state_path(f, path, seq[begun], "", e);
		if (rc == 0)
			rc = sftp_ready(f->s, e);
		if (rc < 0)
			break;
		id = sftp_next(f->s, told, &a[begun]);
		sftpmsg_path(sftp_out(f->s), SFTPMSG_LSTAT, id, path);
	}
	for (i = 0; i < begun; i++)
		while (!a[i].done)
			sftp_step(f->s, NULL);
	for (i = 0; rc == 0 && i < n; i++) {
		there[i] = a[i].rc == 0;
		if (a[i].rc < 0 && a[i].rc != HUB_EABSENT)
			rc = err_set(e, a[i].rc, "%s", a[i].why.msg);
	}
	/* "None" is believed only while the vault is there. */
	if (rc == 0 && !there[0])
		rc = sftpplace_absent(f, HUB_EABSENT, e);
	return rc == HUB_EABSENT ? 0 : rc;
}

static int is_there(struct sftpplace *f, uint64_t seq, struct err *e)
{
	int there = 0, rc = seq ? look(f, &seq, 1, &there, e) : 0;

	return rc < 0 ? rc : there;
}

/* ---- the newest ---- */

struct highest { uint64_t below, max; int any; };

static int higher(void *arg, const char *name, const struct sftpmsg_attrs *a,
		  struct err *e)
{
	struct highest *h = arg;
	uint64_t n;

	(void)a;
	(void)e;
	if (hex_dec_u64(name, strlen(name), &n) < 0 || n >= h->below)
		return 0;
	h->any = 1;
	if (n > h->max)
		h->max = n;
	return 0;
}

/* The highest decimal name in a folder; HUB_EABSENT. */
static int highest(struct sftpplace *f, const char *path, uint64_t below,
		   struct highest *ret, struct err *e)
{
	*ret = (struct highest){ .below = below };
	return sftpplace_absent(f, sftp_list(f->s, path, higher, ret, e), e);
}

/* The newest by listing: the last block that is not empty. */
static int list_newest(struct sftpplace *f, uint64_t *ret, struct err *e)
{
	struct highest block = { .max = UINT64_MAX }, seq;
	char path[FOLDER_PATH_MAX];
	int rc;

	for (;;) {
		rc = sftpplace_pathf(f, path, e, "states");
		if (rc == 0)
			rc = highest(f, path, block.max, &block, e);
		if (rc == HUB_EABSENT)
			rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
		if (rc < 0)
			return rc;
		*ret = 0;
		if (!block.any)
			return 0;
		rc = sftpplace_pathf(f, path, e, "states/%llu",
				     (unsigned long long)block.max);
		if (rc == 0)
			rc = highest(f, path, UINT64_MAX, &seq, e);
		if (rc < 0 && rc != HUB_EABSENT)
			return rc;
		*ret = rc == 0 ? seq.max : 0;
		if (rc == 0 && seq.any && seq.max / FOLDER_BLOCK == block.max)
			return 0;
	}
}

/* Numbers that divide what is between ${lo} and ${hi}, ascending. */
static size_t between(uint64_t lo, uint64_t hi, uint64_t seq[ASK])
{
	uint64_t gap = (hi - lo + ASK) / (ASK + 1);
	size_t n = 0;

	for (lo += gap; lo < hi && n < ASK; lo += gap)
		seq[n++] = lo;
	return n;
}

int sftpplace_state_newest(struct place *p, uint64_t hint, uint64_t *ret,
			   struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	uint64_t seq[ASK], lo = hint, hi = UINT64_MAX, step = 1;
	int there[ASK], rc;
	size_t i, n;

	if (!hint || hint > UINT64_MAX / 4)
		return list_newest(f, ret, e);
	/* In growing steps to one that is not there, then between. */
	while (hi - lo > 1) {
		n = 0;
		if (lo == hint && hi == UINT64_MAX && step == 1)
			seq[n++] = hint;
		for (; hi == UINT64_MAX && n < ASK; step *= 2)
			seq[n++] = lo + step;
		if (!n)
			n = between(lo, hi, seq);
		rc = look(f, seq, n, there, e);
		if (rc < 0)
			return rc;
		if (seq[0] == hint && !there[0])
			return list_newest(f, ret, e);
		for (i = 0; i < n && there[i]; i++)
			lo = seq[i];
		if (i < n)
			hi = seq[i];
		if (step > UINT64_MAX / 1024)
			return err_set(e, HUB_EIO, "'%s': the box shows states "
				       "without end", f->name);
	}
	*ret = lo;
	return 0;
}

int sftpplace_state_get(struct place *p, uint64_t seq, struct buf *ret,
			struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX];
	int rc = state_path(f, path, seq, "/s", e);

	if (rc == 0)
		rc = sftp_get(f->s, path, PLACE_STATE_MAX, ret, e);
	if (rc == HUB_ELIMIT)
		return err_set(e, HUB_ECORRUPT, "'%s' has more bytes than a "
			       "state may have", path);
	rc = sftpplace_absent(f, rc, e);
	if (rc == HUB_EABSENT && is_there(f, seq, NULL) == 1)
		rc = err_set(e, HUB_ECORRUPT, "'%s' is missing", path);
	return rc;
}

/* ---- create ---- */

/* The folder ${dir} with the file s in it, all durable but its name. */
static int write_state(struct sftpplace *f, const char *dir, const void *bytes,
		       size_t n, struct err *e)
{
	char path[FOLDER_PATH_MAX + 8];
	int rc = sftp_mkdir(f->s, dir, e);

	snprintf(path, sizeof(path), "%s/s", dir);
	if (rc == 0)
		rc = sftp_put(f->s, path, bytes, n, 0666, e);
	return rc < 0 ? rc : sftpplace_sync_names(f, dir, e);
}

static int sync_block(struct sftpplace *f, uint64_t block, struct err *e)
{
	char dir[FOLDER_PATH_MAX];
	int rc = sftpplace_pathf(f, dir, e, "states/%llu",
				 (unsigned long long)block);

	return rc < 0 ? rc : sftpplace_sync_names(f, dir, e);
}

/* As in folder_state.c: who makes a block's first state syncs its name, and the
 * last name of the block before. */
static int make_block(struct sftpplace *f, uint64_t seq, struct err *e)
{
	char path[FOLDER_PATH_MAX];
	uint64_t block = seq / FOLDER_BLOCK;
	int rc;

	if (seq != 1 && seq % FOLDER_BLOCK)
		return 0;
	if (block) {
		rc = sync_block(f, block - 1, e);
		if (rc < 0 && rc != HUB_EABSENT)
			return rc;
	}
	rc = sftpplace_pathf(f, path, e, "states/%llu",
			     (unsigned long long)block);
	if (rc == 0)
		rc = sftp_mkdir(f->s, path, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	if (rc == 0)
		rc = sftpplace_pathf(f, path, e, "states");
	return rc < 0 ? rc : sftpplace_sync_names(f, path, e);
}

/* The rename; where the block's folder is missing it is made first. */
static int take_name(struct sftpplace *f, const char *temp, uint64_t seq,
		     struct err *e)
{
	char path[FOLDER_PATH_MAX], block[FOLDER_PATH_MAX];
	int rc = state_path(f, path, seq, "", e);

	if (rc == 0)
		rc = sftp_rename(f->s, temp, path, e);
	if (rc != HUB_EABSENT)
		return rc;
	rc = sftpplace_pathf(f, block, e, "states/%llu",
			     (unsigned long long)(seq / FOLDER_BLOCK));
	if (rc == 0)
		rc = sftp_mkdir(f->s, block, e);
	if (rc == HUB_ECONFLICT)
		rc = 0;
	if (rc == 0)
		rc = sftpplace_pathf(f, block, e, "states");
	if (rc == 0)
		rc = sftpplace_sync_names(f, block, e);
	return rc < 0 ? rc : sftp_rename(f->s, temp, path, e);
}

int sftpplace_state_create(struct place *p, uint64_t seq, const void *bytes,
			   size_t n, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char temp[FOLDER_PATH_MAX], name[32];
	int rc;

	if (n > PLACE_STATE_MAX || seq == 0)
		return err_set(e, HUB_ELIMIT, "a state of %zu bytes", n);
	folder_temp(name);
	rc = sftpplace_pathf(f, temp, e, "states/%s", name);
	if (rc < 0)
		return rc;
	rc = is_there(f, seq, e);
	if (rc < 0)
		return rc;
	if (rc)
		return err_set(e, HUB_ECONFLICT, "state %llu exists",
			       (unsigned long long)seq);

	/* Order: 1. all of it, durable, under a temp name */
	rc = write_state(f, temp, bytes, n, e);

	/* 2. the folder that will hold it, durable */
	if (rc == 0)
		rc = make_block(f, seq, e);

	/* 3. its name: one of all who try gets it */
	if (rc == 0)
		rc = take_name(f, temp, seq, e);
	if (rc < 0) {
		sftpplace_rmtree(f, temp, NULL);
		return sftpplace_absent(f, rc, e);
	}

	/* 4. its name is durable */
	return sync_block(f, seq / FOLDER_BLOCK, e);
}

int sftpplace_state_delete(struct place *p, uint64_t seq, struct err *e)
{
	struct sftpplace *f = sftpplace_of(p);
	char path[FOLDER_PATH_MAX], temp[FOLDER_PATH_MAX], name[32];
	int rc;

	/* Under a temp name first: never a state folder without its file. */
	folder_temp(name);
	rc = state_path(f, path, seq, "", e);
	if (rc == 0)
		rc = sftpplace_pathf(f, temp, e, "states/%s", name);
	if (rc == 0)
		rc = sftp_rename(f->s, path, temp, e);
	if (rc == 0)
		rc = sync_block(f, seq / FOLDER_BLOCK, e);
	if (rc == 0)
		rc = sftpplace_rmtree(f, temp, e);
	return sftpplace_absent(f, rc, e);
}

/* ---- probe ---- */

static int probe_in(struct sftpplace *f, const char *dir, struct err *e)
{
	char a[FOLDER_PATH_MAX + 8], b[FOLDER_PATH_MAX + 8],
	     to[FOLDER_PATH_MAX + 8];
	struct buf got = BUF_INIT;
	int rc, exclusive = 0;

	snprintf(a, sizeof(a), "%s/a", dir);
	snprintf(b, sizeof(b), "%s/b", dir);
	snprintf(to, sizeof(to), "%s/to", dir);
	rc = sftp_mkdir(f->s, dir, e);
	if (rc == 0)
		rc = write_state(f, a, "a", 1, e);
	if (rc == 0)
		rc = write_state(f, b, "b", 1, e);
	if (rc == 0)
		rc = sftp_rename(f->s, a, to, e);
	if (rc < 0)
		return rc;
	rc = sftp_rename(f->s, b, to, NULL);
	snprintf(a, sizeof(a), "%s/to/s", dir);
	if (rc == HUB_ECONFLICT) {
		rc = sftp_get(f->s, a, 1, &got, e);
		exclusive = rc == 0 && got.n == 1 && got.p[0] == 'a';
	} else if (rc == HUB_EOFFLINE) {
		rc = sftp_fault(f->s, e);
	} else {
		rc = 0;		/* it took it, or failed in another way */
	}
	buf_release(&got);
	return rc < 0 ? rc : exclusive;
}

int sftpplace_state_probe(struct sftpplace *f, struct err *e)
{
	static const char *const subs[] = { "/a", "/b", "/to", "" };
	char dir[FOLDER_PATH_MAX - 16], sub[FOLDER_PATH_MAX], name[32];
	size_t i;
	int rc, n;

	folder_temp(name);
	n = snprintf(dir, sizeof(dir), "%s/%s", f->root, name);
	if (n < 0 || n >= (int)sizeof(dir))
		return err_set(e, HUB_ELIMIT, "path too long: '%.200s'",
			       f->root);
	rc = probe_in(f, dir, e);
	for (i = 0; i < 4; i++) {
		snprintf(sub, sizeof(sub), "%s%s", dir, subs[i]);
		sftpplace_rmtree(f, sub, NULL);
	}
	return rc;
}
