/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * far.h - a hub that is reached over a session, from a workspace's side.
 *
 * The workspace keeps a cache of it, .git/vibehub/far/: a bare repository with
 * the hub's refs and small files, without objects: those are the workspace's.
 * So the engine works against it as against a hub reached by path, and only what
 * writes to a hub, or asks what its repository holds, has to know (struct hub's
 * ${far}).  The cache is never trusted: each run compares it with the hub first.
 *
 * Order: objects durable in the workspace, then the cache's refs name them; and
 * the hub first, then the cache.
 */
#ifndef SYNC_FAR_H
#define SYNC_FAR_H

#include "fmt/hubops.h"
#include "net/session.h"
#include "sync/workspace.h"

struct far;

/* far_is(): is this the address of a hub over a session: ssh://, host:path? */
int far_is(const char *url);
/* far_is_same(): are these two the same far address?  As text. */
int far_is_same(const char *a, const char *b);

/*
 * far_of(): the session's owner for ${ws}'s hub, made at first use, closed with
 * the workspace.  NULL: out of memory.  Nothing is started before it is needed.
 */
struct far *far_of(struct workspace *ws);
/* far_new(): at first contact, without a workspace; its cache is temporary.
 * ${command}: of ssh, as core.sshCommand; NULL: what the user has set. */
int far_new(const char *url, const char *command, struct far **ret,
	    struct err *e);
void far_close(struct far *f);			/* NULL is fine */
/* far_adopt(): what far_new() began is ${ws}'s from now on, its session too.
 * ${f} may be NULL; it is closed if the workspace has another hub. */
void far_adopt(struct far *f, struct workspace *ws);

/* far_session(): started, HELLO said.  ${known_id} as in hub_open().  After a
 * failure the same again, without a second try. */
int far_session(struct far *f, const uint8_t *known_id, struct session **ret,
		struct err *e);
const char *far_url(const struct far *f);
/* far_place(): the hub's vault, by the same session; place_close() it before the
 * session ends.  All that was put is flushed before anything else is asked. */
struct place;
int far_place(struct far *f, const uint8_t *known_id, struct place **ret,
	      struct err *e);

/* far_hub_open(): as hub_open(); looks. */
int far_hub_open(struct far *f, const uint8_t *known_id, struct hub **ret,
		 struct err *e);
/* far_look(): ask what is new, and bring it into the cache; the objects, too,
 * if a workspace is being written to. */
int far_look(struct hub *h, struct err *e);
/* far_looked(): nothing but far_hub_open() came before: no need to ask again. */
int far_looked(struct hub *h);
/* far_refs(): the hub's refs as of the last look or push. */
int far_refs(struct hub *h, int (*fn)(void *arg, const char *name,
				      const struct oid *id),
	     void *arg, struct err *e);
const char *far_head(const struct hub *h);
/* far_stats(): objects and bytes that looks brought since it was asked last. */
void far_stats(struct hub *h, uint64_t *objects, uint64_t *bytes);

/* far_push(): as fetch_send(): objects, then the ref; the cache follows. */
int far_push(struct workspace *ws, struct hub *h, const char *name,
	     const struct oid *old, const struct oid *tip, uint64_t *objects,
	     uint64_t *bytes, struct err *e);
/* far_put(): a small file, into the hub and the cache. */
int far_put(struct hub *h, enum hubops_kind kind, const char *name,
	    const void *p, size_t n, struct err *e);
/* far_get(): a reflog or the acts, in place of what ${ret} held; HUB_EABSENT. */
int far_get(struct hub *h, enum hubops_kind kind, const char *name,
	    struct buf *ret, struct err *e);
/* far_has(): has the hub itself this object?  1, 0, < 0. */
int far_has(struct hub *h, const struct oid *id, struct err *e);
/* far_verify(): as verify_hub(), done there. */
struct verify;
int far_verify(const char *url, const uint8_t *known_id, struct verify *v,
	       struct err *e);
/* far_count(): commits of ${tip} that ${have} lacks, counted there. */
int far_count(struct hub *h, const struct oid *tip, const struct oid *have,
	      uint64_t *ret, struct err *e);

#endif
