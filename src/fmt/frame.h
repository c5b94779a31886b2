/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - what a session says: hubprotocol-session(5).
 *
 *	offset  size
 *	0       4	length of all that follows, 1 .. FRAME_REST_MAX
 *	4       1	type
 *	5		by type
 *
 * Pure: bytes in, struct out.
 */
#ifndef FMT_FRAME_H
#define FMT_FRAME_H

#include "base/buf.h"

#define FRAME_VERSION 1
#define FRAME_HEAD 5		/* bytes before what the type says */
#define FRAME_DATA_MAX 65536u	/* bytes of payload, op and flags not counted */
#define FRAME_REST_MAX (FRAME_DATA_MAX + 16)
#define FRAME_MESSAGE_MAX 1024u	/* bytes of an error's words */
#define FRAME_ANSWER_MAX (1u << 20)	/* bytes of an answer's head, in pieces */
#define FRAME_PROGRAM_MAX 64	/* bytes of a program's version */

enum frame_type {
	FRAME_REQUEST = 1,	/* op, flags, head */
	FRAME_DATA = 2,		/* bytes of a body, at least one */
	FRAME_END = 3,		/* of a body: nothing, or status and message */
	FRAME_ANSWER = 4,	/* status, flags, rest of the head or message */
	FRAME_PING = 5,		/* nothing: this side lives */
	FRAME_BYE = 6,		/* nothing: this side has ended */
	FRAME_PIECE = 7,	/* bytes of an answer's head, more follow */
};

enum frame_flags { FRAME_BODY = 1 };	/* DATA* END follow */

/* Operations: each room of numbers has a header of its own. */
enum frame_op {
	FRAME_OP_HELLO = 1,
	FRAME_OP_PLACE = 16,	/* 16..63: fmt/placewire.h */
	FRAME_OP_HUB = 64,	/* 64..127: of a hub */
};

struct frame {
	enum frame_type type;
	int op;			/* REQUEST */
	int status;		/* ANSWER, END: 0 or one of enum hub_err */
	int flags;		/* REQUEST, ANSWER */
	struct span data;	/* borrowed from what was parsed */
};

/*
 * frame_parse(): the frame at the start of ${n} bytes.  Returns the bytes that
 * it takes; 0 if they are not all there yet; HUB_ECORRUPT, or HUB_EVERSION for
 * a type that this program does not know.
 */
int frame_parse(const void *p, size_t n, struct frame *ret);
/* frame_add(): append one, as frame_parse() gives it.  A message is cut to
 * FRAME_MESSAGE_MAX.  What is too long is a BUG(). */
void frame_add(struct buf *b, const struct frame *f);
/* frame_add_data(): append a DATA frame's head; ${n} bytes have to follow. */
void frame_add_data(struct buf *b, size_t n);

/* ---- HELLO: the head of the first request, and of its answer ---- */

enum frame_kind { FRAME_KIND_HUB = 1, FRAME_KIND_PLACE = 2 };

/* Of a server: what it will not do. */
enum frame_hello_flags { FRAME_APPEND_ONLY = 1, FRAME_READ_ONLY = 2 };

struct frame_hello {
	unsigned version;	/* request: highest known; answer: spoken */
	enum frame_kind kind;
	unsigned flags;
	uint8_t hub[32];	/* zeros: any, or there is none yet */
	uint32_t in_flight;	/* requests without an answer, at most; >= 1 */
	char program[FRAME_PROGRAM_MAX + 1];	/* printable ASCII */
};

void frame_hello_encode(struct buf *b, const struct frame_hello *h);
/* HUB_ECORRUPT; HUB_EVERSION for version 0.  What a higher version has behind
 * is passed over. */
int frame_hello_decode(const void *p, size_t n, struct frame_hello *ret);

#endif
