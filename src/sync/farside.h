/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * farside.h - a hub that answers: what `hub serve` does for a workspace that
 * reaches it over a session (hubformat-hubops(5)).
 *
 * The other side is a program on another computer, maybe an old, a broken or a
 * hostile one: nothing that it sends is believed.  What comes is checked as if
 * plain git had pushed it, with transfer.fsckObjects.
 */
#ifndef SYNC_FARSIDE_H
#define SYNC_FARSIDE_H

#include "fmt/grantfile.h"
#include "fmt/hubops.h"
#include "net/session.h"
#include "repo/packout.h"
#include "sync/hub.h"

struct farside {
	struct hub *hub;
	int wrote;			/* something was changed */
	const struct grantfile *grant;	/* what the asker may; NULL: all */
	char *redeemed;			/* who redeemed it: a UUID, or "" */
};

/* farside_open(): the hub at ${path}; ${known_id} as in hub_open(). */
int farside_open(const char *path, const uint8_t *known_id,
		 struct farside *ret, struct err *e);
/* farside_end(): after the last request: once a day what killed runs left is
 * swept, and `git gc` runs if it is due.  Nothing of it can fail the session. */
void farside_end(struct farside *s);
void farside_close(struct farside *s);

/* farside_handle(): one request of a session, see struct session_server. */
int farside_handle(struct farside *s, struct session_req *r, struct err *e);

/* farside_look(): what the asker lacks; the answer's body in place of what
 * ${ret} held. */
int farside_look(struct farside *s, const void *head, size_t n,
		 struct buf *ret, struct err *e);

/* farside_fetch(): ${p} is the body of the request; a row of packs goes to
 * ${fn}.  Wants must be tips of refs. */
int farside_fetch(struct farside *s, const void *p, size_t n, packout_fn fn,
		  void *arg, struct err *e);

/* How the body of a request is read: *got 0 at its end. */
typedef int (*farside_read_fn)(void *arg, void *p, size_t n, size_t *got,
			       struct err *e);

/*
 * farside_push(): objects, durable, then the ref, compared and swapped, read
 * back.  HUB_ECONFLICT: it is elsewhere; HUB_EBUSY: it is locked; HUB_EDENIED:
 * not a branch or tag, a step back, names that no tree may hold; HUB_ECORRUPT.
 */
int farside_push(struct farside *s, const void *head, size_t n,
		 farside_read_fn fn, void *arg, struct err *e);

/* farside_put(): a presence file or a record of a mass change: its form,
 * signature and hub are checked, and that a device keeps its key. */
int farside_put(struct farside *s, const void *head, size_t n, struct err *e);

/* farside_get(): a reflog or the acts, at most HUBOPS_FILE_MAX bytes of its end;
 * HUB_EABSENT. */
int farside_get(struct farside *s, const void *head, size_t n,
		struct buf *ret, struct err *e);

/* farside_verify(): as verify_hub(); the answer's body in ${ret}. */
int farside_verify(struct farside *s, const void *head, size_t n,
		   struct buf *ret, struct err *e);

/* farside_has(), farside_count(), farside_enrol(): the answer's head in ${ret}. */
int farside_has(struct farside *s, const void *head, size_t n,
		struct buf *ret, struct err *e);
int farside_enrol(struct farside *s, const void *head, size_t n,
		  struct buf *ret, struct err *e);
/* farside_redeem(): the asker's grant is an invitation: a new computer gets its
 * line in authorized_keys, its key slot and its grant, in this order; the same one
 * may ask again.  HUB_EDENIED: another one was quicker. */
int farside_redeem(struct farside *s, const void *head, size_t n,
		   struct buf *ret, struct err *e);
int farside_count(struct farside *s, const void *head, size_t n,
		  struct buf *ret, struct err *e);

#endif
