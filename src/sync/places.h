/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.h - the places where a workspace keeps sealed copies of its hub
 * (`hub remote`): settings, what is remembered of each, opening one.
 *
 * Nothing that a place says or fails at stops a sync: it is noted, and `hub
 * remote status` shows it.  Only a place that shows another history than before,
 * or damage, counts for the exit code (hub(1)).
 */
#ifndef SYNC_PLACES_H
#define SYNC_PLACES_H

#include "fmt/remotes.h"
#include "store/vault.h"
#include "sync/keys.h"
#include "sync/verify.h"
#include "sync/workspace.h"

/* places_read(): none if there is no file.  remotes_release(). */
int places_read(struct workspace *ws, struct remotes *ret, struct err *e);
/* places_count(): how many there are; quick. */
int places_count(struct workspace *ws, size_t *ret, struct err *e);
int places_write(struct workspace *ws, const struct remotes *r,
		 struct err *e);

/* places_note_get(): all zero if nothing is remembered. */
int places_note_get(struct workspace *ws, const char *name,
		    struct remotes_note *ret, struct err *e);
int places_note_put(struct workspace *ws, const char *name,
		    const struct remotes_note *n, struct err *e);

/* A place, open. */
struct places_link {
	struct workspace *ws;
	struct remotes_one r;		/* .url is borrowed */
	char name[REMOTES_NAME_MAX + 16];	/* "the place 'usb'" */
	struct place *place;
	struct keys *keys;		/* of the hub; or NULL and */
	struct slots_opened open;	/* by this device's slot at the place */
	struct buf counter, cache;
	struct vault_signer signer;
	struct vault *vault;
	uint64_t sent;			/* bytes of content put: git's and large */
	int check;			/* nothing will be written */
	int mend;			/* damage is met, and mended */
	int from_asked, from_n;		/* vaults that large content is in */
	struct vault *from[2];
	struct place *outbox;
};

/*
 * places_open(): ${hub} NULL: it is gone.  With a hub the key slots at the
 * place are brought up to date.  HUB_EOFFLINE: it is not there now; HUB_EREMOTE:
 * something else is there, or an older copy; HUB_EAUTH; HUB_ECORRUPT.  Owned:
 * places_close().
 */
int places_open(struct workspace *ws, struct hub *hub,
		const struct remotes_one *r, struct places_link **ret,
		struct err *e);
/* places_open_check(): to look only: by this device's own slot, and also where
 * parts of the index are damaged. */
int places_open_check(struct workspace *ws, const struct remotes_one *r,
		      struct places_link **ret, struct err *e);
/* places_open_mend(): for a repair: as places_open(), also where its newest
 * states are damaged or gone (vault_repair()). */
int places_open_mend(struct workspace *ws, struct hub *hub,
		     const struct remotes_one *r, struct places_link **ret,
		     struct err *e);
void places_close(struct places_link *l);	/* NULL is fine */

/*
 * places_fetch(): what the place's refs name is in the workspace's repository
 * afterwards, and refs/remotes/<name>/ follows.  *ret: the place's refs, to be
 * released by the caller.
 */
int places_fetch(struct places_link *l, struct vaultrefs *ret, struct err *e);

/*
 * places_send(): bring git's objects and refs to the place.  From ${hub}: all
 * its refs.  Without: the workspace's ${branch} at ${tip}, on top of what the
 * place has.  HUB_ECONFLICT: another computer was faster: fetch, merge, again.
 */
int places_send(struct places_link *l, struct hub *hub, const char *branch,
		const struct oid *tip, struct err *e);

/* places_send_all(): for a repair: the same, with all of the history in one new
 * git segment, and all content that the place lacks.  Refs there that cannot be
 * read count as none. */
int places_send_all(struct places_link *l, struct hub *hub, const char *branch,
		    const struct oid *tip, struct err *e);

/* places_source_open(): all places that answer, to read large content from;
 * places_source_read(): one object, HUB_EABSENT if none has it; else what the last
 * that failed otherwise said. */
struct places_source;
struct file_want;
int places_source_open(struct workspace *ws, struct places_source **ret,
		       struct err *e);
int places_source_read(struct places_source *s, struct file_want *want,
		       struct err *e);
void places_source_close(struct places_source *s);	/* NULL is fine */
/* places_source_link(): the place number ${i} of those that answer, from 0 on;
 * NULL: there are no more.  Borrowed. */
struct places_link *places_source_link(struct places_source *s, size_t i);

/* places_pending(): bytes of git objects that the place lacks, and of the large
 * files that these point to, as far as known here. */
int places_pending(struct workspace *ws, struct hub *hub, const char *name,
		   uint64_t *ret, struct err *e);

/* ---- places_look.c: what is known of them, without opening any ---- */

struct places_seen {
	struct remotes_one one;		/* .url is owned */
	struct remotes_note note;	/* note.done: everything was there then */
	uint64_t pending;		/* bytes that came since; 0: all is there */
};

/* places_look(): all places; ${hub} NULL: it is away, what is known here counts.
 * Owned: places_seen_free(). */
int places_look(struct workspace *ws, struct hub *hub,
		struct places_seen **ret, size_t *ret_n, struct err *e);
void places_seen_free(struct places_seen *v, size_t n);	/* NULL is fine */
/* places_state(): "new" (nothing was copied yet), "ok", "behind", "away",
 * "damaged", "changed" (another history), "failed": stable. */
const char *places_state(const struct places_seen *s);

/*
 * places_verify(): is all there that the place's newest state names?  What is
 * wrong becomes a finding.  ${deep}: every byte is read.  HUB_EABSENT: there is
 * no such remote.
 */
int places_verify(struct workspace *ws, const char *name, int deep,
		  struct verify *v, struct err *e);

/* places_add(): `hub remote add`.  *ret_lacks: SITE_* of it.  HUB_EABSENT: no
 * such folder; HUB_EREMOTE: another hub's place; HUB_ECONFLICT: the name is
 * taken, or the folder is in use for other things; HUB_EOFFLINE: the hub is
 * needed for it. */
int places_add(struct workspace *ws, const char *name, const char *dir,
	       int removable, unsigned *ret_lacks, struct err *e);
/* places_remove(): forget it; what lies there stays.  HUB_EABSENT. */
int places_remove(struct workspace *ws, const char *name, struct err *e);

#endif
