/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remotes.h - .git/vibehub/remotes: the places that this workspace keeps sealed
 * copies of its hub at; and what is remembered of each after a run
 * (hubformat-remotes(5)).  Text:
 *
 *	vibehub-remotes 1
 *	remote <name>
 *	url <path or address>
 *	place <64 hex>
 *	removable yes|no
 *	remote ...			ascending by name
 *
 * Written only by hub, in exactly this form; read strictly.
 */
#ifndef FMT_REMOTES_H
#define FMT_REMOTES_H

#include "base/buf.h"

#define REMOTES_N_MAX 64
#define REMOTES_NAME_MAX 32
#define REMOTES_URL_MAX 4096
#define REMOTES_MAX (REMOTES_N_MAX * (REMOTES_URL_MAX + 256))

struct remotes_one {
	char name[REMOTES_NAME_MAX + 1];
	char *url;			/* owned; no control characters */
	uint8_t place[32];
	int removable;
};

struct remotes { struct remotes_one *at; size_t n; };

/* remotes_name_ok(): 1 to 32 of A-Z a-z 0-9 . _ -, the first no '-' or '.';
 * "origin" is git's. */
int remotes_name_ok(const char *name);
/* remotes_url_ok(): 1 to REMOTES_URL_MAX bytes without control characters. */
int remotes_url_ok(const char *url);

/* remotes_find(): borrowed; NULL. */
struct remotes_one *remotes_find(const struct remotes *r, const char *name);
/* remotes_add(): HUB_ECONFLICT (no message) if the name is taken, HUB_ELIMIT,
 * HUB_ENOMEM.  The strings are copied. */
int remotes_add(struct remotes *r, const struct remotes_one *one);
void remotes_remove(struct remotes *r, struct remotes_one *one);
void remotes_release(struct remotes *r);

void remotes_encode(struct buf *out, const struct remotes *r);
/* remotes_decode(): HUB_ECORRUPT, HUB_EVERSION, HUB_ENOMEM; empty then. */
int remotes_decode(struct remotes *ret, const void *p, size_t n,
		   struct err *e);

/*
 * What is remembered of a place, a fact in state.db.  Lost, it is asked anew.
 *
 *	vibehub-place 1
 *	time <seconds>		of the last run that looked at it
 *	done <seconds>		of the last run that brought it up to date; 0
 *	seq <n>			its newest state then
 *	pending <bytes>		not there yet, as far as known
 *	rc <n>			0, or -HUB_E* of the last run
 *	mark <64 hex>		of the hub as it was brought there
 *	lacks <n>		what it cannot do: bits of SITE_* (sync/site.h)
 *	why <text>		of a failure, in one line; "-": none
 */
struct remotes_note {
	int64_t time, done;
	uint64_t seq, pending;
	int rc;
	uint8_t mark[32];
	uint8_t lacks;
	char why[ERR_MSG_MAX];
};
#define REMOTES_NOTE_MAX 1024

void remotes_note_encode(struct buf *out, const struct remotes_note *n);
/* remotes_note_decode(): all zero after HUB_ECORRUPT. */
int remotes_note_decode(struct remotes_note *ret, const void *p, size_t n);

#endif
