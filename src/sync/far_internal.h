/* SPDX-License-Identifier: GPL-2.0-or-later */
/* far_internal.h - for far*.c only. */
#ifndef SYNC_FAR_INTERNAL_H
#define SYNC_FAR_INTERNAL_H

#include "sync/far.h"

struct ssh_link;

struct far {
	struct buf url;
	struct workspace *ws;		/* borrowed; NULL at first contact */
	struct buf cache;		/* path of the cache */
	struct buf command;		/* for ssh; "": as configured */
	int temp;			/* it goes with us */
	struct ssh_link *link;
	struct session *s;		/* its; NULL: not there */
	int asked, rc;			/* how that went */
	struct err why;
	/* the hub as of the last look */
	int fresh;			/* nothing was asked since */
	uint8_t token[32];
	struct buf head, format;
	struct hub_ref *refs;
	size_t refs_n, refs_alloc;
	uint64_t objects, bytes;
};

/* far_body(): of the answer, in place of what ${ret} held. */
int far_body(struct session *s, struct buf *ret, size_t max, struct err *e);

/* ---- far_link.c ---- */
/* far_link_open(): start what reaches the address, say HELLO. */
int far_link_open(struct far *f, const uint8_t *known_id, struct err *e);
void far_link_close(struct far *f);

/* ---- far_cache.c ---- */
/* far_cache_open(): make it if need be. */
int far_cache_open(struct far *f, struct err *e);
/* far_cache_known(): the question of what is new. */
int far_cache_known(struct far *f, struct buf *ret, struct err *e);
/* far_cache_files(): what the answer says of small files. */
int far_cache_files(struct far *f, const struct hubops_seen *s,
		    struct err *e);
/* far_cache_refs(): f->refs become the cache's. */
int far_cache_refs(struct far *f, struct err *e);
int far_cache_file(struct far *f, enum hubops_kind kind, const char *name,
		   const void *p, size_t n, struct err *e);

/* far_refs_set(): in memory, sorted. */
int far_refs_set(struct far *f, const char *name, size_t n,
		 const struct oid *id, struct err *e);
void far_refs_drop(struct far *f);

#endif
