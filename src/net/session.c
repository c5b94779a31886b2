/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.c - what both sides of a session do: frames out, frames in, signs of
 * life.  Who asks: session_client.c; who answers: session_serve.c.
 *
 * Nothing is written while it would block without reading what comes: two sides
 * that both write would wait for each other for ever.  What is read so is kept
 * up to a bound; a client asks for no more than that (session_request()), so
 * that a server may stop reading when its own bound is reached.
 *
 * Silence is measured only while we wait: what a side did on its own meanwhile
 * is nobody's silence.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "net/session_internal.h"
#include "os/os.h"
#include "os/os_clock.h"
#include "base/banned.h"

/* ---- times ---- */

static unsigned number(const char **s, unsigned fallback)
{
	unsigned v = 0;

	while (**s >= '0' && **s <= '9' && v < 100000000)
		v = v * 10 + (unsigned)(*(*s)++ - '0');
	if (**s == ',')
		(*s)++;
	return v ? v : fallback;
}

struct session_times session_times(void)
{
	struct session_times t = { 10000, 30000, 15 * 60 * 1000 };
	const char *s = os_env("VIBEHUB_SESSION_TIMES");

	if (s) {
		t.ping_ms = number(&s, t.ping_ms);
		t.silent_ms = number(&s, t.silent_ms);
		t.stuck_ms = number(&s, t.stuck_ms);
	}
	return t;
}

/* ---- the end ---- */

int session_dead(const struct session *s, struct err *e)
{
	return err_set(e, s->broken, "%s", s->why.msg);
}

int session_break(struct session *s, struct err *e)
{
	if (s->broken)
		return session_dead(s, e);
	if (s->gone && (e->rc == HUB_EOFFLINE || e->rc == HUB_ECORRUPT ||
			e->rc == HUB_EIO))
		s->gone(s->gone_arg, e);
	s->why = *e;
	s->broken = e->rc;
	return e->rc;
}

int session_nonsense(struct session *s, const char *what, struct err *e)
{
	err_set(e, HUB_ECORRUPT, "the other side does not keep to the "
		"protocol: %s", what);
	return session_break(s, e);
}

int session_broken(const struct session *s)
{
	return s->broken != 0;
}

/* ---- start and stop ---- */

/* A thread: says that we live when nothing else was said for a while. */
static void ping(void *arg)
{
	static const struct frame f = { .type = FRAME_PING };
	struct session *s = arg;
	unsigned every = s->times.ping_ms;
	int k;

	os_mutex_lock(s->m);
	while (!s->stop) {
		os_cond_wait_ms(s->c, s->m, every / 2 + 1);
		if (s->stop || os_mono_ms() - s->said_ms < every)
			continue;
		/* What waits there already will be a sign of life. */
		if (s->out.n == s->out_at)
			frame_add(&s->out, &f);
		k = os_stream_write(s->st, s->out.p + s->out_at,
				    s->out.n - s->out_at, NULL);
		/* A failure is for the thread that works to find. */
		if (k < 0)
			break;
		s->out_at += (size_t)k;
		s->said_ms = os_mono_ms();
	}
	os_mutex_unlock(s->m);
}

int session_start(struct os_stream *st, size_t in_max, struct session **ret,
		  struct err *e)
{
	struct session *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (!s)
		return err_nomem(e);
	buf_init(&s->out);
	buf_init(&s->head);
	s->st = st;
	s->in_max = in_max;
	s->times = session_times();
	s->said_ms = os_mono_ms();
	s->m = os_mutex_new();
	s->c = os_cond_new();
	s->in = malloc(SESSION_IN_STEP);
	s->in_alloc = SESSION_IN_STEP;
	if (!s->m || !s->c || !s->in)
		rc = err_nomem(e);
	if (rc == 0)
		rc = os_thread_start(ping, s, &s->pinger, e);
	if (rc < 0) {
		session_stop(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void session_stop(struct session *s)
{
	if (s->pinger) {
		os_mutex_lock(s->m);
		s->stop = 1;
		os_cond_wake(s->c);
		os_mutex_unlock(s->m);
		os_thread_join(s->pinger);
	}
	os_cond_free(s->c);
	os_mutex_free(s->m);
	buf_release(&s->out);
	buf_release(&s->head);
	free(s->in);
	free(s);
}

/* ---- in ---- */

/* Room to read into, up to the bound; 0 if there is none. */
static size_t in_room(struct session *s, struct err *e)
{
	size_t want;
	uint8_t *p;

	if (s->in_at) {
		memmove(s->in, s->in + s->in_at, s->in_n - s->in_at);
		s->in_n -= s->in_at;
		s->in_at = 0;
	}
	if (s->in_alloc - s->in_n >= SESSION_IN_STEP / 2)
		return s->in_alloc - s->in_n;
	want = s->in_alloc * 2;
	if (want > s->in_max)
		return s->in_alloc - s->in_n;
	p = realloc(s->in, want);
	if (!p) {
		err_nomem(e);
		session_break(s, e);
		return 0;
	}
	s->in = p;
	s->in_alloc = want;
	return s->in_alloc - s->in_n;
}

/* Read what is there: > 0; 0 if nothing is, or its end was seen. */
static int in_fill(struct session *s, struct err *e)
{
	size_t room = in_room(s, e);
	int k;

	if (s->broken)
		return s->broken;
	if (!room || s->in_end)
		return 0;
	k = os_stream_read(s->st, s->in + s->in_n, room, e);
	if (k == HUB_EABSENT) {
		s->in_end = 1;
		return 0;
	}
	if (k < 0)
		return session_break(s, e);
	s->in_n += (size_t)k;
	return k;
}

/* ---- out ---- */

static size_t out_waits(struct session *s)
{
	size_t n;

	os_mutex_lock(s->m);
	n = s->out.n - s->out_at;
	os_mutex_unlock(s->m);
	return n;
}

/* Write what fits; bytes, or a code. */
static int out_some(struct session *s, struct err *e)
{
	int k = 0;

	os_mutex_lock(s->m);
	if (buf_error(&s->out))
		k = err_nomem(e);
	else if (s->out.n > s->out_at)
		k = os_stream_write(s->st, s->out.p + s->out_at,
				    s->out.n - s->out_at, e);
	if (k > 0) {
		s->out_at += (size_t)k;
		s->said_ms = os_mono_ms();
	}
	if (s->out_at == s->out.n) {
		buf_setlen(&s->out, 0);
		s->out_at = 0;
	}
	os_mutex_unlock(s->m);
	return k < 0 ? session_break(s, e) : k;
}

/* Until something can be read or written; 0 or a code. */
static int wait_for(struct session *s, int what, struct err *e)
{
	int rc = os_stream_wait(s->st, what, (int)s->times.silent_ms, e);

	if (rc == 0) {
		err_set(e, HUB_EOFFLINE, "the other side has been silent for "
			"%u s", (s->times.silent_ms + 999) / 1000);
		return session_break(s, e);
	}
	return rc < 0 ? session_break(s, e) : rc;
}

int session_push(struct session *s, size_t left, struct err *e)
{
	uint64_t since = os_mono_ms();
	int k, what;

	if (s->broken)
		return session_dead(s, e);
	while (out_waits(s) > left) {
		k = out_some(s, e);
		if (k > 0) {
			since = os_mono_ms();
			continue;
		}
		if (k < 0)
			return k;
		what = OS_STREAM_WRITE;
		if (!s->in_end && in_room(s, e))
			what |= OS_STREAM_READ;
		if (os_mono_ms() - since > s->times.stuck_ms) {
			err_set(e, HUB_EOFFLINE, "the other side takes nothing "
				"any more");
			return session_break(s, e);
		}
		k = wait_for(s, what, e);
		if (k > 0 && k & OS_STREAM_READ)
			k = in_fill(s, e);
		if (k < 0)
			return k;
	}
	return 0;
}

/* What has been written is dropped before more is put behind. */
static void out_tidy(struct session *s)
{
	if (s->out_at < SESSION_OUT_HIGH)
		return;
	memmove(s->out.p, s->out.p + s->out_at, s->out.n - s->out_at);
	buf_setlen(&s->out, s->out.n - s->out_at);
	s->out_at = 0;
}

static int out_added(struct session *s, struct err *e)
{
	if (out_waits(s) < SESSION_OUT_HIGH)
		return 0;
	return session_push(s, SESSION_OUT_HIGH / 2, e);
}

int session_send(struct session *s, const struct frame *f, struct err *e)
{
	if (s->broken)
		return session_dead(s, e);
	os_mutex_lock(s->m);
	out_tidy(s);
	frame_add(&s->out, f);
	os_mutex_unlock(s->m);
	return out_added(s, e);
}

int session_send_data(struct session *s, const void *p, size_t n,
		      struct err *e)
{
	const uint8_t *at = p;
	size_t k;
	int rc = s->broken ? session_dead(s, e) : 0;

	for (; n && rc == 0; at += k, n -= k) {
		k = n < FRAME_DATA_MAX ? n : FRAME_DATA_MAX;
		os_mutex_lock(s->m);
		out_tidy(s);
		frame_add_data(&s->out, k);
		buf_add(&s->out, at, k);
		os_mutex_unlock(s->m);
		rc = out_added(s, e);
	}
	return rc;
}

/* ---- frames in ---- */

/* The first bytes are no frame: most often a login script that talks. */
static int not_a_session(struct session *s, struct err *e)
{
	char text[41];
	size_t i, n = s->in_n - s->in_at;

	if (n > sizeof(text) - 1)
		n = sizeof(text) - 1;
	for (i = 0; i < n; i++) {
		uint8_t c = s->in[s->in_at + i];

		text[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	text[n] = 0;
	/* For a client that is no damage: nothing of a hub was seen at all. */
	err_set(e, s->in_max == SESSION_IN_SERVER ? HUB_ECORRUPT : HUB_EIO,
		"the other side does not speak hub's protocol; "
		"it says '%s': does a login script there print something?",
		text);
	return session_break(s, e);
}

/* Bytes of the whole frame that is there, 0 if none is. */
static int parse(struct session *s, struct frame *f, struct err *e)
{
	int k = frame_parse(s->in + s->in_at, s->in_n - s->in_at, f);

	if (k < 0 && !s->talks)
		return not_a_session(s, e);
	if (k == HUB_EVERSION) {
		err_set(e, HUB_EVERSION, "the other side sends what only a "
			"newer hub knows");
		return session_break(s, e);
	}
	if (k < 0)
		return session_nonsense(s, "a frame of no known form", e);
	if (k > 0)
		s->talks = 1;
	return k;
}

static int at_end(struct session *s, struct err *e)
{
	if (s->in_n == s->in_at)
		return err_set(e, HUB_EABSENT, "the other side ended the "
			       "session");
	err_set(e, HUB_EOFFLINE, "the other side ended in the middle of a "
		"frame");
	return session_break(s, e);
}

/* More has to come; what waits to be said is said first. */
static int more(struct session *s, struct err *e)
{
	int k = in_fill(s, e), what = OS_STREAM_READ;

	if (k != 0 || s->in_end)
		return k;
	k = out_some(s, e);
	if (k < 0)
		return k;
	if (out_waits(s))
		what |= OS_STREAM_WRITE;
	k = wait_for(s, what, e);
	return k < 0 ? k : 0;
}

int session_next(struct session *s, struct frame *ret, struct err *e)
{
	uint64_t since = os_mono_ms();
	int k;

	if (s->broken)
		return session_dead(s, e);
	for (;;) {
		k = parse(s, ret, e);
		if (k < 0)
			return k;
		if (k > 0 && ret->type != FRAME_PING)
			break;
		s->in_at += (size_t)k;
		if (k > 0)
			continue;
		if (s->in_end)
			return at_end(s, e);
		if (!s->idle && os_mono_ms() - since > s->times.stuck_ms) {
			err_set(e, HUB_EOFFLINE, "the other side lives, but "
				"does not go on");
			return session_break(s, e);
		}
		k = more(s, e);
		if (k < 0)
			return k;
	}
	s->in_at += ret->type == FRAME_DATA ? FRAME_HEAD : (size_t)k;
	s->data_left = ret->type == FRAME_DATA ? ret->data.n : 0;
	return 0;
}

int session_quiet(struct session *s, struct err *e)
{
	struct frame f;
	int k;

	while ((k = in_fill(s, e)) > 0)
		;
	while (k == 0 && (k = parse(s, &f, e)) > 0 && f.type == FRAME_PING) {
		s->in_at += (size_t)k;
		k = 0;
	}
	return k == 0 && !s->in_end && s->in_at == s->in_n;
}

/* The end of a body, or what stands in its place. */
static int body_end(struct session *s, const struct frame *f, struct err *e)
{
	if (f->type != FRAME_END)
		return session_nonsense(s, "a body that does not end", e);
	s->reading = 0;
	if (!f->status)
		return 0;
	return err_set(e, f->status, "%.*s", (int)f->data.n,
		       f->data.n ? (const char *)f->data.p : "");
}

int session_take(struct session *s, void *p, size_t n, struct err *e)
{
	struct frame f;
	int rc;

	if (!s->reading || !n)
		return 0;
	if (s->broken)
		return session_dead(s, e);
	if (!s->data_left) {
		rc = session_next(s, &f, e);
		if (rc == HUB_EABSENT) {
			err_set(e, HUB_EOFFLINE, "the other side ended in the "
				"middle of a transfer");
			return session_break(s, e);
		}
		if (rc < 0)
			return rc;
		if (f.type != FRAME_DATA)
			return body_end(s, &f, e);
	}
	if (n > s->data_left)
		n = s->data_left;
	if (p)
		memcpy(p, s->in + s->in_at, n);
	s->in_at += n;
	s->data_left -= n;
	return (int)n;
}

int session_skip(struct session *s, struct err *e)
{
	int k = 1;

	while (s->reading && !s->broken && k > 0)
		k = session_take(s, NULL, FRAME_DATA_MAX, e);
	return s->broken ? session_dead(s, e) : 0;
}
