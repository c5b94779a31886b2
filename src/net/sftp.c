/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sftp.c - requests out, answers in, many at once.
 *
 * Whoever cannot write reads meanwhile: the box may have stopped reading until
 * its answers are taken.  A request's number is its place in the table and a
 * count that makes it new; an answer with any other number breaks the session.
 */
#include <stdlib.h>
#include <string.h>
#include "net/sftp.h"
#include "os/os_clock.h"
#include "base/banned.h"

#define IN_ROOM (SFTPMSG_HEAD + SFTPMSG_PACKET_MAX)
#define IN_FIRST (96u << 10)

struct call {
	sftp_fn fn;		/* NULL: free */
	void *arg;
	uint32_t id;
};

struct sftp {
	struct sftp_conf conf;
	char *name;
	unsigned can;
	uint64_t moved;			/* os_mono_ms() of the last byte */
	struct err why;			/* of a broken session */
	int in_call;			/* a call-back is running */
	uint32_t count;
	unsigned under_way;
	struct call call[SFTP_CALLS];
	struct buf out;
	size_t out_at;			/* so much of it is written */
	uint8_t *in;
	size_t in_n, in_room;
};

unsigned sftp_can(const struct sftp *s)
{
	return s->can;
}

struct buf *sftp_out(struct sftp *s)
{
	return &s->out;
}

int sftp_idle(const struct sftp *s)
{
	return !s->under_way;
}

int sftp_fault(const struct sftp *s, struct err *e)
{
	return s->why.rc ? err_set(e, s->why.rc, "%s", s->why.msg) : 0;
}

/* ---- broken ---- */

/* Everybody who waits learns it. */
static int broken(struct sftp *s, int rc, struct err *e)
{
	struct call c;
	size_t i;

	if (!s->why.rc)
		err_set(&s->why, rc, "'%s': %s", s->name, e->msg);
	for (i = 0; i < SFTP_CALLS; i++) {
		c = s->call[i];
		s->call[i].fn = NULL;
		if (c.fn)
			c.fn(c.arg, NULL);
	}
	s->under_way = 0;
	return err_set(e, s->why.rc, "%s", s->why.msg);
}

/* ---- in ---- */

static int dispatch(struct sftp *s, const uint8_t *p, uint32_t n,
		    struct err *e)
{
	struct sftpmsg_reply r;
	struct call *c;
	sftp_fn fn;
	int rc = sftpmsg_reply(&r, p, n, e);

	if (rc < 0)
		return rc;
	c = &s->call[r.id % SFTP_CALLS];
	if (!c->fn || c->id != r.id)
		return err_set(e, HUB_ECORRUPT, "an sftp answer to a request "
			       "%u that was not made", r.id);
	fn = c->fn;
	c->fn = NULL;
	s->under_way--;
	s->in_call = 1;
	fn(c->arg, &r);
	s->in_call = 0;
	return 0;
}

/* A packet of ${n} bytes must fit. */
static int in_room(struct sftp *s, size_t n, struct err *e)
{
	uint8_t *p;

	if (n <= s->in_room)
		return 0;
	p = realloc(s->in, IN_ROOM);
	if (!p)
		return err_nomem(e);
	s->in = p;
	s->in_room = IN_ROOM;
	return 0;
}

/* What is no length at the very first is most likely a shell that talks. */
static int bad_length(struct sftp *s, const uint8_t *p, struct err *e)
{
	char said[SFTPMSG_HEAD + 1] = "";
	int i;

	for (i = 0; i < SFTPMSG_HEAD && p[i] >= ' ' && p[i] < 127; i++)
		said[i] = (char)p[i];
	if (!s->count && i == SFTPMSG_HEAD)
		return err_set(e, HUB_EIO, "it does not speak sftp, but says "
			       "'%s...': does a start-up file of its shell "
			       "print something?", said);
	return err_set(e, HUB_EIO, "no sftp packet begins so");
}

typedef int (*packet_fn)(struct sftp *s, const uint8_t *p, uint32_t n,
			 struct err *e);

/* Every packet that is whole. */
static int packets(struct sftp *s, packet_fn fn, struct err *e)
{
	size_t at = 0;
	uint32_t n = 0;
	int rc = 0;

	while (rc == 0 && s->in_n - at >= SFTPMSG_HEAD) {
		if (sftpmsg_length(s->in + at, &n) < 0)
			return bad_length(s, s->in + at, e);
		if (s->in_n - at - SFTPMSG_HEAD < n) {
			rc = in_room(s, SFTPMSG_HEAD + n, e);
			break;
		}
		rc = fn(s, s->in + at + SFTPMSG_HEAD, n, e);
		at += SFTPMSG_HEAD + n;
	}
	memmove(s->in, s->in + at, s->in_n - at);
	s->in_n -= at;
	return rc == HUB_ECORRUPT ? err_set(e, HUB_EIO, "%s", e->msg) : rc;
}

/* The stream ended: whoever made it may know more. */
static int ended(struct sftp *s, struct err *e)
{
	int rc = err_set(e, HUB_EOFFLINE, "the connection was closed");

	return s->conf.gone ? s->conf.gone(s->conf.arg, e) : rc;
}

/* 1 if something came, 0. */
static int take_in(struct sftp *s, packet_fn fn, struct err *e)
{
	int n = os_stream_read(s->conf.stream, s->in + s->in_n,
			       s->in_room - s->in_n, e);

	if (n == HUB_EABSENT)
		return ended(s, e);
	if (n <= 0)
		return n;
	s->in_n += (size_t)n;
	n = packets(s, fn, e);
	return n < 0 ? n : 1;
}

/* ---- out ---- */

/* 1 if something went, 0. */
static int send_out(struct sftp *s, struct err *e)
{
	int n;

	if (s->out_at == s->out.n)
		return 0;
	n = os_stream_write(s->conf.stream, s->out.p + s->out_at,
			    s->out.n - s->out_at, e);
	if (n <= 0)
		return n;
	s->out_at += (size_t)n;
	if (s->out_at == s->out.n) {
		buf_reset(&s->out);
		s->out_at = 0;
	}
	return 1;
}

/* What is written goes, so that the rest cannot grow for ever. */
static void compact(struct sftp *s)
{
	size_t left = s->out.n - s->out_at;

	if (s->out_at < SFTP_OUT_MAX)
		return;
	memmove(s->out.p, s->out.p + s->out_at, left);
	buf_setlen(&s->out, left);
	s->out_at = 0;
}

static int turn(struct sftp *s, packet_fn fn, struct err *e)
{
	int wrote, rd, rc, what = OS_STREAM_READ;
	uint64_t silent;

	if (buf_error(&s->out))
		return err_nomem(e);
	wrote = send_out(s, e);
	/* The end of the box is what it said last, not that it is gone. */
	rd = take_in(s, fn, e);
	if (wrote < 0 && rd >= 0)
		return ended(s, e);
	if (rd < 0)
		return rd;
	compact(s);
	if (wrote || rd) {
		s->moved = os_mono_ms();
		return 0;
	}
	silent = os_mono_ms() - s->moved;
	if (silent >= s->conf.silence_ms)
		return err_set(e, HUB_EOFFLINE, "no answer for %u seconds",
			       (s->conf.silence_ms + 999) / 1000);
	if (s->out_at < s->out.n)
		what |= OS_STREAM_WRITE;
	rc = os_stream_wait(s->conf.stream, what, (int)(s->conf.silence_ms - silent), e);
	return rc < 0 ? rc : 0;
}

int sftp_step(struct sftp *s, struct err *e)
{
	struct err why = ERR_INIT;
	int rc;

	if (s->in_call)
		BUG("an sftp call-back waits");
	if (s->why.rc)
		return sftp_fault(s, e);
	rc = turn(s, dispatch, &why);
	if (rc < 0) {
		rc = broken(s, rc, &why);
		err_set(e, rc, "%s", why.msg);
	}
	return rc;
}

int sftp_ready(struct sftp *s, struct err *e)
{
	int rc = sftp_fault(s, e);

	/* Silence is counted from a request on. */
	if (!s->under_way)
		s->moved = os_mono_ms();
	/* Every call-back may send two. */
	while (rc == 0 && (s->under_way >= SFTP_CALLS / 2 - 1 ||
			   s->out.n - s->out_at > SFTP_OUT_MAX))
		rc = sftp_step(s, e);
	return rc;
}

uint32_t sftp_next(struct sftp *s, sftp_fn fn, void *arg)
{
	struct call *c = NULL;
	size_t i;

	for (i = 0; i < SFTP_CALLS && !c; i++, s->count++)
		if (!s->call[s->count % SFTP_CALLS].fn)
			c = &s->call[s->count % SFTP_CALLS];
	if (!c)
		BUG("more sftp requests than there is room for");
	c->fn = fn;
	c->arg = arg;
	c->id = s->count - 1;
	s->under_way++;
	return c->id;
}

/* ---- open and close ---- */

static int greeting(struct sftp *s, const uint8_t *p, uint32_t n,
		    struct err *e)
{
	int rc;

	if (s->count)
		return err_set(e, HUB_ECORRUPT, "an sftp answer to nothing");
	rc = sftpmsg_hello(p, n, &s->can, e);
	s->count = 1;
	return rc;
}

static int greet(struct sftp *s, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = 0;

	sftpmsg_init(&s->out);
	s->moved = os_mono_ms();
	while (rc == 0 && !s->count)
		rc = turn(s, greeting, &why);
	return rc < 0 ? err_set(e, rc, "'%s': %s", s->name, why.msg) : 0;
}

int sftp_open(const struct sftp_conf *c, struct sftp **ret, struct err *e)
{
	struct sftp *s = calloc(1, sizeof(*s));
	size_t n = strlen(c->name) + 1;
	int rc;

	if (!s)
		return err_nomem(e);
	buf_init(&s->out);
	s->conf = *c;
	if (!c->silence_ms)
		s->conf.silence_ms = SFTP_SILENCE_MS;
	s->in_room = IN_FIRST;
	s->in = malloc(s->in_room);
	s->name = malloc(n);
	if (s->name)
		memcpy(s->name, c->name, n);
	rc = s->in && s->name ? greet(s, e) : err_nomem(e);
	if (rc < 0)
		sftp_close(s);
	else
		*ret = s;
	return rc;
}

void sftp_close(struct sftp *s)
{
	struct err why = ERR_INIT;

	if (!s)
		return;
	err_set(&why, HUB_EOFFLINE, "the session was ended");
	if (s->name)
		broken(s, HUB_EOFFLINE, &why);
	buf_release(&s->out);
	free(s->in);
	free(s->name);
	free(s);
}

/* ---- what answers mean ---- */

static int code(uint32_t status)
{
	switch (status) {
	case SFTPMSG_OK: return 0;
	case SFTPMSG_NO_SUCH_FILE: return HUB_EABSENT;
	case SFTPMSG_DENIED:
	case SFTPMSG_READ_ONLY: return HUB_EDENIED;
	case SFTPMSG_EXISTS: return HUB_ECONFLICT;
	case SFTPMSG_NO_SPACE:
	case SFTPMSG_QUOTA: return HUB_ELIMIT;
	case SFTPMSG_NO_CONNECTION:
	case SFTPMSG_CONNECTION_LOST: return HUB_EOFFLINE;
	default: return HUB_EIO;
	}
}

int sftp_status(struct sftp *s, const struct sftpmsg_reply *r,
		enum sftpmsg_type want, const char *what, struct err *e)
{
	int rc;

	if (!r)
		return s->why.rc ? sftp_fault(s, e) :
			err_set(e, HUB_EOFFLINE, "'%s': the session was ended",
				s->name);
	if (r->type == want && want != SFTPMSG_STATUS)
		return 0;
	if (r->type != SFTPMSG_STATUS)
		return err_set(e, HUB_EIO, "'%s': '%s': an answer of type %u "
			       "to what needs %u", s->name, what,
			       (unsigned)r->type, (unsigned)want);
	rc = code(r->status);
	if (rc == 0 && want == SFTPMSG_STATUS)
		return 0;
	return err_set(e, rc ? rc : HUB_EIO, "'%s': '%s': %.*s (sftp %u)",
		       s->name, what, (int)(r->text.n < 120 ? r->text.n : 120),
		       r->text.n ? (const char *)r->text.p : "", r->status);
}
