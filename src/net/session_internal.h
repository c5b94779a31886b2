/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_internal.h - what both sides of a session share. */
#ifndef NET_SESSION_INTERNAL_H
#define NET_SESSION_INTERNAL_H

#include "net/session.h"
#include "os/os_thread.h"

#define SESSION_FLIGHT 1024u		/* requests without an answer */
#define SESSION_OUT_HIGH (256u << 10)	/* so much waits to be written */
#define SESSION_IN_STEP (128u << 10)	/* room for any frame, and more */
#define SESSION_IN_CLIENT (8u << 20)	/* read while nothing can be written */
#define SESSION_IN_SERVER (1u << 20)

/*
 * Invariants:
 *	in[in_at .. in_n) came and is not consumed; the first ${data_left} of
 *	these are the rest of a DATA frame
 *	${out}, ${out_at}, ${said_ms} are touched under ${m} only: the thread that
 *	pings writes, too
 *	${broken}: ${why} is set, nothing is read or written any more
 */
struct session {
	struct os_stream *st;
	struct session_times times;
	session_gone_fn gone;
	void *gone_arg;
	int broken;
	struct err why;

	struct os_mutex *m;
	struct os_cond *c;
	struct os_thread *pinger;
	int stop;
	struct buf out;
	size_t out_at;
	uint64_t said_ms;

	uint8_t *in;
	size_t in_at, in_n, in_alloc, in_max;
	size_t data_left;
	int in_end;		/* the stream's end was read */
	int talks;		/* a whole frame has come */
	int idle;		/* server, between requests: pings are enough */

	struct frame_hello theirs;
	unsigned pending;	/* client: answers not taken */
	int sending;		/* client: a body is open */
	int reading;		/* a body that comes is not at its end */
	struct buf head;	/* server: of the request at work */
};

int session_start(struct os_stream *st, size_t in_max, struct session **ret,
		  struct err *e);
void session_stop(struct session *s);

/* session_send(): a frame, into the buffer, which is written when full. */
int session_send(struct session *s, const struct frame *f, struct err *e);
/* session_send_data(): DATA frames. */
int session_send_data(struct session *s, const void *p, size_t n,
		      struct err *e);
/* session_push(): write until at most ${left} bytes wait. */
int session_push(struct session *s, size_t left, struct err *e);
/* session_next(): the next frame that is no PING; waits.  .data is borrowed
 * until the next call; of a DATA frame it is left to session_take().
 * HUB_EABSENT: the stream ended between two frames. */
int session_next(struct session *s, struct frame *ret, struct err *e);
/* session_quiet(): take in what is there: only pings?  1, 0. */
int session_quiet(struct session *s, struct err *e);
/* session_take(): bytes of a body that comes, see session_read(). */
int session_take(struct session *s, void *p, size_t n, struct err *e);
/* session_skip(): the rest of that body. */
int session_skip(struct session *s, struct err *e);
/* session_break(): it is over.  Returns the code. */
int session_break(struct session *s, struct err *e);
/* session_dead(): the failure that broke it, again. */
int session_dead(const struct session *s, struct err *e);
/* session_nonsense(): the other side does not keep to the protocol. */
int session_nonsense(struct session *s, const char *what, struct err *e);

#endif
