/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - requests and answers over one byte stream (hubprotocol-session(5)).
 *
 * The client may send further requests before the answers to earlier ones came;
 * the server handles them strictly in order.  A request has a head (at most 64
 * KiB) and may have a body of any length; so has its answer, whose head is at
 * most 1 MiB.
 *
 * Nobody hangs: who cannot write reads meanwhile; both sides say every 10 s that
 * they live, from a thread of their own, also while they work; one that is silent
 * for 30 s while we wait for it is gone, HUB_EOFFLINE.
 *
 * Two kinds of failure.  What the other side answered is about that one request
 * and leaves the session as it was.  What happened to the session itself (the
 * stream ended, silence, nonsense, a signal) is final: session_broken() says so,
 * and every later call fails with the same.
 *
 * One thread per session.
 */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include "fmt/frame.h"
#include "os/os_stream.h"

struct session;

struct session_times {
	unsigned ping_ms;	/* 0: 10,000 */
	unsigned silent_ms;	/* 0: 30,000 */
	unsigned stuck_ms;	/* only pings come: 0: 15 minutes */
};

/* session_times(): the defaults, or what VIBEHUB_SESSION_TIMES="ping,silent,
 * stuck" (milliseconds) in the environment says, for tests. */
struct session_times session_times(void);

/* session_gone_fn: the stream ended or broke: say why, better than ${e} does.
 * Returns the code to fail with. */
typedef int (*session_gone_fn)(void *arg, struct err *e);

/* ---- the client's side ---- */

/*
 * session_open(): say HELLO and wait for its answer.  ${st} is borrowed until
 * session_close().  ${mine}: .version and .in_flight are filled in.  The
 * answer's kind is what was asked for, its hub too unless zeros were.
 * Fails with what the server answered (HUB_EABSENT: there is no such thing
 * there; HUB_EDENIED; HUB_EREMOTE: another hub's; HUB_EVERSION ...), or as the
 * stream did.
 */
int session_open(struct os_stream *st, const struct frame_hello *mine,
		 session_gone_fn gone, void *arg, struct session **ret,
		 struct err *e);
/* session_hello(): what the server said; borrowed. */
const struct frame_hello *session_hello(const struct session *s);
/* session_close(): says BYE; NULL is fine. */
void session_close(struct session *s);
int session_broken(const struct session *s);
/* session_idle(): nothing is under way, and nothing but signs of life has come:
 * it may be used again later.  1, 0; never waits. */
int session_idle(struct session *s);

/* session_request(): send one.  With ${body} session_body() and
 * session_body_end() must follow before anything else is sent.  At most
 * session_room() more may be sent before an answer is taken; the bodies of
 * answers not yet taken must not exceed 4 MiB together. */
int session_request(struct session *s, int op, const void *head, size_t n,
		    int body, struct err *e);
int session_body(struct session *s, const void *p, size_t n, struct err *e);
int session_body_end(struct session *s, struct err *e);
/* session_body_abort(): the body ends here and is void: the server's handler
 * sees ${why} (a code), and answers with it. */
int session_body_abort(struct session *s, int why, struct err *e);
/* session_pending(): requests whose answer was not taken. */
unsigned session_pending(const struct session *s);
/* session_room(): requests that may be sent now. */
unsigned session_room(const struct session *s);
/* session_flush(): all that was sent has left this process. */
int session_flush(struct session *s, struct err *e);

/* session_answer(): of the oldest request not yet answered; waits.  Its head is
 * appended to ${head} (NULL: it must be empty).  Returns 0, or the code that
 * the server answered with.  What is left of the answer before is skipped. */
int session_answer(struct session *s, struct buf *head, struct err *e);
/* session_ready(): has something come to take?  1, 0; never waits. */
int session_ready(struct session *s);
/* session_read(): body of the answer last taken: up to ${n} bytes, > 0; 0 at
 * its end, or if it has none; or the code with which the server ended it. */
int session_read(struct session *s, void *p, size_t n, struct err *e);
/* session_read_full(): exactly ${n} bytes; HUB_ECORRUPT if there are fewer. */
int session_read_full(struct session *s, void *p, size_t n, struct err *e);
/* session_call(): a request without bodies, and its answer.  None may be
 * pending. */
int session_call(struct session *s, int op, const void *head, size_t n,
		 struct buf *ret, struct err *e);

/* ---- the server's side ---- */

struct session_req {
	int op;
	struct span head;	/* borrowed until the handler returns */
	int body;		/* DATA follow: session_req_read() */
	struct session *s;	/* the rest is the session's own */
	int answered, sending, told;
};

struct session_server {
	void *ctx;
	/* Who asks for what?  ${ours} is zeroed but for version, in_flight. */
	int (*hello)(void *ctx, const struct frame_hello *theirs,
		     struct frame_hello *ours, struct err *e);
	/* One request.  0: it was answered, or the answer is empty; a code: the
	 * answer, or the end of its body, is that. */
	int (*handle)(void *ctx, struct session_req *r, struct err *e);
};

/*
 * session_serve(): until the client says BYE or ends the stream between two
 * requests: 0.  HUB_ECANCEL on a signal, HUB_EOFFLINE, HUB_ECORRUPT.
 */
int session_serve(struct os_stream *st, const struct session_server *o,
		  struct err *e);

/* session_req_read(): body of the request, as session_read(); the code with
 * which the client voided it. */
int session_req_read(struct session_req *r, void *p, size_t n, struct err *e);
/* session_req_read_all(): the whole body, appended; HUB_ELIMIT over ${max}. */
int session_req_read_all(struct session_req *r, struct buf *ret, size_t max,
			 struct err *e);
/* session_req_answer(): done, with this head; with ${body} session_req_write()
 * and a return of 0 from the handler, which ends it, follow. */
int session_req_answer(struct session_req *r, const void *head, size_t n,
		       int body, struct err *e);
int session_req_write(struct session_req *r, const void *p, size_t n,
		      struct err *e);
/* session_req_gone(): has the client's stream failed?  The handler may stop. */
int session_req_gone(const struct session_req *r);

#endif
