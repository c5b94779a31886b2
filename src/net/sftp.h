/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftp.h - a client of sftp version 3 over a byte stream (hubprotocol-sftp(5)).
 *
 * Many requests are under way at once: sftp_ready() waits until there is room
 * for one more, sftp_next() takes its number, the packet is made straight into
 * sftp_out(), and the answer comes to a call-back, in any order.  What waits for
 * something calls sftp_step() until it has come.  Below are the plain verbs
 * that wait for their own answer; other answers come meanwhile.
 *
 * A box that breaks the protocol, ends or falls silent breaks the session: each
 * call-back is called once with NULL, and everything after fails with the same
 * code.  Memory: one packet in, SFTP_OUT_MAX and a packet out, SFTP_CALLS
 * requests.  One thread.
 */
#ifndef NET_SFTP_H
#define NET_SFTP_H

#include "fmt/sftpmsg.h"
#include "os/os_stream.h"

#define SFTP_CALLS 256			/* requests under way */
#define SFTP_OUT_MAX (128u << 10)	/* bytes not yet written */
#define SFTP_SILENCE_MS 120000u		/* no byte moved: gone */

struct sftp;

/* What a session is made of.  .stream, .gone and .arg are borrowed until
 * sftp_close(). */
struct sftp_conf {
	struct os_stream *stream;
	const char *name;	/* for messages; copied */
	unsigned silence_ms;	/* 0: SFTP_SILENCE_MS */
	/* The stream ended: say why, better than ${e} does.  May be NULL.
	 * Returns the code to fail with. */
	int (*gone)(void *arg, struct err *e);
	void *arg;
};

/* sftp_open(): the greeting.  HUB_EOFFLINE, HUB_EVERSION, HUB_EIO: it does not
 * speak sftp; as .gone says. */
int sftp_open(const struct sftp_conf *c, struct sftp **ret, struct err *e);
/* sftp_close(): call-backs of what is under way are called with NULL. */
void sftp_close(struct sftp *s);		/* NULL is fine */
/* sftp_can(): SFTPMSG_CAN_* that the box offers. */
unsigned sftp_can(const struct sftp *s);
/* sftp_fault(): 0, or why the session is broken. */
int sftp_fault(const struct sftp *s, struct err *e);

/* ---- many at once ---- */

/* The answer, borrowed until it returns; NULL: there will be none.  After an
 * answer it may send one request of its own by sftp_next(), and two if the one
 * answered was sent after sftp_ready(); it must not wait. */
typedef void (*sftp_fn)(void *arg, struct sftpmsg_reply *r);

/* sftp_ready(): until one more request may be sent.  Not in a call-back. */
int sftp_ready(struct sftp *s, struct err *e);
/* sftp_next(): the number of a request that is now put into sftp_out(). */
uint32_t sftp_next(struct sftp *s, sftp_fn fn, void *arg);
struct buf *sftp_out(struct sftp *s);
/* sftp_step(): send and take in what can be, and wait if nothing can. */
int sftp_step(struct sftp *s, struct err *e);
/* sftp_idle(): is nothing under way? */
int sftp_idle(const struct sftp *s);

/*
 * sftp_status(): what an answer to a request about ${what} means: 0 if it is of
 * type ${want} (STATUS: if it says OK).  HUB_EABSENT, HUB_EDENIED, HUB_ELIMIT,
 * HUB_ECONFLICT where the box says so; HUB_EOFFLINE; else HUB_EIO.
 * ${r} NULL: why the session is broken.
 */
int sftp_status(struct sftp *s, const struct sftpmsg_reply *r,
		enum sftpmsg_type want, const char *what, struct err *e);

/* ---- one by one ---- */

struct sftp_handle { uint8_t p[SFTPMSG_HANDLE_MAX]; size_t n; };
struct span sftp_span(const struct sftp_handle *h);

/* sftp_stat(): ${follow}: of what a symlink leads to. */
int sftp_stat(struct sftp *s, const char *path, int follow,
	      struct sftpmsg_attrs *ret, struct err *e);
/* sftp_mkdir(): HUB_ECONFLICT if there is something. */
int sftp_mkdir(struct sftp *s, const char *path, struct err *e);
int sftp_remove(struct sftp *s, const char *path, struct err *e);
int sftp_rmdir(struct sftp *s, const char *path, struct err *e);
/* sftp_rename(): onto a free name; HUB_ECONFLICT if it is taken. */
int sftp_rename(struct sftp *s, const char *from, const char *to,
		struct err *e);
/* sftp_replace(): a file onto a name that may be taken.  In one step where the
 * box can; else the name is free for a moment. */
int sftp_replace(struct sftp *s, const char *from, const char *to,
		 struct err *e);
/* sftp_link(): a second name for a file; only where SFTPMSG_CAN_HARDLINK. */
int sftp_link(struct sftp *s, const char *from, const char *to, struct err *e);
/* sftp_open_file(): ${how}, ${mode} as sftpmsg_open(). */
int sftp_open_file(struct sftp *s, const char *path, uint32_t how,
		   uint32_t mode, struct sftp_handle *ret, struct err *e);
/* sftp_close_file(): waits for the answer; NULL ${e}: nobody cares, and it does
 * not wait. */
int sftp_close_file(struct sftp *s, const struct sftp_handle *h,
		    const char *path, struct err *e);
/* sftp_get(): a whole file, appended; HUB_ELIMIT over ${max} bytes. */
int sftp_get(struct sftp *s, const char *path, size_t max, struct buf *ret,
	     struct err *e);
/* sftp_put(): a new file; its content is durable where the box can. */
int sftp_put(struct sftp *s, const char *path, const void *p, size_t n,
	     uint32_t mode, struct err *e);
/* sftp_sync(): what is open as ${h} is durable.  A box that does not offer it:
 * 0. */
int sftp_sync(struct sftp *s, const struct sftp_handle *h, const char *path,
	      struct err *e);
/* sftp_room(): free bytes; UINT64_MAX: unknown. */
int sftp_room(struct sftp *s, const char *path, uint64_t *ret, struct err *e);
/* sftp_full(): a write to ${path} failed with ${rc}.  HUB_ELIMIT with a message
 * if it failed as it does on a full disk, and there is no room for ${n} bytes;
 * else ${rc}. */
int sftp_full(struct sftp *s, int rc, const char *path, uint64_t n,
	      struct err *e);

/* ---- whole jobs, many at once: sftp_job.c ---- */

/* One name of a folder, never "." or ".."; < 0 ends it.  Must not use the
 * session. */
typedef int (*sftp_list_fn)(void *arg, const char *name,
			    const struct sftpmsg_attrs *a, struct err *e);

/* A folder that is listed, or made durable.  The caller's, until .done. */
struct sftp_job {
	const char *path;		/* borrowed */
	sftp_list_fn fn;		/* NULL: make it durable */
	void *arg;
	int done, rc;			/* set when it is over */
	struct err why;
	/* its own */
	struct sftp *s;
	struct sftp_handle h;
	int under_way, stop;
};
/* sftp_job_start(): path, fn and arg are set.  Not in a call-back. */
int sftp_job_start(struct sftp *s, struct sftp_job *j, struct err *e);
/* sftp_list(): one folder, waited for. */
int sftp_list(struct sftp *s, const char *path, sftp_list_fn fn, void *arg,
	      struct err *e);
/* sftp_sync_dir(): the names in a folder are durable: 0.  Boxes that cannot do
 * it for folders: HUB_EIO or whatever they say; the caller's to judge. */
int sftp_sync_dir(struct sftp *s, const char *path, struct err *e);

#endif
