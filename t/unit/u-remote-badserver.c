/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * u-remote-badserver.c - a place whose far side misbehaves, in every operation:
 * it ends, is silent, answers half, too much, nothing, other things.  Each is a
 * failure with words, or a lie that others find; nothing hangs, nothing is
 * written outside.
 */
#include "fmt/placewire.h"
#include "os/os.h"
#include "os/os_thread.h"
#include "remote/served.h"
#include "lib-place.h"

enum mode {
	ENDS, SILENT, HALF, GARBAGE, EMPTY, LONG, BODY, BODY_VOID, BODY_CUT,
	BODY_ODD, STATUS, STATUS_WILD, PIECES, DATA_FIRST, MODES
};
static const char *const mode_name[MODES] = {
	"ends", "silent", "half", "garbage", "empty", "long", "body", "void body",
	"cut body", "odd body", "status", "wild status", "pieces", "data first",
};

static struct os_stream *far_end;
static enum mode mode;

static void say(const void *p, size_t n)
{
	os_stream_write_full(far_end, p, n, 2000, NULL);
}

static void say_frame(enum frame_type type, int status, int flags,
		      const void *p, size_t n)
{
	struct frame f = { .type = type, .status = status, .flags = flags,
			   .data = { p, n } };
	struct buf b = BUF_INIT;

	frame_add(&b, &f);
	say(b.p, b.n);
	buf_release(&b);
}

/* What comes until a request is complete is taken; 0 at the end. */
static int request(struct buf *in, struct frame *f)
{
	char block[4096];
	int k, n;

	for (;;) {
		n = frame_parse(in->p, in->n, f);
		if (n > 0 && f->type == FRAME_REQUEST) {
			buf_setlen(in, 0);
			return 1;
		}
		if (n > 0) {
			memmove(in->p, in->p + n, in->n - (size_t)n);
			buf_setlen(in, in->n - (size_t)n);
			continue;
		}
		k = os_stream_read(far_end, block, sizeof(block), NULL);
		if (k == 0)
			k = os_stream_wait(far_end, OS_STREAM_READ, 5000, NULL)
				> 0;
		else if (k > 0)
			buf_add(in, block, (size_t)k);
		if (k <= 0)
			return 0;
	}
}

static void greet(void)
{
	struct frame_hello h = { .version = 1, .kind = FRAME_KIND_PLACE,
				 .in_flight = 8, .program = "bad" };
	struct buf b = BUF_INIT;

	frame_hello_encode(&b, &h);
	say_frame(FRAME_ANSWER, 0, 0, b.p, b.n);
	buf_release(&b);
}

static void misbehave(void)
{
	static uint8_t much[FRAME_DATA_MAX];
	int i;

	switch (mode) {
	case HALF:
		say("\0\0\0\11\4\0\0", 7);
		break;
	case GARBAGE:
		memset(much, 0xfe, 100);
		say(much, 100);
		break;
	case EMPTY:
		say_frame(FRAME_ANSWER, 0, 0, NULL, 0);
		break;
	case LONG:
		say_frame(FRAME_ANSWER, 0, 0, much, sizeof(much));
		break;
	case BODY:
	case BODY_VOID:
	case BODY_CUT:
	case BODY_ODD:
		memset(much, 0, 8);
		much[5] = 1;	/* 64 KiB, as a number */
		say_frame(FRAME_ANSWER, 0, 1, much, 8);
		say_frame(FRAME_DATA, 0, 0, much, mode == BODY_ODD ? 77 : 40);
		if (mode == BODY)
			say_frame(FRAME_END, 0, 0, NULL, 0);
		if (mode == BODY_VOID)
			say_frame(FRAME_END, HUB_EIO, 0, "bad\n\033[1m", 8);
		if (mode == BODY_ODD)
			say_frame(FRAME_PIECE, 0, 0, "x", 1);
		break;
	case STATUS:
		say_frame(FRAME_ANSWER, HUB_ELIMIT, 0, "a\nb\033]0;x\7", 10);
		break;
	case STATUS_WILD:
		say("\0\0\0\4\4\377\0x", 8);
		break;
	case PIECES:
		for (i = 0; i < 20; i++)
			say_frame(FRAME_PIECE, 0, 0, much, sizeof(much));
		break;
	case DATA_FIRST:
		say_frame(FRAME_DATA, 0, 0, much, 10);
		break;
	default:
		break;
	}
}

static void far_side(void *arg)
{
	struct buf in = BUF_INIT;
	struct frame f;

	if (request(&in, &f)) {
		greet();
		if (request(&in, &f)) {
			misbehave();
			/* Silence lasts until the client has enough of it. */
			if (mode == SILENT)
				request(&in, &f);
		}
	}
	os_stream_shut(far_end);
	/* The client may still write: it shall not fail of that. */
	while (request(&in, &f))
		;
	os_stream_close(far_end);
	buf_release(&in);
}

static int any_pack(void *arg, const uint8_t id[32], uint64_t n, struct err *e)
{
	return 0;
}

static int any_slot(void *arg, const uint8_t id[16], struct err *e)
{
	return 0;
}

static int operate(struct place *p, int op, struct buf *b, struct err *e)
{
	static uint8_t id[32] = { 7 }, bytes[1000];
	uint64_t n = 77;

	switch (op) {
	case PLACEWIRE_FORMAT_GET:
		return p->ops->format_get(p, b, e);
	case PLACEWIRE_FORMAT_PUT:
		return p->ops->format_put(p, "f", 1, e);
	case PLACEWIRE_STATE_NEWEST:
		return p->ops->state_newest(p, 3, &n, e);
	case PLACEWIRE_STATE_GET:
		return p->ops->state_get(p, 3, b, e);
	case PLACEWIRE_STATE_CREATE:
		return p->ops->state_create(p, 3, bytes, 1000, e);
	case PLACEWIRE_STATE_DELETE:
		return p->ops->state_delete(p, 3, e);
	case PLACEWIRE_PACK_PUT:
		p->ops->pack_put(p, id, bytes, 1000, PLACE_NEW, e);
		return p->ops->flush(p, e);
	case PLACEWIRE_PACK_GET:
		return p->ops->pack_get(p, id, 10, bytes, 900, e);
	case PLACEWIRE_PACK_STAT:
		return p->ops->pack_stat(p, id, &n, e);
	case PLACEWIRE_PACK_EACH:
		return p->ops->pack_each(p, any_pack, NULL, e);
	case PLACEWIRE_PACK_DELETE:
		return p->ops->pack_delete(p, id, e);
	case PLACEWIRE_SLOT_EACH:
		return p->ops->slot_each(p, any_slot, NULL, e);
	case PLACEWIRE_SLOT_GET:
		return p->ops->slot_get(p, id, b, e);
	case PLACEWIRE_SLOT_PUT:
		return p->ops->slot_put(p, id, bytes, 1000, e);
	case PLACEWIRE_SLOT_DELETE:
		return p->ops->slot_delete(p, id, e);
	case PLACEWIRE_ASIDE:
		return p->ops->aside(p, PLACE_PACK, id, 0, e);
	case PLACEWIRE_FLUSH:
		return p->ops->flush(p, e);
	case PLACEWIRE_FREE_SPACE:
		return p->ops->free_space(p, &n, e);
	default:
		return p->ops->sweep(p, 0, e);
	}
}

/* May this be taken for an answer? */
static int is_answer(int op)
{
	int text = op == PLACEWIRE_FORMAT_GET || op == PLACEWIRE_STATE_GET ||
		op == PLACEWIRE_SLOT_GET || op == PLACEWIRE_SLOT_EACH;
	int number = op == PLACEWIRE_STATE_NEWEST || op == PLACEWIRE_PACK_STAT ||
		op == PLACEWIRE_FREE_SPACE || op == PLACEWIRE_PACK_GET;

	switch (mode) {
	case EMPTY:
		/* flush() after it is not answered */
		return !number && op != PLACEWIRE_PACK_PUT;
	case LONG:
		return text && op != PLACEWIRE_FORMAT_GET;
	case BODY:
	case BODY_VOID:
	case BODY_CUT:
	case BODY_ODD:
		if (op == PLACEWIRE_PACK_EACH || op == PLACEWIRE_PACK_GET ||
		    op == PLACEWIRE_SLOT_EACH)
			return 0;
		return text || number;
	default:
		return 0;
	}
}

static int expected(int op, int rc, const struct err *e)
{
	const char *p;

	for (p = e->msg; *p; p++)
		if ((unsigned char)*p < 0x20)
			return 0;
	if (is_answer(op))
		return rc == 0;
	if (mode == STATUS && op != PLACEWIRE_PACK_PUT)
		return rc == HUB_ELIMIT;
	if (mode == SILENT || mode == ENDS || mode == HALF)
		return rc == HUB_EOFFLINE;
	return rc == HUB_EOFFLINE || rc == HUB_ECORRUPT || rc == HUB_EIO ||
		rc == HUB_ELIMIT;
}

static void one(int op)
{
	struct frame_hello h = { .kind = FRAME_KIND_PLACE };
	struct os_stream *st = NULL;
	struct os_thread *t = NULL;
	struct session *s = NULL;
	struct place *p = NULL;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int rc;

	if (os_stream_pair(&st, &far_end, &e) < 0 ||
	    os_thread_start(far_side, NULL, &t, &e) < 0)
		exit(1);
	if (session_open(st, &h, NULL, NULL, &s, &e) < 0 ||
	    served_place(s, "bad", &p, &e) < 0)
		exit(1);
	err_clear(&e);
	rc = operate(p, op, &b, &e);
	ok(expected(op, rc, &e), "%s, request %d: %s %s", mode_name[mode], op,
	   err_name(rc), e.msg);
	place_close(p);
	session_close(s);
	os_stream_close(st);
	os_thread_join(t);
	buf_release(&b);
}

int main(void)
{
	int op, m;

	os_init();
	setenv("VIBEHUB_SESSION_TIMES", "100000,300,1000", 1);
	for (m = 0; m < MODES; m++) {
		mode = m;
		for (op = PLACEWIRE_FORMAT_GET; op < PLACEWIRE_OVERVIEW; op++) {
			/* Waiting is the same for all. */
			if (m != SILENT || op % 5 == 0)
				one(op);
		}
	}
	return done();
}
