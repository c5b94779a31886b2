/* SPDX-License-Identifier: GPL-2.0-or-later */
/* u-net-session.c - both sides of a session, and sides that misbehave. */
#include "net/session.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "os/os_thread.h"
#include "tap.h"

enum { ECHO = 20, BIG, SINK, FAIL, HALF, SLOW, SUM, IGNORE };
#define MUCH (3u << 20)

static struct err e;
static struct os_stream *far_end;
static struct os_thread *far_thread;
static int far_rc;
static struct err far_err;

static int hello(void *ctx, const struct frame_hello *theirs,
		 struct frame_hello *ours, struct err *he)
{
	if (theirs->hub[0] == 9)
		return err_set(he, HUB_EABSENT, "no such hub");
	ours->kind = theirs->kind;
	memset(ours->hub, 7, 32);
	strcpy(ours->program, "far 1");
	return 0;
}

/* The body's bytes, summed up. */
static int sum(struct session_req *r, struct err *he)
{
	uint8_t block[5000], out[4];
	uint32_t s = 0;
	int k, i;

	while ((k = session_req_read(r, block, sizeof(block), he)) > 0)
		for (i = 0; i < k; i++)
			s += block[i];
	if (k < 0)
		return k;
	for (i = 0; i < 4; i++)
		out[i] = (uint8_t)(s >> (24 - 8 * i));
	return session_req_answer(r, out, 4, 0, he);
}

static int much(struct session_req *r, int fail, struct err *he)
{
	static uint8_t block[10000];
	size_t n;
	int rc = session_req_answer(r, "much", 4, 1, he);

	memset(block, 1, sizeof(block));
	for (n = 0; n < MUCH && rc == 0; n += sizeof(block))
		rc = session_req_write(r, block, sizeof(block), he);
	if (rc == 0 && fail)
		return err_set(he, HUB_EIO, "the disk is bad");
	return rc;
}

static int handle(void *ctx, struct session_req *r, struct err *he)
{
	static char big[FRAME_ANSWER_MAX];

	switch (r->op) {
	case ECHO:
		return session_req_answer(r, r->head.p, r->head.n, 0, he);
	case BIG:
		memset(big, 'g', sizeof(big));
		return session_req_answer(r, big, sizeof(big), 0, he);
	case SINK:
		return much(r, 0, he);
	case HALF:
		return much(r, 1, he);
	case SUM:
		return sum(r, he);
	case FAIL:
		return err_set(he, HUB_ECONFLICT, "taken: '%s'", "x");
	case SLOW:
		os_sleep_ms(700);
		return 0;
	case IGNORE:
		return 0;
	}
	return err_set(he, HUB_EVERSION, "what is %d?", r->op);
}

static void far_side(void *arg)
{
	static const struct session_server o = { NULL, hello, handle };

	err_clear(&far_err);
	far_rc = session_serve(far_end, &o, &far_err);
	os_stream_close(far_end);
}

static struct os_stream *begin(void)
{
	struct os_stream *near_end = NULL;

	if (os_stream_pair(&near_end, &far_end, &e) < 0 ||
	    os_thread_start(far_side, NULL, &far_thread, &e) < 0)
		exit(1);
	return near_end;
}

static void finish(struct os_stream *st)
{
	os_stream_close(st);
	os_thread_join(far_thread);
}

static struct session *opened(struct os_stream *st)
{
	struct frame_hello h = { .kind = FRAME_KIND_PLACE };
	struct session *s = NULL;

	ok(session_open(st, &h, NULL, NULL, &s, &e) == 0, "HELLO");
	return s;
}

static void t_calls(void)
{
	struct os_stream *st = begin();
	struct session *s = opened(st);
	struct buf b = BUF_INIT;

	ok(session_hello(s)->hub[31] == 7 &&
	   !strcmp(session_hello(s)->program, "far 1"), "who is there");
	ok(session_call(s, ECHO, "hi", 2, &b, &e) == 0 &&
	   !strcmp(b.p, "hi"), "a call");
	buf_reset(&b);
	ok(session_call(s, BIG, NULL, 0, &b, &e) == 0 &&
	   b.n == FRAME_ANSWER_MAX && b.p[b.n - 1] == 'g', "a long answer");
	ok(session_call(s, FAIL, NULL, 0, NULL, &e) == HUB_ECONFLICT &&
	   !strcmp(e.msg, "taken: 'x'") && !session_broken(s), "a refusal");
	ok(session_call(s, 99, NULL, 0, NULL, &e) == HUB_EVERSION,
	   "an unknown request");
	buf_reset(&b);
	ok(session_call(s, ECHO, "ho", 2, &b, &e) == 0 && b.n == 2,
	   "... the session lives");
	ok(session_answer(s, NULL, &e) == HUB_EBUG, "nothing was asked");
	session_close(s);
	finish(st);
	ok(far_rc == 0, "the far side ended well: %s", far_err.msg);
	buf_release(&b);
}

static void t_bodies(void)
{
	struct os_stream *st = begin();
	struct session *s = opened(st);
	static uint8_t block[70000];
	struct buf b = BUF_INIT;
	size_t n = 0;
	int i, k;

	memset(block, 1, sizeof(block));
	ok(session_request(s, SUM, NULL, 0, 1, &e) == 0, "a body");
	for (i = 0; i < 100; i++)
		session_body(s, block, sizeof(block), &e);
	ok(session_request(s, ECHO, NULL, 0, 0, &e) == HUB_EBUG,
	   "... comes first");
	ok(session_body_end(s, &e) == 0 && session_answer(s, &b, &e) == 0 &&
	   b.n == 4 && !memcmp(b.p, "\x00\x6a\xcf\xc0", 4), "... came whole");
	buf_reset(&b);
	ok(session_request(s, SINK, NULL, 0, 0, &e) == 0 &&
	   session_answer(s, &b, &e) == 0 && b.n == 4, "a body back");
	while ((k = session_read(s, block, 3333, &e)) > 0)
		n += (size_t)k;
	ok(k == 0 && n >= MUCH, "... whole");
	buf_reset(&b);
	ok(session_request(s, SINK, NULL, 0, 0, &e) == 0 &&
	   session_request(s, FAIL, NULL, 0, 0, &e) == 0 &&
	   session_answer(s, &b, &e) == 0 &&
	   session_answer(s, NULL, &e) == HUB_ECONFLICT, "... or skipped");
	ok(session_request(s, HALF, NULL, 0, 0, &e) == 0 &&
	   session_answer(s, &b, &e) == 0, "one that fails");
	while ((k = session_read(s, block, sizeof(block), &e)) > 0)
		;
	ok(k == HUB_EIO && !strcmp(e.msg, "the disk is bad") &&
	   !session_broken(s), "... says so at its end");
	session_request(s, IGNORE, NULL, 0, 1, &e);
	for (i = 0; i < 100; i++)
		session_body(s, block, sizeof(block), &e);
	ok(session_body_end(s, &e) == 0 && session_answer(s, NULL, &e) == 0,
	   "a body that nobody reads");
	session_request(s, SUM, NULL, 0, 1, &e);
	session_body(s, block, 100, &e);
	ok(session_body_abort(s, HUB_ECORRUPT, &e) == 0 &&
	   session_answer(s, NULL, &e) == HUB_ECORRUPT, "one given up");
	ok(session_call(s, ECHO, NULL, 0, NULL, &e) == 0, "... goes on");
	session_close(s);
	finish(st);
	buf_release(&b);
}

/* Many at once, each side writing more than any buffer between them holds. */
static void t_pipeline(void)
{
	struct os_stream *st = begin();
	struct session *s = opened(st);
	static uint8_t block[60000];
	struct buf b = BUF_INIT;
	int i, sent = 0, bad = 0, k;

	ok(session_request(s, SINK, NULL, 0, 0, &e) == 0, "much is asked for");
	for (i = 0; i < 16; i++)
		bad |= session_request(s, ECHO, block, sizeof(block), 0, &e);
	for (i = 0; i < 40; i++) {
		session_request(s, SUM, NULL, 0, 1, &e);
		session_body(s, block, sizeof(block), &e);
		bad |= session_body_end(s, &e);
	}
	ok(!bad && session_pending(s) == 57, "... and much sent: %s", e.msg);
	bad |= session_answer(s, &b, &e);
	while ((k = session_read(s, block, sizeof(block), &e)) > 0)
		sent += k;
	for (i = 0; i < 56; i++) {
		buf_reset(&b);
		bad |= session_answer(s, &b, &e);
		bad |= b.n != (i < 16 ? sizeof(block) : 4);
	}
	ok(!bad && sent >= (int)MUCH && !session_pending(s),
	   "all answers, in order: %s", e.msg);
	session_close(s);
	finish(st);
	buf_release(&b);
}

static void t_alive(void)
{
	struct os_stream *st;
	struct session *s;
	unsigned room;

	setenv("VIBEHUB_SESSION_TIMES", "50,400,5000", 1);
	st = begin();
	s = opened(st);
	ok(session_call(s, SLOW, NULL, 0, NULL, &e) == 0,
	   "a slow answer, with signs of life: %s", e.msg);
	os_sleep_ms(700);
	ok(session_call(s, ECHO, NULL, 0, NULL, &e) == 0,
	   "a slow client, too: %s", e.msg);
	for (room = session_room(s); room > 0; room--)
		session_request(s, IGNORE, NULL, 0, 0, &e);
	ok(session_request(s, IGNORE, NULL, 0, 0, &e) == HUB_EBUG,
	   "not without end");
	while (session_pending(s))
		session_answer(s, NULL, &e);
	ok(!session_broken(s), "... all answered");
	session_close(s);
	finish(st);
	unsetenv("VIBEHUB_SESSION_TIMES");
}

/* ---- a far side that says just this ---- */

static int gone(void *arg, struct err *ge)
{
	++*(int *)arg;
	return err_set(ge, HUB_EDENIED, "Permission denied");
}

static int said(const void *p, size_t n, int ends, session_gone_fn fn)
{
	struct frame_hello h = { .kind = FRAME_KIND_PLACE };
	struct os_stream *a = NULL, *b = NULL;
	struct session *s = NULL;
	int rc, calls = 0;

	os_stream_pair(&a, &b, &e);
	os_stream_write(b, p, n, &e);
	if (ends)
		os_stream_shut(b);
	rc = session_open(a, &h, fn, &calls, &s, &e);
	session_close(s);
	os_stream_close(a);
	os_stream_close(b);
	return fn && calls != 1 ? 1 : rc;
}

static void t_strange(void)
{
	static const char other[] = "\0\0\0\3\4\1\0", wrong[] = "\0\0\0\3\4\0\0";
	struct frame_hello h = { .kind = FRAME_KIND_HUB, .hub = { 9 } };
	struct os_stream *st = begin();
	struct session *s = NULL;

	ok(session_open(st, &h, NULL, NULL, &s, &e) == HUB_EABSENT && !s &&
	   !strcmp(e.msg, "no such hub"), "no such hub");
	finish(st);
	ok(said("Welcome to this computer\n", 25, 0, NULL) == HUB_EIO &&
	   strstr(e.msg, "'Welcome"), "a script that talks: %s", e.msg);
	ok(said("", 0, 1, NULL) == HUB_EOFFLINE, "nobody: %s", e.msg);
	ok(said("\0\0\0\3\4", 5, 1, NULL) == HUB_EOFFLINE, "half: %s", e.msg);
	ok(said("", 0, 1, gone) == HUB_EDENIED &&
	   !strcmp(e.msg, "Permission denied"), "the reason is asked for");
	ok(said(other, 7, 0, NULL) == HUB_EABSENT, "refused");
	ok(said(wrong, 7, 0, NULL) == HUB_ECORRUPT, "an empty HELLO");
	ok(said("\0\0\0\1\6", 5, 0, NULL) == HUB_ECORRUPT, "BYE for an answer");
	ok(said("\0\0\0\1\5\0\0\0\1\77", 10, 0, NULL) == HUB_EVERSION,
	   "a frame of the future: %s", e.msg);
	setenv("VIBEHUB_SESSION_TIMES", "50,200,300", 1);
	ok(said("", 0, 0, NULL) == HUB_EOFFLINE, "silence: %s", e.msg);
	unsetenv("VIBEHUB_SESSION_TIMES");
}

/* A client that says just this, to our server. */
static int told(const void *p, size_t n)
{
	struct os_stream *st = begin();

	os_stream_write(st, p, n, &e);
	os_stream_shut(st);
	os_thread_join(far_thread);
	os_stream_close(st);
	return far_rc;
}

static void t_server(void)
{
	ok(told("", 0) == 0, "no client at all");
	ok(told("\0\0\0\1\6", 5) == 0, "BYE at once");
	ok(told("\0\0\0\3\1\24\0", 7) == HUB_ECORRUPT, "no HELLO first");
	ok(told("\0\0\0\1\3", 5) == HUB_ECORRUPT, "an END of nothing");
	ok(told("\0\0\0", 3) == HUB_EOFFLINE, "half a frame");
	ok(told("\377\377\377\377", 4) == HUB_ECORRUPT, "a frame of 4 GB");
	ok(told("\0\0\0\3\1\1\0", 7) == 0, "a wrong HELLO is answered");
}

int main(void)
{
	os_init();
	t_calls();
	t_bodies();
	t_pipeline();
	t_alive();
	t_strange();
	t_server();
	return done();
}
