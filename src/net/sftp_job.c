/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftp_job.c - a folder is opened, listed or synced, and closed, without anybody
 * waiting between: hundreds of folders cost a few round trips.
 *
 * For a listing two READDIR are always under way: a small folder's end is known
 * after one round trip.  No version of sftp can sync a folder; but opened like a
 * file, for reading, OpenSSH's server can on most systems.
 */
#include <string.h>
#include "net/sftp.h"
#include "base/banned.h"

static void closed(void *arg, struct sftpmsg_reply *r)
{
	struct sftp_job *j = arg;

	(void)r;		/* nothing was written through it */
	j->done = 1;
}

/* One of its requests is answered; when all are, the handle is closed. */
static void settle(struct sftp_job *j, int alive)
{
	if (--j->under_way)
		return;
	if (alive)
		sftpmsg_handle(sftp_out(j->s), SFTPMSG_CLOSE,
			       sftp_next(j->s, closed, j), sftp_span(&j->h));
	else
		j->done = 1;
}

static void synced(void *arg, struct sftpmsg_reply *r)
{
	struct sftp_job *j = arg;

	j->rc = sftp_status(j->s, r, SFTPMSG_STATUS, j->path, &j->why);
	settle(j, r != NULL);
}

/* Every name of one answer. */
static int hand_on(struct sftp_job *j, struct sftpmsg_reply *r)
{
	char name[SFTPMSG_NAME_MAX + 1];
	struct sftpmsg_name en;
	int rc = 0;

	while (rc == 0 && sftpmsg_next(r, &en)) {
		memcpy(name, en.name.p, en.name.n);
		name[en.name.n] = 0;
		if (strcmp(name, ".") && strcmp(name, ".."))
			rc = j->fn(j->arg, name, &en.attrs, &j->why);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static void listed(void *arg, struct sftpmsg_reply *r);

static void list_on(struct sftp_job *j)
{
	j->under_way++;
	sftpmsg_handle(sftp_out(j->s), SFTPMSG_READDIR,
		       sftp_next(j->s, listed, j), sftp_span(&j->h));
}

static void listed(void *arg, struct sftpmsg_reply *r)
{
	struct sftp_job *j = arg;
	int end = r && r->type == SFTPMSG_STATUS && r->status == SFTPMSG_EOF;

	if (!end && !j->stop) {
		j->rc = sftp_status(j->s, r, SFTPMSG_NAME, j->path, &j->why);
		/* An empty answer that is no end would go on for ever. */
		if (!j->rc && !r->names)
			j->rc = err_set(&j->why, HUB_EIO, "'%s': the box lists "
					"nothing, again and again", j->path);
		if (!j->rc)
			j->rc = hand_on(j, r);
	}
	j->stop |= end || j->rc < 0;
	if (!j->stop)
		list_on(j);
	settle(j, r != NULL);
}

static void opened(void *arg, struct sftpmsg_reply *r)
{
	static const struct span none = { NULL, 0 };
	struct sftp_job *j = arg;

	j->rc = sftp_status(j->s, r, SFTPMSG_HANDLE, j->path, &j->why);
	if (j->rc < 0) {
		j->done = 1;
		return;
	}
	memcpy(j->h.p, r->data.p, r->data.n);
	j->h.n = r->data.n;
	if (j->fn) {
		list_on(j);
		list_on(j);
		return;
	}
	j->under_way = 1;
	sftpmsg_extended(sftp_out(j->s), sftp_next(j->s, synced, j),
			 SFTPMSG_X_FSYNC, sftp_span(&j->h), none);
}

int sftp_job_start(struct sftp *s, struct sftp_job *j, struct err *e)
{
	uint32_t id;
	int rc = sftp_ready(s, e);

	if (rc < 0)
		return rc;
	j->s = s;
	j->done = j->rc = j->under_way = j->stop = 0;
	err_clear(&j->why);
	id = sftp_next(s, opened, j);
	if (j->fn)
		sftpmsg_path(sftp_out(s), SFTPMSG_OPENDIR, id, j->path);
	else
		sftpmsg_open(sftp_out(s), id, j->path, SFTPMSG_FOR_READ, 0);
	return 0;
}

static int run(struct sftp *s, struct sftp_job *j, struct err *e)
{
	int rc = sftp_job_start(s, j, e);

	while (rc == 0 && !j->done)
		sftp_step(s, NULL);
	if (rc == 0 && j->rc < 0)
		rc = err_set(e, j->rc, "%s", j->why.msg);
	return rc;
}

int sftp_list(struct sftp *s, const char *path, sftp_list_fn fn, void *arg,
	      struct err *e)
{
	struct sftp_job j = { .path = path, .fn = fn, .arg = arg };

	return run(s, &j, e);
}

int sftp_sync_dir(struct sftp *s, const char *path, struct err *e)
{
	struct sftp_job j = { .path = path };

	return run(s, &j, e);
}
