/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where new objects go: a few as loose files, many as one pack that is
 * written directly (never 80,000 loose files first).
 *
 * Objects must be put in dependency order (blobs, trees, commits), so that an
 * object that is there implies all it names.  Nothing may be named by a ref
 * before sink_commit() returned 0: then everything is durable (files and
 * folders fsynced) and visible.
 */
#ifndef REPO_SINK_H
#define REPO_SINK_H

#include "repo/repo.h"

enum sink_kind {
	SINK_LOOSE,
	SINK_PACK,
	SINK_AUTO,	/* buffers up to 64 objects or 8 MiB, then a pack */
};

struct sink;
int sink_open(struct repo *r, enum sink_kind kind, struct sink **ret,
	      struct err *e);

/* sink_put(): add an object unless the repository or this sink has it.  Its
 * name is stored in ${id} in either case. */
int sink_put(struct sink *s, enum obj_type type, const void *p, size_t n,
	     struct oid *id, struct err *e);

/*
 * The same in two halves, so that threads can do the expensive one:
 * sink_prepare() hashes and deflates and touches nothing shared; sink_add()
 * appends it, one thread per sink.  A worker belongs to one thread; with
 * ${deltas} it also tries to store a blob as a difference to one that it
 * prepared before.  Therefore what it prepared is added in that order, and all
 * of it (any order between different workers): sink_add() returns HUB_EABSENT
 * for a difference to what was never added.  Give a worker whole folders:
 * similar files are neighbours.  It keeps at most SINK_WORKER_MAX bytes.
 * SINK_WORKER_QUICK instead: as quickly as can be, without deltas; `git gc`
 * will do better one day.
 */
#define SINK_WORKER_QUICK 2
#define SINK_WORKER_MAX (24u << 20)
struct sink_worker;
int sink_worker_new(int deltas, struct sink_worker **ret, struct err *e);
void sink_worker_free(struct sink_worker *w);	/* NULL is fine */

struct sink_item {
	enum obj_type type;
	struct oid id;
	uint64_t size;		/* of the content */
	struct oid base;	/* zero: deflated is the content; else a delta */
	uint64_t inflated;	/* size of what is in deflated */
	struct buf deflated;	/* zlib stream */
};
#define SINK_ITEM_INIT { .deflated = BUF_INIT }
int sink_prepare(struct sink_worker *w, struct sink_item *it,
		 enum obj_type type, const void *p, size_t n, struct err *e);
/* ${it} stays the caller's; its memory may be taken, so that it is empty
 * afterwards.  It may be used again. */
int sink_add(struct sink *s, struct sink_item *it, struct err *e);
void sink_item_release(struct sink_item *it);

/* sink_read(): an object by name, from this sink (also before sink_commit())
 * or from its repository. As repo_read_as(). */
int sink_read(struct sink *s, const struct oid *id, enum obj_type type,
	      uint64_t max, struct buf *ret, struct err *e);
int sink_has(struct sink *s, const struct oid *id);

struct sink_stats { uint64_t objects, bytes; char pack[41]; /* "" if loose */ };

/* sink_commit(): make all durable and visible; frees ${s} in every case.
 * ${st} may be NULL. */
int sink_commit(struct sink *s, struct sink_stats *st, struct err *e);
/* sink_abort(): drop; NULL is fine. */
void sink_abort(struct sink *s);

/* sink_sweep(): remove temp packs that killed runs left, older than a day
 * (or any age if ${all}: only while the workspace's lock is held). */
int sink_sweep(struct repo *r, int all, struct err *e);

#endif
