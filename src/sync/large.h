/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large.h - the content of large files, between a workspace and the vault.
 *
 * git holds a pointer (fmt/pointer.h); the bytes are in the hub's vault.  While
 * the hub is away they wait in the outbox, .git/vibehub/outbox, a place of its
 * own kind with the same code.  Nothing is opened before it is needed: a run
 * that meets no large file pays nothing.
 *
 * Order, always: packs durable, state, then the commit with the pointer.
 */
#ifndef SYNC_LARGE_H
#define SYNC_LARGE_H

#include "fmt/pointer.h"
#include "repo/sink.h"
#include "repo/tree.h"
#include "sync/workspace.h"

struct large;		/* ws->large; freed by workspace_close() */
void large_close(struct large *l);	/* NULL is fine */

/* large_ready(): can this workspace name large content?  HUB_EABSENT: the hub
 * has no vault, or its keys were never here. */
int large_ready(struct workspace *ws, struct err *e);

/* large_room(): would a new file of ${size} bytes be taken now?  HUB_ELIMIT: the
 * hub is away, and the outbox has no room for it. */
int large_room(struct workspace *ws, uint64_t size, struct err *e);

/* large_no_vault(): 1, and a message, if the hub is there and has keys, but its vault
 * is not; else 0.  Cost: three calls of the system. */
int large_no_vault(struct workspace *ws, struct err *e);

/* A file that is read: ${size} bytes from the start of ${fd}. */
struct large_file {
	int fd;
	uint64_t size;
	const char *path;	/* for progress and messages */
};

/*
 * large_name(): its pointer, and nothing is stored.  HUB_EBUSY: it has fewer
 * bytes by now.  Cost: one read of the file, chunking and hashing.
 */
int large_name(struct workspace *ws, const struct large_file *f,
	       struct pointer *ret, struct err *e);

/*
 * large_put(): store what is not there yet, in the hub's vault or the outbox.
 * Its pointer may be committed only after large_commit() returned 0.
 * HUB_EBUSY: the file has fewer bytes by now; HUB_ELIMIT: the outbox has no
 * room for it, or a disk is full; HUB_EABSENT as large_ready(); HUB_EIO etc.
 * of the file itself.
 */
int large_put(struct workspace *ws, const struct large_file *f,
	      struct pointer *ret, struct err *e);
/* large_commit(): all that was put is durable, and a state names it.  0 too if
 * nothing was put.  HUB_EOFFLINE (the hub went away meanwhile) and HUB_EABSENT
 * (something that was there before is gone): everything has to be put again,
 * once; with the hub away it goes to the outbox then. */
int large_commit(struct workspace *ws, struct err *e);

/* large_get(): write the content to ${fd}, a new file.  HUB_EABSENT: no place
 * that answers has it; HUB_ECORRUPT; HUB_ELIMIT: disk full; HUB_EOFFLINE. */
int large_get(struct workspace *ws, const struct pointer *ptr, int fd,
	      const char *path, struct err *e);
/* large_weigh(): bytes that large_get() writes: without the holes that it
 * leaves.  Reads the recipe. */
int large_weigh(struct workspace *ws, const struct pointer *ptr, uint64_t *ret,
		struct err *e);
/* large_read(): as large_get(), piece by piece, in order. */
int large_read(struct workspace *ws, const struct pointer *ptr,
	       int (*fn)(void *arg, const void *p, size_t n), void *arg,
	       const char *path, struct err *e);
/* large_has(): 1 if the hub's vault (or the outbox) names all of it, 0, < 0.
 * ${deep}: every chunk, else only the top of the recipe. */
int large_has(struct workspace *ws, const struct pointer *ptr, int deep,
	      struct err *e);

/* large_gone(): did a person let it go (hub prune, hub forget), as far as this
 * workspace knows?  1, and ${say} (may be NULL) tells when; 0; < 0. */
int large_gone(struct workspace *ws, const struct pointer *ptr, struct buf *say,
	       struct err *e);
/* large_check_gone(): HUB_EABSENT if ${tree} has what ${old_tree} has not, and
 * its content was let go and is not there any more. */
int large_check_gone(struct workspace *ws, const struct oid *old_tree,
		     const struct oid *tree, struct err *e);

/* large_send(): what waits in the outbox goes to the hub.  Before the commits
 * that point to it.  Of what is damaged there the whole objects go; the rest is
 * for large_check(), and ws->rep says so. */
int large_send(struct workspace *ws, struct err *e);

/* large_check_again(): the same after ${tip} was sent, if the vault changed since:
 * a gc that had not seen it there may have dropped what it found known. */
int large_check_again(struct workspace *ws, const struct oid *old,
		      const struct oid *tip, struct err *e);
/* large_check(): before ${tip} is sent where ${old} was: all that it points to is
 * in the vault, is put again from the working file, or is told as lost.  After
 * damage in the outbox that is so of every commit between them, else of ${tip}. */
int large_check(struct workspace *ws, const struct oid *old,
		const struct oid *tip, struct err *e);
/* large_sent(): ${tip} has been sent, and what is lost was told. */
void large_sent(struct workspace *ws);

/* ---- large_blob.c: pointers as git's blobs ---- */

/* large_peek(): is the file ${leaf} a pointer?  1, 0, < 0. */
int large_peek(struct repo *r, const struct tree_leaf *leaf,
	       struct pointer *ret, struct err *e);
/* large_blob(): the name of a pointer's blob; pure. */
int large_blob(const struct pointer *p, struct oid *ret);
/* large_same(): do two blobs stand for equal content, one of them as a
 * pointer?  1, 0, < 0.  ${s} may hold either. */
int large_same(struct workspace *ws, struct sink *s, const struct oid *a,
	       const struct oid *b, struct err *e);

#endif
